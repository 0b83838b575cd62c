"""Chains of tags, held against what every possible sequence of tags gives when they are all tried."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.engines.language.recognition.tags import Stretch, grammar_of, inner_tag, stretches_of, tags_of
from marinelayer.engines.learning.chain import Chain, learn_chain
from marinelayer.engines.learning.sequences import SideBySide
from marinelayer.engines.learning.sparse import SparseExamples

SEEDS = st.integers(0, 2**32 - 1)


def made(seed: int, length: int, kinds: int) -> tuple[Chain, Any]:
    """A chain of any numbers, and a sequence's scores."""
    chance = np.random.default_rng(seed)
    size = 1 + 2 * kinds
    chain = Chain(
        weights=np.zeros((1, size)),
        first=chance.normal(size=size),
        following=chance.normal(size=(size, size)),
        grammar=grammar_of(kinds),
    )
    return chain, 2 * chance.normal(size=(length, size))


def all_tags(chain: Chain, scores: Any) -> dict[tuple[int, ...], float]:
    """The share of every sequence of tags that the grammar lets be."""
    shares: dict[tuple[int, ...], float] = {}
    for tags in itertools.product(range(scores.shape[1]), repeat=len(scores)):
        pairs = list(itertools.pairwise(tags))
        if chain.grammar.first[tags[0]] and all(chain.grammar.following[pair] for pair in pairs):
            score = chain.first[tags[0]] + sum(chain.following[pair] for pair in pairs)
            shares[tags] = float(np.exp(score + scores[np.arange(len(tags)), list(tags)].sum()))
    total = sum(shares.values())
    return {tags: share / total for tags, share in shares.items()}


@given(SEEDS, st.integers(1, 5), st.integers(1, 2))
@settings(max_examples=40, deadline=None)
def test_the_best_tags_are_the_likeliest_of_all(seed: int, length: int, kinds: int) -> None:
    chain, scores = made(seed, length, kinds)
    shares = all_tags(chain, scores)
    assert tuple(chain.look(scores).best()) == max(shares, key=shares.__getitem__)


@given(SEEDS, st.integers(1, 5), st.integers(1, 2))
@settings(max_examples=40, deadline=None)
def test_an_entity_is_as_likely_as_all_sequences_with_it_together(seed: int, length: int, kinds: int) -> None:
    chain, scores = made(seed, length, kinds)
    shares, look = all_tags(chain, scores), chain.look(scores)
    for first, after in itertools.combinations(range(length + 1), 2):
        for kind in range(kinds):
            entity = Stretch(first, after, kind)
            wanted = sum(share for tags, share in shares.items() if entity in stretches_of(tags))
            assert look.probability(first, tags_of(entity), inner_tag(kind)) == pytest.approx(wanted, abs=1e-9)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_what_is_learned_makes_the_tags_likelier_than_anything_near_it_does(seed: int) -> None:
    chance = np.random.default_rng(seed)
    lengths = chance.integers(1, 5, 6).tolist()
    layout, grammar = SideBySide(lengths), grammar_of(1)
    tags = chance.integers(0, 2, sum(lengths))[layout.order]
    columns = chance.integers(0, 4, sum(lengths))[layout.order]
    examples = SparseExamples(columns, np.ones(len(columns)), np.arange(1, len(columns) + 1), 4)
    learned = learn_chain(examples, tags, layout, grammar, strength=2.0, tolerance=1e-6)

    def loss(chain: Chain) -> float:
        value = sum(float((part**2).sum()) for part in (chain.weights, chain.first, chain.following)) / 4.0
        at = np.argsort(layout.order)
        for begin, length in zip(np.cumsum(lengths) - lengths, lengths, strict=True):
            here = at[begin : begin + length]
            shares = all_tags(chain, chain.weights[columns[here]])
            value -= float(np.log(shares[tuple(tags[here].tolist())]))
        return value

    least = loss(learned)
    for _ in range(10):
        near = Chain(
            weights=learned.weights + 0.05 * chance.normal(size=learned.weights.shape),
            first=learned.first + 0.05 * chance.normal(size=learned.first.shape),
            following=learned.following + 0.05 * chance.normal(size=learned.following.shape),
            grammar=grammar,
        )
        assert loss(near) > least - 1e-3


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_elements_side_by_side_are_all_there_and_those_before_them_too(lengths: list[int]) -> None:
    layout = SideBySide(lengths)
    assert sorted(layout.order.tolist()) == list(range(sum(lengths)))
    for step in range(1, max(lengths)):
        before, here = layout.order[layout.before(step)], layout.order[layout.steps[step]]
        assert (here == before + 1).all()
