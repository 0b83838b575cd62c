"""Who of the persons in a video is whom, by their faces alone: what PersonDetail calls Index.

A face is that of the person seen before whom it is most like, if it is like enough for two faces of one person, and
if that person has no other face in the same picture; else it is a new person's. A person who turns away and comes back
otherwise may get another index. Nobody is followed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from marinelayer.ports import FaceReader

SAME_PERSON = 80.0
"""Percent, as `FaceReader.similarities` says it."""
REMEMBERED = 1000
"""Persons; of more, those seen last."""


class VideoPersons:
    """The persons of one video."""

    def __init__(self, reader: FaceReader) -> None:
        self._reader = reader
        self._known: OrderedDict[int, bytes] = OrderedDict()
        self._next = 0

    async def indexes(self, faces: Sequence[bytes]) -> list[int]:
        """The index of each face of a picture, by its features."""
        free = dict(self._known)
        found: list[int] = []
        for face in faces:
            alike = await self._reader.similarities(face, list(free.values()))
            best, index = max(zip(alike, free, strict=True), default=(0.0, -1))
            if best < SAME_PERSON:
                index, self._next = self._next, self._next + 1
            free.pop(index, None)
            found.append(index)
        for index, face in zip(found, faces, strict=True):
            self._known[index] = face
            self._known.move_to_end(index)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found
