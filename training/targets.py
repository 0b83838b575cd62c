"""Train and calibrate the head that tells how a sentence speaks of a target, and write it into the cloud's package.

    python training/targets.py --data DIR --spacy en_core_web_sm-....whl

`DIR` holds what three public repositories bring, none of which enters ours: `mams_train.xml` and `mams_val.xml` (MAMS,
siat-nlp/MAMS-for-ABSA, `data/MAMS-ATSA/raw`, Apache-2.0), `news_train.jsonl` and `news_dev.jsonl` (NewsMTSC,
fhamborg/NewsMTSC, `experiments/default/datasets/newsmtsc-rw`, MIT), and `tsa_train.json` (TSA-MD, IBM/yaso-tsa,
Apache-2.0). The weights are learned on the train files; how little is regularised, and the calibration, on MAMS's and
NewsMTSC's development files, which are told apart from the test files that docs/engines.md reports. Needs the cloud's
packages, spaCy and scikit-learn; five minutes and 2 GB.

None of them marks those who speak (`I`, `our`), which people seldom praise or blame: the first of each sentence of
MAMS's train file is taught to be neutral.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from marinelayer.engines import catalogue
from marinelayer.engines.language import grammar_task
from marinelayer.engines.language.linear_head import LinearHead
from marinelayer.engines.language.targets import opinions
from marinelayer.engines.language.targets.mentions import SPEAKERS
from marinelayer.engines.language.targets.opinions import TextHead
from marinelayer.engines.language.targets.reading import sentences
from marinelayer.engines.language.targets.surroundings import FEATURES, Surroundings
from marinelayer.engines.language.targets.targets_task import placed

CLASSES = {"negative": 0, "neutral": 1, "positive": 2}
STRENGTHS = (0.3, 1.0)
OUTSIDE = 0.9995
"""The quantile of the weights that 127 stands for; larger ones are cut to it."""
LEAST_STEPS = 2
"""Weights of fewer steps become none: they are most of the file, and move nothing."""

Labelled = list[tuple[str, list[tuple[int, int, int]]]]
"""Texts with their targets: begin, end, class."""


def mams(file: Path) -> Labelled:
    """Sentences of restaurants' reviews."""
    found: Labelled = []
    for sentence in ET.fromstring(file.read_text("utf-8")):  # noqa: S314  # our own copy
        terms = [dict(term.attrib) for term in sentence.find("aspectTerms") or ()]
        targets = [(int(term["from"]), int(term["to"]), CLASSES[term["polarity"]]) for term in terms]
        found.append((sentence.findtext("text") or "", targets))
    return found


