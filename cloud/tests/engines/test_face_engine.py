"""Faces: OpenCV loads models with the inputs and outputs of YuNet and SFace, and what they say becomes the port's values."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from marinelayer.engines import catalogue
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.supervisor import Supervisor
from marinelayer.engines.vision.decoding import pixels
from marinelayer.engines.vision.face_models import SFace, YuNet
from marinelayer.engines.vision.faces import SAME_PERSON, FaceEngine
from marinelayer.engines.vision.faces_task import ReadFaces, open_task
from marinelayer.ports import BadImageError, EngineUnavailableError, ImageTooSmallError

from .conftest import saved_as
from .tiny_faces import ALICE, BOB, crowd, detector, recogniser

SIDES = (320, 256)


class InProcess:
    """The Supervisor's one method, with the task here instead of in a worker."""

    def __init__(self, models: Path) -> None:
        self._task = ReadFaces(models)

    async def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        return self._task.run(request, payload)


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, **models: bytes) -> None:
    """Make these bytes the catalogue's models, and put them into the folder."""
    known = dict(catalogue.catalogue())
    for name, data in models.items():
        file = replace(known[name].files[0], size=len(data), sha256=hashlib.sha256(data).hexdigest())
        known[name] = replace(known[name], files=(file,))
        (folder / file.name).write_bytes(data)
    monkeypatch.setattr(catalogue, "catalogue", lambda: known)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FaceEngine:
    install(tmp_path, monkeypatch, YuNet=detector(), SFace=recogniser())
    return FaceEngine(cast("Supervisor", InProcess(tmp_path)), Shelf(tmp_path))


async def test_a_face_is_where_it_is_painted(engine: FaceEngine) -> None:
    found = await engine.faces(crowd((2, 3, ALICE), size=SIDES), features=False)
    (face,) = found.faces
    box = (face.box.left, face.box.top, face.box.width, face.box.height)
    assert box == pytest.approx((64 / 320, 96 / 256, 32 / 320, 32 / 256))
    assert face.confidence == 100
    assert face.features == b""
    assert [engine.name for engine in found.engines] == ["YuNet"]


async def test_its_landmarks_lie_in_it_and_left_is_the_pictures_left(engine: FaceEngine) -> None:
    (face,) = (await engine.faces(crowd((2, 3, ALICE), size=SIDES), features=False)).faces
    assert list(face.landmarks) == ["eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight"]
    assert face.landmarks["nose"] == pytest.approx(((64 + 16) / 320, (96 + 16) / 256))
    assert face.landmarks["eyeLeft"][0] < face.landmarks["nose"][0] < face.landmarks["eyeRight"][0]
    assert face.landmarks["eyeLeft"][1] < face.landmarks["nose"][1] < face.landmarks["mouthLeft"][1]
    assert face.roll == pytest.approx(0)


async def test_a_face_that_moves_moves_its_box_and_another_face_adds_one(engine: FaceEngine) -> None:
    before = (await engine.faces(crowd((2, 3, ALICE)), features=False)).faces
    after = (await engine.faces(crowd((5, 3, ALICE)), features=False)).faces
    assert after[0].box.left - before[0].box.left == pytest.approx(3 * 32 / 320)
    assert len((await engine.faces(crowd((2, 3, ALICE), (7, 5, BOB)), features=False)).faces) == 2
    assert (await engine.faces(crowd(), features=False)).faces == ()


async def test_faces_of_one_colour_are_one_persons_and_of_another_not(engine: FaceEngine) -> None:
    alice, bob = (await engine.faces(crowd((1, 1, ALICE), (6, 4, BOB)), features=True)).faces
    (again,) = (await engine.faces(crowd((4, 2, ALICE)), features=True)).faces
    same, other = await engine.similarities(again.features, [alice.features, bob.features])
    assert same > 99
    assert other < 20
    assert await engine.similarities(again.features, []) == []


async def test_the_authors_threshold_is_eighty_percent(engine: FaceEngine) -> None:
    def turned(cosine: float) -> bytes:
        return np.array([cosine, np.sqrt(1 - cosine**2)], "<f4").tobytes()

    given = [turned(cosine) for cosine in (-1.0, 0.0, SAME_PERSON / 2, SAME_PERSON, (1 + SAME_PERSON) / 2, 1.0)]
    assert await engine.similarities(turned(1.0), given) == pytest.approx([0, 0, 40, 80, 90, 100], abs=0.01)


