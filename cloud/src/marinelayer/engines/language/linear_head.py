"""Our linear sentiment classifiers: hashed words, pairs of words and runs of letters, times weights of 8 bits.

A file (`.npz`, written by `training/sentiment.py`) holds `Q`, int8 weights of 3 classes x 2^20 features; `scale`, what
a step of them is worth; `b`, 3 biases; `v`, weights of the five values that VADER gives for English, and of the three
of `polarity` for other languages; `languages`, and for each the factor (`calibration`) by which its logits are
multiplied, so that shares are what comes true. Features 0 to 2^19 - 1 are words and pairs, the others runs of 2 to 5
letters within words; each present feature of a half counts 1/sqrt(present features of that half).
"""

from __future__ import annotations

import html
import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

HALF = 1 << 19
RUNS = (2, 3, 4, 5)
NEGATIVE, NEUTRAL, POSITIVE = range(3)
NEUTRAL_BELOW = 0.05
"""Of VADER's compound score; VADER's own threshold."""

_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\bhttp\b")
_USER = re.compile(r"@\w+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
# Both apostrophes are written; signs of Indic vowels are no letters to Python, but belong to their words.
_TOKEN = re.compile(r"[\w\u0900-\u0dff]+(?:['’]\w+)?|[^\w\s\u0900-\u0dff]+")  # noqa: RUF001


class LinearHead:
    """One loaded classifier."""

    def __init__(self, data: bytes) -> None:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            self._weights: npt.NDArray[np.int8] = file["Q"]
            self._scale = float(file["scale"])
            self._extra: npt.NDArray[np.float32] = file["v"]
            self._bias: npt.NDArray[np.float64] = file["b"]
            self._factors: dict[str, float] = dict(zip(file["languages"].tolist(), file["calibration"], strict=True))

    def shares(self, text: str, language: str, extra: Sequence[float] = ()) -> tuple[float, float, float]:
        """The probabilities of negative, neutral and positive."""
        logits = self._bias.astype(np.float64)
        for columns in features(text):
            if columns:
                sums = self._weights[:, columns].sum(axis=1, dtype=np.int64)
                logits = logits + sums * (self._scale / len(columns) ** 0.5)
        if self._extra.size:
            logits = logits + self._extra @ np.asarray(extra, np.float64)
        logits = logits * self._factors[language]
        powers = np.exp(logits - logits.max())
        negative, neutral, positive = (float(share) for share in powers / powers.sum())
        return negative, neutral, positive


def features(text: str) -> tuple[list[int], list[int]]:
    """The numbers of the features that a text has: words and pairs of words, and runs of letters."""
    plain = normalised(text)
    words, runs = set(_words(plain)), set(_runs(plain))
    return _columns(words, 0), _columns(runs, HALF)


def vader_values(seen: Mapping[str, float]) -> tuple[float, ...]:
    """The five values of VADER's scores of a text that the English head weighs."""
    compound = seen["compound"]
    return seen["pos"], seen["neg"], max(compound, 0.0), max(-compound, 0.0), float(abs(compound) < NEUTRAL_BELOW)


def normalised(text: str) -> str:
    """Lower case, without entities, addresses, names of users and letters drawn out, as the weights were trained."""
    text = html.unescape(html.unescape(text))
    text = _USER.sub(" @u ", _ADDRESS.sub(" ", text)).lower()
    return " ".join(_DRAWN_OUT.sub(r"\1\1\1", text).split())


def _columns(features: set[str], offset: int) -> list[int]:
    return sorted({(zlib.crc32(feature.encode("utf-8", "replace")) % HALF) + offset for feature in features})


def _words(plain: str) -> Iterator[str]:
    tokens = _TOKEN.findall(plain)
    yield from tokens
    yield from (f"{one} {other}" for one, other in pairwise(tokens))


def _runs(plain: str) -> Iterator[str]:
    for word in plain.split():
        padded = f" {word} "
        for size in RUNS:
            if len(padded) <= size:
                yield padded
                break
            yield from (padded[start : start + size] for start in range(len(padded) - size + 1))
