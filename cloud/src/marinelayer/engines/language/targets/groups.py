"""Which mentions of a text mean the same thing, as far as simple rules tell it.

Two names are the same where they have the same words, or one is the last name of a person's that came before it; two
nouns where they are the same word, and the later one has no article that makes it another (`a`, `another`); `I` and
`we` are themselves throughout; `he`, `she`, `it` and `they` mean a thing before them of a kind and number that they can
mean, in this sentence or the one before, rather one of their own role. What no rule joins is a group of its own. Pure.

`SURE` is how often a rule joined what belongs together on the development half of our own texts, (right + 1) / (joined
+ 2) since they are few; names and nouns counted together. That those who speak stay the same is taken for sure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marinelayer.engines.language.targets.mentions import Mention
from marinelayer.engines.language.targets.reading import Sentence

SURE: Mapping[str, float] = {"PROPN": 0.8, "NOUN": 0.8, "SELF": 1.0, "PRON": 0.84}
FIRST_PERSON: Mapping[str, str] = dict.fromkeys(["i", "me", "my", "mine", "myself"], "I") | dict.fromkeys(
    ["we", "us", "our", "ours", "ourselves"], "we"
)
SECOND_PERSON = frozenset(["you", "your", "yours", "yourself"])
MALE, FEMALE = frozenset(["he", "him", "his", "himself"]), frozenset(["she", "her", "hers", "herself"])
NEUTER, PLURAL = frozenset(["it", "its", "itself"]), frozenset(["they", "them", "their", "theirs", "themselves"])
PASSED_OVER = frozenset({"DATE", "QUANTITY"})
"""What a pronoun hardly ever means."""
_NEW = frozenset({"a", "an", "another", "other", "some", "every", "each", "no"})
_ROLES: Mapping[str, int] = {"nsubj": 2, "nsubjpass": 2, "dobj": 1}
_RELATIVE = frozenset({"who", "whose"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A mention with the number of its sentence."""

    number: int
    sentence: Sentence
    mention: Mention

    @property
    def plain(self) -> str:
        """Its words in lower case."""
        target = self.mention.target
        return " ".join(self.sentence.plain[target.first : target.after])

    @property
    def role(self) -> str:
        """Its role in its sentence."""
        return self.sentence.roles[self.mention.target.head]

    @property
    def many(self) -> bool:
        """Whether it is of several things."""
        head = self.sentence.plain[self.mention.target.head]
        return (head.endswith("s") and not head.endswith(("ss", "us", "is"))) or head in {"people", "children", "men"}


@dataclass(slots=True)
class Group:
    """Mentions that mean the same, in the text's order, each with how sure it is that it belongs (0-1)."""

    members: list[Placed]
    sure: list[float]

    @property
    def best(self) -> list[int]:
        """The places of the mentions that name it best: names before nouns before pronouns."""
        for part in ("PROPN", "NOUN", "PRON"):
            if found := [n for n, one in enumerate(self.members) if one.mention.part == part]:
                return found
        return [0]

    @property
    def kind(self) -> str:
        """The type of what names it best."""
        return self.members[self.best[0]].mention.kind


def groups(mentions: Sequence[Placed]) -> list[Group]:
    """The groups, in the order of their first mentions."""
    found: list[Group] = []
    for one in mentions:
        group, rule = _of(one, found)
        if group is None:
            found.append(Group([one], [1.0]))
        else:
            group.members.append(one)
            group.sure.append(SURE[rule])
    return found


def _of(one: Placed, before: Sequence[Group]) -> tuple[Group | None, str]:
    if one.mention.part == "PRON":
        return _meant(one, before)
    return next((group for group in reversed(before) if _same(one, group)), None), one.mention.part


def _same(one: Placed, group: Group) -> bool:
    """Whether a name or a noun is what a group has named before."""
    if one.mention.part == "NOUN" and _starts_anew(one):
        return False
    return any(
        other.plain == one.plain
        or (one.mention.kind == other.mention.kind == "PERSON" and f" {other.plain}".endswith(f" {one.plain}"))
        for other in group.members
        if other.mention.part != "PRON"
    )


def _starts_anew(one: Placed) -> bool:
    """Whether a noun has a word that makes it another one than before, or is only part of another's name."""
    head = one.mention.target.head
    return any(one.sentence.plain[child] in _NEW for child in one.sentence.children[head])


def _meant(one: Placed, before: Sequence[Group]) -> tuple[Group | None, str]:
    word = one.plain
    if word in FIRST_PERSON or word in SECOND_PERSON:
        self_of = FIRST_PERSON.get(word, "you")
        same = (group for group in before if FIRST_PERSON.get(group.members[0].plain, "") == self_of)
        you = (group for group in before if group.members[0].plain in SECOND_PERSON)
        return next(you if self_of == "you" else same, None), "SELF"
    near = [group for group in before if one.number - group.members[-1].number <= 1 and _can_mean(word, group)]
    near = [group for group in near if not _beside(one, group.members[-1])]
    if not near:
        return None, "PRON"
    return max(near, key=lambda group: _nearness(one, group.members[-1])), "PRON"


def _can_mean(word: str, group: Group) -> bool:
    last = group.members[-1]
    first = group.members[0].plain
    if first in FIRST_PERSON or first in SECOND_PERSON or group.kind in PASSED_OVER:
        return False
    said = {other.plain for other in group.members if other.mention.part == "PRON"}
    if word in _RELATIVE:
        return group.kind == "PERSON"
    if word in MALE | FEMALE:
        return group.kind == "PERSON" and not last.many and not said & (FEMALE if word in MALE else MALE)
    if word in NEUTER:
        return group.kind != "PERSON" and not last.many and not said & PLURAL
    return (last.many or group.kind in {"PERSON", "ORGANIZATION", "FACILITY"}) and not said & (NEUTER | MALE | FEMALE)


def _nearness(one: Placed, other: Placed) -> tuple[bool, bool, int, int]:
    """What is preferred: what is in the same sentence, what has the pronoun's role, a subject, and what is nearest."""
    role = _ROLES.get(other.role, 0)
    return other.number == one.number, role == _ROLES.get(one.role, 0), role, other.mention.target.first


def _beside(one: Placed, other: Placed) -> bool:
    """Whether a pronoun and another hang on the same word: `he thanked him` is of two people."""
    place, head = one.mention.target.head, other.mention.target.head
    return (
        one.number == other.number
        and one.sentence.heads[place] == other.sentence.heads[head]
        and one.sentence.roles[place] != "poss"
        and not one.plain.endswith(("self", "selves"))
    )
