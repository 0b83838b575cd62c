"""Phrases that read like nouns with what belongs to them, and how much they stand out in their text. Pure.

A phrase is the longest run of words that are neither breakers nor verbs, within one sentence and between marks, with
the opener before it, if there is one. Its score ranks the phrases of one text, as YAKE does, by how often their words
occur, how early, and whether they are names; it is no probability.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MOST_WORDS = 8
NAMED = 1.3
"""How much more a word counts that is written as a name is."""

# Marks between words, and words with the marks within them (don't, state-of-the-art, 3.5, 5th).
_WORD = re.compile(r"\w+(?:['’.\-/]\w+)*")  # noqa: RUF001  # both apostrophes are written
_SENTENCE_END = re.compile(r"[.!?\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase: its first code point and that after its last, and how much it stands out (0-1)."""

    begin: int
    end: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    text: str
    begin: int
    end: int
    sentence: int
    first: bool


@cache
def _lists() -> Mapping[str, Mapping[str, frozenset[str]]]:
    data = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return {code: {name: frozenset(words.split()) for name, words in lists.items()} for code, lists in data.items()}


def languages() -> frozenset[str]:
    """The languages that have lists of words."""
    return frozenset(_lists())


def phrases(text: str, language: str) -> list[Phrase]:
    """The phrases of a text in its order; none overlaps another. KeyError for a language without lists."""
    words, lists = _words(text), _lists()[language]
    runs = [run for run in _runs(text, words, lists, language) if _says_something(run, lists)]
    often = Counter(word.text.lower() for run in runs for word in run if word.text.lower() not in lists["openers"])
    return [Phrase(begin=run[0].begin, end=run[-1].end, score=_score(run, often, lists["openers"])) for run in runs]


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    sentence, after = 0, 0
    for match in _WORD.finditer(text):
        ended = _SENTENCE_END.search(text, after, match.start()) is not None
        sentence += ended and bool(words)
        first = not words or ended
        words.append(_Word(text=match[0], begin=match.start(), end=match.end(), sentence=sentence, first=first))
        after = match.end()
    return words


def _runs(text: str, words: Sequence[_Word], lists: Mapping[str, frozenset[str]], language: str) -> list[list[_Word]]:
    runs: list[list[_Word]] = [[]]
    plain = [word.text.lower().replace("\u2019", "'") for word in words]
    for place, word in enumerate(words):
        opens = plain[place] in lists["openers"]
        before = words[place - 1] if place else None
        apart = before is not None and text[before.end : word.begin].strip(" \t") != ""
        if apart or opens or len(runs[-1]) >= MOST_WORDS:
            runs.append([])
        after = plain[place + 1] if place + 1 < len(plain) else ""
        if not opens and _parts(plain[place], after, runs[-1], lists, language):
            runs.append([])
        else:
            runs[-1].append(word)
    return [run for run in runs if run]


def _parts(plain: str, after: str, run: Sequence[_Word], lists: Mapping[str, frozenset[str]], language: str) -> bool:
    """Whether a word belongs to no phrase, but parts what is before it from what follows."""
    if plain in lists["breakers"] or plain in lists["verbs"]:
        return True
    if plain in lists["either"]:
        return not run or re.search(r"[^uis]s$", run[-1].text.lower()) is not None
    # The past tense of a verb that is on no list: `approved a new budget`, `abrió`.
    if language == "en":
        return plain.endswith("ed") and after in lists["openers"]
    return len(plain) > 3 and plain.endswith(("ó", "aron", "ieron"))


def _says_something(run: Sequence[_Word], lists: Mapping[str, frozenset[str]]) -> bool:
    content = [word.text.lower() for word in run if word.text.lower() not in lists["openers"]]
    if not any(sum(map(str.isalpha, word)) > 1 for word in content):
        return False
    return len(content) < len(run) or any(word not in lists["qualities"] for word in content)


def _score(run: Sequence[_Word], often: Mapping[str, int], openers: frozenset[str]) -> float:
    weights = [
        (1 + math.log(often[word.text.lower()]))
        * (NAMED if word.text[:1].isupper() and not word.first else 1.0)
        / math.log(math.e + word.sentence)
        for word in run
        if word.text.lower() not in openers
    ]
    strength = sum(weights) / len(weights) + 0.25 * (len(weights) > 1)
    return strength / (strength + 0.5)
