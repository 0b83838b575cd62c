"""Opened pieces of what is read again and again, in memory, as a system keeps files that are not sealed.

A piece is kept when it is read for the second time, so that whatever is read once pushes nothing out; of those that are
kept, the one that was not asked for the longest goes first. Blobs never change and their ids never come again, so that
a piece can not be out of date. Who may read, and whether the object is still there, is found before this is asked.

Knows no files and no keys. May be used from any thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

SEEN_AT_MOST = 4096
"""Pieces whose first reading is remembered."""


class Place(NamedTuple):
    """Which piece of which blob: its first chunk, and how many bytes it has as it is stored."""

    blob_id: str
    chunk: int
    stored: int


class HotPieces:
    """Up to `limit` bytes of pieces. Nothing is kept of a blob that would take more than two thirds of them: pieces of
    such a one would push each other out."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[Place, bytes] = OrderedDict()
        self._seen: OrderedDict[Place, None] = OrderedDict()
        self._lock = threading.Lock()

    def takes(self, blob_size: int) -> bool:
        """Whether pieces of a blob of this size may be kept."""
        return blob_size * 3 <= self._limit * 2

    def get(self, place: Place) -> bytes | None:
        """A piece, if it is kept."""
        with self._lock:
            piece = self._kept.get(place)
            if piece is not None:
                self._kept.move_to_end(place)
            return piece

    def read(self, place: Place, piece: memoryview) -> None:
        """A piece was read that is not kept. It is copied if it now is."""
        with self._lock:
            if place not in self._seen:
                self._seen[place] = None
                if len(self._seen) > SEEN_AT_MOST:
                    self._seen.popitem(last=False)
                return
            del self._seen[place]
        kept = bytes(piece)
        with self._lock:
            if place in self._kept:
                return
            self._kept[place] = kept
            self._size += len(kept)
            while self._size > self._limit:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped)