async def test_what_stands_for_several_faces_is_the_direction_between_them(engine: FaceEngine) -> None:
    def turned(degrees: float) -> bytes:
        return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], "<f4").tobytes()

    one, several = await engine.merged([[turned(10)], [turned(0), turned(40), turned(20)]])
    assert np.frombuffer(one, "<f4") == pytest.approx(np.frombuffer(turned(10), "<f4"), abs=1e-6)
    assert np.frombuffer(several, "<f4") == pytest.approx(np.frombuffer(turned(20), "<f4"), abs=1e-6)
    (opposite,) = await engine.merged([[turned(0), turned(180)]])
    assert await engine.similarities(opposite, [turned(0)]) == pytest.approx([0], abs=1e-4), (
        "and none where there is none"
    )


async def test_how_bright_and_sharp_a_face_is_is_measured(engine: FaceEngine) -> None:
    alice, bob = (await engine.faces(crowd((1, 1, ALICE), (6, 4, BOB)), features=False)).faces
    assert alice.brightness == pytest.approx(100 * 29 / 255, abs=1)
    assert bob.brightness == pytest.approx(100 * (29 + 150) / 255, abs=1)
    assert alice.sharpness == 0, "all of it has one colour"


async def test_an_exif_orientation_is_honoured(engine: FaceEngine) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    upside_down = Image.open(io.BytesIO(crowd((2, 3, ALICE), size=SIDES))).rotate(180)
    stored = saved_as(upside_down, "JPEG", exif=exif, quality=100, subsampling=0)
    (face,) = (await engine.faces(stored, features=False)).faces
    assert face.box.left == pytest.approx(64 / 320, abs=0.01)


async def test_bad_pictures_are_refused(engine: FaceEngine) -> None:
    for data, error in ((b"hello", BadImageError), (saved_as(Image.new("RGB", (79, 200))), ImageTooSmallError)):
        with pytest.raises(error):
            await engine.faces(data, features=False)


async def test_what_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, YuNet=detector())
    engine = FaceEngine(cast("Supervisor", InProcess(tmp_path)), Shelf(tmp_path))
    assert len((await engine.faces(crowd((2, 3, ALICE)), features=False)).faces) == 1
    with pytest.raises(EngineUnavailableError, match="marinelayer models pull SFace"):
        await engine.faces(crowd((2, 3, ALICE)), features=True)
    with pytest.raises(EngineUnavailableError, match="marinelayer models pull SFace"):
        await engine.model_version()
    bare = FaceEngine(cast("Supervisor", InProcess(tmp_path)), Shelf(None))
    with pytest.raises(EngineUnavailableError, match="marinelayer models pull YuNet"):
        await bare.faces(crowd(), features=False)


async def test_features_are_those_of_both_models(engine: FaceEngine) -> None:
    assert await engine.model_version() == "YuNet 2026may; SFace 2021dec"


def test_a_worker_loads_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineUnavailableError, match="YuNet is not installed"):
        open_task({"models": str(tmp_path)})
    install(tmp_path, monkeypatch, YuNet=detector(), SFace=recogniser())
    request = {"detector": "YuNet", "recogniser": "SFace"}
    assert len(open_task({"models": str(tmp_path)}).run(request, crowd((2, 3, ALICE)))["faces"]) == 1


def test_a_tilted_head_has_a_roll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, YuNet=detector(tilt=0.5))
    task = ReadFaces(tmp_path)
    (face,) = task.run({"detector": "YuNet", "recogniser": ""}, crowd((2, 3, ALICE)))["faces"]
    assert face["roll"] == pytest.approx(45)


def test_the_models_take_pictures_of_any_size() -> None:
    yunet, sface = YuNet(detector()), SFace(recogniser())
    for size in ((333, 251), (96, 96), (1280, 720)):
        picture = pixels(crowd((1, 1, BOB), size=size), longest=1280)
        (face,) = yunet.detect(picture)
        assert face.box == pytest.approx((32, 32, 32, 32))
        assert np.linalg.norm(sface.features(picture, face)) == pytest.approx(1)


def test_a_face_larger_than_the_model_was_trained_on_is_taken_from_the_halved_picture() -> None:
    picture = np.full((512, 640, 3), 128, np.uint8)
    picture[128:192, 256:320] = ALICE
    (face,) = YuNet(detector(high=12)).detect(picture)
    middle = (256 + 32, 128 + 32)
    assert face.box == pytest.approx((middle[0] - 384, middle[1] - 384, 768, 768))
    assert face.landmarks[2] == pytest.approx(middle)
    assert face.row[:4] == pytest.approx(face.box), "by it SFace turns the face"


def test_a_small_face_is_taken_from_the_picture_as_it_is() -> None:
    picture = np.full((512, 640, 3), 128, np.uint8)
    picture[128:192, 256:320] = ALICE
    faces = YuNet(detector(high=1)).detect(picture)
    boxes = {tuple(round(value) for value in face.box) for face in faces}
    assert boxes == {(x, y, 32, 32) for x in (256, 288) for y in (128, 160)}, (
        "not the block as one, as half its size has it"
    )
