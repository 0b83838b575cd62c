"""What the classes of the vision models are called in AWS's spelling (`class_names.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("class_names.toml").read_text("utf-8"))


def coco() -> tuple[str, ...]:
    """The 80 names, in the order of a COCO detector's outputs."""
    return tuple(_data()["coco"]["names"])


def objects365() -> tuple[str, ...]:
    """The names by the numbers of Objects365's classes, which begin with 1; "" for what is not told."""
    return ("", *_data()["objects365"]["names"])


def imagenet(labels: str) -> tuple[str, ...]:
    """The 1,001 names, by class number; `labels` is the model's own file, a class with its synonyms each line."""
    spelt: dict[str, str] = _data()["imagenet"]["names"]
    return tuple(spelt.get(str(number), _capitalised(line)) for number, line in enumerate(labels.splitlines()))


def imagenet_sums() -> dict[str, tuple[int, ...]]:
    """Labels that stand for several classes, with the numbers of these."""
    return {name: tuple(_numbers(ranges)) for name, ranges in _data()["imagenet"]["sums"].items()}


def _capitalised(line: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in line.partition(",")[0].split())


def _numbers(ranges: Iterable[str]) -> Iterator[int]:
    for text in ranges:
        first, _, last = text.partition("-")
        yield from range(int(first), int(last or first) + 1)
