"""Bytes as the texts between record delimiters."""

from __future__ import annotations

from collections.abc import Iterator

from marinelayer.engines.select.batches import MAX_RECORD
from marinelayer.engines.select.refusing import not_utf8, too_long

_MOST_BYTES = 4 * MAX_RECORD
"""Of one record: as many as its characters may take."""


def records(
    pieces: Iterator[bytes], delimiter: bytes, *, offset: int = 0, end: int | None = None
) -> Iterator[list[str]]:
    """The records in lists, as they come. The last may lack its delimiter.

    `offset` is that of the first byte in the object; records that begin at byte `end` or behind it are left out.

    Raises:
        SelectionError: a record is too long or no UTF-8.
    """
    rest = b""
    for piece in pieces:
        data = rest + piece if rest else piece
        cut = data.rfind(delimiter)
        if cut < 0:
            rest = data
            if len(rest) > _MOST_BYTES:
                raise too_long()
            continue
        whole, rest = data[:cut], data[cut + len(delimiter) :]
        if end is not None and offset + cut >= end:
            yield _decoded(_begun(whole, delimiter, end - offset), delimiter, offset)
            return
        yield _decoded(whole, delimiter, offset)
        offset += cut + len(delimiter)
        if end is not None and offset >= end:
            return
    if rest:
        yield _decoded(rest, delimiter, offset)


def _begun(whole: bytes, delimiter: bytes, limit: int) -> bytes:
    """The records that begin before byte `limit`."""
    if limit <= 0:
        return b""
    # The delimiter that ends the last of them is the first at or behind the byte before the limit, less its length.
    cut = whole.find(delimiter, max(0, limit - len(delimiter)))
    return whole if cut < 0 else whole[:cut]


def _decoded(whole: bytes, delimiter: bytes, offset: int) -> list[str]:
    try:
        text = whole.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(offset + error.start) from error
    found = text.split(delimiter.decode("utf-8"))
    if len(text) > MAX_RECORD and any(len(one) > MAX_RECORD for one in found):
        raise too_long()
    return found


def from_first_whole(pieces: Iterator[bytes], delimiter: bytes) -> tuple[Iterator[bytes], int]:
    """The bytes behind the first delimiter, and how many were left out."""
    skipped, rest = 0, b""
    for piece in pieces:
        data = rest + piece
        cut = data.find(delimiter)
        if cut >= 0:
            behind = data[cut + len(delimiter) :]
            return _followed(behind, pieces), skipped + cut + len(delimiter)
        keep = len(delimiter) - 1
        skipped += len(data) - keep
        rest = data[len(data) - keep :] if keep else b""
    return iter(()), skipped


def _followed(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from pieces
