"""Documents about plainly different subjects, of which each has its own words among others that tell nothing."""

import random
from collections.abc import Sequence

SUBJECTS = {
    "baseball": "pitcher inning batter umpire stadium league homer dugout catcher slugger shortstop bullpen",
    "cooking": "oven butter garlic onion skillet recipe flour simmer basil whisk saucepan dough",
    "sailing": "mast harbor keel rudder anchor spinnaker regatta tiller mooring halyard jib starboard",
}
FILLING = [
    "the",
    "and",
    "with",
    "then",
    "there",
    "was",
    "when",
    "they",
    "have",
    "from",
    "this",
    "that",
    "some",
    "very",
    "because",
    "would",
    "could",
]


def telling(subject: str) -> set[str]:
    """The words that tell a subject."""
    return set(SUBJECTS[subject].split())


def document(chance: random.Random, subject: str, *, without: str = "") -> str:
    """A document of three sentences about a subject."""
    words = [word for word in SUBJECTS[subject].split() if word != without]
    sentences = [[*chance.sample(words, 5), *chance.sample(FILLING, 6)] for _ in range(3)]
    for sentence in sentences:
        chance.shuffle(sentence)
    return " ".join(" ".join(sentence).capitalize() + "." for sentence in sentences)


def documents(
    each: int, subjects: Sequence[str] = tuple(SUBJECTS), *, seed: int = 1, without: str = ""
) -> list[tuple[str, str]]:
    """So many documents about each subject, with it, mixed."""
    chance = random.Random(seed)
    rows = [(subject, document(chance, subject, without=without)) for subject in subjects for _ in range(each)]
    chance.shuffle(rows)
    return rows
