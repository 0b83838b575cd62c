"""A running cloud's models: found when they appear, and downloaded only where that is allowed, once for all who wait."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from marinelayer.engines import catalogue
from marinelayer.engines.models import fetching, shelf
from marinelayer.engines.models.shelf import Choice, Shelf, only
from marinelayer.ports import EngineUnavailableError
from marinelayer.testing import local_cloud

from .shop import WEIGHTS, Known, Shop, listed, sized

SEER = only("Seer")


@pytest.fixture(autouse=True)
def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LOOK_AGAIN", 0)


@pytest.fixture
def folder(tmp_path: Path, shop: Shop, known: Known) -> Path:
    """A models folder, and a catalogue of two models of one file each that the shop has."""
    known(
        listed("Better", [sized("better.onnx", b"better", f"{shop.url}/better.onnx")]),
        listed("Seer", [sized("weights.onnx", WEIGHTS, f"{shop.url}/weights.onnx")]),
    )
    shop.files["/better.onnx"] = b"better"
    return tmp_path / "models"


def put(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)


async def test_nothing_is_downloaded_unless_that_is_allowed(folder: Path, shop: Shop) -> None:
    with pytest.raises(EngineUnavailableError, match="Seer is not installed"):
        await Shelf(folder).have(SEER)
    assert shop.asked == []


async def test_a_model_that_appears_is_found_without_a_restart(folder: Path) -> None:
    models = Shelf(folder)
    assert models.best(SEER).state == "missing"
    put(folder, "weights.onnx", WEIGHTS)
    assert (await models.have(SEER)).read("weights.onnx") == WEIGHTS


async def test_a_folder_is_not_searched_at_every_request(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LOOK_AGAIN", 3600)
    models, searches = Shelf(folder), 0
    find = catalogue.find

    def counted(name: str, where: Path | None) -> catalogue.Installed:
        nonlocal searches
        searches += 1
        return find(name, where)

    monkeypatch.setattr(catalogue, "find", counted)
    for _ in range(3):
        assert models.find("Seer").state == "missing"
    assert searches == 1


async def test_what_is_needed_is_downloaded_and_then_there(folder: Path, shop: Shop) -> None:
    models = Shelf(folder, pulling=True)
    assert (await models.have(SEER)).read("weights.onnx") == WEIGHTS
    assert (await models.have(SEER)).state == "present"
    assert len(shop.asked) == 1


async def test_the_default_is_downloaded_but_a_better_one_that_is_there_is_taken(folder: Path, shop: Shop) -> None:
    choice = Choice(names=("Better", "Seer"), default="Seer")
    models = Shelf(folder, pulling=True)
    assert (await models.have(choice)).model.name == "Seer"
    assert [path for path, _ in shop.asked] == ["/weights.onnx"]
    put(folder, "better.onnx", b"better")
    assert (await models.have(choice)).model.name == "Better"


async def test_all_who_wait_get_the_same_download_and_the_loop_is_free(folder: Path, shop: Shop) -> None:
    models, turns = Shelf(folder, pulling=True), 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    found = await asyncio.gather(*(models.have(SEER) for _ in range(5)))
    counting.cancel()
    assert {one.model.name for one in found} == {"Seer"}
    assert len(shop.asked) == 1
    assert turns > 10


async def test_who_goes_away_does_not_end_the_download(folder: Path, shop: Shop) -> None:
    models = Shelf(folder, pulling=True)
    gone = asyncio.create_task(models.have(SEER))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert (await models.have(SEER)).state == "present"
    assert len(shop.asked) == 1


async def test_a_download_that_fails_says_why_and_is_not_tried_again_at_once(
    folder: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = shop.files.pop("/weights.onnx")
    models = Shelf(folder, pulling=True)
    for _ in range(2):
        with pytest.raises(EngineUnavailableError, match=r"Seer .*can not be downloaded: .*404"):
            await models.have(SEER)
    assert len(shop.asked) == 1
    shop.files["/weights.onnx"] = weights
    monkeypatch.setattr(shelf, "PATIENCE", 0)
    assert (await models.have(SEER)).state == "present"


async def test_what_can_not_be_downloaded_is_not_tried(tmp_path: Path, known: Known) -> None:
    known(listed("Seer", [sized("weights.onnx", WEIGHTS)]))
    with pytest.raises(EngineUnavailableError, match="put it there"):
        await Shelf(tmp_path, pulling=True).have(SEER)


async def test_a_cloud_that_stops_breaks_the_download_off_and_keeps_its_part(
    folder: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "CHUNK", 1000)
    models = Shelf(folder, pulling=True)
    wanted = asyncio.create_task(models.have(SEER))
    await asyncio.sleep(0)
    await models.close()
    with pytest.raises(EngineUnavailableError, match="the cloud is stopping"):
        await wanted
    assert catalogue.find("Seer", folder).state == "missing"
    assert (await Shelf(folder, pulling=True).have(SEER)).read("weights.onnx") == WEIGHTS


def test_a_cloud_that_may_answers_once_the_models_are_there(
    tmp_path: Path, shop: Shop, known: Known, shared_models: Path, evaluation: Path
) -> None:
    entries = dict(catalogue.catalogue())
    for name in ("PicoDet-S-416-COCO", "MobileNetV2-ImageNet"):
        entry = entries[name]
        for file in entry.files:
            shop.files[f"/{file.name}"] = (shared_models / file.name).read_bytes()
        there = tuple(replace(file, urls=(f"{shop.url}/{file.name}",)) for file in entry.files)
        entries[name] = replace(entry, files=there)
    known(*entries.values())
    image = {"Bytes": (evaluation / "labels" / "images" / "2007_000063.jpg").read_bytes()}
    with local_cloud(models=tmp_path / "models", pull_models=True) as cloud:
        rekognition = cast("Any", boto3).client("rekognition", **cloud.client_arguments())
        assert rekognition.detect_labels(Image=image)["Labels"][0]["Name"] == "Dog"
        shop.files.clear()
        assert rekognition.detect_labels(Image=image)["Labels"][0]["Name"] == "Dog"
        rekognition.close()
    assert [path for path, _ in shop.asked] == [
        "/picodet_s_416_coco.onnx",
        "/mobilenet_v2_1.0_224_quant.tflite",
        "/imagenet_labels.txt",
    ]
