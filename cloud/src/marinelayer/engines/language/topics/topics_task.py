"""Finding topics in a collection of documents, in a worker. The documents are read three times: to count their words,
to learn from them, and to tell what each is about; so that no more than some must be in memory.

Of a collection that is too large to learn from in minutes, documents drawn by chance are learned from; what it is about
is told of each.

What is asked for: see ports.TopicModeller. What is told: `step` (the work goes on), `topics` (a list of the terms of
each, with their weights), and then `proportions` (for some documents, numbers of topics with their shares).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from marinelayer.engines.language.topics.reading import Ask, read_documents
from marinelayer.engines.language.topics.vocabulary import Counting, Vocabulary
from marinelayer.engines.learning.allocation import (
    ETA,
    SEED,
    Allocation,
    Documents,
    Integers,
    learn,
    most_words,
)
from marinelayer.engines.learning.logistic import Floats
from marinelayer.engines.worker import Talk
from marinelayer.ports import TrainingDataError

SHOWN = 10
"""Terms of a topic."""
LEAST_COUNT = 0.5
"""How often a word must be of a topic to be one of its terms, where it is not of that topic more than of any other."""
LEAST_SHARE = 1e-4
"""Of a document, to be told."""
MOST_CELLS = 50_000_000
"""Documents times topics that are learned from together."""
TOGETHER = 200
"""Documents that are told of at once."""
WORDS_TOGETHER = 1 << 22
"""Words times topics that are looked at at once."""


class FindTopics:
    """`topics`, how many are wanted, in."""

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Find the topics of one collection. Raises TrainingDataError."""
        wanted = int(request["topics"])
        vocabulary = _vocabulary(talk.ask)
        documents = gathered(talk.ask, vocabulary, wanted)
        allocation = learn(documents, len(vocabulary.terms), wanted, lambda step: talk.tell({"step": step}, b""))
        topics = terms_of(allocation.counts, vocabulary.terms)
        talk.tell({"topics": topics}, b"")
        for some in _together(read_documents(talk.ask, 3), vocabulary, wanted):
            talk.tell({"proportions": _told(allocation, some, len(topics))}, b"")
        return {}


def _vocabulary(ask: Ask) -> Vocabulary:
    counting = Counting()
    for words in read_documents(ask, 1):
        counting.add(words)
    vocabulary = counting.vocabulary()
    if not vocabulary.words:
        raise TrainingDataError("The documents have no words that could be the terms of a topic.")
    return vocabulary


def gathered(ask: Ask, vocabulary: Vocabulary, topics: int) -> Documents:
    """The documents to learn from: all, or where those are too many, some that are drawn by chance."""
    most = most_words(topics)
    share = min(1.0, most / vocabulary.words, MOST_CELLS / topics / vocabulary.documents)
    chance = np.random.default_rng(SEED)
    held: list[Integers] = []
    size = 0
    for words in read_documents(ask, 2):
        if share < 1.0 and chance.random() >= share:
            continue
        numbers = vocabulary.numbered(words)[: most - size]
        if len(numbers):
            held.append(numbers)
            size += len(numbers)
    return _documents(held)


def _documents(numbers: Sequence[Integers]) -> Documents:
    return Documents(np.concatenate(numbers), np.cumsum([len(one) for one in numbers]))


def terms_of(counts: Floats, terms: Sequence[str]) -> list[list[tuple[str, float]]]:
    """The heaviest terms of each topic that has any, with their shares of all its words. They are in the order of how
    far they set the topic apart (the term score of Blei and Lafferty 2009)."""
    chances = (counts + ETA) / (counts.sum(0) + ETA * len(counts))
    apart = chances * (np.log(chances) - np.log(chances).mean(1, keepdims=True))
    most = counts.argmax(1)
    topics: list[list[tuple[str, float]]] = []
    for topic in range(counts.shape[1]):
        of_topic = np.where((counts[:, topic] >= LEAST_COUNT) | (most == topic), counts[:, topic], 0.0)
        heaviest = [int(n) for n in np.argsort(-of_topic, kind="stable")[:SHOWN] if of_topic[n]]
        heaviest.sort(key=lambda number: -apart[number, topic])
        shares = of_topic / (of_topic.sum() or 1.0)
        topics.append([(terms[number], float(shares[number])) for number in heaviest])
    # The topics with the fewest words come last: those that have none are not told.
    while topics and not topics[-1]:
        topics.pop()
    return topics


def _together(documents: Iterable[list[str]], vocabulary: Vocabulary, topics: int) -> Iterator[list[Integers]]:
    """The documents by their numbers, some at a time. Of one that is very long the beginning is looked at."""
    most = WORDS_TOGETHER // topics
    held: list[Integers] = []
    size = 0
    for words in documents:
        numbers = vocabulary.numbered(words)[:most]
        if held and (len(held) == TOGETHER or size + len(numbers) > most):
            yield held
            held, size = [], 0
        held.append(numbers)
        size += len(numbers)
    if held:
        yield held


def _told(allocation: Allocation, documents: Sequence[Integers], topics: int) -> list[list[tuple[int, float]]]:
    told: list[list[tuple[int, float]]] = []
    for shares in allocation.proportions(_documents(documents))[:, :topics]:
        kept = np.where(shares >= LEAST_SHARE, shares, 0.0)
        kept /= max(kept.sum(), LEAST_SHARE)
        told.append([(int(n), float(kept[n])) for n in np.argsort(-kept, kind="stable") if kept[n]])
    return told


def open_task(_options: Mapping[str, Any]) -> FindTopics:
    """There is nothing to load."""
    return FindTopics()