def news(file: Path) -> Labelled:
    """Sentences of the news; 2, 4 and 6 stand for the classes."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    return [
        (row["sentence_normalized"], [(t["from"], t["to"], round(t["polarity"] / 2) - 1) for t in row["targets"]])
        for row in rows
    ]


def reviews(file: Path) -> Labelled:
    """Sentences of reviews of all kinds."""
    return [
        (row["text"], [(t["location"]["begin"], t["location"]["end"], CLASSES[t["sentiment"]]) for t in row["targets"]])
        for row in json.loads(file.read_text("utf-8"))
    ]


def with_speakers(labelled: Labelled) -> Labelled:
    """The same with the first pronoun of those who speak as a neutral target of each sentence."""
    found: Labelled = []
    for text, targets in labelled:
        word = next((word for word in re.finditer(r"[A-Za-z]+", text) if word[0].lower() in SPEAKERS), None)
        found.append((text, targets if word is None else [*targets, (word.start(), word.end(), CLASSES["neutral"])]))
    return found


def numbers(labelled: Labelled, pipeline: Any, head: TextHead) -> tuple[Any, Any, Any]:
    """Hashed features, further values and classes, a row a target."""
    ends, columns, values = [0], list[int](), list[float]()
    further, classes = list[list[float]](), list[int]()
    for (_, targets), document in zip(labelled, pipeline.pipe(text for text, _ in labelled), strict=True):
        read = sentences(document, [1.0] * len(document))
        for begin, end, label in targets:
            found = placed(read, begin, end)
            if found is None:
                continue
            sentence, target = found
            around = Surroundings(sentence, head.valences, head.logits)
            features = around.features(target)
            columns += [number for number, _ in features]
            values += [value for _, value in features]
            ends.append(len(columns))
            further.append(around.values(target))
            classes.append(label)
    rows = sparse.csr_matrix((values, columns, ends), shape=(len(classes), FEATURES))
    rows.sum_duplicates()
    return rows, np.array(further), np.array(classes)


def macro_f1(classes: Any, told: Any) -> float:
    """Mean F1 of the three classes, in percent."""
    both = [(np.sum((classes == c) & (told == c)), np.sum(classes == c) + np.sum(told == c)) for c in range(3)]
    return float(100 * np.mean([2 * hits / max(1, all_of) for hits, all_of in both]))


def head_of(parts: Sequence[Any], development: Sequence[Any]) -> dict[str, Any]:
    """The head that tells the development files best, in 8 bits."""
    further = np.vstack([values for _, values, _ in parts])
    mean, spread = further.mean(0), further.std(0) + 1e-6

    def together(part: Any) -> Any:
        rows, values, _ = part
        return sparse.hstack([rows, sparse.csr_matrix(0.3 * (values - mean) / spread)]).tocsr()

    rows = sparse.vstack([together(part) for part in parts]).tocsr()
    classes = np.concatenate([labels for _, _, labels in parts])
    found: list[tuple[float, Any]] = []
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, max_iter=300).fit(rows, classes)
        scores = [macro_f1(part[2], model.predict(together(part))) for part in development]
        print(f"strength {strength}: F1 {[round(score, 1) for score in scores]}", flush=True)
        found.append((float(np.mean(scores)), model))
    model = max(found, key=lambda pair: pair[0])[1]
    weights, extra = model.coef_[:, :FEATURES], 0.3 * model.coef_[:, FEATURES:] / spread
    bias = model.intercept_ - extra @ mean
    scale = float(np.quantile(np.abs(weights[weights != 0]), OUTSIDE) / 127)
    steps = np.clip(np.round(weights / scale), -127, 127)
    steps[:, np.abs(steps).max(0) < LEAST_STEPS] = 0
    logits = np.vstack([np.asarray((part[0] @ steps.T) * scale) + part[1] @ extra.T + bias for part in development])
    labels = np.concatenate([part[2] for part in development])

    def loss(factor: Any) -> float:
        raised = logits * factor[0]
        logs = raised - raised.max(1, keepdims=True)
        logs -= np.log(np.exp(logs).sum(1, keepdims=True))
        return float(-logs[np.arange(len(labels)), labels].mean())

    factor = float(minimize(loss, [1.0], method="Nelder-Mead").x[0])
    print(f"in 8 bits: F1 {macro_f1(labels, logits.argmax(1)):.1f}, calibration {factor:.2f}")
    return {
        "Q": steps.astype(np.int8),
        "scale": np.float64(scale),
        "v": extra.astype(np.float32),
        "b": bias,
        "calibration": np.float64(factor),
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--spacy", type=Path, required=True)
    arguments = parser.parse_args()
    data: Path = arguments.data
    pipeline = grammar_task.opened(arguments.spacy.read_bytes(), without=("lemmatizer", "senter", "ner")).pipeline
    found = catalogue.find("marinelayer-sentiment-en", None)
    text_head = TextHead(LinearHead(found.read(found.model.files[0].name)))
    trained = [
        with_speakers(mams(data / "mams_train.xml")),
        news(data / "news_train.jsonl"),
        reviews(data / "tsa_train.json"),
    ]
    held_back = [mams(data / "mams_val.xml"), news(data / "news_dev.jsonl")]
    parts, development = (
        [numbers(labelled, pipeline, text_head) for labelled in which] for which in (trained, held_back)
    )
    file = Path(opinions.__file__).with_name("targets_en.npz")
    np.savez_compressed(file, **head_of(parts, development))
    print(f"{file.name}: {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
