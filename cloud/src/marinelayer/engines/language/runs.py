"""Texts as runs, on their way to an engine and back: as JSON, by lines, and without the blanks around them. Pure.

Knows no engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from marinelayer.ports import Run

Line = list[Run]


def to_json(text: Sequence[Run]) -> list[list[Any]]:
    """Fit for a frame's header."""
    return [[run.text, run.mark, int(run.kept)] for run in text]


def from_json(value: Iterable[Sequence[Any]]) -> Line:
    """What `to_json` wrote."""
    return [Run(text, mark, bool(kept)) for text, mark, kept in value]


def letters(text: Iterable[Run]) -> str:
    """All that can be read of it."""
    return "".join(run.text for run in text)


def lines_of(text: Iterable[Run]) -> Iterator[Line]:
    """The lines of a text, each with its end. A kept run ends none, whatever it holds."""
    line: Line = []
    for run in text:
        if run.kept:
            line.append(run)
            continue
        for piece in run.text.splitlines(keepends=True):
            line.append(replace(run, text=piece))
            if piece.splitlines()[0] != piece:
                yield line
                line = []
    if line:
        yield line


def without_blanks(line: Sequence[Run]) -> tuple[Line, Line, Line]:
    """What stands before the first letter or kept run, the rest, and the blanks after it."""
    start, end = 0, len(line)
    before: Line = []
    after: Line = []
    while start < end and not line[start].kept:
        run = line[start]
        words = run.text.lstrip()
        blanks = run.text[: len(run.text) - len(words)]
        before += [replace(run, text=blanks)] if blanks else []
        if words:
            line = [*line[:start], replace(run, text=words), *line[start + 1 :]]
            break
        start += 1
    while end > start and not line[end - 1].kept:
        run = line[end - 1]
        words = run.text.rstrip()
        blanks = run.text[len(words) :]
        after = ([replace(run, text=blanks)] if blanks else []) + after
        if words:
            line = [*line[: end - 1], replace(run, text=words), *line[end:]]
            break
        end -= 1
    return before, list(line[start:end]), after


def has_words(line: Iterable[Run]) -> bool:
    """Whether there is anything to translate: a letter outside of what is kept."""
    return any(not run.kept and any(letter.isalpha() for letter in run.text) for run in line)


def joined(line: Iterable[Run]) -> Line:
    """The same with neighbours of one mark in one run; a blank between two such belongs to both."""
    merged: Line = []
    for run in line:
        if run.kept:
            merged.append(run)
            continue
        if not run.text:
            continue
        last = merged[-1] if merged else None
        if last is not None and not last.kept and last.mark == run.mark:
            merged[-1] = replace(last, text=last.text + run.text)
        elif _blank_between(merged, run):
            blank = merged.pop()
            merged[-1] = replace(merged[-1], text=merged[-1].text + blank.text + run.text)
        else:
            merged.append(run)
    return merged


def _blank_between(merged: Sequence[Run], run: Run) -> bool:
    if len(merged) < 2 or not run.mark:
        return False
    before, blank = merged[-2], merged[-1]
    return not before.kept and before.mark == run.mark and not blank.kept and not blank.mark and blank.text.isspace()


def around_kept(line: Iterable[Run]) -> list[Line]:
    """The line cut into what is kept and what stands between."""
    cut: list[Line] = []
    for run in line:
        if run.kept or not cut or cut[-1][-1].kept:
            cut.append([run])
        else:
            cut[-1].append(run)
    return cut
