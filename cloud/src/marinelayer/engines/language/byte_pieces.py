"""Texts as the numbers that RoBERTa's models know: byte pair encoding by GPT-2's vocabulary and merges.

Radford et al., "Language Models are Unsupervised Multitask Learners" (2019), section 2.2; Liu et al.
(arXiv:1907.11692). A text is cut into English endings (`'s`), letters, digits and marks, each with the blank before it,
and other blanks; the bytes of each are symbols, which are put together by the list of merges. The numbers are those of
Hugging Face's `tokenizers`, but that `<s>` and the like in a text are text.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from functools import cache

from marinelayer.engines.byte_pairs import Merges, letters

_BLANK = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Unicode's White_Space, which is fewer than what Python takes for a blank."""


class BytePieces:
    """The encoder of one vocabulary and its merges."""

    def __init__(self, vocabulary: bytes, merges: bytes) -> None:
        """Take the vocabulary (JSON, each symbol with its number) and the list (UTF-8, its first line a heading, then a
        pair of symbols a line)."""
        self._numbers: dict[str, int] = json.loads(vocabulary)
        lines = merges.decode("utf-8").split("\n")[1:]
        self._merges = Merges((left, right) for left, _, right in (line.partition(" ") for line in lines) if right)
        self._unknown = self._numbers["<unk>"]
        self.start = self._numbers["<s>"]
        self.end = self._numbers["</s>"]

    def encode(self, text: str) -> list[int]:
        """The text's numbers, without those of its start and its end."""
        found: list[int] = []
        for part in _parts().findall(text):
            word = [letters()[byte] for byte in part.encode("utf-8")]
            found += (self._numbers.get(symbol, self._unknown) for symbol in self._merges.merged(word))
        return found


@cache
def _parts() -> re.Pattern[str]:
    """GPT-2's expression, in which Unicode's letters and numbers have names. Python's know only both, with `_`."""
    kinds = ((chr(number), unicodedata.category(chr(number))) for number in range(sys.maxunicode + 1))
    numbers = r"\d" + "".join(letter for letter, kind in kinds if kind in {"Nl", "No"})
    return re.compile(
        r"'(?:s|t|re|ve|m|ll|d)"
        rf"| ?[^\W_{numbers}]+| ?[{numbers}]+| ?(?:[^{_BLANK}\w]|_)+"
        rf"|[{_BLANK}]+(?![^{_BLANK}])|[{_BLANK}]+"
    )
