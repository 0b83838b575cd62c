"""Translating: chrF (n-grams of 1 to 6 characters, beta 2) against one reference, both ways.

Data (`translate`): 250 pairs each of three English-Spanish sets.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from functools import partial

import numpy as np

from evaluation.figures import Family, Figure, Row, Skipped
from evaluation.measures import bootstrap, chrf, chrf_counts
from evaluation.running import Bench
from marinelayer.ports import Run

DRAWS = 300
DIRECTIONS = {("en", "es"): (0, 1), ("es", "en"): (1, 0)}
"""Columns of text and reference."""


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """Each direction that is installed, on each set."""
    translator = bench.engines.translator
    for (source, target), (ours, theirs) in DIRECTIONS.items():
        if (source, target) not in translator.pairs:
            yield Skipped(what=f"{source} to {target}", reason="no engine for the pair")
            continue
        for file in sorted((bench.data / "translate").glob("eng-spa_*.tsv")):
            with file.open(encoding="utf-8", newline="") as lines:
                pairs = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[:: bench.step]
            translate = partial(translator.translate, source=source, target=target)
            done, timing = await bench.timed(translate, [[[Run(pair[ours])]] for pair in pairs])
            texts = ["".join(run.text for run in one.texts[0]) for one in done]
            counts = np.array([chrf_counts(text, pair[theirs]) for text, pair in zip(texts, pairs, strict=True)])
            yield Figure(
                engine=done[0].engines[0].name,
                language=f"{source} to {target}",
                data=file.stem.partition("_")[2],
                measure="chrF",
                interval=bootstrap(len(pairs), lambda numbers, counts=counts: chrf(counts[numbers]), DRAWS),
                items=len(pairs),
                timing=timing,
            )


FAMILY = Family(name="translation", title="Translation", task="translation", folder="translate", measure=measure)
