"""The picture of a request: its bytes, or an S3 object read as the caller.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_Image.html and the limits of
https://docs.aws.amazon.com/rekognition/latest/dg/limits.html.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from marinelayer.http import FileRange, ResponseBody
from marinelayer.model.errors import AccessDenied, ServiceError
from marinelayer.ports import Caller, Calls
from marinelayer.services.rekognition.errors import (
    ImageTooLargeException,
    InvalidParameterException,
    InvalidS3ObjectException,
)

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

MOST_BYTES = 5 << 20
MOST_STORED = 15 << 20


class Images:
    """Reads pictures. Knows nothing of what is in them."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def read(self, caller: Caller, image: wire.Image) -> bytes:
        """The picture's bytes.

        Raises:
            InvalidParameterException: not exactly one of Bytes and S3Object is given, or no object is named.
            ImageTooLargeException: more than 5 MB of bytes, 15 MB of an object.
            InvalidS3ObjectException: the object is not there, or the caller may not read it.
        """
        data, stored = image.get("Bytes"), image.get("S3Object")
        if (data is None) == (stored is None):
            raise InvalidParameterException
        if stored is not None:
            return await self._object(caller, stored)
        if not data:
            raise InvalidParameterException
        if len(data) > MOST_BYTES:
            raise ImageTooLargeException
        return data

    async def _object(self, caller: Caller, stored: wire.S3Object) -> bytes:
        bucket, key, version = stored.get("Bucket"), stored.get("Name"), stored.get("Version")
        if not bucket or not key:
            raise InvalidParameterException
        request = {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})
        try:
            output = await self._calls.call(caller, "s3", "GetObject", request)
        except (ServiceError, AccessDenied):
            raise InvalidS3ObjectException from None  # AWS does not tell why, so that nothing leaks
        if output.get("ContentLength", 0) > MOST_STORED:
            raise ImageTooLargeException
        return await _collected(output["Body"])


async def _collected(body: ResponseBody) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, FileRange):
        if body.length > MOST_STORED:
            raise ImageTooLargeException
        return await asyncio.to_thread(_range, body)
    collected = bytearray()
    async for piece in body:
        collected += piece
        if len(collected) > MOST_STORED:
            raise ImageTooLargeException
    return bytes(collected)


def _range(body: FileRange) -> bytes:
    with body.path.open("rb") as file:
        file.seek(body.offset)
        return file.read(body.length)
