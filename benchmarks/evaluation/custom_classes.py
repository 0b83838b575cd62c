"""Custom classifiers: San Diego's requests by their service, beside scikit-learn's logistic regression on TF-IDF.

Both learn from the same four fifths and are asked about the same fifth. Nothing was chosen on this fifth; the strength
of our classifier was, on samples of the same requests.
"""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.city import Labelled, descriptions, with_frequent_labels
from evaluation.figures import Figure, Row, Skipped, Timing
from evaluation.measures import Integers, bootstrap, calibration_error, macro_f1, share
from evaluation.running import Bench
from marinelayer.ports import TextLesson

DATA = "San Diego's requests by service"
DRAWS = 200


async def go_on() -> bool:
    """Learn to the end."""
    return True


def giving(parts: Mapping[str, bytes]) -> Callable[[Mapping[str, Any]], Awaitable[bytes]]:
    """What a trainer reads from: each part whole, and then its end."""
    waiting = dict(parts)

    async def read(asked: Mapping[str, Any]) -> bytes:
        return waiting.pop(asked["part"], b"")

    return read


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Ours, and scikit-learn's."""
    known = with_frequent_labels(descriptions(bench.data.parent))[:: bench.step]
    training, testing = [row for n, row in enumerate(known) if n % 5], known[::5]
    testing = [row for row in testing if row[0] in {label for label, _ in training}]
    labels = sorted({label for label, _ in training})
    truth = np.array([labels.index(label) for label, _ in testing])
    told, sure, timing = await _ours(bench, training, testing, labels)
    for row in _figures("custom classifier", labels, truth, told, timing):
        yield row
    yield Figure(
        engine="custom classifier",
        language="en",
        data=f"{DATA} ({len(labels)})",
        measure="calibration error",
        interval=bootstrap(
            len(testing), lambda numbers: calibration_error((told == truth)[numbers], sure[numbers]), DRAWS
        ),
        items=len(testing),
        percent=False,
    )
    theirs = _theirs(training, testing, labels)
    if theirs is None:
        yield Skipped(what="scikit-learn beside it", reason="scikit-learn is not installed")
        return
    for row in _figures("scikit-learn: TF-IDF, logistic regression", labels, truth, theirs, None):
        yield row


def _figures(
    engine: str, labels: Sequence[str], truth: Integers, told: Integers, timing: Timing | None
) -> list[Figure]:
    classes, items = len(labels), len(truth)
    data = f"{DATA} ({classes})"
    return [
        Figure(
            engine=engine,
            language="en",
            data=data,
            measure="accuracy",
            interval=share(int((truth == told).sum()), items),
            items=items,
            timing=timing,
        ),
        Figure(
            engine=engine,
            language="en",
            data=data,
            measure="macro F1",
            interval=bootstrap(items, lambda numbers: macro_f1(truth[numbers], told[numbers], classes), DRAWS),
            items=items,
        ),
    ]


async def _ours(
    bench: Bench, training: Sequence[Labelled], testing: Sequence[Labelled], labels: Sequence[str]
) -> tuple[Integers, Any, Timing]:
    """The numbers of the likeliest labels, their scores, and what asking took."""
    parts = {"train": _csv(training), "test": _csv(testing)}
    lesson = TextLesson(form="csv", exclusive=True, tested=True)
    trained = await bench.engines.training.train(lesson, giving(parts), go_on)

    async def weights() -> bytes:
        return trained.model

    async def classify(text: str) -> tuple[str, float]:
        ((best, *_),) = await bench.engines.classification.classify("classifier", weights, [text])
        return best

    await classify("")  # the worker gets the model
    found, timing = await bench.timed(classify, [text for _, text in testing])
    return np.array([labels.index(label) for label, _ in found]), np.array([score for _, score in found]), timing


def _csv(rows: Sequence[Labelled]) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


def _theirs(training: Sequence[Labelled], testing: Sequence[Labelled], labels: Sequence[str]) -> Integers | None:
    try:
        text: Any = importlib.import_module("sklearn.feature_extraction.text")
        linear: Any = importlib.import_module("sklearn.linear_model")
    except ImportError:
        return None
    words = text.TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    features = words.fit_transform([said for _, said in training])
    model = linear.LogisticRegression(C=10, max_iter=1000).fit(features, [labels.index(label) for label, _ in training])
    return np.asarray(model.predict(words.transform([said for _, said in testing])))
