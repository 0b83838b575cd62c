"""Which bytes there are, who names them, and what happens when no one does any more.

A blob is immutable and counted: every version and every piece of a part that names it holds one reference. Its `place`
says where the bytes are: `inline` (a row), `file` (the blob store), or `parts` (the concatenation of an upload's parts,
so that completing an upload copies nothing and copying its object adds one reference).

Write functions: re-runnable, without I/O, clock or randomness. Bytes in the blob store are freed by an outbox job that
is written with its cause.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from marinelayer import outbox
from marinelayer.ports import Row, Transaction
from marinelayer.services.s3.statements import SQL

Place = Literal["inline", "file", "parts"]

DELETE_BLOB = "s3.blob.delete"
DELETE_INLINE = "s3.inline.delete"
RELEASE_PARTS = "s3.parts.release"
GRACE = 60_000_000
"""Microseconds that freed bytes stay for answers that are still reading them."""
RELEASED_AT_ONCE = 500
"""Pieces of an abandoned upload that one write releases; the rest is an outbox job."""


@dataclass(slots=True, kw_only=True)
class NewBlob:
    """Bytes that were received: inline, or in the blob store under `blob_id`, sealed with the key that `wrapped_key`
    holds. `size` and `crc64nvme` are those of the bytes as they came."""

    blob_id: str
    size: int
    crc64nvme: bytes
    inline: bytes | None = field(repr=False)
    wrapped_key: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A range of a blob in `inline` or `file`, which has `blob_size` bytes, sealed under `wrapped_key` unless that is
    None. `data` are the inline blob's stored bytes, where they came with its row."""

    blob_id: str
    place: Place
    offset: int
    size: int
    blob_size: int
    wrapped_key: bytes | None = field(default=None, repr=False)
    data: bytes | None = field(default=None, repr=False)


def add_blob(tx: Transaction, blob: NewBlob) -> None:
    """Name received bytes, with one reference."""
    place = "file" if blob.inline is None else "inline"
    tx.run(
        SQL.insert_blob,
        blob_id=blob.blob_id,
        place=place,
        size=blob.size,
        crc64nvme=blob.crc64nvme,
        wrapped_key=blob.wrapped_key,
    )
    if blob.inline is not None:
        tx.run(SQL.insert_inline_bytes, blob_id=blob.blob_id, bytes=blob.inline)


def add_reference(tx: Transaction, blob_id: str) -> bool:
    """Name a blob once more; False if it was freed meanwhile."""
    return tx.run(SQL.add_reference, blob_id=blob_id) == 1


def release(tx: Transaction, blob_id: str, now: int, *, of_part: bool = False) -> None:
    """Take one reference away, and free the bytes with the last one.

    Inline bytes `of_part` may be read later in an answer that has begun, so that they stay for a while as files do;
    others came with their answer's first read.
    """
    row = tx.one(SQL.drop_reference, blob_id=blob_id)
    if row is None or row["refs"] > 0:
        return
    tx.run(SQL.delete_blob, blob_id=blob_id)
    match row["place"]:
        case "inline" if of_part:
            later(tx, DELETE_INLINE, blob_id, now + GRACE)
        case "inline":
            delete_inline(tx, blob_id)
        case "file":
            later(tx, DELETE_BLOB, blob_id, now + GRACE)
        case _:
            release_parts(tx, blob_id, now)


def release_parts(tx: Transaction, upload_id: str, now: int) -> None:
    """Let go of the parts of an upload: a bounded number now, the rest by a job."""
    if not release_some_parts(tx, upload_id, now):
        later(tx, RELEASE_PARTS, upload_id, now)


def release_some_parts(tx: Transaction, upload_id: str, now: int) -> bool:
    """Let go of a bounded number of an upload's pieces; True when none are left."""
    rows = tx.all(SQL.pieces, upload_id=upload_id, limit=RELEASED_AT_ONCE + 1)
    for row in rows[:RELEASED_AT_ONCE]:
        tx.run(SQL.delete_piece, upload_id=upload_id, n=row["n"], piece=row["piece"])
        release(tx, row["blob_id"], now, of_part=True)
    return len(rows) <= RELEASED_AT_ONCE


def release_part(tx: Transaction, upload_id: str, n: int, now: int) -> None:
    """Let go of one part."""
    rows = tx.all(SQL.pieces_of_part, upload_id=upload_id, n=n)
    tx.run(SQL.delete_part, upload_id=upload_id, n=n)
    for row in rows:
        release(tx, row["blob_id"], now, of_part=True)


def later(tx: Transaction, kind: str, name: str, due: int) -> None:
    """Write an outbox job about `name`, independent of all others."""
    outbox.enqueue(tx, job_id=f"{kind}/{name}", kind=kind, group=f"{kind}/{name}", payload=name.encode(), due=due)


def pieces_of(tx: Transaction, blob_id: str, offset: int, length: int) -> list[Piece]:
    """The pieces that hold `length` bytes from `offset`, in order; none if the blob was freed."""
    row = tx.one(SQL.blob, blob_id=blob_id)
    if row is None:
        return []
    if row["place"] != "parts":
        if not length:
            return []
        return [piece_of(row, blob_id, offset, length, data=row["bytes"])]
    pieces: list[Piece] = []
    begin, end = 0, offset + length
    for part in tx.all(SQL.layout, upload_id=blob_id):
        first, last = max(offset, begin), min(end, begin + part["size"])
        if first < last:
            inside = part["first_byte"] + first - begin
            pieces.append(piece_of(part, part["blob_id"], inside, last - first))
        begin += part["size"]
    return pieces


def piece_of(row: Row, blob_id: str, offset: int, size: int, data: bytes | None = None) -> Piece:
    """`size` bytes from `offset` of the blob of a row."""
    return Piece(
        blob_id=blob_id,
        place=row["place"],
        offset=offset,
        size=size,
        blob_size=row["blob_size"],
        wrapped_key=row["wrapped_key"],
        data=data,
    )


def inline_bytes(tx: Transaction, blob_id: str) -> bytes | None:
    """The bytes of an inline blob, as they are stored."""
    row = tx.one(SQL.inline_bytes, blob_id=blob_id)
    return None if row is None else row["bytes"]


def delete_inline(tx: Transaction, blob_id: str) -> None:
    """Remove the bytes of an inline blob; nothing happens if they are gone."""
    tx.run(SQL.delete_inline_bytes, blob_id=blob_id)


def named_blobs(tx: Transaction, blob_ids: list[str]) -> set[str]:
    """Which of the ids are blobs that a row names."""
    return {blob_id for blob_id in blob_ids if tx.one(SQL.any_blob, blob_id=blob_id) is not None}
