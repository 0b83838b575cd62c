"""What is seen in a video, and who looks. Knows neither jobs nor engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from marinelayer.ports import Frame

EVERY = 500
"""Milliseconds between two pictures that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Something that was seen: `time` in milliseconds, its name, how sure that is in percent, and how answers have it.
    `list` is the way of listing that it belongs to."""

    list: Literal["timestamps", "segments"]
    time: int
    name: str
    sure: float
    document: Mapping[str, Any]


class Looking(Protocol):
    """One look at a video, picture by picture."""

    @property
    def model(self) -> str:
        """What has looked at the pictures, "" before it has."""
        ...

    async def look(self, frame: Frame) -> Sequence[Find]:
        """What is seen in a picture."""
        ...

    def ended(self) -> Sequence[Find]:
        """What only the whole video tells."""
        ...
