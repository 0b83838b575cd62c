"""Latent Dirichlet allocation: which topics a collection of documents is about. Pure arithmetic on numpy.

Each word of each document is of one topic; a collapsed Gibbs sampler (Griffiths and Steyvers 2004) draws it again and
again, given the topics of all other words. Words are drawn side by side, a part of all at a time, as in approximate
distributed LDA (Newman, Asuncion, Smyth, Welling 2009): neighbours are in different parts. How often a word is of a
topic is averaged over the last sweeps. All is drawn from one seed: the same documents have the same topics.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marinelayer.engines.learning.logistic import Floats

Integers = npt.NDArray[np.int32]

SEED = 20261127
ALPHA = 2.0
"""How many words of no document each document counts as having, shared by all topics."""
ETA = 0.1
"""How often each topic counts as having each word beforehand."""
SWEEPS, FEWEST_SWEEPS = 200, 50
AVERAGED = 20
PARTS = 16
"""Parts that all words are drawn in, at least."""
CELLS = 1 << 21
"""Words times topics that are drawn at once."""
WORK = 2 * 10**10
"""Words times topics that are drawn in all, at most: minutes."""
ROUNDS = 30
"""Of telling what a document is about, when the topics are known."""


def most_words(topics: int) -> int:
    """How many words can be learned from."""
    return min(20_000_000, WORK // FEWEST_SWEEPS // topics)


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents one after the other: the numbers of their `words`, document `n` ending before place `ends[n]`."""

    words: Integers
    ends: npt.NDArray[np.int64]

    @property
    def numbers(self) -> Integers:
        """The number of the document that each word is in."""
        return np.repeat(np.arange(len(self.ends), dtype=np.int32), np.diff(self.ends, prepend=0))


@dataclass(frozen=True, slots=True)
class Allocation:
    """Topics that were learned: `counts`, how often each word (rows) is of each topic (columns), about."""

    counts: Floats

    def proportions(self, documents: Documents) -> Floats:
        """For each document (rows) the share of its words that is of each topic (columns); zeros for one without."""
        counts, topics = self.counts, self.counts.shape[1]
        chances = (counts + ETA) / (counts.sum(0) + ETA * len(counts))
        lengths = np.diff(documents.ends, prepend=0)
        shares = np.zeros((len(documents.ends), topics))
        filled = lengths > 0
        if not filled.any():
            return shares
        starts = (documents.ends - lengths)[filled]
        rows = np.repeat(np.arange(int(filled.sum())), lengths[filled])
        of_words = chances[documents.words]
        found = np.full((len(starts), topics), 1.0) * (lengths[filled] / topics)[:, None]
        for _ in range(ROUNDS):
            drawn = of_words * (found + ALPHA / topics)[rows]
            drawn /= drawn.sum(1, keepdims=True)
            found = np.add.reduceat(drawn, starts, axis=0)
        shares[filled] = found / lengths[filled][:, None]
        return shares


def learn(documents: Documents, vocabulary: int, topics: int, step: Callable[[int], None]) -> Allocation:
    """The topics of documents whose words have numbers below `vocabulary`, the one with the most words first.

    `step` is called before each sweep. No more than `most_words` are to be there.
    """
    chain = _Chain(documents, vocabulary, topics)
    sweeps = int(np.clip(WORK // max(1, topics * len(documents.words)), FEWEST_SWEEPS, SWEEPS))
    counts = np.zeros((vocabulary, topics))
    for number in range(sweeps):
        step(number)
        chain.sweep()
        if number >= sweeps - AVERAGED:
            counts += chain.of_words
    counts /= AVERAGED
    return Allocation(counts[:, np.argsort(-counts.sum(0), kind="stable")])


class _Chain:
    """The sampler. `of_words` counts how often each word (rows) is of each topic (columns)."""

    def __init__(self, documents: Documents, vocabulary: int, topics: int) -> None:
        self._topics = topics
        self._words, self._documents = documents.words, documents.numbers
        self._random = np.random.default_rng(SEED)
        self._drawn = self._random.integers(0, topics, len(self._words), np.int32)
        self._parts = max(PARTS, len(self._words) * topics // CELLS + 1)
        self.of_words = np.zeros((vocabulary, topics), np.int32)
        self._of_documents = np.zeros((len(documents.ends), topics), np.int32)
        np.add.at(self.of_words.reshape(-1), self._cells(self._words, self._drawn), 1)
        np.add.at(self._of_documents.reshape(-1), self._cells(self._documents, self._drawn), 1)

    def sweep(self) -> None:
        """Draw the topic of each word anew."""
        for part in self._random.permutation(self._parts).tolist():
            self._draw(slice(part, None, self._parts))

    def _draw(self, part: slice) -> None:
        words, documents, before = self._words[part], self._documents[part], self._drawn[part]
        if not len(words):
            return
        of_documents, of_words = self._of_documents[documents].astype(float), self.of_words[words].astype(float)
        in_all = np.tile(self.of_words.sum(0, dtype=float), (len(words), 1))
        own = (np.arange(len(words)), before)
        for counts in (of_documents, of_words, in_all):
            counts[own] -= 1  # the word that is drawn says nothing of itself
        chances = (of_documents + ALPHA / self._topics) * (of_words + ETA) / (in_all + ETA * len(self.of_words))
        heights = np.cumsum(chances, axis=1)
        thrown = self._random.random(len(words)) * heights[:, -1]
        after = np.minimum((heights <= thrown[:, None]).sum(1), self._topics - 1).astype(np.int32)
        moved = after != before
        for table, rows in ((self.of_words, words), (self._of_documents, documents)):
            flat = table.reshape(-1)
            np.add.at(flat, self._cells(rows[moved], before[moved]), -1)
            np.add.at(flat, self._cells(rows[moved], after[moved]), 1)
        self._drawn[part] = after

    def _cells(self, rows: Integers, columns: Integers) -> npt.NDArray[np.int64]:
        return rows.astype(np.int64) * self._topics + columns
