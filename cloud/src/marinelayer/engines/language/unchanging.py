"""What is in no language, and so is in a translation as it was: addresses of web and mail, names of users and files,
hashtags, identifiers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from marinelayer.engines.language.runs import Line
from marinelayer.ports import Run

_WEB = r"(?:https?://|www\.)[^\s<>\"]+[^\s<>\".,;:!?()\[\]{}'»]"
_MAIL = r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_USER = r"(?<![\w@#])@\w+"
_ENDING = r"com|org|net|gov|edu|info|pdf|docx?|xlsx?|pptx?|csv|txt|jpe?g|png|zip|html?|json|xml"
_FILE = rf"(?<![\w.])(?:[\w-]{{1,63}}\.){{1,8}}(?:{_ENDING})(?:/[^\s<>\"]*[^\s<>\".,;:!?()])?(?!\w)"
ADDRESS = re.compile(rf"{_WEB}|{_MAIL}|{_USER}")
_UNCHANGING = re.compile(rf"{_WEB}|{_MAIL}|{_USER}|(?<![\w@#])#\w+|{_FILE}|(?<!\w)[^\W_]+_\w+")


def kept(line: Iterable[Run]) -> Line:
    """The runs, with what is in no language as kept ones."""
    return [piece for run in line for piece in ([run] if run.kept else _cut(run))]


def _cut(run: Run) -> Iterator[Run]:
    after = 0
    for match in _UNCHANGING.finditer(run.text):
        if match.start() > after:
            yield replace(run, text=run.text[after : match.start()])
        yield replace(run, text=match[0], kept=True)
        after = match.end()
    if after < len(run.text) or not run.text:
        yield replace(run, text=run.text[after:])
