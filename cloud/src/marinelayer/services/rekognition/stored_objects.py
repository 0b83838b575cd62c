"""Objects that Rekognition reads and writes in S3, as somebody who may, and its word for those that can not be read.

Knows nothing of what is in them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from marinelayer.http import BytesBody
from marinelayer.model.errors import AccessDenied, ServiceError
from marinelayer.ports import Caller, Calls
from marinelayer.services.locations import pieces_of
from marinelayer.services.rekognition.errors import InvalidS3ObjectException

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire
LONGEST_LINE = 1 << 20
"""Bytes of a line that are kept: no use is made of lines so long."""


class StoredObjects:
    """S3, through `calls`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def demand(self, caller: Caller, place: wire.S3Object, *, owner: str | None = None) -> int:
        """The size of an object that the caller may read, in a bucket of the account `owner` where one is given.

        Raises:
            InvalidS3ObjectException: it is not there, they may not, or the bucket is another account's.
        """
        return (await self._call(caller, "HeadObject", place, owner)).get("ContentLength", 0)

    async def read(self, caller: Caller, place: wire.S3Object, most: int) -> bytes | None:
        """An object's bytes; None where there are more than `most`. Raises as `demand`."""
        output = await self._call(caller, "GetObject", place)
        if output.get("ContentLength", 0) > most:
            return None
        collected = bytearray()
        async with aclosing(pieces_of(output["Body"])) as pieces:
            async for piece in pieces:
                collected += piece
                if len(collected) > most:
                    return None
        return bytes(collected)

    async def pieces(self, caller: Caller, place: wire.S3Object) -> AsyncGenerator[bytes]:
        """An object's bytes. Raises as `demand`."""
        output = await self._call(caller, "GetObject", place)
        async with aclosing(pieces_of(output["Body"])) as pieces:
            async for piece in pieces:
                yield piece

    async def lines(self, caller: Caller, place: wire.S3Object) -> AsyncGenerator[bytes]:
        """An object's lines, without their ends; of an endless one only its beginning. Raises as `demand`."""
        output = await self._call(caller, "GetObject", place)
        left = b""
        async with aclosing(pieces_of(output["Body"])) as pieces:
            async for piece in pieces:
                *whole, left = (left + piece).split(b"\n")
                for line in whole:
                    yield line
                left = left[:LONGEST_LINE]
        if left:
            yield left

    async def write(self, caller: Caller, bucket: str, key: str, content: bytes, kms_key: str | None) -> None:
        """Put an object, encrypted by a key of KMS where one is named.

        Raises:
            AccessDenied, Refusal: as PutObject.
        """
        request: dict[str, Any] = {
            "Bucket": bucket,
            "Key": key,
            "Body": BytesBody(content),
            "ContentType": "application/json",
        }
        if kms_key is not None:
            request |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key}
        await self._calls.call(caller, "s3", "PutObject", request)

    async def _call(
        self, caller: Caller, operation: str, place: wire.S3Object, owner: str | None = None
    ) -> Mapping[str, Any]:
        bucket, key, version = place.get("Bucket"), place.get("Name"), place.get("Version")
        if not bucket or not key:
            raise InvalidS3ObjectException
        request = {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})
        if owner is not None:
            request["ExpectedBucketOwner"] = owner
        try:
            return await self._calls.call(caller, "s3", operation, request)
        except (ServiceError, AccessDenied):
            raise InvalidS3ObjectException from None  # AWS does not tell why, so that nothing leaks
