"""Engines that look at pictures. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from marinelayer.ports.engines import Engine


class BadImageError(Exception):
    """The bytes are no picture that can be read (only JPEG and PNG are)."""


class ImageTooLargeError(Exception):
    """The picture has more pixels than may be decoded."""


class ImageTooSmallError(Exception):
    """The picture has fewer pixels than anything can be seen in."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DominantColor:
    """A colour by its CSS name, the one of twelve simple colours that it is a kind of, and the percentage (0-100) of
    pixels that are nearest to it."""

    rgb: tuple[int, int, int]
    name: str
    simplified: str
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartProperties:
    """How a part of a picture looks: values from 0 to 100, and its dominant colours, the most frequent first."""

    brightness: float
    contrast: float
    sharpness: float
    colors: tuple[DominantColor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageProperties:
    """How a picture looks, the dominant colours of each box that was asked for, and who measured it."""

    whole: PartProperties
    foreground: PartProperties
    background: PartProperties
    boxes: tuple[tuple[DominantColor, ...], ...]
    engine: Engine


class LabelDetector(Protocol):
    """Names what a picture shows. All image engines raise BadImageError, ImageTooLargeError, ImageTooSmallError,
    EngineUnavailableError, EngineFailedError."""

    async def labels(self, image: bytes) -> Labels:
        """What is seen in a JPEG or PNG picture."""
        ...


class ContentModerator(Protocol):
    """Tells what few people want to be shown."""

    async def moderation(self, image: bytes) -> Labels:
        """Every label that the models here can tell of a JPEG or PNG picture, however little sure."""
        ...


class TextReader(Protocol):
    """Reads the text in a picture."""

    async def read(self, image: bytes, *, enough: int | None = None) -> Texts:
        """Every line of a JPEG or PNG picture, from top to bottom; those that follow `enough` words may be left out."""
        ...


class PropertyMeter(Protocol):
    """Measures how a picture looks."""

    async def properties(self, image: bytes, *, boxes: Sequence[Box], colors: int) -> ImageProperties:
        """Of a JPEG or PNG picture, with at most so many `colors` of each part and of each of the `boxes`."""
        ...
