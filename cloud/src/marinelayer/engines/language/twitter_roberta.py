"""Cardiff's RoBERTa of tweets: how likely an English text is negative, neutral or positive.

Loureiro et al., "TimeLMs" (arXiv:2202.03829): twelve layers, read on 124 million tweets and taught on TweetEval's. It
reckons in 8 bits, rounded by the largest number of all that is read at once; so each text is read by itself, without
padding. Names of users and addresses are masked as they were where it learned.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from marinelayer.engines.language.byte_pieces import BytePieces
from marinelayer.engines.language.mixed import Shares
from marinelayer.engines.language.readings import parts
from marinelayer.engines.sessions import ON_PROCESSOR

MOST_PIECES = 510
"""Of words, in one reading: with the start and the end 512, as many as it has places for."""


class TwitterRoberta:
    """The loaded model."""

    def __init__(self, model: bytes, vocabulary: bytes, merges: bytes) -> None:
        self._session = ON_PROCESSOR.open(model)
        self._pieces = BytePieces(vocabulary, merges)

    def shares(self, text: str) -> Shares:
        """The probabilities of the three. Of a text that is longer than one reading, those of its parts in the mean."""
        readings = [self._read(part) for part in parts(self._pieces.encode(masked(text)), MOST_PIECES)]
        negative, neutral, positive = np.mean(readings, axis=0).tolist()
        return negative, neutral, positive

    def _read(self, pieces: Sequence[int]) -> npt.NDArray[np.float64]:
        numbers = np.array([[self._pieces.start, *pieces, self._pieces.end]], np.int64)
        feed = {"input_ids": numbers, "attention_mask": np.ones_like(numbers)}
        logits = self._session.run(None, feed)[0][0].astype(np.float64)
        powers = np.exp(logits - logits.max())
        return powers / powers.sum()


def masked(text: str) -> str:
    """The text with `@user` for names of users and `http` for addresses, as its authors prepare texts."""
    return " ".join(map(_masked, text.split(" ")))


def _masked(word: str) -> str:
    if word.startswith("@") and len(word) > 1:
        return "@user"
    return "http" if word.startswith("http") else word
