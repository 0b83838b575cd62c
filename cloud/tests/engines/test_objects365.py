"""D-FINE for Objects365: what its model says becomes boxes and AWS's names, and a file of another form is not misread.

The model is a tiny one with the same inputs and outputs that looks at its picture: it sees a scooter in each of 10 x 10
cells that is red, a traffic cone in each that is green, and in every cell the class 0, which is none."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from marinelayer.engines import catalogue
from marinelayer.engines.assembly import open_engines
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.vision import class_names
from marinelayer.engines.vision.choices import FURTHER_DETECTORS
from marinelayer.engines.vision.dfine import CLASSES, SIDE, DFine
from marinelayer.engines.vision.labels import LabelEngine
from marinelayer.engines.vision.labels_task import NameLabels, open_task
from marinelayer.ports import EngineUnavailableError, SeenLabel
from marinelayer.services.rekognition.taxonomy import entry, taxonomy

from .conftest import saved_as
from .onnx_model import model, node
from .test_vision_detectors import CAT, yolox

(NAME,) = FURTHER_DETECTORS.names
NONE, PERSON, CONE, SCOOTER = 0, 1, 67, 130
CELLS = 10
CELL = SIDE // CELLS
COCO = "YOLOX-S-COCO"
ALWAYS_A_CAT = yolox((32, 7, 15, (0.0, 0.0), (CELL, CELL), 0.9, CAT))
"""A detector of COCO's classes that sees a cat of a cell's size around 480, 224, whatever it is shown."""
LIME, RED, BLACK = (0, 255, 0), (255, 0, 0), (0, 0, 0)


def dfine(
    *,
    classes: int = CLASSES,
    entrance: str = "pixel_values",
    shape: Sequence[int | str] = ("batch_size", 3, SIDE, SIDE),
    logits: str = "logits",
    sides: int = 4,
    sure: float = 10,
    swell: float = 1,
) -> bytes:
    """The tiny model. Its boxes are the cells, `swell` times as large; `sure` is the logit of a wholly red one."""
    weights = np.zeros((3, classes), np.float32)
    weights[:, SCOOTER] = np.array([2, -2, -2]) * sure
    weights[:, CONE] = np.array([-2, 2, -2]) * sure
    bias = np.full((classes,), -800, np.float32)
    bias[[SCOOTER, CONE]] = -sure
    bias[NONE] = 50
    row, column = np.divmod(np.arange(CELLS * CELLS), CELLS)
    centre = (np.stack([column, row], axis=1) + 0.5) / CELLS
    boxes = np.concatenate([centre, np.full((CELLS * CELLS, 2), swell / CELLS)], axis=1)[np.newaxis, :, :sides]
    nodes = [
        node("AveragePool", [entrance], "pooled", kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        node("Reshape", ["pooled", "rows"], "flat"),
        node("Transpose", ["flat"], "cells", perm=[0, 2, 1]),
        node("MatMul", ["cells", "weights"], "weighed"),
        node("Add", ["weighed", "bias"], logits),
        node("ReduceMean", ["cells"], "mean", axes=[1, 2], keepdims=1),
        node("Mul", ["mean", "nothing"], "none"),
        node("Add", ["boxes", "none"], "pred_boxes"),
    ]
    values = {
        "rows": np.array([0, 3, CELLS * CELLS], np.int64),
        "weights": weights,
        "bias": bias,
        "nothing": np.zeros(1, np.float32),
        "boxes": boxes.astype(np.float32),
    }
    outputs = {logits: ("batch_size", "queries", classes), "pred_boxes": ("batch_size", "queries", sides)}
    return model(nodes, inputs={entrance: shape}, outputs=outputs, weights=values)


def drawn(*cells: tuple[int, int, tuple[int, int, int]], width: int = 640, height: int = 640) -> np.ndarray:
    """A black picture with cells (row, column) in colours."""
    picture = np.zeros((height, width, 3), np.uint8)
    tall, wide = height // CELLS, width // CELLS
    for row, column, colour in cells:
        picture[row * tall : (row + 1) * tall, column * wide : (column + 1) * wide] = colour
    return picture


# --- the detector


def test_a_thing_is_where_its_query_says_by_the_datasets_number() -> None:
    (seen,) = DFine(dfine()).detect(drawn((2, 7, RED)))
    assert seen.number == SCOOTER
    assert seen.score == pytest.approx(1 / (1 + np.exp(-10)), abs=1e-4)
    assert seen.box == pytest.approx((0.7, 0.2, 0.8, 0.3), abs=1e-5)


def test_a_thing_that_moves_moves_its_box_and_a_second_is_another() -> None:
    detector = DFine(dfine())
    (there,) = detector.detect(drawn((5, 1, RED)))
    assert there.box == pytest.approx((0.1, 0.5, 0.2, 0.6), abs=1e-5)
    both = detector.detect(drawn((5, 1, RED), (8, 8, RED)))
    assert sorted(seen.box[0] for seen in both) == pytest.approx([0.1, 0.8], abs=1e-5)
    assert detector.detect(drawn()) == []


def test_another_colour_is_another_class() -> None:
    found = DFine(dfine()).detect(drawn((1, 1, RED), (3, 3, LIME)))
    assert {seen.number: round(seen.box[1], 3) for seen in found} == {SCOOTER: 0.1, CONE: 0.3}


@pytest.mark.parametrize("size", [(1280, 320), (200, 900)])
def test_the_picture_is_stretched_so_that_fractions_stay(size: tuple[int, int]) -> None:
    found = DFine(dfine()).detect(drawn((4, 6, RED), width=size[0], height=size[1]))
    assert found[0].box == pytest.approx((0.6, 0.4, 0.7, 0.5), abs=1e-5)


def test_what_is_less_sure_than_the_least_is_not_told() -> None:
    assert DFine(dfine(sure=0.86)).detect(drawn()) == []
    every = DFine(dfine(sure=0.84)).detect(drawn())
    assert len(every) == 2 * CELLS * CELLS
    assert {round(seen.score, 3) for seen in every} == {0.302}


def test_one_of_two_queries_that_say_the_same_stays() -> None:
    near = drawn((4, 4, RED), (4, 5, RED))
    assert len(DFine(dfine(swell=3)).detect(near)) == 2, "they share half"
    assert len(DFine(dfine(swell=9)).detect(near)) == 1


def test_colours_are_given_red_first_and_from_0_to_1() -> None:
    half = DFine(dfine(sure=1)).detect(drawn((0, 0, (191, 0, 0))))
    assert [seen.score for seen in half if seen.box[:2] == (0, 0)] == pytest.approx(
        [1 / (1 + np.exp(-0.498))], abs=1e-3
    )


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"classes": 365}, r"shape of logits: \[100, 365\]"),
        ({"entrance": "images"}, r"its inputs: \['images'\]"),
        ({"logits": "labels"}, r"its outputs: \['pred_boxes'\]"),
        ({"sides": 3}, r"shape of pred_boxes: \[100, 3\]"),
        ({"shape": (1, 3, 320, 320)}, r"shape of pixel_values: \[1, 3, 320, 320\]"),
        ({"sure": float("nan")}, "not finite"),
    ],
)
def test_a_file_of_another_form_says_in_what_it_differs(other: Mapping[str, Any], said: str) -> None:
    with pytest.raises(EngineUnavailableError, match=said):
        DFine(dfine(**other))


def test_a_file_may_leave_the_sides_of_its_input_open() -> None:
    assert DFine(dfine(shape=("batch_size", "num_channels", "height", "width"))).detect(drawn((0, 0, RED)))


# --- names


def test_every_class_is_named_by_the_datasets_number() -> None:
    names = class_names.objects365()
    assert len(names) == CLASSES
    assert not names[NONE]
    known = {
        PERSON: "Person", 6: "Car", 12: "Lamp Post", 25: "Bench", 41: "Traffic Light", 45: "Trash Can", 47: "Bicycle",
        50: "Van", 59: "Motorcycle", 66: "Truck", CONE: "Traffic Cone", 90: "Road Sign", 128: "Stop Sign",
        SCOOTER: "Scooter", 177: "Fire Hydrant", 189: "Fire Truck", 250: "Parking Meter", 365: "Table Tennis",
    }  # fmt: skip
    assert {number: names[number] for number in known} == known
    assert [number for number, name in enumerate(names) if not name] == [NONE, 340]


def test_things_of_coco_bear_the_same_names() -> None:
    lacking = set(class_names.coco()) - set(class_names.objects365())
    assert lacking == {"Skis", "Teddy Bear"}, "they are wider, or another thing, there"


def test_nearly_every_name_has_a_place_in_the_taxonomy() -> None:
    alone = {name for name in class_names.objects365() if name and name not in taxonomy()}
    assert alone == {"Crane", "Chicken", "Converter", "Extractor", "Recorder", "Target"}, "who knows which is meant"
    assert entry("Scooter").parents == ("Vehicle", "Transportation")
    assert entry("SUV").parents == ("Car", "Vehicle", "Transportation")


# --- the task


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with the tiny model, and a catalogue that knows it and ALWAYS_A_CAT."""
    known = dict(catalogue.catalogue())
    for name, data in ((NAME, dfine()), (COCO, ALWAYS_A_CAT)):
        file = replace(known[name].files[0], size=len(data), sha256=hashlib.sha256(data).hexdigest())
        known[name] = replace(known[name], files=(file,))
    monkeypatch.setattr(catalogue, "catalogue", lambda: known)
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / known[NAME].files[0].name).write_bytes(dfine())
    return tmp_path


