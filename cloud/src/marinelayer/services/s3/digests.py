"""Digests of objects: MD5 for the ETag, CRC64NVME for every object, and the checksum that the client declared.

All are fed in one pass over the bytes. A checksum is declared by its own header, or comes as a trailer after the bytes.
Pure computing: knows no tables, no blobs and no event loop.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from awscrt import checksums

from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.services.s3.errors import BadDigest, InvalidDigest

ChecksumType = Literal["FULL_OBJECT", "COMPOSITE"]


class Digest(Protocol):
    """A digest in the making."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""
        ...

    def digest(self) -> bytes:
        """The digest of all bytes so far. Called once, at the end."""
        ...


class _Crc:
    """A CRC of awscrt, most significant byte first."""

    __slots__ = ("_function", "_size", "_value")

    def __init__(self, function: Callable[[bytes, int], int], size: int) -> None:
        self._function = function
        self._size = size
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")


class _XxHash:
    """An xxHash of awscrt."""

    __slots__ = ("_hash",)

    def __init__(self, new: Callable[[], checksums.XXHash]) -> None:
        self._hash = new()

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def digest(self) -> bytes:
        return self._hash.finalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """One of S3's checksum algorithms. `combine` joins the CRCs of two neighbours (the second's length given)."""

    name: str
    size: int
    new: Callable[[], Digest]
    combine: Callable[[int, int, int], int] | None = None
    composite: bool = True

    @property
    def member(self) -> str:
        """Its member in botocore's shapes (`ChecksumCRC32`)."""
        return f"Checksum{self.name}"

    @property
    def header(self) -> str:
        """Its header or trailing field (`x-amz-checksum-crc32`)."""
        return f"x-amz-checksum-{self.name.lower()}"

    def read(self, text: str) -> bytes:
        """The digest that a header's base64 stands for.

        Raises:
            InvalidRequest: it is no base64, or of another length.
        """
        try:
            value = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            value = b""
        if len(value) != self.size:
            raise InvalidRequest(f"Value for {self.header} header is invalid.")
        return value


def _crc(name: str, size: int, *, composite: bool = True) -> Algorithm:
    function = getattr(checksums, name.lower())
    return Algorithm(
        name=name,
        size=size,
        new=lambda: _Crc(function, size),
        combine=getattr(checksums, f"combine_{name.lower()}"),
        composite=composite,
    )


def _hash(name: str, size: int) -> Algorithm:
    return Algorithm(name=name, size=size, new=lambda: hashlib.new(name.lower(), usedforsecurity=False))


def _xxhash(name: str, size: int, new: Callable[[], checksums.XXHash]) -> Algorithm:
    return Algorithm(name=name, size=size, new=lambda: _XxHash(new))


CRC64NVME = _crc("CRC64NVME", 8, composite=False)
ALGORITHMS: Mapping[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        _crc("CRC32", 4),
        _crc("CRC32C", 4),
        CRC64NVME,
        _hash("SHA1", 20),
        _hash("SHA256", 32),
        _hash("SHA512", 64),
        _hash("MD5", 16),
        _xxhash("XXHASH64", 8, checksums.XXHash.new_xxhash64),
        _xxhash("XXHASH3", 8, checksums.XXHash.new_xxhash3_64),
        _xxhash("XXHASH128", 16, checksums.XXHash.new_xxhash3_128),
    )
}
_BY_HEADER = {algorithm.header: algorithm for algorithm in ALGORITHMS.values()}
_BY_MEMBER = {algorithm.member: algorithm for algorithm in ALGORITHMS.values()}


def algorithm_named(name: str) -> Algorithm:
    """The algorithm that a client named.

    Raises:
        InvalidRequest: S3 has none of this name.
    """
    try:
        return ALGORITHMS[name.upper()]
    except KeyError:
        raise InvalidRequest(
            f"Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            f"[{', '.join(ALGORITHMS)}]"
        ) from None


def encode(digest: bytes) -> str:
    """A digest as headers and documents show it."""
    return base64.b64encode(digest).decode()


