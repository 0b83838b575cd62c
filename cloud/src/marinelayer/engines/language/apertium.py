"""Which pairs of languages Apertium translates on this machine, and which Debian package would bring one more.

Only looks: at the PATH, and at the folder of modes beside the program. Runs nothing.
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PROGRAM = "apertium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One direction: AWS codes, and the file that describes Apertium's pipeline for it."""

    source: str
    target: str
    mode: Path


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("apertium.toml").read_text("utf-8"))


def installed_pairs() -> Mapping[tuple[str, str], Pair]:
    """What can be translated, by source and target; nothing where Apertium is not installed.

    A mode's file is called SOURCE-TARGET.mode; other modes (steps of a pipeline, regional variants) have more in
    their names.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        return {}
    pairs: dict[tuple[str, str], Pair] = {}
    for mode in sorted(Path(program).resolve().parent.parent.glob("share/apertium/modes/*-*.mode")):
        source, _, target = mode.stem.partition("-")
        codes = _code(source), _code(target)
        if codes[0] and codes[1]:
            pairs[codes] = Pair(source=codes[0], target=codes[1], mode=mode)
    return pairs


def advice(source: str, target: str) -> str:
    """What to install for a pair that is not there."""
    command = package(source, target)
    if not command:
        return f"no engine is known here that translates {source} to {target}"
    return f"no engine here translates {source} to {target}: {command}"


def package(source: str, target: str) -> str:
    """The command that installs a pair, "" where there is none."""
    name = _data()["packages"].get("-".join(sorted((source, target))), "")
    return f"apt-get install apertium {name}" if name else ""


def _code(name: str) -> str:
    codes: dict[str, str] = _data()["codes"]
    return codes.get(name, name if name in codes.values() else "")
