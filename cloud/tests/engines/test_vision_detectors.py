"""Detectors: what their models say becomes boxes in the picture. The models are tiny ones with the same outputs."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from marinelayer.engines import catalogue
from marinelayer.engines.assembly import open_engines
from marinelayer.engines.vision.decoding import pixels
from marinelayer.engines.vision.detection import detections
from marinelayer.engines.vision.fastestdet import FastestDet
from marinelayer.engines.vision.labels_task import NameLabels
from marinelayer.engines.vision.picodet import PicoDet
from marinelayer.engines.vision.yolox import SIDE, STRIDES, YoloX

from .conftest import saved_as
from .onnx_model import model, node

CAT, DOG = 15, 16
CELLS = sum((SIDE // stride) ** 2 for stride in STRIDES)

Said = tuple[int, int, int, tuple[float, float], tuple[float, float], float, int]
"""Stride, row, column, the centre from the cell's corner in strides, width and height in pixels, object, class."""


def yolox(*said: Said) -> bytes:
    """A model with YOLOX's input and output that says the same of every picture, its mean added to the object's score
    (so that it has to look at its input)."""
    output = np.zeros((1, CELLS, 85), np.float32)
    for stride, row, column, centre, size, sure, number in said:
        first = sum((SIDE // s) ** 2 for s in STRIDES if s < stride)
        cell = output[0, first + row * (SIDE // stride) + column]
        cell[:2] = centre
        cell[2:4] = np.log(np.array(size) / stride)
        cell[4] = sure
        cell[5 + number] = 1.0
    nodes = [
        node("GlobalAveragePool", ["images"], "colours"),
        node("ReduceMean", ["colours"], "grey", axes=[1, 2, 3], keepdims=0),
        node("Mul", ["grey", "nothing"], "none"),
        node("Add", ["said", "none"], "output"),
    ]
    weights = {"said": output, "nothing": np.zeros(1, np.float32)}
    return model(nodes, inputs={"images": (1, 3, SIDE, SIDE)}, outputs={"output": (1, CELLS, 85)}, weights=weights)


def blank(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 100, np.uint8)


def test_yolox_places_a_box_where_its_cell_says() -> None:
    (seen,) = YoloX(yolox((16, 10, 20, (0.5, 0.25), (64, 32), 0.9, CAT))).detect(blank(640, 640))
    assert seen.number == CAT
    assert seen.score == pytest.approx(0.9, abs=1e-5)
    x, y = (20 + 0.5) * 16, (10 + 0.25) * 16
    assert seen.box == pytest.approx(((x - 32) / 640, (y - 16) / 640, (x + 32) / 640, (y + 16) / 640), abs=1e-5)


def test_yolox_undoes_the_scale_that_kept_the_proportions() -> None:
    found = YoloX(yolox((32, 4, 4, (0.0, 0.0), (128, 128), 0.9, CAT))).detect(blank(1280, 640))
    assert found[0].box == pytest.approx((64 / 640, 64 / 320, 192 / 640, 192 / 320), abs=1e-5)
    found = YoloX(yolox((32, 4, 4, (0.0, 0.0), (128, 128), 0.9, CAT))).detect(blank(160, 320))
    assert found[0].box == pytest.approx((64 / 320, 64 / 640, 192 / 320, 192 / 640), abs=1e-5)


def test_yolox_keeps_one_of_two_boxes_of_the_same_thing_and_both_of_different_things() -> None:
    size = (80.0, 80.0)
    less: Said = (8, 10, 10, (0.0, 0.0), size, 0.8, CAT)
    better: Said = (8, 10, 11, (0.0, 0.0), size, 0.9, CAT)
    other: Said = (8, 12, 12, (0.5, 0.0), size, 0.7, DOG)
    apart: Said = (8, 60, 60, (0.0, 0.0), size, 0.6, CAT)
    doubtful: Said = (8, 30, 30, (0.0, 0.0), size, 0.29, CAT)
    found = YoloX(yolox(less, better, other, apart, doubtful)).detect(blank(640, 640))
    assert [(seen.number, round(seen.score, 2)) for seen in found] == [(CAT, 0.9), (DOG, 0.7), (CAT, 0.6)]


def test_yolox_sees_nothing_where_its_model_says_nothing() -> None:
    assert YoloX(yolox()).detect(blank(100, 80)) == []


def test_boxes_end_where_the_picture_ends() -> None:
    found = YoloX(yolox((32, 0, 0, (0.0, 0.0), (256, 256), 0.9, CAT))).detect(blank(640, 640))
    assert found[0].box == pytest.approx((0, 0, 0.2, 0.2), abs=1e-5)


def test_the_better_of_two_that_overlap_stays() -> None:
    boxes = np.array([[0, 0, 0.5, 0.5], [0, 0, 0.5, 0.4], [0.5, 0.5, 1, 1]], np.float32)
    classes = np.zeros(3, np.int64)
    kept = detections(boxes, np.array([0.5, 0.9, 0.4], np.float32), classes, 0.5)
    assert [round(seen.score, 1) for seen in kept] == [0.9, 0.4]
    assert len(detections(boxes, np.array([0.5, 0.9, 0.4], np.float32), classes, 0.85)) == 3


@pytest.fixture
def photos(evaluation: Path) -> dict[str, np.ndarray]:
    """Two VOC photos by what is in them."""
    folder = evaluation / "labels" / "images"
    names = {"bus": "2007_000648.jpg", "train": "2007_000042.jpg"}
    return {thing: pixels((folder / name).read_bytes(), longest=1024) for thing, name in names.items()}


def test_fastestdet_finds_what_picodet_finds(photos: dict[str, np.ndarray], shared_models: Path) -> None:
    fastest = FastestDet((shared_models / "FastestDet.onnx").read_bytes())
    picodet = PicoDet((shared_models / "picodet_s_416_coco.onnx").read_bytes())
    for photo in photos.values():
        one = fastest.detect(photo)[0]
        others = [seen.box for seen in picodet.detect(photo) if seen.number == one.number]
        assert any(one.box == pytest.approx(other, abs=0.15) for other in others)


def test_fastestdet_moves_its_box_with_the_thing(photos: dict[str, np.ndarray], shared_models: Path) -> None:
    fastest = FastestDet((shared_models / "FastestDet.onnx").read_bytes())
    train = photos["train"]
    height, width = train.shape[:2]
    boxes: list[tuple[float, ...]] = []
    for top in (0, height):
        canvas = np.full((2 * height, width, 3), 128, np.uint8)
        canvas[top : top + height] = train
        boxes.append(fastest.detect(canvas)[0].box)
    assert boxes[1][1] - boxes[0][1] == pytest.approx(0.5, abs=0.08)
    assert boxes[1][0] == pytest.approx(boxes[0][0], abs=0.08)


@pytest.fixture
def tiny_yolox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with a tiny YOLOX that sees a cat, and a catalogue that knows it."""
    data = yolox((32, 10, 10, (0.0, 0.0), (320, 320), 0.9, CAT))
    known = dict(catalogue.catalogue())
    entry = known["YOLOX-S-COCO"]
    file = replace(entry.files[0], size=len(data), sha256=hashlib.sha256(data).hexdigest())
    known["YOLOX-S-COCO"] = replace(entry, files=(file,))
    monkeypatch.setattr(catalogue, "catalogue", lambda: known)
    (tmp_path / file.name).write_bytes(data)
    return tmp_path


def test_the_task_loads_yolox_and_speaks_in_awss_words(tiny_yolox: Path) -> None:
    reply = NameLabels(tiny_yolox).run({"models": ["YOLOX-S-COCO"]}, saved_as(Image.new("RGB", (640, 640))))
    (cat,) = reply["labels"]
    assert (cat["name"], round(cat["confidence"])) == ("Cat", 90)
    assert cat["boxes"][0][:4] == pytest.approx([0.25, 0.25, 0.5, 0.5], abs=1e-5)


def test_the_best_detector_that_is_there_is_chosen(tiny_yolox: Path, shared_models: Path) -> None:
    for file in ("FastestDet.onnx", "picodet_s_416_coco.onnx"):
        (tiny_yolox / file).write_bytes((shared_models / file).read_bytes())
    engines = open_engines(tiny_yolox)
    for name, file in (
        ("YOLOX-S-COCO", "object_detection_yolox_2022nov.onnx"),
        ("PicoDet-S-416-COCO", "picodet_s_416_coco.onnx"),
        ("FastestDet-COCO", "FastestDet.onnx"),
    ):
        assert engines.describe()["labels"]["engines"][0]["name"] == name
        (tiny_yolox / file).unlink()
        engines = open_engines(tiny_yolox)
    assert engines.describe()["labels"]["available"] is False


@pytest.mark.asyncio
async def test_fastestdet_alone_names_labels(tmp_path: Path, shared_models: Path, evaluation: Path) -> None:
    (tmp_path / "FastestDet.onnx").write_bytes((shared_models / "FastestDet.onnx").read_bytes())
    engines = open_engines(tmp_path, workers=1)
    labels = await engines.labels.labels((evaluation / "labels" / "images" / "2007_000648.jpg").read_bytes())
    assert [engine.name for engine in labels.engines] == ["FastestDet-COCO"]
    assert "Bus" in {label.name for label in labels.labels}
    await engines.close()


def test_a_thing_that_is_mirrored_is_seen_on_the_other_side(shared_models: Path, evaluation: Path) -> None:
    photo = Image.open(io.BytesIO((evaluation / "labels" / "images" / "2007_000063.jpg").read_bytes())).convert("RGB")
    picodet = PicoDet((shared_models / "picodet_s_416_coco.onnx").read_bytes())
    there = picodet.detect(np.asarray(photo))[0]
    back = picodet.detect(np.asarray(photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))[0]
    assert back.number == there.number
    assert back.box[0] == pytest.approx(1 - there.box[2], abs=0.05)
