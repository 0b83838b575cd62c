"""Telling languages: the share of texts whose likeliest language is the right one.

Data (`lid`): sentences, pairs of words and single words, 60 each of 75 languages, and our own short complaints to a
city in five. Counted are the languages that Comprehend has a code for and the identifier knows; Norwegian's two
written forms (nb, nn) are Comprehend's `no`.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import marinelayer.engines.language as language_room
from evaluation.figures import Family, Figure, Row
from evaluation.measures import share
from evaluation.running import Bench

SETS = {"sentences": "sentences", "word-pairs": "word pairs", "single-words": "single words"}
WRITTEN_FORMS = {"nb": "no", "nn": "no"}


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """All sets."""
    folder, known, engine = (
        bench.data / "lid",
        known_codes(),
        bench.engines.describe()["languages"]["engines"][0]["name"],
    )
    for name, title in SETS.items():
        with (folder / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
            rows = [
                (WRITTEN_FORMS.get(code, code), text)
                for code, text in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            ]
        rows = [row for row in rows if row[0] in known][:: bench.step]
        told, timing = await bench.timed(bench.engines.languages.languages, [text for _, text in rows])
        right = [languages[0][0] == code for languages, (code, _) in zip(told, rows, strict=True)]
        yield Figure(
            engine=engine,
            language=f"{len({code for code, _ in rows})} languages",
            data=title,
            measure="accuracy",
            interval=share(sum(right), len(right)),
            items=len(rows),
            timing=timing,
        )
    complaints: dict[str, list[str]] = json.loads((folder / "complaints_311.json").read_text("utf-8"))
    hits: list[bool] = []
    for code, texts in complaints.items():
        told, timing = await bench.timed(bench.engines.languages.languages, texts)
        right = [languages[0][0] == code for languages in told]
        hits += right
        yield Figure(
            engine=engine,
            language=code,
            data="311 complaints",
            measure="accuracy",
            interval=share(sum(right), len(right)),
            items=len(texts),
            timing=timing,
        )
    yield Figure(
        engine=engine,
        language="all five",
        data="311 complaints",
        measure="accuracy",
        interval=share(sum(hits), len(hits)),
        items=len(hits),
    )


def known_codes() -> set[str]:
    """The languages that the identifier can tell."""
    file = Path(language_room.__file__ or "").with_name("languages.toml")
    return set(tomllib.loads(file.read_text("utf-8"))["codes"])


FAMILY = Family(name="languages", title="Languages", task="languages", folder="lid", measure=measure)
