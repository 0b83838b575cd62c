"""Learning a recognizer from annotated documents. Deterministic: the same documents give the same model.

Features that occur once tell nothing of other texts and are left out. `STRENGTH` was chosen in three folds of 3,000 of
San Diego's requests, in which a rule annotated streets: of .3 to 10 none finds clearly more, and with capitals and
without them together its scores come truest.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from marinelayer.engines.language.recognition.documents import Annotated
from marinelayer.engines.language.recognition.entity_recognizer import EntityRecognizer, places_in
from marinelayer.engines.language.recognition.tags import grammar_of, tagged
from marinelayer.engines.language.recognition.token_features import Columns, Rows, features_of, joined, reordered
from marinelayer.engines.language.recognition.tokens import Token, sequences_of
from marinelayer.engines.learning.chain import learn_chain
from marinelayer.engines.learning.sequences import SideBySide
from marinelayer.engines.learning.sparse import SparseExamples

STRENGTH = 3.0
MOST_TOKENS = 600_000
MOST_CELLS = 12_000_000
"""Tokens times tags, of which there are some arrays while it learns."""
MOST_NUMBERS = 4_000_000
"""Weights of a model; its rarest features are left out."""
LEAST_OFTEN = 2
"""So often a feature stands in the documents."""


def learnable(documents: Sequence[Annotated], kinds: int, seed: int) -> list[Annotated]:
    """The documents that there is room to learn from: all, or as many as there is room for, chosen by chance (the same
    at every try), in their order."""
    most = min(MOST_TOKENS, MOST_CELLS // (1 + 2 * kinds))
    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)  # noqa: S311 - nobody gains by guessing it
    taken: list[int] = []
    tokens = 0
    for place in order:
        tokens += sum(map(len, sequences_of(documents[place].text)))
        if tokens > most:
            break
        taken.append(place)
    return [documents[place] for place in sorted(taken)]


def learn(
    documents: Sequence[Annotated], kinds: Sequence[str], each_step: Callable[[int], None] = lambda _: None
) -> EntityRecognizer:
    """A model that finds entities as they are annotated. `each_step` is called before each step; what it raises ends
    the learning."""
    rows: list[Rows] = []
    tags: list[int] = []
    lengths: list[int] = []
    for text, tokens, known in _sequences(documents):
        rows.append(features_of(text, tokens))
        tags += known
        lengths.append(len(tokens))
        if len(lengths) % 1000 == 0:
            each_step(0)
    seen = joined(rows)
    vocabulary = _vocabulary(seen.columns, 1 + 2 * len(kinds))
    layout = SideBySide(lengths)
    chain = learn_chain(
        _examples(reordered(seen, layout.order), vocabulary),
        np.asarray(tags, np.int64)[layout.order],
        layout,
        grammar_of(len(kinds)),
        strength=STRENGTH,
        each_step=each_step,
    )
    return EntityRecognizer(kinds=tuple(kinds), columns=vocabulary, chain=chain)


def _sequences(documents: Sequence[Annotated]) -> Iterator[tuple[str, list[Token], list[int]]]:
    for document in documents:
        for tokens in sequences_of(document.text):
            begin, end = tokens[0].begin, tokens[-1].end
            here = [span for span in document.spans if span.begin < end and span.end > begin]
            yield document.text, tokens, tagged(tokens, here)


def _vocabulary(columns: Columns, tags: int) -> Columns:
    """The columns that are to be known, ascending."""
    found, counts = np.unique(columns, return_counts=True)
    found, counts = found[counts >= LEAST_OFTEN], counts[counts >= LEAST_OFTEN]
    most = MOST_NUMBERS // tags
    if len(found) > most:
        found = np.sort(found[np.argsort(-counts, kind="stable")[:most]])
    return found


def _examples(rows: Rows, vocabulary: Columns) -> SparseExamples:
    places = places_in(vocabulary, rows.columns)
    known = places < len(vocabulary)
    ends = np.concatenate(([0], np.cumsum(known)))[rows.ends]
    return SparseExamples(places[known], np.ones(int(known.sum())), ends, len(vocabulary))
