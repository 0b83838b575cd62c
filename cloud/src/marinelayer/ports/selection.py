"""Queries over objects. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from marinelayer.protocol.s3_select.formats import Formats


class SelectionError(Exception):
    """A query can not be run on an object, or not to its end. `code` is S3's, `message` empty where S3's own will do.
    Its text is both, with a blank between them."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.code, _, self.message = text.partition(" ")


class StoredBytes(Protocol):
    """An object's bytes, to be read from anywhere."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def read_from(self, offset: int) -> AsyncGenerator[bytes]:
        """The bytes from `offset` on, in pieces. Whoever does not read it to its end closes it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """Some records as they are to be sent, and the bytes so far: read of the object, and what they were when
    decompressed."""

    records: bytes
    scanned: int
    processed: int


class Selector(Protocol):
    """Runs queries on objects."""

    def select(self, expression: str, formats: Formats, data: StoredBytes) -> AsyncGenerator[Selected]:
        """What a query finds, piece by piece: pieces without records tell how far it is. Closing it ends the query.

        Raises, once it is iterated:
            SelectionError: the object is not what `formats` say, or the query fails on it.
            EngineBusyError: too many queries run already.
            EngineFailedError: the query took too much time or memory.
        """
        ...
