"""How a text's words praise and blame, by our lists (`sentiment_words.toml`), in the languages that VADER has not.

A negator turns the words that follow it within three, and in German and Hindi one that it follows directly.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

REACH = 3
TURNED = -0.8
"""What a word under a negation is worth: `not good` blames less than `bad`."""
FOLLOWED = frozenset({"de", "hi"})
"""Where a negator may come after what it turns."""
ALONE = 2.0
"""The more words say the same, the nearer the sum comes to 1."""

# Signs of vowels are no letters to Python; without them Hindi's words would come apart.
_WORD = re.compile(r"[\w\u0900-\u0dff\u064b-\u0652]+")


class _Words:
    """A list of words; a star stands for any ending."""

    def __init__(self, listed: str) -> None:
        words = listed.split()
        self._whole = frozenset(word for word in words if not word.endswith("*"))
        self._beginnings = tuple(word[:-1] for word in words if word.endswith("*"))

    def __contains__(self, word: object) -> bool:
        return word in self._whole or (isinstance(word, str) and word.startswith(self._beginnings or "\0"))


@cache
def _lists() -> Mapping[str, Mapping[str, _Words]]:
    data = tomllib.loads(Path(__file__).with_name("sentiment_words.toml").read_text("utf-8"))
    return {language: {name: _Words(listed) for name, listed in lists.items()} for language, lists in data.items()}


def polarity(plain: str, language: str) -> tuple[float, float, float]:
    """How much a text praises (0-1), how much it blames (0-1), and 1 where it does neither with a known word.

    `plain` is in lower case. The first two are never both above 0. KeyError for a language without lists.
    """
    lists = _lists()[language]
    words: list[str] = _WORD.findall(plain)
    total, known, negated = 0.0, False, -REACH - 1
    for place, word in enumerate(words):
        if word in lists["negators"]:
            negated = place
            continue
        value = 1.0 if word in lists["good"] else -1.0 if word in lists["bad"] else 0.0
        if value:
            known = True
            follows = language in FOLLOWED and place + 1 < len(words) and words[place + 1] in lists["negators"]
            total += value * (TURNED if place - negated <= REACH or follows else 1.0)
    share = total / math.sqrt(total * total + ALONE)
    return max(share, 0.0), max(-share, 0.0), float(not known)
