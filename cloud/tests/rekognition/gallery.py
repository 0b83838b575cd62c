"""Rekognition over a reader of faces that sees the names that a picture spells."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import pytest

from marinelayer.ports import Box, Engine, Faces, Keyring, SeenFace, Tables
from marinelayer.services.operation import ServiceTable
from marinelayer.services.rekognition import rekognition_service

from .conftest import CALLER, Bucket, Eyes

NOW = 1_800_000_000_000_000


class Gallery:
    """The FaceReader: `b"alice*3 bob"` has two faces, the first three times as large; `?` after a name makes it
    doubtful (confidence 75). Faces are as alike as their names have letters in common."""

    def __init__(self) -> None:
        self.version = "Gallery 1"
        self.error: Exception | None = None

    async def model_version(self) -> str:
        if self.error:
            raise self.error
        return self.version

    async def faces(self, image: bytes, *, features: bool) -> Faces:
        if self.error:
            raise self.error
        seen: list[SeenFace] = []
        for number, word in enumerate(image.decode().split()):
            name, _, size = word.partition("*")
            side = 0.01 * int(size or 1)
            seen.append(
                SeenFace(
                    box=Box(left=0.1 * number, top=0.0, width=side, height=side),
                    confidence=75.0 if name.endswith("?") else 99.0,
                    landmarks={"nose": (0.1 * number, 0.1)},
                    roll=3.0,
                    brightness=60.0,
                    sharpness=70.0,
                    features=name.rstrip("?").encode() if features else b"",
                )
            )
        return Faces(
            faces=tuple(sorted(seen, key=lambda face: -face.box.width)), engines=(Engine(name="Gallery", version="1"),)
        )

    async def merged(self, persons: Sequence[Sequence[bytes]]) -> list[bytes]:
        return [bytes(sorted(set(b"".join(faces)))) for faces in persons]

    async def similarities(self, face: bytes, others: Sequence[bytes]) -> list[float]:
        return [100 * len(set(face) & set(other)) / len(set(face) | set(other)) for other in others]


class Open:
    """A keyring that hides nothing, but knows its own."""

    def wrap(self, secret: bytes, purpose: str) -> bytes:
        return hashlib.sha256(purpose.encode() + secret).digest()[:8] + secret

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        if hashlib.sha256(purpose.encode() + wrapped[8:]).digest()[:8] != wrapped[:8]:
            raise ValueError
        return wrapped[8:]


class Counting:
    """Clock and ids that can be foreseen."""

    def __init__(self) -> None:
        self.count = 0
        self.later = 0

    def now(self) -> int:
        return NOW + self.later

    def token(self, size: int = 32) -> str:
        self.count += 1
        return hashlib.sha256(str(self.count).encode()).hexdigest()[:size]

    def ordered(self) -> str:
        self.count += 1
        return f"{self.count:032x}"


Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def gallery() -> Gallery:
    return Gallery()


@pytest.fixture
def poked() -> list[None]:
    return []


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def service(tables: Tables, gallery: Gallery, stored: Bucket, poked: list[None], counting: Counting) -> ServiceTable:
    eyes, told = Eyes(), cast("Any", counting)
    return rekognition_service(
        tables=tables,
        clock=told,
        ids=told,
        keyring=cast("Keyring", Open()),
        labels=eyes,
        properties=eyes,
        texts=eyes,
        moderator=eyes,
        faces=gallery,
        custom_labels=cast("Any", None),
        mandates=cast("Any", None),
        principals=cast("Any", None),
        videos=cast("Any", None),
        calls=stored,
        poke=lambda: poked.append(None),
    )


@pytest.fixture
def ask(service: ServiceTable) -> Ask:
    async def run(operation: str, **request: Any) -> dict[str, Any]:
        return cast("dict[str, Any]", await service.operations[operation].run(CALLER, request))

    return run


def picture(text: str) -> dict[str, bytes]:
    return {"Bytes": text.encode()}


async def indexed(ask: Ask, names: str, **more: Any) -> list[str]:
    answer = await ask("IndexFaces", CollectionId="people", Image=picture(names), **more)
    return [record["Face"]["FaceId"] for record in answer["FaceRecords"]]


@pytest.fixture
async def people(ask: Ask) -> None:
    await ask("CreateCollection", CollectionId="people")
