"""The larger OCR models are taken when they are there. The test's are the small ones under the larger ones' names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from marinelayer.engines import catalogue
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.vision.choices import READERS
from marinelayer.engines.vision.texts_task import open_task

from .conftest import sign


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    known = dict(catalogue.catalogue())
    small, larger = catalogue.find("PP-OCRv6-small", None), known["PP-OCRv6-medium"]
    files = [
        replace(file, size=like.size, sha256=like.sha256)
        for file, like in zip(larger.files, small.model.files, strict=True)
    ]
    for file, like in zip(files, small.model.files, strict=True):
        (tmp_path / file.name).write_bytes(small.read(like.name))
    known["PP-OCRv6-medium"] = replace(larger, files=tuple(files))
    monkeypatch.setattr(catalogue, "catalogue", lambda: known)
    return tmp_path


def test_the_larger_reader_is_chosen_loaded_and_reads(folder: Path) -> None:
    assert Shelf(folder).best(READERS).model.name == "PP-OCRv6-medium"
    task = open_task({"models": str(folder)})
    (line,) = task.run({"model": "PP-OCRv6-medium"}, sign("NO PARKING"))["lines"]
    assert [word["text"] for word in line["words"]] == ["NO", "PARKING"]


def test_the_small_one_is_taken_where_the_larger_is_not_whole(folder: Path) -> None:
    (folder / "PP-OCRv6_rec_medium.onnx").unlink()
    assert Shelf(folder).best(READERS).model.name == "PP-OCRv6-small"
