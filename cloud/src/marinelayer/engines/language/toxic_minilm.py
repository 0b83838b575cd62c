"""MiniLMv2-toxic-jigsaw: how toxic an English comment is, by six heads that say yes or no each for itself.

Minuva's MiniLM of six layers (Wang et al., arXiv:2012.15828), taught by Unitary's toxic-bert on Jigsaw's Toxic Comment
Classification Challenge: comments of Wikipedia's talk pages, which people judged. It reckons in 8 bits, rounded by the
largest number of all that is read at once; so each text is read by itself, without padding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from marinelayer.engines.language.readings import parts
from marinelayer.engines.language.word_pieces import WordPieces
from marinelayer.engines.sessions import ON_PROCESSOR, Sessions

HEADS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
"""In the order of the model's output."""
MOST_PIECES = 254
"""Of words, in one reading: with the start and the end 256, as long as the texts that it learned from."""


class ToxicMiniLM:
    """The loaded model."""

    def __init__(self, model: bytes, vocabulary: bytes, sessions: Sessions = ON_PROCESSOR) -> None:
        self._session = sessions.open(model)
        self._pieces = WordPieces(vocabulary)

    def heads(self, text: str) -> Mapping[str, float]:
        """The probability (0-1) that each head gives. A text that is longer than one reading is read in parts that
        overlap by half, and each head says what it says of the part of which it is surest."""
        readings = [self._read(part) for part in parts(self._pieces.encode(text), MOST_PIECES)]
        surest = np.max(readings, axis=0).astype(np.float64)
        return dict(zip(HEADS, (1 / (1 + np.exp(-surest))).tolist(), strict=True))

    def _read(self, pieces: Sequence[int]) -> np.ndarray:
        numbers = np.array([[self._pieces.start, *pieces, self._pieces.end]], np.int64)
        feed = {
            "input_ids": numbers,
            "attention_mask": np.ones_like(numbers),
            "token_type_ids": np.zeros_like(numbers),
        }
        return self._session.run(None, feed)[0][0]
