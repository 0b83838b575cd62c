"""Engines that find faces in pictures and compare them. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from marinelayer.ports.engines import Engine
from marinelayer.ports.pictures import Box

LandmarkName = Literal["eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFace:
    """A face: where it is, how sure that is (0-100), its landmarks as fractions of width and height, how far it is
    turned in the picture's plane (degrees, clockwise), how bright and sharp it is (0-100), and, where they were asked
    for, the bytes by which it is compared."""

    box: Box
    confidence: float
    landmarks: Mapping[LandmarkName, tuple[float, float]]
    roll: float
    brightness: float
    sharpness: float
    features: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    """The faces of one picture, the largest first, and by which engines they were seen."""

    faces: tuple[SeenFace, ...]
    engines: tuple[Engine, ...]


class FaceReader(Protocol):
    """Finds faces, and compares them. Raises as other image engines do."""

    async def model_version(self) -> str:
        """What features are made by now: those of other versions can not be compared with them.

        Raises:
            EngineUnavailableError: nothing makes features here.
        """
        ...

    async def faces(self, image: bytes, *, features: bool) -> Faces:
        """The 100 largest faces of a JPEG or PNG picture, with the bytes that tell them apart if `features`."""
        ...

    async def merged(self, persons: Sequence[Sequence[bytes]]) -> list[bytes]:
        """For each person, by the features of one or more of their faces, those that stand for all of them: they are
        compared like a face's."""
        ...

    async def similarities(self, face: bytes, others: Sequence[bytes]) -> list[float]:
        """How alike a face is to each of the others, by the features of all of them: 0 to 100, and from 80 on that of
        one person, as the recogniser's authors set its threshold."""
        ...
