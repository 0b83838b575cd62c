"""The words of a text that may be terms of a topic, and those that say nothing of it. Pure.

Words are of letters, with the marks within them; addresses of the web and of mail are none. Nothing is brought to its
base form: `game` and `games` are two terms, as in AWS's own example. What is written in Chinese, Japanese or Korean has
no terms: AWS does not support languages without marks between words.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

SHORTEST, LONGEST = 3, 40
"""Letters of a term."""
CERTAIN = 0.15
"""The share of a text's words that are stop words of its language, at least."""

_WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+")
_WITHOUT_WORDS = re.compile("[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff66-\uffdc]")


@cache
def stop_words() -> Mapping[str, frozenset[str]]:
    """The words of each language that say nothing of what a text is about."""
    data = tomllib.loads(Path(__file__).with_name("stop_words.toml").read_text("utf-8"))
    return {code: frozenset(words.split()) for code, words in data.items()}


def words_of(text: str) -> list[str]:
    """The words of a text in their order, in lower case."""
    plain = _ADDRESS.sub(" ", text.lower().replace("\u2019", "'"))
    found = (word.removesuffix("'s") for word in _WORD.findall(plain))
    return [word for word in found if SHORTEST <= len(word) <= LONGEST and not _WITHOUT_WORDS.search(word)]


def language_of(words: Sequence[str]) -> str | None:
    """The language that most of a text's stop words are of; None where it has too few of any."""
    counts = Counter(words)
    hits = {code: sum(counts[word] for word in stops & counts.keys()) for code, stops in stop_words().items()}
    best = max(hits, key=lambda code: hits[code])
    return best if words and hits[best] >= CERTAIN * len(words) else None


def silent(languages: Iterable[str]) -> frozenset[str]:
    """The stop words of some languages together."""
    return frozenset(word for code in languages for word in stop_words()[code])