@pytest.fixture
def both(folder: Path) -> Path:
    """The same with ALWAYS_A_CAT in it."""
    (folder / "object_detection_yolox_2022nov.onnx").write_bytes(ALWAYS_A_CAT)
    return folder


class Here:
    """A supervisor whose worker is this process."""

    def __init__(self, task: NameLabels) -> None:
        self._task = task

    async def run(self, request: Mapping[str, Any], payload: bytes = b"") -> Mapping[str, Any]:
        return self._task.run(request, payload)


def engine(folder: Path) -> LabelEngine:
    return LabelEngine(cast("Any", Here(open_task({"models": str(folder)}))), Shelf(folder))


async def seen(folder: Path, picture: np.ndarray) -> dict[str, SeenLabel]:
    found = await engine(folder).labels(saved_as(Image.fromarray(picture)))
    return {label.name: label for label in found.labels}


async def test_it_names_alone_what_it_sees(folder: Path) -> None:
    found = await seen(folder, drawn((2, 2, RED), (7, 7, RED), (5, 0, LIME)))
    assert {name: len(label.boxes) for name, label in found.items()} == {"Scooter": 2, "Traffic Cone": 1}
    moved = await seen(folder, drawn((6, 0, LIME)))
    before, after = (labels["Traffic Cone"].boxes[0][0] for labels in (found, moved))
    assert after.top - before.top == pytest.approx(0.1, abs=1e-4)
    assert after.left == pytest.approx(before.left, abs=1e-4)


