"""The FaceReader: pictures to `faces_task`'s worker, replies to the port's values; and features compared."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.supervisor import Supervisor
from marinelayer.engines.vision.choices import FACE_DETECTORS, FACE_RECOGNISERS
from marinelayer.engines.vision.dimensions import analysable
from marinelayer.ports import Box, Faces, SeenFace

SAME_PERSON = 0.363
"""The cosine from which the authors of SFace take two faces for one person's."""
ALIKE = 80.0
"""What that is in percent: Rekognition's own default of what matches."""


class FaceEngine:
    """Finds and compares faces with the models of the shelf."""

    def __init__(self, supervisor: Supervisor, shelf: Shelf) -> None:
        self._supervisor = supervisor
        self._shelf = shelf

    async def model_version(self) -> str:
        """Detector and recogniser, since the one's landmarks turn faces for the other."""
        models = [await self._shelf.have(choice) for choice in (FACE_DETECTORS, FACE_RECOGNISERS)]
        return "; ".join(f"{found.model.name} {found.model.version}" for found in models)

    async def faces(self, image: bytes, *, features: bool) -> Faces:
        """The faces of a JPEG or PNG picture; raises as `ports.FaceReader` says."""
        analysable(image)
        models = [await self._shelf.have(FACE_DETECTORS)]
        if features:
            models.append(await self._shelf.have(FACE_RECOGNISERS))
        names = [found.model.name for found in models]
        reply = await self._supervisor.run({"detector": names[0], "recogniser": names[1] if features else ""}, image)
        return Faces(
            faces=tuple(_seen(face) for face in reply["faces"]), engines=tuple(found.model.engine for found in models)
        )

    async def merged(self, persons: Sequence[Sequence[bytes]]) -> list[bytes]:
        """The mean of the unit vectors of a person's faces, of the length 1 again: the direction whose cosines with
        all of them are the largest in sum."""
        return await asyncio.to_thread(lambda: [_merged(faces) for faces in persons])

    async def similarities(self, face: bytes, others: Sequence[bytes]) -> list[float]:
        """Of the cosine of both: 0 to 80 below SFace's threshold, and from it to 100 above, in two straight lines."""
        if not others:
            return []
        return await asyncio.to_thread(_similarities, face, others)


def _merged(faces: Sequence[bytes]) -> bytes:
    mean = np.frombuffer(b"".join(faces), "<f4").reshape(len(faces), -1).mean(axis=0)
    length = float(np.linalg.norm(mean))
    return (mean / length if length else mean).astype("<f4").tobytes()


def _similarities(face: bytes, others: Sequence[bytes]) -> list[float]:
    known = np.frombuffer(b"".join(others), "<f4").reshape(len(others), -1)
    cosines = known @ np.frombuffer(face, "<f4")
    percent = np.interp(cosines, [0.0, SAME_PERSON, 1.0], [0.0, ALIKE, 100.0])
    return [float(value) for value in percent]


def _seen(face: Mapping[str, Any]) -> SeenFace:
    left, top, width, height = face["box"]
    return SeenFace(
        box=Box(left=left, top=top, width=width, height=height),
        confidence=100 * face["score"],
        landmarks={name: (x, y) for name, (x, y) in face["landmarks"].items()},
        roll=face["roll"],
        brightness=face["brightness"],
        sharpness=face["sharpness"],
        features=base64.b64decode(face["features"]),
    )
