"""Translating: chrF (n-grams of 1 to 6 characters, beta 2) and sacrebleu's BLEU against one reference, both ways, and
how often a mark on a word (a tag, a formatting) is on a word of the translation.

Data (`translate`): 250 pairs each of three English-Spanish sets.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import random
import re
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from evaluation.figures import Family, Figure, Interval, Row, Skipped, Timing
from evaluation.measures import SEED, Floats, Integers, bootstrap, chrf, chrf_counts, share
from evaluation.running import Bench
from marinelayer.ports import Run, Translated

DRAWS = 300
DIRECTIONS = {("en", "es"): (0, 1), ("es", "en"): (1, 0)}
"""Columns of text and reference."""


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """Each direction that is installed, on each set."""
    for (source, target), (ours, theirs) in DIRECTIONS.items():
        if (source, target) not in bench.engines.translator.pairs:
            yield Skipped(what=f"{source} to {target}", reason="no engine for the pair")
            continue
        for file in sorted((bench.data / "translate").glob("eng-spa_*.tsv")):
            with file.open(encoding="utf-8", newline="") as lines:
                pairs = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[:: bench.step]
            one_set = _Set(bench, source, target, file.stem.partition("_")[2])
            async for row in one_set.measured([pair[ours] for pair in pairs], [pair[theirs] for pair in pairs]):
                yield row


class _Set:
    """One set in one direction."""

    def __init__(self, bench: Bench, source: str, target: str, name: str) -> None:
        self._bench = bench
        self._translate = partial(bench.engines.translator.translate, source=source, target=target)
        self._language = f"{source} to {target}"
        self._name = name

    async def measured(self, texts: Sequence[str], references: Sequence[str]) -> AsyncIterator[Row]:
        """chrF, BLEU, and marks."""
        done, timing = await self._bench.timed(self._translate, [[[Run(text)]] for text in texts])
        written = ["".join(run.text for run in one.texts[0]) for one in done]
        chars = np.array([chrf_counts(text, right) for text, right in zip(written, references, strict=True)])
        interval = bootstrap(len(texts), lambda numbers: chrf(chars[numbers]), DRAWS)
        yield self._figure(done, "chrF", interval, timing)
        if importlib.util.find_spec("sacrebleu") is None:
            yield Skipped(what=f"BLEU, {self._language}, {self._name}", reason="sacrebleu is not installed")
        else:
            yield self._figure(done, "BLEU", _bleu(written, references))
        yield self._figure(done, "marks found", await self._marks(texts))

    def _figure(
        self, done: Sequence[Translated], measure: str, interval: Interval, timing: Timing | None = None
    ) -> Figure:
        return Figure(
            engine=done[0].engines[0].name,
            language=self._language,
            data=self._name,
            measure=measure,
            interval=interval,
            items=len(done),
            timing=timing,
        )

    async def _marks(self, texts: Sequence[str]) -> Interval:
        """In how many texts the mark on a word, drawn at random, is on a word of the translation."""
        draw = random.Random(SEED)
        found = asked = 0
        for text in texts:
            words = list(re.finditer(r"\w{4,}", text))
            if words:
                word = draw.choice(words)
                marked = [Run(text[: word.start()]), Run(word[0], 1), Run(text[word.end() :])]
                done = await self._translate([marked])
                asked += 1
                found += any(run.mark == 1 for run in done.texts[0])
        return share(found, asked)


def _bleu(written: Sequence[str], references: Sequence[str]) -> Interval:
    metric: Any = importlib.import_module("sacrebleu.metrics.bleu").BLEU(effective_order=True)
    rows: list[list[float]] = []
    for text, right in zip(written, references, strict=True):
        one = metric.sentence_score(text, [right])
        rows.append([one.sys_len, one.ref_len, *one.counts, *one.totals])
    counts = np.array(rows, float)
    return bootstrap(len(rows), lambda numbers: _bleu_of(metric, counts, numbers), DRAWS)


def _bleu_of(metric: Any, counts: Floats, numbers: Integers) -> float:
    """BLEU over texts, by what was counted in each, as a share."""
    said, right, *both = (int(number) for number in counts[numbers].sum(0))
    return metric.compute_bleu(both[:4], both[4:], said, right, smooth_method="exp").score / 100


FAMILY = Family(name="translation", title="Translation", task="translation", folder="translate", measure=measure)
