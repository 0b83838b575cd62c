"""Which pairs of languages the catalogue's neural models translate, and which of these are on this machine.

Only looks: loads nothing.
"""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PACKAGES = ("ctranslate2", "sentencepiece")
INSTALL = "pip install 'marinelayer[translation]'"


@cache
def models() -> Mapping[tuple[str, str], str]:
    """The catalogue's name of the model for a source and a target, by AWS codes."""
    data = tomllib.loads(Path(__file__).with_name("neural.toml").read_text("utf-8"))
    return {(source, target): model for source, target, model in data["pairs"]}


def can_run() -> bool:
    """Whether the packages that run such models are installed: they are large, and not everybody's."""
    return all(importlib.util.find_spec(package) is not None for package in PACKAGES)
