"""Byte pair encoding's two halves that do not depend on the model: bytes as letters, and neighbours put together.

Sennrich et al. (arXiv:1508.07909), on bytes as GPT-2 has it. How a text is cut into words, and which number a symbol
has, is the models' own (`vision.byte_pairs`, `language.byte_pieces`). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from heapq import heapify, heappop, heappush
from itertools import pairwise

GONE = ""


class Merges:
    """A list of pairs of symbols, the first to be put together first."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs: Sequence[tuple[str, str]] = tuple(pairs)
        self._ranks = {pair: rank for rank, pair in enumerate(self.pairs)}

    def merged(self, word: Sequence[str]) -> list[str]:
        """The word's symbols, of which no two neighbours are in the list any more. It takes n log n steps, whatever the
        word: a stranger may send any."""
        symbols = list(word)
        before, after = list(range(-1, len(word) - 1)), list(range(1, len(word) + 1))
        waiting = [(self._ranks[pair], at, pair) for at, pair in enumerate(pairwise(word)) if pair in self._ranks]
        heapify(waiting)
        while waiting:
            _, left, pair = heappop(waiting)
            right = after[left]
            if right == len(word) or (symbols[left], symbols[right]) != pair:
                continue  # one of the two went into another symbol
            symbols[left], symbols[right] = "".join(pair), GONE
            after[left] = after[right]
            if after[left] < len(word):
                before[after[left]] = left
            for at in (before[left], left):
                if at < 0 or after[at] == len(word):
                    continue
                neighbours = symbols[at], symbols[after[at]]
                if neighbours in self._ranks:
                    heappush(waiting, (self._ranks[neighbours], at, neighbours))
        return [symbol for symbol in symbols if symbol != GONE]


@cache
def letters() -> dict[int, str]:
    """The letter that stands for each byte, in the order of their numbers: printable ones for themselves, then the
    others by letters from U+0100 on."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + at) for at, byte in enumerate(others)}
