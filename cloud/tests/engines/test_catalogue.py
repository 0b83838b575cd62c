"""Every model is named with its licence and digest, and no other file is loaded in its place."""

import re
from pathlib import Path

import pytest

from marinelayer.engines.catalogue import catalogue, find
from marinelayer.engines.language.languages_task import CODES
from marinelayer.ports import EngineUnavailableError

LABELS = "MobileNetV2-ImageNet"


@pytest.mark.parametrize("name", list(catalogue()))
def test_an_entry_says_everything(name: str) -> None:
    model = catalogue()[name]
    for said in (model.task, model.version, model.licence, model.source, model.accuracy, model.install):
        assert said
    assert (model.accuracy == "none") == (model.measured_by == "none")
    assert model.where in {"models", "system"} or model.where.startswith("package:")
    assert bool(model.files) == (model.where != "system")
    for file in model.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.size > 0 or file.urls
        assert all(url.startswith("https://") for url in file.urls)
        assert not any(re.search(r"/(main|master|HEAD)/", url) for url in file.urls), "a branch moves"
        assert ".." not in file.name.split("/")


@pytest.mark.parametrize("name", list(catalogue()))
def test_everybody_may_use_it_for_anything(name: str) -> None:
    model = catalogue()[name]
    assert not re.search(r"AGPL|\bNC\b|non-?commercial", model.licence, re.IGNORECASE)
    free = r"(Apache-2\.0|MIT|BSD-[23]-Clause|CC-BY-4\.0|CC0-1\.0)( AND (Apache-2\.0|MIT|BSD-[23]-Clause|CC-BY-4\.0))*"
    assert re.fullmatch(free, model.licence) or model.where == "system"


@pytest.mark.parametrize("name", [model.name for model in catalogue().values() if model.where.startswith("package:")])
def test_the_packages_hold_the_catalogued_files(name: str) -> None:
    found = find(name, None)
    assert found.state == "present"
    for file in found.model.files:
        assert len(found.read(file.name)) == file.size


def test_the_languages_that_are_told_are_counted() -> None:
    assert catalogue()["py3langid"].languages == (f"{len(CODES)} of Comprehend's",)


def test_without_a_folder_a_model_is_missing_and_says_what_to_put_where() -> None:
    found = find(LABELS, None)
    assert found.state == "missing"
    assert "mobilenet_v2_1.0_224_quant.tflite" in found.problem
    assert "--models" in found.problem
    with pytest.raises(EngineUnavailableError, match="not installed"):
        found.read("imagenet_labels.txt")


def test_another_file_under_the_name_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "picodet_s_416_coco.onnx").write_bytes(b"something else")
    found = find("PicoDet-S-416-COCO", tmp_path)
    assert found.state == "wrong"
    assert "sha256 differs" in found.problem


def test_a_file_that_changes_after_it_was_found_is_not_loaded(tmp_path: Path, shared_models: Path) -> None:
    copy = tmp_path / "picodet_s_416_coco.onnx"
    copy.write_bytes((shared_models / copy.name).read_bytes())
    found = find("PicoDet-S-416-COCO", tmp_path)
    assert found.state == "present"
    copy.write_bytes(b"swapped")
    with pytest.raises(EngineUnavailableError, match="sha256 differs"):
        found.read(copy.name)


def test_a_file_is_found_under_another_name_and_one_folder_down(tmp_path: Path, shared_models: Path) -> None:
    folder = tmp_path / "vision"
    folder.mkdir()
    (folder / "detector.onnx").write_bytes((shared_models / "picodet_s_416_coco.onnx").read_bytes())
    assert find("PicoDet-S-416-COCO", tmp_path).paths == {"picodet_s_416_coco.onnx": folder / "detector.onnx"}


def test_a_model_of_two_files_needs_both(tmp_path: Path, shared_models: Path) -> None:
    (tmp_path / "imagenet_labels.txt").write_bytes((shared_models / "imagenet_labels.txt").read_bytes())
    assert find(LABELS, tmp_path).state == "missing"
