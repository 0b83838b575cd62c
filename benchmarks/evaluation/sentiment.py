"""Telling sentiments: macro recall (TweetEval's measure) and macro F1 (XLM-T's) over negative, neutral and positive,
and the calibration error of the likeliest.

Data (`sentiment`): TweetEval's development set, and XLM-T's of eight languages. MIXED is no class of theirs; the
likeliest of the other three is what counts. MIXED, and thanks beside complaints, are measured on sentences of our own
(`data/mixed.tsv`, its test half, and `data/complaints_and_thanks.tsv`).
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import numpy as np

from evaluation.figures import Family, Figure, Interval, Row, Skipped
from evaluation.measures import Integers, bootstrap, calibration_error, macro_f1, macro_recall, mean_interval, share
from evaluation.running import Bench
from marinelayer.ports import Run, Sentiment

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
    everything: list[tuple[bool, float]] = []
    mixed: list[bool] = []
    engines: dict[str, str] = {}
    for name, (file, language) in SETS.items():
        if language not in bench.engines.sentiments.languages:
            yield Skipped(what=name, reason=f"no engine here knows {language}")
            continue
        pairs = labelled(bench.data / "sentiment" / file)[:: bench.step]
        score = partial(bench.engines.sentiments.score, language=language)
        seen, timing = await bench.timed(score, [text for _, text in pairs])
        shares = np.array([(each.negative, each.neutral, each.positive) for each in seen])
        engines[language] = seen[0].engine.name
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
        if name.startswith("TweetEval"):
            mixed = [_told(each) == "MIXED" for each in seen]
        else:
            everything += zip(right, sure, strict=True)
            groups.append((len(pairs), partial(_over, macro_f1, labels, told)))
    if len(groups) > 1:
        count, items = f"{len(groups)} languages", len(everything)
        mean = mean_interval(groups)
        both = " and ".join(sorted(set(engines.values())))
        yield _figure(both, count, "XLM-T dev, mean", "macro F1", mean, items)
        pooled = _calibration(*map(list, zip(*everything, strict=True)))
        yield _figure(both, count, "XLM-T dev, all", "calibration error", pooled, items, percent=False)
        told = share(sum(mixed), len(mixed))
        yield _figure(engines["en"], "en", "TweetEval dev", "told to be MIXED", told, len(mixed))
    async for row in _ours(bench):
        yield row


async def _ours(bench: Bench) -> AsyncIterator[Row]:
    """Our own sentences: precision and recall of MIXED, and thanks told from complaints."""
    sentences, messages = _table("mixed.tsv"), _table("complaints_and_thanks.tsv")
    for language in ("en", "es"):
        rows = [row for row in sentences if row["language"] == language and row["part"] == "test"]
        scored = [await bench.engines.sentiments.score(row["text"], language) for row in rows]
        told = [_told(each) for each in scored]
        both = sum(one == row["sentiment"] == "MIXED" for one, row in zip(told, rows, strict=True))
        given, wanted = told.count("MIXED"), sum(row["sentiment"] == "MIXED" for row in rows)
        engine = scored[0].engine.name
        yield _figure(engine, language, "our mixed sentences", "precision of MIXED", share(both, given), given)
        yield _figure(engine, language, "our mixed sentences", "recall of MIXED", share(both, wanted), wanted)
        rows = [row for row in messages if row["language"] == language]
        seen = [await bench.engines.sentiments.score(row["text"], language) for row in rows]
        right = [(s.positive > s.negative) == (row["kind"] == "thanks") for s, row in zip(seen, rows, strict=True)]
        yield _figure(
            engine, language, "our thanks and complaints", "told apart", share(sum(right), len(right)), len(rows)
        )
    if ("es", "en") in bench.engines.translator.pairs:
        rows = [row for row in messages if row["language"] == "es"]
        done = await bench.engines.translator.translate([[Run(row["text"])] for row in rows], "es", "en")
        english = ["".join(run.text for run in text) for text in done.texts]
        seen = [await bench.engines.sentiments.score(text, "en") for text in english]
        right = [(s.positive > s.negative) == (row["kind"] == "thanks") for s, row in zip(seen, rows, strict=True)]
        told_apart = share(sum(right), len(right))
        data = "our thanks and complaints, translated by Apertium"
        yield _figure(seen[0].engine.name, "es to en", data, "told apart", told_apart, len(rows))
    else:
        yield Skipped(what="our thanks and complaints, translated", reason="no engine translates es to en")


def _table(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name("data").joinpath(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _told(seen: Sentiment) -> str:
    shares = {"POSITIVE": seen.positive, "NEGATIVE": seen.negative, "NEUTRAL": seen.neutral, "MIXED": seen.mixed}
    return max(shares, key=shares.__getitem__)


def _figure(
    engine: str, language: str, data: str, measure: str, interval: Interval, items: int, *, percent: bool = True
) -> Figure:
    return Figure(
        engine=engine,
        language=language,
        data=data,
        measure=measure,
        interval=interval,
        items=items,
        percent=percent,
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
