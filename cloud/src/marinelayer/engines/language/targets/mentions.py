"""The mentions of a sentence: its names, its nouns with the nouns before them, and its pronouns, each with a type.

As AWS's examples show, a mention has neither article nor adjective (`the perfect temperature`: temperature), but the
nouns that make one name with it (`customer service`). A name's type is OntoNotes' label of it; a noun's is told by our
lists (`words.toml`); what neither tells is OTHER. Pure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from marinelayer.engines.language.targets.reading import Name, Sentence
from marinelayer.engines.language.targets.surroundings import Target

KINDS: Mapping[str, str] = {
    "PERSON": "PERSON",
    "NORP": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "FACILITY",
    "ORG": "ORGANIZATION",
    "PRODUCT": "COMMERCIAL_ITEM",
    "EVENT": "EVENT",
    "DATE": "DATE",
    "TIME": "DATE",
    "CARDINAL": "QUANTITY",
    "MONEY": "QUANTITY",
    "PERCENT": "QUANTITY",
    "QUANTITY": "QUANTITY",
}
"""OntoNotes' labels by AWS's types; others are OTHER. ORDINAL is no mention: `the first floor` is of the floor."""
PASSED_OVER = frozenset({"ORDINAL", "LANGUAGE", "LAW"})
SPEAKERS = frozenset({"i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"})
PEOPLE = SPEAKERS | frozenset(
    {"you", "your", "yours", "yourself", "he", "him", "his", "himself", "she", "her", "hers", "herself", "who", "whose"}
)
OTHERS = frozenset(["it", "its", "itself"])
THEY = frozenset(["they", "them", "their", "theirs", "themselves"])
"""People, unless what they mean is found to be something else."""
_JOINING = frozenset({"compound", "nmod"})
_NOUNS = frozenset({"NOUN", "PROPN"})
_EMPTY = frozenset(
    {"thing", "things", "something", "anything", "nothing", "everything", "one", "ones", "way", "kind", "sort"}
) | {"front", "etc", "%", "$", "-"}
"""Nouns and marks that name nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A mention: where it stands in its sentence, its type, how sure it is to be one (0-1), and whether it is a name
    (PROPN), a noun (NOUN) or a pronoun (PRON)."""

    target: Target
    kind: str
    score: float
    part: str


def mentions(sentence: Sentence, precision: Mapping[str, float]) -> list[Mention]:
    """The mentions of a sentence in its order; none overlaps another. `precision` has what the model's authors
    measured for each label of a name; the score of others is the tagger's probability of their last word."""
    taken = [False] * len(sentence.words)
    found: list[Mention] = []
    for mention in (*_names(sentence, precision), *_nouns(sentence), *_pronouns(sentence)):
        places = range(mention.target.first, mention.target.after)
        if not any(taken[place] for place in places):
            found.append(mention)
            for place in places:
                taken[place] = True
    return sorted(found, key=lambda mention: mention.target.first)


def _names(sentence: Sentence, precision: Mapping[str, float]) -> Iterator[Mention]:
    for name in sentence.names:
        if name.label in PASSED_OVER:
            continue
        target = _target(sentence, *_bare(sentence, name))
        # The name of a number alone names nothing: `two pizzas` are pizzas.
        if name.label == "CARDINAL" and sentence.roles[target.head] == "nummod":
            continue
        kind = KINDS.get(name.label, "OTHER")
        # What is no name but a noun that our lists know is of their type: `the restaurant` is no ORGANIZATION.
        known = _listed(sentence.plain[target.head]) if sentence.parts[target.head] == "NOUN" else None
        part = "PROPN" if sentence.parts[target.head] == "PROPN" else "NOUN"
        yield Mention(target=target, kind=known or kind, score=precision.get(name.label, 0.0), part=part)


def _bare(sentence: Sentence, name: Name) -> tuple[int, int]:
    """A name without the article before it and the 's after it."""
    first, after = name.first, name.after
    while first < after - 1 and sentence.parts[first] in {"DET", "PUNCT"}:
        first += 1
    while after - 1 > first and sentence.parts[after - 1] in {"PART", "PUNCT"}:
        after -= 1
    return first, after


def _nouns(sentence: Sentence) -> Iterator[Mention]:
    for place, part in enumerate(sentence.parts):
        joins = sentence.roles[place] in _JOINING and sentence.heads[place] > place
        if part not in _NOUNS or joins or sentence.plain[place] in _EMPTY:
            continue
        if not any(letter.isalnum() for letter in sentence.words[place]):
            continue
        first = place
        while first and _makes_one(sentence, first - 1, place):
            first -= 1
        kind = _listed(sentence.plain[place]) or "OTHER"
        target = Target(first=first, after=place + 1, head=place)
        yield Mention(target=target, kind=kind, score=sentence.sure[place], part=part)


def _makes_one(sentence: Sentence, place: int, head: int) -> bool:
    """Whether a word is one of the nouns that make one name with the noun behind it."""
    return (
        sentence.parts[place] in _NOUNS
        and sentence.roles[place] in _JOINING
        and place < sentence.heads[place] <= head
        and any(letter.isalnum() for letter in sentence.words[place])
    )


def _pronouns(sentence: Sentence) -> Iterator[Mention]:
    for place, word in enumerate(sentence.plain):
        if sentence.parts[place] not in {"PRON", "DET"} or word not in PEOPLE | THEY | OTHERS:
            continue
        # `it rains`, `it is a pity that`: it means nothing.
        if sentence.roles[place] == "expl":
            continue
        target = Target(first=place, after=place + 1, head=place)
        kind = "OTHER" if word in OTHERS else "PERSON"
        yield Mention(target=target, kind=kind, score=sentence.sure[place], part="PRON")


def _target(sentence: Sentence, first: int, after: int) -> Target:
    """The passage, with the word on which its others hang."""
    inside = range(first, after)
    head = next((place for place in inside if sentence.heads[place] not in inside), after - 1)
    root = next((place for place in inside if sentence.heads[place] == place), head)
    return Target(first=first, after=after, head=root)


@cache
def _lists() -> Mapping[str, str]:
    data = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return {word: kind for kind, words in data.items() for word in words.split()}


def _listed(word: str) -> str | None:
    """The type that our lists have for a noun."""
    endings = (("", ""), ("s", ""), ("es", ""), ("ies", "y"))
    singulars = (word[: len(word) - len(end)] + instead for end, instead in endings if word.endswith(end))
    return next((_lists()[one] for one in singulars if one in _lists()), None)
