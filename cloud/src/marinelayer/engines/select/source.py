"""An object's bytes as a worker gets them: asked of the cloud piece by piece, counted, from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Talk(Protocol):
    """The part of `engines.worker.Talk` that is needed here."""

    def ask(self, header: dict[str, int]) -> bytes:
        """Bytes from the cloud."""
        ...


class Source:
    """The object. `scanned` counts what was read of it, `processed` what that was when decompressed."""

    def __init__(self, talk: Talk, size: int) -> None:
        self._talk = talk
        self.size = size
        self.scanned = 0
        self.processed = 0

    def pieces(self, offset: int = 0) -> Iterator[bytes]:
        """The bytes from `offset` on."""
        while piece := self._talk.ask({"offset": offset}):
            offset += len(piece)
            self.scanned += len(piece)
            yield piece

    def counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The same pieces, counted as processed."""
        for piece in pieces:
            self.processed += len(piece)
            yield piece
