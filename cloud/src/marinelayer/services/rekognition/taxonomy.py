"""What Rekognition says of a label beside its name (`taxonomy.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A label's ancestors, the nearest first, its other names, and its categories."""

    parents: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


UNKNOWN = Entry()


@cache
def taxonomy() -> Mapping[str, Entry]:
    """Every label that has an entry."""
    data = tomllib.loads(Path(__file__).with_name("taxonomy.toml").read_text("utf-8"))
    return {
        name: Entry(
            parents=tuple(group["parents"]),
            aliases=tuple(data["aliases"].get(name, ())),
            categories=tuple(group["categories"]),
        )
        for group in data["group"]
        for name in group["names"]
    }


def entry(label: str) -> Entry:
    """The label's entry; an empty one where it has none."""
    return taxonomy().get(label, UNKNOWN)
