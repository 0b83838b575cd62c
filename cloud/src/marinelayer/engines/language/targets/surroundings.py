"""What a sentence says around a target, as numbers: hashed words by where they stand to it, and how they praise or
blame by VADER's lexicon and by our English sentiment head.

Where a word stands is told by the grammar (how many steps from the target it is in the tree, whether it is in the
target's clause) and by counting (how many words away). A clause is what hangs on one predicate; a predicate that
shares its subject with the one before it (`was great but is expensive`) is of the same clause. Pure.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from marinelayer.engines.language.targets.reading import Sentence

FEATURES = 1 << 18
FAR = 99
"""Steps to a word that the tree does not join to the target."""
NEGATORS = frozenset(
    {"not", "n't", "no", "never", "without", "nothing", "nor", "neither", "hardly", "barely", "lack", "lacked"}
) | {"lacks", "cannot", "nobody", "none"}
TURNED = -0.74
"""What a word under a negation is worth; VADER's own factor."""
_PREDICATES = frozenset({"ROOT", "ccomp", "advcl", "relcl", "parataxis"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "expl"})
_ROLES = ("nsubj", "nsubjpass", "dobj", "pobj", "poss", "compound", "attr", "conj", "appos")
_ENDS = frozenset({"but", "although", "though", "while", "whereas", "however", "yet", "except", "and"}) | frozenset(
    ";.!?,-\u2013\u2014"
)

Logits = Callable[[str], Sequence[float]]
"""How our sentiment head speaks of some words: three numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target in its sentence: its first word, that after its last, and the word on which its others hang."""

    first: int
    after: int
    head: int


