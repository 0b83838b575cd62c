"""A trained classifier of texts: a linear head over hashed features (`text_features`), and its file.

A file is an `.npz` without pickles: `labels` (UTF-8 JSON, as bytes), `exclusive`, `columns` (ascending), `rarity` of
each, `weights` (columns x labels) and `bias`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marinelayer.engines.language.text_features import hashed, scaled
from marinelayer.engines.learning.logistic import Head, shares
from marinelayer.engines.learning.sparse import SparseExamples


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The features that a model knows, ascending by column, and how telling each is."""

    columns: npt.NDArray[np.int64]
    rarity: npt.NDArray[np.float64]

    def examples(self, features: Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]) -> SparseExamples:
        """Texts as examples, by what is known of their hashed features."""
        places: list[npt.NDArray[np.int64]] = []
        values: list[npt.NDArray[np.float64]] = []
        ends: list[int] = []
        for columns, counts in features:
            at = np.searchsorted(self.columns, columns)
            at[at == len(self.columns)] = 0
            known = self.columns[at] == columns
            places.append(at[known])
            values.append(scaled(columns[known], counts[known] * self.rarity[at[known]]))
            ends.append((ends[-1] if ends else 0) + int(known.sum()))
        joined = (np.concatenate(places), np.concatenate(values)) if places else (np.zeros(0, np.int64), np.zeros(0))
        return SparseExamples(*joined, np.asarray(ends, np.int64), len(self.columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class TextClassifier:
    """A model as it is used. `exclusive` says that a text has just one of the labels."""

    labels: tuple[str, ...]
    exclusive: bool
    vocabulary: Vocabulary
    head: Head

    def scores(self, examples: SparseExamples) -> npt.NDArray[np.float64]:
        """What each example scores for each label."""
        return examples.times(self.head.weights) + self.head.bias

    def classify(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each text every label with its probability, the likeliest first."""
        examples = self.vocabulary.examples(hashed(text) for text in texts)
        result: list[list[tuple[str, float]]] = []
        for row in shares(self.scores(examples), several=not self.exclusive):
            order = np.argsort(-row, kind="stable")
            result.append([(self.labels[place], float(row[place])) for place in order])
        return result

    def to_bytes(self) -> bytes:
        """The model's file. Its numbers have half the digits that they had."""
        file = io.BytesIO()
        np.savez_compressed(
            file,
            labels=np.frombuffer(json.dumps(self.labels).encode(), np.uint8),
            exclusive=np.asarray(self.exclusive),
            columns=self.vocabulary.columns.astype(np.uint32),
            rarity=self.vocabulary.rarity.astype(np.float32),
            weights=self.head.weights.astype(np.float32),
            bias=self.head.bias.astype(np.float32),
        )
        return file.getvalue()

    @classmethod
    def of_bytes(cls, data: bytes) -> TextClassifier:
        """The model of a file. Raises ValueError where it is none."""
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            exclusive = bool(file["exclusive"])
            weights, bias = file["weights"].astype(np.float64), file["bias"].astype(np.float64)
            columns, rarity = file["columns"].astype(np.int64), file["rarity"].astype(np.float64)
            return cls(
                labels=tuple(json.loads(file["labels"].tobytes())),
                exclusive=exclusive,
                vocabulary=Vocabulary(columns=columns, rarity=rarity),
                head=Head(weights=weights, bias=bias, several=not exclusive),
            )
