"""Engines that look at pictures. Ports only: nothing here does anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from marinelayer.ports.engines import Engine


class BadImageError(Exception):
    """The bytes are no picture that can be read (only JPEG and PNG are)."""


class ImageTooLargeError(Exception):
    """The picture has more pixels than may be decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle as fractions of the picture's width and height, from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLabel:
    """A label that a detector or classifier named: AWS's spelling of it, confidence in percent (0-100), and the
    boxes with theirs (empty for a scene or a classifier's label)."""

    name: str
    confidence: float
    boxes: tuple[tuple[Box, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What was seen in one picture, best first, and by which engines."""

    labels: tuple[SeenLabel, ...]
    engines: tuple[Engine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenText:
    """A line or word: text, confidence in percent, the corners clockwise from the text's own top left as
    fractions of width and height, and for a line its words."""

    text: str
    confidence: float
    corners: tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
    words: tuple[SeenText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The lines read in one picture, top to bottom, and by which engine."""

    lines: tuple[SeenText, ...]
    engine: Engine


class LabelDetector(Protocol):
    """Names what a picture shows. All image engines raise BadImageError, ImageTooLargeError,
    EngineUnavailableError, EngineFailedError."""

    async def labels(self, image: bytes) -> Labels:
        """What is seen in a JPEG or PNG picture."""
        ...


class TextReader(Protocol):
    """Reads the text in a picture."""

    async def read(self, image: bytes) -> Texts:
        """Every line of a JPEG or PNG picture."""
        ...
