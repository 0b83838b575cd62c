"""A linear-chain conditional random field (Lafferty, McCallum and Pereira, 2001): each element of a sequence has one of
some tags, and which one depends on its features and on the tag before it.

Probabilities are computed by the forward-backward recursions, scaled at each element (Rabiner, 1989, V.A); the best
tags by Viterbi's. Learning minimises the negative log likelihood of the tags plus half the squared weights over
`strength`, by L-BFGS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from marinelayer.engines.learning.logistic import Floats
from marinelayer.engines.learning.minimising import minimise
from marinelayer.engines.learning.sequences import SideBySide
from marinelayer.engines.learning.sparse import SparseExamples

Allowed = npt.NDArray[np.bool_]
_LEAST = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """What may stand where: at the `first` place (tags), and the tag of a column `following` that of a row."""

    first: Allowed
    following: Allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A trained model: `weights` (features x tags), `first` (what a tag scores at the start), `following` (what the tag
    of a column scores behind that of a row), and the grammar that both keep to."""

    weights: Floats
    first: Floats
    following: Floats
    grammar: Grammar

    def look(self, scores: Floats) -> Look:
        """What the model says of one sequence whose elements score `scores` (elements x tags) by their features."""
        return Look(self, scores)


class Look:
    """A sequence as a model sees it."""

    def __init__(self, chain: Chain, scores: Floats) -> None:
        self._chain = chain
        self._scores = scores
        self._flow = _Flow(chain, scores, SideBySide([len(scores)]))

    def best(self) -> list[int]:
        """The likeliest tags together."""
        chain = self._chain
        following = np.where(chain.grammar.following, chain.following, -np.inf)
        reached = np.where(chain.grammar.first, chain.first, -np.inf) + self._scores[0]
        backwards: list[npt.NDArray[np.intp]] = []
        for scores in self._scores[1:]:
            ways = reached[:, np.newaxis] + following
            backwards.append(ways.argmax(axis=0))
            reached = ways.max(axis=0) + scores
        tags = [int(reached.argmax())]
        for back in reversed(backwards):
            tags.append(int(back[tags[-1]]))
        return tags[::-1]

    def probability(self, begin: int, tags: Sequence[int], not_after: int) -> float:
        """How likely it is that the elements from `begin` on have just these tags, and the next one, if there is one,
        has not the tag `not_after`."""
        flow = self._flow
        end = begin + len(tags)
        likely = float(flow.forward[begin, tags[0]])
        for place, (tag, next_tag) in enumerate(pairwise(tags), begin + 1):
            likely *= float(flow.following[tag, next_tag] * flow.powers[place, next_tag] / flow.scale[place])
        if end == len(flow.scale):
            return likely
        onward = flow.following[tags[-1]] * flow.powers[end] * flow.backward[end] / flow.scale[end]
        onward[not_after] = 0.0
        return min(1.0, likely * float(onward.sum()))


class _Flow:
    """The forward and backward recursions over sequences side by side, in powers of the scores."""

    def __init__(self, chain: Chain, scores: Floats, layout: SideBySide) -> None:
        self._layout = layout
        self.shift = scores.max(axis=1, keepdims=True)
        self.powers = np.exp(scores - self.shift)
        self.following = np.exp(chain.following) * chain.grammar.following
        first = np.exp(chain.first) * chain.grammar.first
        self.forward = np.empty_like(self.powers)
        self.scale = np.empty(len(scores))
        for step, here in enumerate(layout.steps):
            reached = first if step == 0 else self.forward[layout.before(step)] @ self.following
            self._put(here, reached * self.powers[here])
        self.backward = np.ones_like(self.powers)
        for step in range(len(layout.steps) - 1, 0, -1):
            self.backward[layout.before(step)] = self.onward(layout.steps[step]) @ self.following.T

    def _put(self, here: slice, reached: Floats) -> None:
        self.scale[here] = reached.sum(axis=1) + _LEAST
        self.forward[here] = reached / self.scale[here, np.newaxis]

    def onward(self, here: slice) -> Floats:
        """What elements and all behind them say of their tags, as those before them see it."""
        return self.powers[here] * self.backward[here] / self.scale[here, np.newaxis]

    def log_total(self) -> float:
        """The logarithm of the sum over all tags of the powers of their scores."""
        return float(np.log(self.scale).sum() + self.shift.sum())

    def pairs(self) -> Floats:
        """How often each tag is expected behind each."""
        sums = np.zeros_like(self.following)
        for step in range(1, len(self._layout.steps)):
            sums += self.forward[self._layout.before(step)].T @ self.onward(self._layout.steps[step])
        return sums * self.following


def learn_chain(
    examples: SparseExamples,
    tags: npt.NDArray[np.int64],
    layout: SideBySide,
    grammar: Grammar,
    *,
    strength: float,
    steps: int = 100,
    tolerance: float = 1e-4,
    each_step: Callable[[int], None] = lambda _: None,
) -> Chain:
    """A model of elements with these `tags`, all in the order of `layout`.

    `each_step` is called before each of at most `steps`; what it raises ends the learning. `tolerance` is as in
    `minimise`: where nearly all elements have the same tag, the slope at the start is steep, and what tells the others
    is learnt when it is small.
    """
    count, kinds = len(tags), len(grammar.first)
    size = examples.width * kinds
    seen = _Seen(tags, layout, kinds)

    def chain_at(point: Floats) -> Chain:
        return Chain(
            weights=point[:size].reshape(examples.width, kinds),
            following=point[size : size + kinds * kinds].reshape(kinds, kinds),
            first=point[size + kinds * kinds :],
            grammar=grammar,
        )

    def function(point: Floats) -> tuple[float, Floats]:
        chain = chain_at(point)
        scores = examples.times(chain.weights)
        flow = _Flow(chain, scores, layout)
        value = flow.log_total() - seen.score(chain, scores)
        expected = flow.forward * flow.backward
        slope = np.concatenate(
            (
                examples.back(expected - seen.elements).ravel(),
                (flow.pairs() - seen.pairs).ravel(),
                expected[layout.steps[0]].sum(axis=0) - seen.first,
            )
        )
        slope += point / strength
        return (value + float(point @ point) / (2 * strength)) / count, slope / count

    start = np.zeros(size + kinds * kinds + kinds)
    return chain_at(minimise(function, start, steps=steps, tolerance=tolerance, each_step=each_step))


class _Seen:
    """How often each tag, each pair and each beginning stands in the examples."""

    def __init__(self, tags: npt.NDArray[np.int64], layout: SideBySide, kinds: int) -> None:
        self._tags = tags
        self.elements = np.zeros((len(tags), kinds))
        self.elements[np.arange(len(tags)), tags] = 1.0
        self.pairs = np.zeros((kinds, kinds))
        for step in range(1, len(layout.steps)):
            np.add.at(self.pairs, (tags[layout.before(step)], tags[layout.steps[step]]), 1.0)
        self.first = np.bincount(tags[layout.steps[0]], minlength=kinds).astype(np.float64)

    def score(self, chain: Chain, scores: Floats) -> float:
        elements = float(scores[np.arange(len(self._tags)), self._tags].sum())
        return elements + float((self.pairs * chain.following).sum() + (self.first * chain.first).sum())
