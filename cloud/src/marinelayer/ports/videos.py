"""Videos, as a series of pictures. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol


class BadVideoError(Exception):
    """The bytes are no video that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """What a video says of itself: `codec` (`h264`), `container` (`mp4`, `mov`, `avi`), how long it is in
    milliseconds, frames a second, and its size in pixels."""

    codec: str
    container: str
    duration: int
    frame_rate: float
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A picture (JPEG) of a video, and its time in milliseconds from the start."""

    time: int
    picture: bytes


class VideoReader(Protocol):
    """Takes pictures out of videos."""

    def frames(self, pieces: AsyncGenerator[bytes], *, every: int) -> AsyncGenerator[VideoFacts | Frame]:
        """What the video says of itself, then a picture about every so many milliseconds.

        Raises, once it is iterated:
            BadVideoError: it can not be read.
            EngineFailedError: the reader broke on it, or took too long. Whatever `pieces` raises.
        """
        ...