@dataclass(slots=True, kw_only=True)
class Declared:
    """What the request's head says of its body: the MD5, and a checksum or only its algorithm (the value then comes as
    a trailer). Of bytes that we copy nothing is declared, but a checksum is `calculated`."""

    md5: bytes | None = None
    algorithm: Algorithm | None = None
    checksum: bytes | None = None
    calculated: Algorithm | None = None


NOTHING_DECLARED = Declared()


def declared_digests(request: Mapping[str, Any]) -> Declared:
    """Read `ContentMD5`, the `Checksum...` members and `ChecksumAlgorithm`.

    Raises:
        InvalidDigest: the MD5 is not 16 bytes of base64.
        InvalidRequest: a checksum can not be read, or there are several.
    """
    md5 = _content_md5(request["ContentMD5"]) if "ContentMD5" in request else None
    given = [algorithm for member, algorithm in _BY_MEMBER.items() if member in request]
    if len(given) > 1:
        raise InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    named = request.get("ChecksumAlgorithm")
    if given:
        if named and named.upper() != given[0].name:
            raise InvalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.")
        return Declared(md5=md5, algorithm=given[0], checksum=given[0].read(request[given[0].member]))
    if named:
        return Declared(md5=md5, algorithm=algorithm_named(named))
    return NOTHING_DECLARED if md5 is None else Declared(md5=md5)


def _content_md5(text: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != 16:
        raise InvalidDigest(**{"Content-MD5": text})
    return value


def trailing_checksum(trailers: Mapping[str, str]) -> tuple[Algorithm, bytes] | None:
    """The checksum that came after the bytes, if any.

    Raises:
        InvalidRequest: it can not be read, or there are several.
    """
    given = [_BY_HEADER[name] for name in trailers if name in _BY_HEADER]
    if len(given) > 1:
        raise InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    return (given[0], given[0].read(trailers[given[0].header])) if given else None


class Hashing:
    """The digests of one stream of bytes: MD5, CRC64NVME and at most one more."""

    __slots__ = ("_digests",)

    def __init__(self, extra: Algorithm | None = None) -> None:
        self._digests: dict[str, Digest] = {
            "MD5": hashlib.md5(usedforsecurity=False),
            "CRC64NVME": CRC64NVME.new(),
        }
        if extra is not None and extra.name not in self._digests:
            self._digests[extra.name] = extra.new()

    def update(self, data: bytes) -> None:
        """Add bytes to every digest."""
        for digest in self._digests.values():
            digest.update(data)

    def finish(self) -> Mapping[str, bytes]:
        """The digests by algorithm."""
        return {name: digest.digest() for name, digest in self._digests.items()}


def verify_md5(declared: bytes | None, calculated: bytes) -> None:
    """Raises BadDigest unless the Content-MD5 fits."""
    if declared is not None and declared != calculated:
        raise BadDigest(ExpectedDigest=encode(declared), CalculatedDigest=encode(calculated))


def verify_checksum(algorithm: Algorithm, declared: bytes, calculated: bytes) -> None:
    """Raises BadDigest unless the checksum fits."""
    if declared != calculated:
        raise BadDigest(f"The {algorithm.name} you specified did not match the calculated checksum.")


def verify_document(data: bytes, md5: str | None, checksum_headers: Mapping[str, str]) -> None:
    """Check a request's whole document, such as DeleteObjects', against its Content-MD5 and its `x-amz-checksum-*`
    headers or trailers (lower-case names; others are passed over).

    Raises:
        InvalidDigest: the MD5 is not 16 bytes of base64.
        InvalidRequest: a checksum can not be read, or there are several.
        BadDigest: one does not fit.
    """
    if md5 is not None:
        verify_md5(_content_md5(md5), hashlib.md5(data, usedforsecurity=False).digest())
    given = trailing_checksum(checksum_headers)
    if given is not None:
        algorithm, declared = given
        digest = algorithm.new()
        digest.update(data)
        verify_checksum(algorithm, declared, digest.digest())
