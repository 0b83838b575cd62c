"""State: rows that change together, and the bytes of objects. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from marinelayer.http import FileRange

P = ParamSpec("P")


R = TypeVar("R")


Value = int | float | str | bytes | None


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """A named DML statement from a `.sql` file, in the subset that SQLite and PostgreSQL share, with `:name`
    parameters."""

    name: str
    sql: str


class Transaction(Protocol):
    """Statements inside one transaction. Synchronous: no I/O, clock or randomness may happen in between."""

    def one(self, statement: Statement, **values: Value) -> Row | None:
        """The first row, or None."""
        ...

    def all(self, statement: Statement, **values: Value) -> list[Row]:
        """Every row."""
        ...

    def run(self, statement: Statement, **values: Value) -> int:
        """Run it; the number of rows changed."""
        ...

    def changed(self, *tables: str) -> bool:
        """Whether one of these tables has changes that are not committed yet, by this function or by others that are
        committed with it. True where that can not be told."""
        ...


class Revision(Protocol):
    """Tells whether some tables have changed, for what is remembered of them."""

    @property
    def number(self) -> int | None:
        """While it stays the same, no write to these tables has been acknowledged: what was read after one look at it
        still holds at the next. None where that can not be told, since others write to them too."""
        ...


class Tables(Protocol):
    """Metadata. A write function may be run again from its start, so that it must have no effect but its
    statements; its result is returned when its commit is on disk."""

    async def write(
        self, function: Callable[Concatenate[Transaction, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `function(tx, ...)` in a serializable transaction; whatever it raises undoes it and is raised."""
        ...

    async def read(self, function: Callable[Concatenate[Transaction, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `function(tx, ...)` on one snapshot, read only."""
        ...

    def revision(self, *tables: str) -> Revision:
        """The revision of these tables together. Made once for a reader that lives as long as the tables."""
        ...


class BlobWriter(Protocol):
    """Bytes on their way to disk, under a name that no one else knows."""

    @property
    def blob_id(self) -> str:
        """The random name under which `finish` leaves the bytes."""
        ...

    async def write(self, piece: bytes) -> None:
        """Append."""
        ...

    async def finish(self) -> None:
        """Make it durable: after this returns it survives a power cut, though no row names it yet."""
        ...

    async def abandon(self) -> None:
        """Remove what was written. Safe after `finish` and when called twice."""
        ...


class Blobs(Protocol):
    """Immutable bytes of larger objects, by id."""

    def create(self) -> BlobWriter:
        """A writer of a new blob."""
        ...

    def read(self, blob_id: str, offset: int, length: int) -> FileRange:
        """`length` bytes from `offset`, which may be opened from another thread."""
        ...

    async def delete(self, blob_id: str) -> None:
        """Remove it; nothing happens if it is gone."""
        ...

    def ids(self) -> AsyncIterator[str]:
        """Every finished blob that is stored, for the sweeper."""
        ...


class Keyring(Protocol):
    """Wraps secrets with the folder's master key."""

    def wrap(self, secret: bytes, purpose: str) -> bytes:
        """Encrypt and authenticate; `purpose` must be given again to unwrap."""
        ...

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """The secret. Raises ValueError if it was changed, or wrapped for another purpose."""
        ...
