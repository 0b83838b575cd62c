"""Ways of saying that mean the opposite of what their words do (`not bad`, `no problems`), said plainly. Pure.

Who counts words, as our heads and VADER do, would take them for the contrary; `idioms.toml` says what they amount to.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path


@cache
def _idioms() -> Mapping[str, Sequence[tuple[re.Pattern[str], str]]]:
    text = Path(__file__).with_name("idioms.toml").read_text("utf-8")
    data: Mapping[str, Mapping[str, str]] = tomllib.loads(text)
    return {
        language: [(_compiled(pattern), plain) for pattern, plain in idioms.items()]
        for language, idioms in data.items()
    }


def _compiled(pattern: str) -> re.Pattern[str]:
    both = pattern.replace("'", "['\u2019]")
    return re.compile(rf"\b(?:{both})(?:(?<=\s)|(?!\w))", re.IGNORECASE)


def plainly(text: str, language: str) -> str:
    """The text with its idioms said plainly; as it is in a language that has none here."""
    for pattern, plain in _idioms().get(language, ()):
        text = pattern.sub(plain, text)
    return text
