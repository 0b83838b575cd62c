"""The words of a collection that may be terms of a topic, by number.

Left out are the stop words of the languages that the collection is written in, words that nearly all documents have,
and words that only one has. Where most documents are in a language whose stop words are not known, what many of them
have is taken for such. Where that leaves next to nothing, any words but stop words are terms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from marinelayer.engines.language.topics.words import language_of, silent
from marinelayer.engines.learning.allocation import Integers

FEW, FEW_TERMS = 20, 50
"""Documents and terms of a collection that is too small to leave out any."""
MOST_COMMON, MOST_COMMON_UNKNOWN = 0.7, 0.25
"""The share of documents that a term may be in; where the stop words are not known."""
LARGEST = 50_000
"""Terms; the most frequent are kept."""
MOST_COUNTED = 1_000_000
"""Different words that are counted at the same time; beyond that the rarest are forgotten."""
LOOKED_AT = 1000
"""The language of so many first documents is looked at, and of each so many-th behind them."""
WRITTEN = 0.05
"""The share of these that a language must have."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`terms` in the order of their numbers, and what the collection has: how many documents, and how many words that
    are terms."""

    terms: Sequence[str]
    numbers: Mapping[str, int]
    documents: int
    words: int

    def numbered(self, words: Iterable[str]) -> Integers:
        """The numbers of those of a document's words that are terms."""
        known = self.numbers
        return np.fromiter((known[word] for word in words if word in known), np.int32)


class Counting:
    """Counts the words of documents, and which languages these are in."""

    def __init__(self) -> None:
        self._documents = 0
        self._in_documents: Counter[str] = Counter()
        self._in_all: Counter[str] = Counter()
        self._forgotten = 1
        self._languages: Counter[str | None] = Counter()

    def add(self, words: Sequence[str]) -> None:
        """Count one document."""
        if self._documents < LOOKED_AT or self._documents % LOOKED_AT == 0:
            self._languages[language_of(words)] += 1
        self._documents += 1
        counts = Counter(words)
        self._in_all.update(counts)
        self._in_documents.update(counts.keys())
        while len(self._in_documents) > MOST_COUNTED:
            self._forgotten += 1
            kept = {word: count for word, count in self._in_documents.items() if count >= self._forgotten}
            self._in_documents = Counter(kept)
            self._in_all = Counter({word: self._in_all[word] for word in kept})

    def vocabulary(self) -> Vocabulary:
        """The terms."""
        looked_at = self._languages.total()
        spoken = [code for code, count in self._languages.items() if code and count >= WRITTEN * looked_at]
        common = MOST_COMMON_UNKNOWN if self._languages[None] > looked_at / 2 else MOST_COMMON
        stops = silent(spoken)
        kept: list[str] = []
        if self._documents >= FEW:
            kept = self._kept(2, common * self._documents, stops)
            if len(kept) < FEW_TERMS:
                kept = self._kept(1, MOST_COMMON * self._documents, stops)
        if not kept:
            kept = self._kept(1, self._documents, stops)
        terms = sorted(kept[:LARGEST])
        return Vocabulary(
            terms=terms,
            numbers={term: number for number, term in enumerate(terms)},
            documents=self._documents,
            words=sum(self._in_all[term] for term in terms),
        )

    def _kept(self, least: int, most: float, stops: frozenset[str]) -> list[str]:
        """The words that `least` to `most` documents have, the most frequent first."""
        kept = [(-count, word) for word, count in self._in_documents.items() if least <= count <= most]
        return [word for _, word in sorted(kept) if word not in stops]