async def test_it_is_asked_beside_a_detector_of_cocos_classes(both: Path) -> None:
    picture = saved_as(Image.fromarray(drawn((2, 2, RED))))
    found = await engine(both).labels(picture)
    assert [each.name for each in found.engines] == [COCO, NAME]
    assert {label.name: len(label.boxes) for label in found.labels} == {"Scooter": 1, "Cat": 1}


def test_what_both_see_in_one_place_is_one_instance_as_sure_as_the_surer(
    both: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = list(class_names.objects365())
    names[SCOOTER] = "Cat"
    monkeypatch.setattr(class_names, "objects365", lambda: tuple(names))
    task = NameLabels(both)

    def cats(row: int, column: int) -> list[int]:
        reply = task.run({"models": [COCO, NAME]}, saved_as(Image.fromarray(drawn((row, column, RED)))))
        (cat,) = reply["labels"]
        assert cat["confidence"] == cat["boxes"][0][4]
        return [round(box[4]) for box in cat["boxes"]]

    assert cats(3, 7) == [100]
    assert cats(3, 6) == [100, 90]
    monkeypatch.setattr(task.load(NAME), "_model", DFine(dfine(swell=2)))
    assert cats(3, 7) == [100, 90], "they share a quarter: one may stand before the other"


def test_another_file_is_not_loaded(folder: Path) -> None:
    path = folder / NAME / "dfine_s_obj365.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(EngineUnavailableError, match="sha256 differs"):
        NameLabels(folder).run({"models": [NAME]}, saved_as(Image.new("RGB", (64, 64))))


def test_without_it_labels_say_that_it_could_be_here() -> None:
    said = open_engines(None).describe()["labels"]
    assert any(NAME in sentence for sentence in said["missing"])


async def test_no_request_downloads_it(both: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (both / NAME / "dfine_s_obj365.onnx").unlink()
    shelf = Shelf(both, pulling=True)
    pulled: list[str] = []

    async def pull(name: str) -> Any:
        pulled.append(name)
        raise EngineUnavailableError(name)

    monkeypatch.setattr(shelf, "_pulled", pull)
    labels = LabelEngine(cast("Any", Here(open_task({"models": str(both)}))), shelf)
    found = await labels.labels(saved_as(Image.fromarray(drawn((2, 2, RED)))))
    assert [each.name for each in found.engines] == [COCO]
    assert NAME not in pulled
