"""Words as the numbers that CLIP's text model knows: byte pair encoding, by the merges that it was trained with.

Sennrich et al. (arXiv:1508.07909), on bytes as GPT-2 has it: a text in lower case is cut into words, single digits and
marks; the bytes of each are symbols, the last with `</w>`; and the two neighbours that stand first in the list are put
together, until there are none. A symbol's number is its place: the 256 bytes, the same with `</w>`, then the merges in
their order; the start and the end of a text come last.
"""

from __future__ import annotations

import gzip
import re

from marinelayer.engines.byte_pairs import Merges, letters

END_OF_WORD = "</w>"
MERGES = 49_152 - 256 - 2
"""How many of the list's merges were used."""
_PARTS = re.compile(r"'(?:s|t|re|ve|m|ll|d)|[^\W\d_]+|\d|(?:[^\s\w]|_)+")


class BytePairs:
    """The encoder of one list of merges."""

    def __init__(self, merges: bytes) -> None:
        """Take the list: gzipped text, its first line a heading, then a pair of symbols a line."""
        lines = gzip.decompress(merges).decode("utf-8").split("\n")[1 : 1 + MERGES]
        pairs = [(left, right) for left, _, right in (line.partition(" ") for line in lines) if right]
        plain = list(letters().values())
        symbols = [*plain, *(letter + END_OF_WORD for letter in plain), *(left + right for left, right in pairs)]
        self._numbers = {symbol: number for number, symbol in enumerate(symbols)}
        self._merges = Merges(pairs)
        self.start = len(symbols)
        self.end = len(symbols) + 1

    def encode(self, text: str) -> list[int]:
        """The text's numbers, between those of its start and its end."""
        found = [self.start]
        for part in _PARTS.findall(text.lower()):
            word = [letters()[byte] for byte in part.encode("utf-8")]
            found += (self._numbers[symbol] for symbol in self._merges.merged([*word[:-1], word[-1] + END_OF_WORD]))
        return [*found, self.end]
