"""Telling languages: the share of texts whose likeliest language is the right one.

Data (`lid`): sentences, pairs of words and single words, 60 each of 75 languages, and our own short complaints to a
city in five. Counted are the languages that Comprehend has a code for and the identifier knows; Norwegian's two
written forms (nb, nn) are Comprehend's `no`.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np

import marinelayer.engines.language as language_room
from evaluation.figures import Family, Figure, Row, Timing
from evaluation.measures import bootstrap, calibration_error, share
from evaluation.running import Bench

SETS = {"sentences": "sentences", "word-pairs": "word pairs", "single-words": "single words"}
WRITTEN_FORMS = {"nb": "no", "nn": "no"}
TWINS = frozenset({"bs", "hr", "id", "ms"})
"""Two pairs of languages whose written standards share nearly every word; what is told of one is often the other."""

# fmt: off
LANGDETECT = frozenset({
    "af", "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "gu", "he", "hi",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "mk", "mr", "nl", "no", "pa", "pl", "pt", "ro", "ru", "sk", "sl",
    "so", "sq", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh",
})
# fmt: on
"""Those of the set that langdetect knows too, 51. bs and ms are not among them, but may be told for others."""

Told = Sequence[tuple[str, tuple[tuple[str, float], ...]]]
"""The right code, and the languages that were told with their shares, of each text."""


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """All sets."""
    known = known_codes()
    for name, title in SETS.items():
        rows = [row for row in _rows(bench.data / "lid" / f"{name}.tsv") if row[0] in known][:: bench.step]
        told, timing = await _told(bench, rows)
        count = len({code for code, _ in rows})
        yield _figure(bench, f"{count} languages", title, told, timing)
        for kept, which in ((LANGDETECT & known, "which langdetect knows too"), (known - TWINS, "without bs hr id ms")):
            part = [(code, languages) for code, languages in told if code in kept]
            if part:
                yield _figure(bench, f"{len({code for code, _ in part})}, {which}", title, part)
        yield _calibration(bench, f"{count} languages", title, told)
    complaints: dict[str, list[str]] = json.loads((bench.data / "lid" / "complaints_311.json").read_text("utf-8"))
    everything: list[tuple[str, tuple[tuple[str, float], ...]]] = []
    for code, texts in complaints.items():
        told, timing = await _told(bench, [(code, text) for text in texts])
        everything += told
        yield _figure(bench, code, "311 complaints", told, timing)
    yield _figure(bench, "all of these", "311 complaints", everything)
    typed = _rows(Path(__file__).with_name("data") / "complaints_as_typed.tsv")
    told, timing = await _told(bench, typed)
    for code in dict.fromkeys(code for code, _ in typed):
        yield _figure(bench, code, "complaints as they are typed", [one for one in told if one[0] == code])
    yield _figure(bench, "all of these", "complaints as they are typed", told, timing)


def known_codes() -> set[str]:
    """The languages that the identifier can tell."""
    file = Path(language_room.__file__ or "").with_name("languages.toml")
    return set(tomllib.loads(file.read_text("utf-8"))["codes"])


def _rows(file: Path) -> list[tuple[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(WRITTEN_FORMS.get(code, code), text) for code, text in rows]


async def _told(bench: Bench, rows: Sequence[tuple[str, str]]) -> tuple[Told, Timing]:
    told, timing = await bench.timed(bench.engines.languages.languages, [text for _, text in rows])
    return [(code, languages) for (code, _), languages in zip(rows, told, strict=True)], timing


def _engine(bench: Bench) -> str:
    return " + ".join(engine["name"] for engine in bench.engines.describe()["languages"]["engines"])


def _figure(bench: Bench, language: str, data: str, told: Told, timing: Timing | None = None) -> Figure:
    return Figure(
        engine=_engine(bench),
        language=language,
        data=data,
        measure="accuracy",
        interval=share(sum(languages[0][0] == code for code, languages in told), len(told)),
        items=len(told),
        timing=timing,
    )


def _calibration(bench: Bench, language: str, data: str, told: Told) -> Figure:
    right = np.array([languages[0][0] == code for code, languages in told])
    sure = np.array([languages[0][1] for _, languages in told])
    return Figure(
        engine=_engine(bench),
        language=language,
        data=data,
        measure="calibration error",
        interval=bootstrap(len(told), lambda numbers: calibration_error(right[numbers], sure[numbers]), draws=200),
        items=len(told),
        percent=False,
    )


FAMILY = Family(name="languages", title="Languages", task="languages", folder="lid", measure=measure)