class Surroundings:
    """A sentence, seen from its targets. `valences` are VADER's, by word; `logits` is asked of parts of it."""

    def __init__(self, sentence: Sentence, valences: Mapping[str, float], logits: Logits) -> None:
        self.sentence = sentence
        self._logits = logits
        self._known: dict[str, Sequence[float]] = {}
        self._clauses = [_predicate(sentence, place) for place in range(len(sentence.words))]
        self._values = [_value(sentence, place, valences) for place in range(len(sentence.words))]

    def clause(self, target: Target) -> list[int]:
        """The places of the words of a target's clause."""
        return [place for place, one in enumerate(self._clauses) if one == self._clauses[target.head]]

    def features(self, target: Target) -> list[tuple[int, float]]:
        """Numbers of hashed features, each with its value; those of a kind share a length of 1."""
        found: list[tuple[int, float]] = []
        for kind, words in self._words(target).items():
            weight = 1 / math.sqrt(len(words)) if words else 0.0
            found += [(zlib.crc32(f"{kind}:{word}".encode("utf-8", "replace")) % FEATURES, weight) for word in words]
        return found

    def values(self, target: Target) -> list[float]:
        """How the parts of the sentence around the target praise and blame."""
        steps, count = self._steps(target), len(self.sentence.words)
        rest = self._rest(target)
        away = [_away(place, target) for place in range(count)]
        clause = self.clause(target)
        regions = (
            [place for place in rest if steps[place] <= 1],
            [place for place in rest if steps[place] <= 2],
            [place for place in rest if steps[place] <= 3],
            [place for place in clause if not target.first <= place < target.after],
            [place for place in rest if abs(away[place]) <= 4],
            [place for place in rest if 0 < away[place] <= 6],
            [place for place in rest if -6 <= away[place] < 0],
            rest,
            list(range(target.first, target.after)),
        )
        found = [number for region in regions for number in self._polarity(region)]
        found.append(_bent(sum(self._values[place] / (1 + steps[place]) for place in rest), 2))
        found.append(_bent(sum(self._values[place] / (1 + abs(away[place])) for place in rest), 2))
        near = [place for place in range(count) if abs(away[place]) <= 6]
        joined = [place for place in range(count) if steps[place] <= 3]
        for region in (clause, range(count), near, joined, self._piece(target)):
            found += self._spoken(region)
        above = self._values[self.sentence.heads[target.head]]
        found += [above if self.sentence.roles[target.head] == role else 0.0 for role in _ROLES]
        part = self.sentence.parts[target.head]
        return [*found, float(part == "PROPN"), float(part == "PRON")]

    def _words(self, target: Target) -> dict[str, list[str]]:
        """Words by how they stand to the target; each once a kind."""
        found: dict[str, dict[str, None]] = {}
        for kind, word in (*self._of_grammar(target), *self._of_order(target)):
            found.setdefault(kind, {})[word] = None
        return {kind: list(once) for kind, once in found.items()}

    def _of_grammar(self, target: Target) -> Iterator[tuple[str, str]]:
        words, roles, heads = self.sentence.plain, self.sentence.roles, self.sentence.heads
        steps, clause = self._steps(target), set(self.clause(target))
        above, role = heads[target.head], roles[target.head]
        yield from (("target", words[target.head]), ("role", role), ("above", f"{role} {words[above]}"))
        for place in self._rest(target):
            yield from ((f"steps {most}", words[place]) for most in (1, 2, 3) if steps[place] <= most)
            if heads[place] == target.head:
                yield "below", f"{roles[place]} {words[place]}"
            if place in clause:
                yield "clause", words[place]
            if heads[place] == above and place != above:
                yield "beside", f"{role} {roles[place]} {words[place]}"

    def _of_order(self, target: Target) -> Iterator[tuple[str, str]]:
        words = self.sentence.plain
        for place in self._rest(target):
            away = _away(place, target)
            if abs(away) <= 4:
                yield "near", words[place]
                yield "after" if away > 0 else "before", words[place]
            if abs(away) <= 8:
                yield "around", words[place]
            yield "sentence", words[place]
        # Neighbouring words within six of the target, which stands as one word without its name.
        before, after = words[max(0, target.first - 5) : target.first], words[target.after : target.after + 6]
        yield from (("pair", f"{one} {other}") for one, other in pairwise([*before, "$", *after]))

    def _rest(self, target: Target) -> list[int]:
        """The places of the words that are not the target's."""
        return [place for place in range(len(self.sentence.words)) if not target.first <= place < target.after]

    def _steps(self, target: Target) -> list[int]:
        """How many steps each word is from the target's head, in the tree."""
        steps = [FAR] * len(self.sentence.words)
        steps[target.head], waiting = 0, [target.head]
        for place in waiting:
            for other in (self.sentence.heads[place], *self.sentence.children[place]):
                if steps[other] == FAR:
                    steps[other] = steps[place] + 1
                    waiting.append(other)
        return steps

    def _polarity(self, places: Sequence[int]) -> Iterator[float]:
        values = [self._values[place] for place in places]
        yield _bent(sum(values), 15)
        yield _bent(sum(value for value in values if value > 0), 15)
        yield _bent(-sum(value for value in values if value < 0), 15)
        yield float(not any(values))

    def _spoken(self, places: Iterable[int]) -> Sequence[float]:
        text = " ".join(self.sentence.words[place] for place in places)
        if text not in self._known:
            self._known[text] = self._logits(text)
        return self._known[text]

    def _piece(self, target: Target) -> range:
        """The words around the target up to the next mark or word that parts."""
        words, first, after = self.sentence.plain, target.first, target.after
        while first > 0 and words[first - 1] not in _ENDS:
            first -= 1
        while after < len(words) and words[after] not in _ENDS:
            after += 1
        return range(first, after)


def _away(place: int, target: Target) -> int:
    """How many words a word is before (below 0) or after the target; 0 within it."""
    if place < target.first:
        return place - target.first
    return max(0, place - target.after + 1)


def _predicate(sentence: Sentence, place: int) -> int:
    """The place of the predicate on which a word hangs."""
    for _ in sentence.words:
        above = sentence.heads[place]
        if above == place or sentence.roles[place] in _PREDICATES or _joined(sentence, place):
            return place
        place = above
    return place


def _joined(sentence: Sentence, place: int) -> bool:
    """Whether a word is a further predicate that has a subject of its own."""
    return (
        sentence.roles[place] == "conj"
        and sentence.parts[place] in {"VERB", "AUX"}
        and any(sentence.roles[child] in _SUBJECTS for child in sentence.children[place])
    )


def _value(sentence: Sentence, place: int, valences: Mapping[str, float]) -> float:
    value = valences.get(sentence.plain[place], 0.0)
    if not value:
        return 0.0
    above = sentence.heads[place]
    near = (
        *sentence.children[place],
        *(child for child in sentence.children[above] if child < place),
        *range(max(0, place - 3), place),
    )
    return value * (TURNED if any(sentence.plain[one] in NEGATORS for one in near) else 1.0)


def _bent(total: float, ease: float) -> float:
    """The sum brought between -1 and 1, as VADER does."""
    return total / math.sqrt(total * total + ease)
