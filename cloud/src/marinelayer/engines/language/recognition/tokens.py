"""A text cut into tokens (a run of letters, a run of digits, any other sign), and these into sequences. Pure.

Letters and digits are parted, so that an entity may begin or end between them (`SD-4821`, `$500`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_PARAGRAPH = re.compile(r"\n\s*\n")
_END = re.compile(r"[.!?]\s")
LONG, LONGEST = 400, 800
"""Tokens of a sequence after which it is cut at the next end of a sentence, and at all."""


class Token(NamedTuple):
    """A part of a text: its first code point and that after its last."""

    begin: int
    end: int


def sequences_of(text: str) -> Iterator[list[Token]]:
    """The tokens of a text, cut where one paragraph ends, so that nothing is looked at beyond; and where there would be
    too many. None is empty."""
    sequence: list[Token] = []
    tokens = [Token(*match.span()) for match in _TOKEN.finditer(text)]
    for token, following in pairwise((*tokens, None)):
        if token is None:
            continue
        sequence.append(token)
        if following is None or _ends(text, sequence, following):
            yield sequence
            sequence = []


def _ends(text: str, sequence: list[Token], following: Token) -> bool:
    last = sequence[-1]
    if _PARAGRAPH.search(text, last.end, following.begin) or len(sequence) >= LONGEST:
        return True
    return len(sequence) >= LONG and _END.match(text, last.begin) is not None
