"""CLIP's arithmetic is that of PyTorch, and what it says of a picture follows from the picture and from what is said."""

import hashlib
import io
import json
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
from marinelayer.engines.vision import custom_labels_task, open_labels
from marinelayer.engines.vision.byte_pairs import BytePairs
from marinelayer.engines.vision.clip import ImageTower, TextTower
from marinelayer.engines.vision.custom_labels import open_custom_labels
from marinelayer.engines.vision.feature_choice import DESCRIBER, FEATURES
from marinelayer.engines.vision.features import open_features
from marinelayer.engines.vision.labels import LabelEngine
from marinelayer.engines.vision.labels_task import NameLabels, open_task
from marinelayer.engines.vision.open_labels import MERGES, MODEL, Describing, Sayings, sayings
from marinelayer.engines.vision.torchscript import TorchScript
from marinelayer.ports import EngineUnavailableError

from . import tiny_clip
from .conftest import saved_as

RED, GREEN, BLUE, GREY = "red", "green", "blue", "grey"
LABELS = Sayings(
    labels={"Scooter": ["a photo of r."], "Mattress": ["a photo of g."], "Tent": ["a photo of b.", "b!"]},
    neutral=["a photo."],
    sums={"Left Behind": ["Scooter", "Mattress"]},
)


# --- the arithmetic


def test_it_computes_what_pytorch_computes() -> None:
    """The numbers are those of OpenAI's own code on PyTorch 1.13, for the same weights, picture and texts."""
    weights = TorchScript(tiny_clip.archive(tiny_clip.waves()))
    looking, reading = ImageTower(weights), TextTower(weights)
    picture = (np.arange(8 * 8 * 3).reshape(8, 8, 3) * 37 % 256).astype(np.uint8)
    seen = looking.seen(picture)
    assert looking.side == 8
    assert seen[:6] == pytest.approx([-3.51185, 1.91593, 1.13371, -0.45624, 0.05918, -0.38204], abs=2e-5)
    point = looking.point(picture)
    assert point == pytest.approx([0.08473, 0.15177, -0.19985, -0.0661, 0.02122, -0.35154, 0.89052, -0.09183], abs=2e-5)
    points = reading.points([[518, 7, 300, 519], [518, 5, 17, 400, 401, 519]])
    expected = [
        [0.3274, -0.13565, 0.29756, -0.05471, 0.62005, -0.39245, 0.46471, 0.16866],
        [0.29106, 0.05751, 0.09023, -0.04514, 0.73209, -0.23575, 0.55464, -0.05139],
    ]
    assert points == pytest.approx(np.array(expected), abs=2e-5)
    assert reading.scale * points @ point == pytest.approx([0.80453, 0.98868], abs=5e-5)


def test_what_stands_behind_a_token_does_not_change_it() -> None:
    reading = TextTower(TorchScript(tiny_clip.archive(tiny_clip.waves())))
    alone = reading.points([[518, 7, 300, 519]])
    together = reading.points([[518, 9, 519], [518, 7, 300, 519], [518, 7, 301, 519]])
    assert together[1] == pytest.approx(alone[0], abs=1e-6)
    assert together[2] != pytest.approx(alone[0], abs=1e-3)


def test_of_a_long_picture_the_middle_is_seen() -> None:
    looking = ImageTower(TorchScript(tiny_clip.archive(tiny_clip.colours())))
    bars = np.zeros((40, 400, 3), np.uint8)
    bars[:, :150, 1] = bars[:, 150:250, 0] = bars[:, 250:, 2] = 255
    middle = np.zeros((40, 40, 3), np.uint8)
    middle[..., 0] = 255
    assert looking.point(bars) == pytest.approx(looking.point(middle), abs=1e-5)
    assert looking.point(bars.transpose(1, 0, 2)) == pytest.approx(looking.point(middle), abs=1e-5)


@pytest.mark.parametrize("name", ["visual.conv1.weight", "ln_final.bias", "transformer.resblocks.0.mlp.c_fc.weight"])
def test_a_model_that_lacks_a_tensor_says_which(name: str) -> None:
    weights = tiny_clip.colours()
    del weights[name]
    side = ImageTower if name.startswith("visual") else TextTower
    whole = TorchScript(tiny_clip.archive(weights))
    with pytest.raises(EngineUnavailableError, match=name):
        side(whole)


# --- words


