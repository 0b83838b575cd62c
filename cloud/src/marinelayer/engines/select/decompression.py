"""GZIP and BZIP2, a bounded piece at a time: what a small object unfolds to is never held whole.

Both formats may be several streams one after the other (RFC 1952, 2.2).
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Iterator
from typing import Protocol

from marinelayer.engines.select.refusing import refuse
from marinelayer.protocol.s3_select.formats import Compression

PIECE = 1 << 20


class _Stream(Protocol):
    """One compressed stream. `decompress` gives at most PIECE bytes."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def hungry(self) -> bool: ...
    def decompress(self, data: bytes) -> bytes: ...


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    @property
    def hungry(self) -> bool:
        return not self._full and not self._stream.unconsumed_tail

    def decompress(self, data: bytes) -> bytes:
        piece = self._stream.decompress(self._stream.unconsumed_tail + data, PIECE)
        self._full = len(piece) == PIECE
        return piece


class _Bzip2:
    def __init__(self) -> None:
        self._stream = bz2.BZ2Decompressor()

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    @property
    def hungry(self) -> bool:
        return self._stream.needs_input

    def decompress(self, data: bytes) -> bytes:
        return self._stream.decompress(data, PIECE)


def decompressed(pieces: Iterator[bytes], compression: Compression) -> Iterator[bytes]:
    """The bytes that were compressed, in pieces of at most 1 MiB.

    Raises:
        SelectionError: InvalidCompressionFormat for bytes that are not compressed so, TruncatedInput for what ends
            too early or is broken.
    """
    if compression == "NONE":
        yield from pieces
        return
    kind = _Gzip if compression == "GZIP" else _Bzip2
    stream: _Stream | None = None
    begun = False
    for piece in pieces:
        data = piece
        while data or (stream is not None and not stream.hungry):
            if stream is None:
                data = data.lstrip(b"\0") if begun else data  # padding behind the last stream
                if not data:
                    break
                stream = kind()
            out, data = _step(stream, data, compression, begun=begun)
            begun = True
            if out:
                yield out
            if stream.eof:
                data, stream = stream.unused_data, None
    if stream is not None or not begun:
        raise refuse("TruncatedInput")


def _step(stream: _Stream, data: bytes, compression: Compression, *, begun: bool) -> tuple[bytes, bytes]:
    try:
        return stream.decompress(data), b""
    except (zlib.error, OSError, ValueError) as error:
        if begun:
            raise refuse("TruncatedInput") from error
        message = f"{compression} is not applicable to the queried object. Please correct the request and try again."
        raise refuse("InvalidCompressionFormat", message) from error
