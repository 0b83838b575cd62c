"""Bodies coming in: small ones into a row, larger ones through the blob store in pieces, both sealed on their way.

Nothing received is named by a row before its body has ended without an error; what is not named in the end is removed.
No body is held whole in memory, and anything over 64 KiB is hashed and sealed off the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from marinelayer.http import Body, BytesBody, in_pieces
from marinelayer.model.errors import Refusal
from marinelayer.ports import Blobs, BlobWriter, Ids
from marinelayer.protocol.refusals import IncompleteBody, InvalidRequest
from marinelayer.security.refusals import EntityTooLarge
from marinelayer.services.s3.blob_keys import OURS, BlobKeys, KeySource
from marinelayer.services.s3.blobs import NewBlob
from marinelayer.services.s3.digests import (
    CRC64NVME,
    Algorithm,
    Declared,
    Digest,
    Hashing,
    encode,
    trailing_checksum,
    verify_checksum,
    verify_md5,
)
from marinelayer.services.s3.reading import sealed_file
from marinelayer.services.s3.sealing import Seal, Sealing
from marinelayer.services.s3.versions import Sum

INLINE_LIMIT = 64 * 1024
MAX_PUT = 5 * 1024**3

R = TypeVar("R")


@dataclass(slots=True, kw_only=True)
class Checksum:
    """A checksum that was calculated, and whether the client gave it (CRC64NVME is ours where it gave none)."""

    algorithm: Algorithm
    digest: bytes
    given: bool

    @property
    def sum(self) -> Sum:
        """The checksum of an object of these bytes."""
        return Sum(algorithm=self.algorithm.name, type="FULL_OBJECT", value=encode(self.digest))


@dataclass(slots=True, kw_only=True)
class Received:
    """A body that arrived whole and fits what was declared of it.

    `tag` are the 16 bytes of its ETag: its MD5, but where a key of KMS or of the customer encrypts it, a value that
    tells nothing of the bytes and is another one for each object ("have ETags that are not an MD5 digest of their
    object data", https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html).
    """

    blob: NewBlob
    tag: bytes
    checksum: Checksum
    settled: bool = field(default=False, init=False)
    """Whether a row may name the blob, so that it must stay."""

    @property
    def etag(self) -> str:
        """The ETag, without quotes."""
        return self.tag.hex()

    async def name(self, write: Awaitable[R]) -> R:
        """Await the write whose rows name the blob.

        It is awaited to its end even when the request is cancelled: bytes may be removed only if it is certain that no
        row names them, because the write was refused. When it failed in any other way (a connection lost in the
        commit), they stay for the sweeper to judge.
        """
        if self.blob.inline is not None:
            return await write
        task = asyncio.ensure_future(write)
        self.settled = True
        try:
            return await asyncio.shield(task)
        except Refusal:
            self.settled = False
            raise
        except asyncio.CancelledError:
            await _ended(task)
            self.settled = not (task.exception() and isinstance(task.exception(), Refusal))
            raise


async def _ended(task: asyncio.Future[R]) -> None:
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:  # asked again: the answer is the same
            continue


@dataclass(slots=True, kw_only=True)
class _Sealed:
    """A new blob's seal, its wrapped key, and where that comes from."""

    seal: Seal
    wrapped: bytes = field(repr=False)
    source: KeySource


def _sealed(blob_id: str, keys: BlobKeys, source: KeySource) -> _Sealed:
    key, wrapped = keys.new(blob_id, source)
    return _Sealed(seal=Seal(key, blob_id), wrapped=wrapped, source=source)


def receive_held(
    body: Body | None, declared: Declared, ids: Ids, keys: BlobKeys, source: KeySource = OURS
) -> Received | None:
    """Take in what is small and wholly in memory already; None where that is not so. Raises as `receive`."""
    body = body or BytesBody()
    if not isinstance(body, BytesBody) or body.length > INLINE_LIMIT:
        return None
    blob_id = ids.ordered()
    return _receive_inline(body.data, body, declared, _sealed(blob_id, keys, source), blob_id)


@asynccontextmanager
async def receive(
    body: Body | None, declared: Declared, blobs: Blobs, ids: Ids, keys: BlobKeys, source: KeySource = OURS
) -> AsyncGenerator[Received]:
    """Take a body in, encrypted with a key from `source`. What `Received.name` has not settled when the block ends is
    removed. A body of unknown length (the file in a browser's form) is large if its first piece is.

    Raises:
        EntityTooLarge: before anything is read, where the length is known.
        IncompleteBody: it ended early.
        BadDigest, InvalidRequest: it is not what was declared.
    """
    body = body or BytesBody()
    _check_size(body.length or 0)
    pieces = in_pieces(body)
    small = body.length is not None and body.length <= INLINE_LIMIT
    first = b"".join([piece async for piece in body]) if small else await anext(pieces, b"")
    if small or (body.length is None and len(first) <= INLINE_LIMIT):
        yield _receive_inline(first, body, declared, _sealed(blob_id := ids.ordered(), keys, source), blob_id)
        return
    writer = blobs.create()
    received: Received | None = None
    try:
        sealed = _sealed(writer.blob_id, keys, source)
        received = await _receive_file(first, pieces, body, declared, blobs, writer, sealed)
        yield received
    finally:
        if received is None or not received.settled:
            await writer.abandon()


def _check_size(size: int) -> None:
    if size > MAX_PUT:
        raise EntityTooLarge(ProposedSize=str(size), MaxSizeAllowed=str(MAX_PUT))


def _receive_inline(data: bytes, body: Body, declared: Declared, sealed: _Sealed, blob_id: str) -> Received:
    if body.length is not None and len(data) != body.length:
        raise IncompleteBody
    hashing = Hashing(declared.algorithm or declared.calculated)
    hashing.update(data)
    digests = dict(hashing.finish())
    algorithm, expected = _expected(declared, body.trailers)
    if algorithm.name not in digests:
        late = algorithm.new()
        late.update(data)
        digests[algorithm.name] = late.digest()
    tag = _verified(digests, declared, algorithm, expected, sealed)
    blob = NewBlob(
        blob_id=blob_id,
        size=len(data),
        crc64nvme=digests[CRC64NVME.name],
        inline=sealed.seal.chunk(0, data, last=True),
        wrapped_key=sealed.wrapped,
    )
    return Received(blob=blob, tag=tag, checksum=_checksum(digests, algorithm, expected))


async def _receive_file(
    first: bytes,
    rest: AsyncIterator[bytes],
    body: Body,
    declared: Declared,
    blobs: Blobs,
    writer: BlobWriter,
    sealed: _Sealed,
) -> Received:
    hashing = Hashing(declared.algorithm or declared.calculated)
    sealing = Sealing(sealed.seal)
    size = 0

    def hash_and_seal(piece: bytes) -> bytes:
        hashing.update(piece)
        return sealing.update(piece)

    async def keep(piece: bytes) -> None:
        nonlocal size
        size += len(piece)
        _check_size(size)
        await writer.write(await asyncio.to_thread(hash_and_seal, piece))

    await keep(first)
    async for piece in rest:
        await keep(piece)
    if body.length is not None and size != body.length:
        raise IncompleteBody
    await writer.write(sealing.finish())
    digests = dict(hashing.finish())
    algorithm, expected = _expected(declared, body.trailers)
    await writer.finish()
    if algorithm.name not in digests:
        # The trailer named an algorithm that the head had not: the bytes are read once more.
        late = algorithm.new()
        await asyncio.to_thread(_hash_again, late, blobs, writer.blob_id, sealed.seal, size)
        digests[algorithm.name] = late.digest()
    tag = _verified(digests, declared, algorithm, expected, sealed)
    blob = NewBlob(
        blob_id=writer.blob_id,
        size=size,
        crc64nvme=digests[CRC64NVME.name],
        inline=None,
        wrapped_key=sealed.wrapped,
    )
    return Received(blob=blob, tag=tag, checksum=_checksum(digests, algorithm, expected))


def _hash_again(digest: Digest, blobs: Blobs, blob_id: str, seal: Seal, size: int) -> None:
    file = sealed_file(blobs, blob_id, seal, size=size, offset=0, length=size)
    while piece := file.next_piece():
        digest.update(bytes(piece))


def _expected(declared: Declared, trailers: Mapping[str, str]) -> tuple[Algorithm, bytes | None]:
    """The checksum to verify: the header's, else the trailer's; else CRC64NVME with nothing to compare it to."""
    if declared.algorithm is not None and declared.checksum is not None:
        return declared.algorithm, declared.checksum
    trailing = trailing_checksum(trailers)
    if trailing is not None:
        return trailing
    if declared.calculated is not None:
        return declared.calculated, None
    if declared.algorithm is not None:
        raise InvalidRequest(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers "
            "were found."
        )
    return CRC64NVME, None


def _verified(
    digests: Mapping[str, bytes], declared: Declared, algorithm: Algorithm, expected: bytes | None, sealed: _Sealed
) -> bytes:
    """The ETag's bytes, if the digests are those that were declared."""
    verify_md5(declared.md5, digests["MD5"])
    if expected is not None:
        verify_checksum(algorithm, expected, digests[algorithm.name])
    return sealed.source.encryption.tag(digests["MD5"])


def _checksum(digests: Mapping[str, bytes], algorithm: Algorithm, expected: bytes | None) -> Checksum:
    return Checksum(algorithm=algorithm, digest=digests[algorithm.name], given=expected is not None)