def test_neighbours_are_put_together_in_the_order_of_the_list() -> None:
    pairs = BytePairs(tiny_clip.MERGES)
    a, photo, dot = (256 + byte - ord("!") for byte in b"a"), 512 + 3, 256 + ord(".") - ord("!")
    assert pairs.encode("A  PHOTO.") == [pairs.start, *a, photo, dot, pairs.end]
    assert pairs.encode("photos")[1:3] == [512 + 1, ord("t") - ord("!")], "what ends no word is another symbol"
    assert pairs.encode("") == [pairs.start, pairs.end]


def test_words_digits_and_marks_are_told_apart_and_any_letter_is_written_in_bytes() -> None:
    pairs = BytePairs(tiny_clip.MERGES)

    def end(text: str) -> list[int]:
        return pairs.encode(text)[1:-1]

    assert end("it's 12!?") == [*end("it"), *end("'s"), *end("1"), *end("2"), *end("!?")]
    assert len(end("é")) == 2
    assert len(end("道")) == 3
    assert end("x_y") == [*end("x"), *end("_"), *end("y")]


# --- labels


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with the model of colours, in a catalogue that knows it, and labels of which it has heard."""
    known = dict(catalogue.catalogue())
    data = {MODEL: tiny_clip.archive(tiny_clip.colours()), MERGES: tiny_clip.MERGES}
    files = tuple(
        replace(file, size=len(data[file.name]), sha256=hashlib.sha256(data[file.name]).hexdigest())
        for file in known[DESCRIBER].files
    )
    known[DESCRIBER] = replace(known[DESCRIBER], files=files)
    monkeypatch.setattr(catalogue, "catalogue", lambda: known)
    monkeypatch.setattr(open_labels, "sayings", lambda: LABELS)
    (tmp_path / DESCRIBER).mkdir()
    for name, content in data.items():
        (tmp_path / DESCRIBER / name).write_bytes(content)
    return tmp_path


def painted(*colours: str, size: tuple[int, int] = (96, 96)) -> bytes:
    """A picture of bars in these colours."""
    picture = Image.new("RGB", size)
    wide = size[0] // len(colours)
    for number, colour in enumerate(colours):
        picture.paste(colour, (number * wide, 0, (number + 1) * wide, size[1]))
    return saved_as(picture)


def sure(folder: Path, image: bytes) -> dict[str, float]:
    reply = NameLabels(folder).run({"models": [DESCRIBER]}, image)
    assert all(label["boxes"] == [] for label in reply["labels"])
    return {label["name"]: label["confidence"] for label in reply["labels"]}


def test_another_picture_has_another_label(folder: Path) -> None:
    for colour, name in ((RED, "Scooter"), ("lime", "Mattress"), (BLUE, "Tent")):
        found = sure(folder, painted(colour))
        assert found[name] > 90
        assert set(found) - {"Left Behind"} == {name}


def test_labels_share_out_a_picture_of_two_things(folder: Path) -> None:
    found = sure(folder, painted(RED, "lime"))
    assert min(found["Scooter"], found["Mattress"]) > 20
    assert found["Left Behind"] == pytest.approx(found["Scooter"] + found["Mattress"], abs=0.1)
    more_red = sure(folder, painted(RED, RED, "lime"))
    assert more_red["Scooter"] > found["Scooter"]


def test_what_is_said_of_a_label_decides_what_it_is_seen_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turned = replace(LABELS, labels={"Scooter": ["b"], "Tent": ["r"], "Mattress": ["g"]})
    monkeypatch.setattr(open_labels, "sayings", lambda: turned)
    assert max(sure(folder, painted(RED)).items(), key=lambda one: one[1])[0] == "Tent"


def test_a_neutral_sentence_takes_what_fits_no_label(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sure(folder, painted(RED))["Scooter"] > 90
    taken = replace(LABELS, neutral=["a photo.", "a photo of r."])
    monkeypatch.setattr(open_labels, "sayings", lambda: taken)
    assert sure(folder, painted(RED))["Scooter"] == pytest.approx(50, abs=1), "half of it is neutral now"


class Here:
    """A supervisor whose worker is this process."""

    def __init__(self, task: Any) -> None:
        self._task = task

    async def run(self, request: Mapping[str, Any], payload: bytes = b"") -> Mapping[str, Any]:
        return self._task.run(request, payload)


async def test_it_answers_alone_and_beside_a_detector(folder: Path, shared_models: Path) -> None:
    alone = await LabelEngine(cast("Any", Here(open_task({"models": str(folder)}))), Shelf(folder)).labels(painted(RED))
    assert [(engine.name, engine.version) for engine in alone.engines] == [(DESCRIBER, "OpenAI 2021")]
    assert alone.labels[0].name in {"Scooter", "Left Behind"}
    (folder / "FastestDet.onnx").write_bytes((shared_models / "FastestDet.onnx").read_bytes())
    both = await LabelEngine(cast("Any", Here(open_task({"models": str(folder)}))), Shelf(folder)).labels(painted(RED))
    assert [engine.name for engine in both.engines] == ["FastestDet-COCO", DESCRIBER]
    assert {label.name for label in both.labels} >= {"Scooter"}


def test_another_file_is_not_loaded(folder: Path) -> None:
    path = folder / DESCRIBER / MODEL
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(EngineUnavailableError, match="sha256 differs"):
        NameLabels(folder).run({"models": [DESCRIBER]}, painted(RED))


def test_without_it_labels_say_that_it_could_be_here() -> None:
    said = open_engines(None).describe()["labels"]
    assert any(DESCRIBER in sentence for sentence in said["missing"])


# --- the list


def test_every_label_is_said_in_english_that_fits_and_no_sentence_twice() -> None:
    known = sayings()
    every = [*(sentence for said in known.labels.values() for sentence in said), *known.neutral]
    assert len(every) == len(set(every))
    assert all(sentence.isascii() and len(sentence) < 70 for sentence in every)
    assert len(known.neutral) >= 3
    for name, members in known.sums.items():
        assert set(members) <= known.labels.keys(), name
        assert len(members) == len(set(members))


def test_the_things_that_a_city_is_told_of_are_in_it() -> None:
    wanted = {"Scooter", "Pothole", "Graffiti", "Mattress", "Trash Bag", "Shopping Cart", "Dumped Furniture"}
    wanted |= {"Lamp Post", "Sidewalk", "Zebra Crossing", "Fire Hydrant", "Tent"}
    assert wanted <= sayings().labels.keys()


# --- features


def test_custom_labels_are_learnt_by_it_before_all_others(folder: Path, shared_models: Path) -> None:
    for file in ("mobilenet_v2_1.0_224_quant.tflite", "imagenet_labels.txt"):
        (folder / file).write_bytes((shared_models / file).read_bytes())
    assert FEATURES.names[0] == DESCRIBER
    engine = open_custom_labels(Shelf(folder), workers=1)
    assert (engine.features.name, engine.features.version) == (DESCRIBER, "OpenAI 2021, features 1")


def test_its_features_follow_the_picture(folder: Path) -> None:
    features = open_features(DESCRIBER, folder)
    red, again, blue = (features.of(_pixels(painted(colour))) for colour in (RED, RED, BLUE))
    assert red.shape == (64,)
    assert (red == again).all()
    assert np.abs(red - blue).max() > 1


class Talk:
    """A cloud that gives pictures, then the lesson."""

    def __init__(self, pictures: Sequence[bytes], lesson: bytes) -> None:
        self._pictures, self._lesson = pictures, lesson
        self.told: list[tuple[Mapping[str, Any], bytes]] = []

    def ask(self, header: Mapping[str, Any]) -> bytes:
        return self._pictures[header["picture"]] if "picture" in header else self._lesson

    def tell(self, header: Mapping[str, Any], payload: bytes) -> None:
        self.told.append((header, payload))


def test_a_label_is_learnt_by_its_features(folder: Path) -> None:
    shades = [(200 + 5 * number, 10 * number, 5 * number) for number in range(10)]
    pictures = [saved_as(Image.new("RGB", (80, 80), shade)) for shade in shades]
    pictures += [saved_as(Image.new("RGB", (80, 80), shade[::-1])) for shade in shades]
    known = [number for number in range(20) if number % 10 < 8]
    lesson = {"labels": 2, "several": False, "training": [[n, [n // 10]] for n in known], "testing": [8, 9, 18, 19]}
    talk = Talk(pictures, json.dumps(lesson).encode())
    task = custom_labels_task.open_task({"models": str(folder)})
    task.converse({"do": "train", "pictures": 20, "features": DESCRIBER}, talk)
    tested = next(header["testing"] for header, _ in talk.told if "testing" in header)
    assert [row.index(max(row)) for row in tested] == [0, 0, 1, 1]
    with pytest.raises(EngineUnavailableError, match="was trained on CLIP-ViT-B-32"):
        task.converse({"do": "load", "features": DESCRIBER, "version": "OpenAI 2019, features 1"}, talk)


def _pixels(image: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(image)).convert("RGB"))


def test_a_describer_needs_room_for_its_sentences(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_labels, "sayings", lambda: replace(LABELS, neutral=["a b c d e f g h i j k l m n o p"]))
    with pytest.raises(EngineUnavailableError, match="16 tokens"):
        Describing(catalogue.find(DESCRIBER, folder))
