"""Matching by `*` and `?`, compiled once and safe against hostile patterns.

A pattern is a sequence of pieces: text in which `*` and `?` are wild, and text that is literal whatever it holds (what
a policy variable stood for). Rule 1: matching takes time linear in the pattern for each start, never exponential, as
patterns come from strangers; hence the atomic groups. Rule 2: in an ARN the first five parts are matched one by one,
so that a wildcard never crosses their colons (IAM User Guide, "ArnEquals, ArnLike").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

Matcher = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of a pattern. `wild` says whether `*` and `?` in it are wildcards."""

    text: str
    wild: bool


Pattern = tuple[Text, ...]


def everything(_value: str) -> bool:
    """Matches any value: the pattern `*`."""
    return True


@lru_cache(maxsize=1024)
def glob(pattern: Pattern, *, arn: bool = False) -> Matcher:
    """A function that says whether the whole of a value matches. With `arn`, part by part."""
    tokens = _tokens(pattern)
    if tokens == [_Wild.STAR]:
        return everything
    texts = [token for token in tokens if isinstance(token, str)]
    if len(texts) == len(tokens):
        return "".join(texts).__eq__
    if tokens[-1] is _Wild.STAR and len(texts) == len(tokens) - 1:
        # A star at the end is in an ARN's last part, where nothing bounds it: a prefix is all there is to it.
        return _prefix("".join(texts))
    parts = arn and sum(text.count(":") for text in texts) >= _ARN_COLONS
    first = tokens[0] if isinstance(tokens[0], str) else ""
    if _Wild.ANY not in tokens and (not parts or first.count(":") >= _ARN_COLONS):
        # No star is before the last part, so that none is bounded: to find text after text is faster then.
        return _starred(_between_stars(tokens))
    expression = _by_parts(tokens) if parts else _expression(tokens, ".")
    fullmatch = re.compile(expression, re.DOTALL).fullmatch
    return lambda value: fullmatch(value) is not None


def any_glob(patterns: Sequence[Pattern]) -> Matcher:
    """A function that says whether the whole of an ARN matches any of the patterns, part by part."""
    prefixes: list[str] = []
    others: list[Matcher] = []
    for pattern in patterns:
        *known, last = _tokens(pattern) or [""]
        if last is _Wild.STAR and len(known) == 1 and isinstance(known[0], str):
            prefixes.append(known[0])
        else:
            others.append(glob(pattern, arn=True))
    if everything in others:
        return everything
    if not prefixes and len(others) == 1:
        return others[0]
    return _any_of(tuple(prefixes), tuple(others))


def _any_of(prefixes: tuple[str, ...], matchers: tuple[Matcher, ...]) -> Matcher:
    def matches(value: str) -> bool:
        # One look for all prefixes, before what takes longer.
        if value.startswith(prefixes):
            return True
        for one in matchers:  # noqa: SIM110 -- a generator would cost as much as the tests
            if one(value):
                return True
        return False

    return matches


def literal(text: str) -> Pattern:
    """The pattern that only `text` matches."""
    return (Text(text, wild=False),)


def wild(text: str) -> Pattern:
    """The pattern `text`, its `*` and `?` wild."""
    return (Text(text, wild=True),)


class _Wild(Enum):
    STAR = "*"
    ANY = "?"


_Token = str | _Wild
_ARN_COLONS = 5


def _prefix(start: str) -> Matcher:
    return lambda value: value.startswith(start)


def _between_stars(tokens: Sequence[_Token]) -> list[str]:
    """The texts around stars, "" where there is none."""
    fixed = [""]
    for token in tokens:
        if isinstance(token, str):
            fixed[-1] += token
        else:
            fixed.append("")
    return fixed


def _starred(fixed: Sequence[str]) -> Matcher:
    """Matches what begins and ends with the first and last text, with the others in their order in between."""
    first, last, middle = fixed[0], fixed[-1], tuple(fixed[1:-1])
    begun, least = len(first), sum(map(len, fixed))

    def matches(value: str) -> bool:
        if not value.startswith(first) or len(value) < least:
            return False
        at = begun
        for piece in middle:
            found = value.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        return len(value) - at >= len(last) and value.endswith(last)

    return matches


def _tokens(pattern: Pattern) -> list[_Token]:
    """Literal runs, and wildcards; runs of stars are one star."""
    tokens: list[_Token] = []
    for piece in pattern:
        for text in re.split(r"([*?])", piece.text) if piece.wild else (piece.text,):
            if not text:
                continue
            token = _Wild(text) if piece.wild and text in ("*", "?") else text
            if token is not _Wild.STAR or tokens[-1:] != [_Wild.STAR]:
                tokens.append(token)
    return tokens


def _by_parts(tokens: Sequence[_Token]) -> str:
    """The expression of an ARN: five parts that hold no colon, and the rest."""
    finished: list[str] = []
    part: list[_Token] = []
    for token in tokens:
        if isinstance(token, _Wild) or len(finished) == _ARN_COLONS:
            part.append(token)
            continue
        *ended, rest = token.split(":", _ARN_COLONS - len(finished))
        for piece in ended:
            finished.append(_expression([*part, piece], "[^:]"))
            part = []
        part.append(rest)
    return ":".join([*(f"(?>{one})" for one in finished), _expression(part, ".")])


def _expression(tokens: Sequence[_Token], one: str) -> str:
    """The expression of one glob; `one` is the class of characters that wildcards may take.

    Between two stars the leftmost match is as good as any other, so that it is taken for good (an atomic group).
    """
    fixed: list[str] = [""]
    for token in tokens:
        if token is _Wild.STAR:
            fixed.append("")
        else:
            fixed[-1] += one if token is _Wild.ANY else re.escape(str(token))
    if len(fixed) == 1:
        return fixed[0]
    middle = "".join(f"(?>{one}*?{piece})" for piece in fixed[1:-1])
    return f"{fixed[0]}{middle}{one}*{fixed[-1]}"
