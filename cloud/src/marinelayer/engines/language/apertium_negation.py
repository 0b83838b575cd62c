"""Negations that Apertium's English-Spanish pair turns into their contrary, mended. Pure.

A Spanish `nadie`, `nada` or `ningún` denies by itself where it stands before its verb (`Nadie vino`), and only agrees
with another denial where it stands behind (`No vino nadie`). The pair says `anybody`, `at all` and `any` for both. So
the words of a line are told apart in Spanish, and those that deny are given back their `no` in English, if the
translation has as many of them.

An English `No` that is a whole sentence is the abbreviation of `number` to the pair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from marinelayer.engines.language.runs import Line
from marinelayer.ports import Run

_CLAUSE_ENDS = re.compile(r"[.,;:!?¡¿()\n]|\b(?:y|e|o|u|pero|aunque|porque|sino|mientras)\b", re.IGNORECASE)
_DENIED_BEFORE = re.compile(
    r"\b(?:no|ni|sin|nunca|jamás|tampoco|nadie|nada|ning[uú]n[oa]?s?|apenas|si|antes|más|menos|mejor|peor|mayor|menor)\b",
    re.IGNORECASE,
)
_WORDS = (
    ("nadie", r"any(?:body|one)"),
    ("nada", r"(?:at all|anything)(?: it(?= \w))?"),
    ("ning[uú]n[oa]?", "any"),
)
_NONE = {"anybody": "nobody", "anyone": "no one", "any": "no"}
_NO = re.compile(r"(?<!\w)[Nn][Oo](?=\.?\s*\Z|\.\s+[^\W\d_])")


def mended(source: str, translated: Line) -> Line:
    """The English of a Spanish line, with the denials that it lost."""
    for spanish, english in _WORDS:
        denies = _denying(source, spanish)
        if any(denies):
            translated = _given_back(translated, english, denies)
    return translated


def answers_kept(line: Line) -> Line:
    """An English line in which a `No` that is all of a sentence is kept: it is the same in Spanish."""
    cut: Line = []
    for run in line:
        after = 0
        for match in _NO.finditer("" if run.kept else run.text):
            cut += [replace(run, text=run.text[after : match.start()])] if match.start() > after else []
            cut.append(replace(run, text=match[0], kept=True))
            after = match.end()
        if after < len(run.text) or not run.text:
            cut.append(replace(run, text=run.text[after:]))
    return cut


def _denying(source: str, word: str) -> list[bool]:
    """For each such word of the line, whether it is the first of its clause to deny."""
    denies: list[bool] = []
    for match in re.finditer(rf"\b{word}\b", source, re.IGNORECASE):
        begin = max((each.end() for each in _CLAUSE_ENDS.finditer(source, 0, match.start())), default=0)
        denies.append(_DENIED_BEFORE.search(source, begin, match.start()) is None)
    return denies


def _given_back(line: Line, english: str, denies: Sequence[bool]) -> Line:
    pattern = re.compile(rf"\b(?:{english})\b(?P<of> of\b)?", re.IGNORECASE)
    if sum(len(pattern.findall(run.text)) for run in line if not run.kept) != len(denies):
        return line
    waiting = iter(denies)

    def denied(match: re.Match[str]) -> str:
        if not next(waiting):
            return match[0]
        of = match["of"] or ""
        plain = match[0].lower().removesuffix(of)
        word = "none" if of and plain == "any" else _NONE.get(plain, "nothing")
        return (word.capitalize() if match[0][:1].isupper() else word) + of

    return [run if run.kept else Run(pattern.sub(denied, run.text), run.mark) for run in line]
