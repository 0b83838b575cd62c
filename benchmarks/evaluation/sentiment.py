"""Telling sentiments: macro recall (TweetEval's measure) and macro F1 (XLM-T's) over negative, neutral and positive,
and the calibration error of the likeliest.

Data (`sentiment`): TweetEval's development set, and XLM-T's of eight languages. MIXED is no class of theirs; the
likeliest of the other three is what counts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import numpy as np

from evaluation.figures import Family, Figure, Interval, Row, Skipped
from evaluation.measures import Integers, bootstrap, calibration_error, macro_f1, macro_recall, mean_interval
from evaluation.running import Bench

XLMT = {
    "arabic": "ar",
    "english": "en",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "portuguese": "pt",
    "spanish": "es",
}
SETS = {"TweetEval dev": ("tweeteval_val.tsv", "en")} | {
    f"XLM-T dev, {name}": (f"xlmt_{name}_val.tsv", code) for name, code in XLMT.items()
}


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """Each set whose language is known here, and the mean over XLM-T's."""
    groups: list[tuple[int, Callable[[Integers], float]]] = []
    for name, (file, language) in SETS.items():
        if language not in bench.engines.sentiments.languages:
            yield Skipped(what=name, reason=f"no engine here knows {language}")
            continue
        pairs = labelled(bench.data / "sentiment" / file)[:: bench.step]
        score = partial(bench.engines.sentiments.score, language=language)
        seen, timing = await bench.timed(score, [text for _, text in pairs])
        shares = np.array([(each.negative, each.neutral, each.positive) for each in seen])
        labels, told = np.array([label for label, _ in pairs]), shares.argmax(1)
        sure = (shares.max(1) / shares.sum(1)).tolist()
        right = (labels == told).tolist()
        found = {
            "macro recall": bootstrap(len(pairs), partial(_over, macro_recall, labels, told)),
            "macro F1": bootstrap(len(pairs), partial(_over, macro_f1, labels, told)),
            "calibration error": _calibration(right, sure),
        }
        for measured, interval in found.items():
            yield Figure(
                engine=seen[0].engine.name,
                language=language,
                data=name,
                measure=measured,
                interval=interval,
                items=len(pairs),
                timing=timing if measured == "macro recall" else None,
                percent=measured != "calibration error",
            )
        if name.startswith("XLM-T"):
            groups.append((len(pairs), partial(_over, macro_f1, labels, told)))
    if len(groups) > 1:
        yield Figure(
            engine="all of them",
            language=f"{len(groups)} languages",
            data="XLM-T dev, mean",
            measure="macro F1",
            interval=mean_interval(groups),
            items=sum(items for items, _ in groups),
        )


def labelled(file: Path) -> list[tuple[int, str]]:
    """Label (0 negative, 1 neutral, 2 positive) and text of each line."""
    rows = (line.partition("\t") for line in file.read_text("utf-8").splitlines())
    return [(int(label), text) for label, _, text in rows]


def _over(figure: Callable[[Integers, Integers], float], labels: Integers, told: Integers, numbers: Integers) -> float:
    return figure(labels[numbers], told[numbers])


def _calibration(right: list[bool], sure: list[float]) -> Interval:
    hits, scores = np.array(right), np.array(sure)
    return bootstrap(len(right), lambda numbers: calibration_error(hits[numbers], scores[numbers]), draws=200)


FAMILY = Family(name="sentiment", title="Sentiment", task="sentiment", folder="sentiment", measure=measure)
