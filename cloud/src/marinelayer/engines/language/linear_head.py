"""Our linear sentiment classifiers: hashed words, pairs of words and runs of letters, times weights of 8 bits.

A file (`.npz`) holds `Q`, int8 weights of 3 classes x 2^20 features, `b`, 3 biases, and `v`, weights of the five
values that VADER gives for English (none for other languages). Features 0 to 2^19 - 1 are words and pairs, the others
runs of 2 to 5 letters within words; each present feature of a half counts 1/sqrt(present features of that half).
"""

from __future__ import annotations

import html
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

HALF = 1 << 19
RUNS = (2, 3, 4, 5)
NEGATIVE, NEUTRAL, POSITIVE = range(3)

_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\bhttp\b")
_USER = re.compile(r"@\w+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_TOKEN = re.compile(r"\w+(?:['’]\w+)?|[^\w\s]+")  # noqa: RUF001  # both apostrophes are written


class LinearHead:
    """One loaded classifier. `scale` is what one step of the 8 bit weights is worth: the files do not say, so it is
    the value under which the probabilities are best calibrated on the development sets."""

    def __init__(self, data: bytes, scale: float) -> None:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            self._weights: npt.NDArray[np.int8] = file["Q"]
            self._extra: npt.NDArray[np.float32] = file["v"]
            self._bias: npt.NDArray[np.float64] = file["b"]
        self._scale = scale

    def shares(self, text: str, extra: Sequence[float] = ()) -> tuple[float, float, float]:
        """The probabilities of negative, neutral and positive."""
        plain = normalised(text)
        logits = self._bias.astype(np.float64)
        for features, offset in ((set(_words(plain)), 0), (set(_runs(plain)), HALF)):
            if features:
                columns = sorted({(zlib.crc32(feature.encode()) % HALF) + offset for feature in features})
                sums = self._weights[:, columns].sum(axis=1, dtype=np.int64)
                logits = logits + sums * (self._scale / len(columns) ** 0.5)
        if self._extra.size:
            logits = logits + self._extra @ np.asarray(extra, np.float64)
        powers = np.exp(logits - logits.max())
        negative, neutral, positive = (float(share) for share in powers / powers.sum())
        return negative, neutral, positive


def normalised(text: str) -> str:
    """Lower case, without entities, addresses, names of users and letters drawn out, as the weights were trained."""
    text = html.unescape(html.unescape(text))
    text = _USER.sub(" @u ", _ADDRESS.sub(" ", text)).lower()
    return " ".join(_DRAWN_OUT.sub(r"\1\1\1", text).split())


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
