"""Masking profane words in a translation. Pure.

Source: https://docs.aws.amazon.com/translate/latest/dg/customizing-translations-profanity.html: the same five
characters stand for each profane word or phrase, however long it is.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

MASK = "?$#@$"


@cache
def _words() -> dict[str, list[str]]:
    return tomllib.loads(files("marinelayer.services.translate").joinpath("profanity.toml").read_text("utf-8"))["words"]


def knows(language: str) -> bool:
    """Whether profane words of a language, or of the one that it is a variant of, are known."""
    return _language(language) in _words()


def masked(text: str, language: str) -> str:
    """The text with each profane word or phrase masked; as it is in a language whose words are not known."""
    return _pattern(_language(language)).sub(lambda _: MASK, text) if knows(language) else text


def _language(code: str) -> str:
    return code.partition("-")[0]


@cache
def _pattern(language: str) -> re.Pattern[str]:
    words = sorted(_words()[language], key=lambda word: -len(word))
    listed = "|".join(re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words)
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE)
