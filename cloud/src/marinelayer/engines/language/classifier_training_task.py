"""Learning to classify texts, in a worker: documents are asked for, learned from and tested with, and the model told.

What is asked for: see ports.ClassifierTrainer. What is told: `step` (the learning goes on), `model` and `confusion`
(their bytes, a piece at a time), and `learned` (`labels`, `trained`, `tested`, `measures`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from marinelayer.engines.language.text_classifier import TextClassifier, Vocabulary
from marinelayer.engines.language.text_features import hashed, rare, rarity_of
from marinelayer.engines.language.training_data import Document, Form, check_labels, read_documents
from marinelayer.engines.learning.evaluation import confusion, confusions, evaluate
from marinelayer.engines.learning.heldout import held_back
from marinelayer.engines.learning.logistic import shares
from marinelayer.engines.learning.sparse_logistic import learn
from marinelayer.engines.worker import Talk
from marinelayer.ports import TrainingDataError

STRENGTH = 10.0
"""Best, or as good as the best, of 1, 3, 10 and 30 on samples of 500 and 5,000 of San Diego's requests."""
MOST_NUMBERS = 4_000_000
"""Weights of a model; its rarest features are left out."""
MOST_FEATURES = 30_000_000
"""Of all documents together, which are in memory while it learns."""
FEW_DOCUMENTS = 1000
"""So many learn from features that occur in one document only."""
PIECE = 4 << 20
LIKELY = 0.5

Features = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]


class LearnClassifier:
    """`form`, `exclusive`, `delimiter`, `attributes`, `tested` and `seed` in."""

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Learn once. Raises TrainingDataError."""
        exclusive = bool(request["exclusive"])
        form = Form(
            form=request["form"],
            exclusive=exclusive,
            delimiter=request["delimiter"],
            attributes=request["attributes"],
        )
        training = list(read_documents(talk.ask, "train", form))
        testing = list(read_documents(talk.ask, "test", form)) if request["tested"] else []
        labels = check_labels(training, testing, exclusive=exclusive)
        if not request["tested"]:
            training, testing = held_back(training, int(request["seed"]))
        classifier = _learn(training, labels, exclusive=exclusive, talk=talk)
        truth = _truth(testing, labels)
        predicted = _predicted(classifier, testing)
        _tell(talk, "model", classifier.to_bytes())
        _tell(talk, "confusion", _confusion_text(truth, predicted, labels, exclusive=exclusive))
        learned = {
            "labels": labels,
            "trained": len(training),
            "tested": len(testing),
            "measures": asdict(evaluate(truth, predicted, exclusive=exclusive)),
        }
        talk.tell({"learned": learned}, b"")
        return {}


def _learn(documents: Sequence[Document], labels: Sequence[str], *, exclusive: bool, talk: Talk) -> TextClassifier:
    features = _features(documents)
    vocabulary = _vocabulary(features, len(labels))
    head = learn(
        vocabulary.examples(features),
        _truth(documents, labels).astype(np.float64),
        several=not exclusive,
        strength=STRENGTH,
        each_step=lambda step: talk.tell({"step": step}, b""),
    )
    return TextClassifier(labels=tuple(labels), exclusive=exclusive, vocabulary=vocabulary, head=head)


def _features(documents: Sequence[Document]) -> list[Features]:
    found: list[Features] = []
    size = 0
    for document in documents:
        found.append(hashed(document.text))
        size += len(found[-1][0])
        if size > MOST_FEATURES:
            raise TrainingDataError("The training documents are more than can be learned from at once here.")
    return found


def _vocabulary(features: Sequence[Features], labels: int) -> Vocabulary:
    columns, rarity = rare([columns for columns, _ in features])
    if len(features) > FEW_DOCUMENTS:
        often = rarity < rarity_of(1, len(features))
        columns, rarity = columns[often], rarity[often]
    most = max(1, MOST_NUMBERS // labels)
    if len(columns) > most:
        kept = np.sort(np.argsort(rarity, kind="stable")[:most])
        columns, rarity = columns[kept], rarity[kept]
    return Vocabulary(columns=columns, rarity=rarity)


def _truth(documents: Sequence[Document], labels: Sequence[str]) -> npt.NDArray[np.bool_]:
    places = {label: place for place, label in enumerate(labels)}
    truth = np.zeros((len(documents), len(labels)), np.bool_)
    for n, document in enumerate(documents):
        truth[n, [places[label] for label in document.labels]] = True
    return truth


def _predicted(classifier: TextClassifier, documents: Sequence[Document]) -> npt.NDArray[np.bool_]:
    examples = classifier.vocabulary.examples(hashed(document.text) for document in documents)
    scores = classifier.scores(examples)
    if not classifier.exclusive:
        return shares(scores, several=True) > LIKELY
    predicted = np.zeros(scores.shape, np.bool_)
    predicted[np.arange(len(scores)), scores.argmax(axis=1)] = True
    return predicted


def _confusion_text(
    truth: npt.NDArray[np.bool_], predicted: npt.NDArray[np.bool_], labels: Sequence[str], *, exclusive: bool
) -> bytes:
    """`confusion_matrix.json`, over the labels that the test knew or predicted."""
    seen = [place for place in range(len(labels)) if truth[:, place].any() or predicted[:, place].any()]
    matrix = (confusion if exclusive else confusions)(truth[:, seen], predicted[:, seen])
    return json.dumps(
        {
            "type": "multi_class" if exclusive else "multi_label",
            "confusion_matrix": matrix.tolist(),
            "labels": [labels[place] for place in seen],
            "all_labels": list(labels),
        },
        ensure_ascii=False,
    ).encode()


def _tell(talk: Talk, name: str, data: bytes) -> None:
    for begin in range(0, len(data), PIECE):
        talk.tell({name: begin}, data[begin : begin + PIECE])


def open_task(_options: Mapping[str, Any]) -> LearnClassifier:
    """There is nothing to load."""
    return LearnClassifier()
