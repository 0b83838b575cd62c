r"""Finding passages: key phrases, and what identifies people. Precision and recall of passages at exactly the right
place (and of the right type).

Data: sentences of our own, in which every passage is marked (`data/key_phrases.tsv`, its test part; `data/pii.tsv`,
its test part: about half of its sentences hold numbers and words that look like something and are not). They are few,
and written by those who wrote the rules, the test part of `pii.tsv` after them. `\n` in a sentence is a new line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from evaluation.figures import Family, Figure, Row, Timing
from evaluation.measures import share
from evaluation.running import Bench
from marinelayer.ports import PassageFinder

_MARK = re.compile(r"\[(?:([A-Z_]+):)?([^\]]*)\]")

Marked = tuple[str, set[tuple[int, int, str]]]
"""A text, and its passages: first code point, that after the last, type."""


def unmarked(text: str) -> Marked:
    """The text without its marks, and what they mark."""
    plain, places, after = "", set[tuple[int, int, str]](), 0
    text = text.replace("\\n", "\n")
    for mark in _MARK.finditer(text):
        plain += text[after : mark.start()]
        places.add((len(plain), len(plain) + len(mark[2]), mark[1] or ""))
        plain, after = plain + mark[2], mark.end()
    return plain + text[after:], places


async def phrases(bench: Bench) -> AsyncIterator[Row]:
    """Key phrases."""
    async for row in _measured(bench, bench.engines.phrases, "phrases", "key_phrases.tsv"):
        yield row


async def pii(bench: Bench) -> AsyncIterator[Row]:
    """What identifies people."""
    async for row in _measured(bench, bench.engines.pii, "pii", "pii.tsv"):
        yield row


async def _measured(bench: Bench, finder: PassageFinder, task: str, name: str) -> AsyncIterator[Row]:
    engine = bench.engines.describe()[task]["engines"][0]["name"]
    with Path(__file__).with_name("data").joinpath(name).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    for language in ("en", "es"):
        texts = [row["marked"] for row in rows if row["language"] == language and row.get("part", "test") == "test"]
        right, given, wanted, timing = await _counts(bench, finder, language, [unmarked(text) for text in texts])
        data = f"our sentences ({len(texts)})"
        for measure, whole in (("precision", given), ("recall", wanted)):
            yield Figure(
                engine=engine,
                language=language,
                data=data,
                measure=measure,
                interval=share(right, whole),
                items=whole,
                timing=timing if measure == "precision" else None,
            )


async def _counts(
    bench: Bench, finder: PassageFinder, language: str, texts: Sequence[Marked]
) -> tuple[int, int, int, Timing]:
    async def find(text: str) -> set[tuple[int, int, str]]:
        return {(each.begin, each.end, each.kind) for each in await finder.passages(text, language)}

    found, timing = await bench.timed(find, [text for text, _ in texts])
    right = sum(len(one & places) for one, (_, places) in zip(found, texts, strict=True))
    return right, sum(map(len, found)), sum(len(places) for _, places in texts), timing


KEY_PHRASES = Family(name="phrases", title="Key phrases", task="phrases", folder="", measure=phrases)
PII = Family(name="pii", title="Personal information", task="pii", folder="", measure=pii)
