"""Faces of videos: who is told from whom by faces alone, and what of a collection matches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from marinelayer.ports import EngineUnavailableError, Frame, Tables
from marinelayer.services.rekognition.errors import ResourceNotFoundException
from marinelayer.services.rekognition.video_face_detection import FacesOfVideo
from marinelayer.services.rekognition.video_face_search import KnownFacesOfVideo
from marinelayer.services.rekognition.video_finds import Find
from marinelayer.services.rekognition.video_persons import REMEMBERED, VideoPersons

from .conftest import CALLER
from .gallery import Ask, Gallery, ask, counting, gallery, indexed, people, poked, service

__all__ = ["ask", "counting", "gallery", "people", "poked", "service"]


async def looked(looking: Any, *pictures: str) -> list[Find]:
    frames = [Frame(time=500 * number, picture=picture.encode()) for number, picture in enumerate(pictures)]
    finds = [find for frame in frames for find in await looking.look(frame)]
    assert looking.ended() == ()
    return finds


async def test_every_face_has_its_time_the_largest_first(gallery: Gallery) -> None:
    looking = FacesOfVideo(gallery)
    finds = await looked(looking, "alice bob*2", " ", "bob")
    assert [(find.time, find.document["Face"]["BoundingBox"]["Width"]) for find in finds] == [
        (0, 0.02),
        (0, 0.01),
        (1000, 0.01),
    ]
    assert [find.document["Timestamp"] for find in finds] == [0, 0, 1000]
    assert looking.model == "Gallery 1"


async def test_persons_keep_their_index_while_their_faces_are_alike(gallery: Gallery) -> None:
    persons = VideoPersons(gallery)
    assert await persons.indexes([b"alice", b"bob"]) == [0, 1]
    assert await persons.indexes([b"bob"]) == [1]
    assert await persons.indexes([b"alic", b"carol"]) == [0, 2], "80 percent alike"
    assert await persons.indexes([b"alice", b"alice"]) == [0, 3], "two faces of a picture are two persons"


async def test_of_many_persons_those_seen_last_are_remembered(gallery: Gallery) -> None:
    persons = VideoPersons(gallery)
    faces = [chr(0x4E00 + 7 * number).encode("utf-16") + number.to_bytes(4) for number in range(REMEMBERED + 1)]

    async def alike(face: bytes, others: Sequence[bytes]) -> list[float]:
        return [100.0 * (face == other) for other in others]

    gallery.similarities = alike
    for face in faces:
        await persons.indexes([face])
    assert await persons.indexes([faces[1]]) == [1]
    assert await persons.indexes([faces[0]]) == [REMEMBERED + 1], "it was forgotten"


@pytest.mark.usefixtures("people")
async def test_only_persons_with_whom_a_collected_face_matches_are_told(
    ask: Ask, gallery: Gallery, tables: Tables
) -> None:
    alice, alic, _ = await indexed(ask, "alice alic dave")
    search = KnownFacesOfVideo(tables, gallery, CALLER, {"CollectionId": "people"})
    finds = await looked(search, "bob alice*2", "bob", "alice")
    assert [(find.time, find.document["Person"]["Index"]) for find in finds] == [(0, 0), (1000, 0)]
    first = finds[0].document
    assert first["Person"]["Face"]["BoundingBox"]["Width"] == 0.02
    assert [(match["Face"]["FaceId"], match["Similarity"]) for match in first["FaceMatches"]] == [
        (alice, 100.0),
        (alic, 80.0),
    ]
    strict = KnownFacesOfVideo(tables, gallery, CALLER, {"CollectionId": "people", "FaceMatchThreshold": 81.0})
    (only,) = await looked(strict, "alice")
    assert [match["Face"]["FaceId"] for match in only.document["FaceMatches"]] == [alice]


@pytest.mark.usefixtures("people")
async def test_a_search_ends_with_its_collection_or_with_another_model(
    ask: Ask, gallery: Gallery, tables: Tables
) -> None:
    gallery.version = "Gallery 2"
    with pytest.raises(EngineUnavailableError, match=r"Gallery 1, not of Gallery 2"):
        await looked(KnownFacesOfVideo(tables, gallery, CALLER, {"CollectionId": "people"}), "alice")
    gallery.version = "Gallery 1"
    search = KnownFacesOfVideo(tables, gallery, CALLER, {"CollectionId": "people"})
    assert await looked(search, "alice") == []
    await ask("DeleteCollection", CollectionId="people")
    with pytest.raises(ResourceNotFoundException):
        await looked(search, "alice")
