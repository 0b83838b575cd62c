"""A line of runs in Apertium's stream format, and back. Pure.

A pipeline reads and writes a stream in which NUL ends a text, `[...]` holds what is not language, and a backslash
makes a reserved character plain. `[[...]]word[[/]]` is a word with something bound to it: the pipeline carries that to
the word's translation, wherever it comes to stand. So marks travel; what is kept travels as an unknown word (or, where
it stands for no word, as a blank) that is bound to its number. A full stop and an empty blank (`.[]`) end the line, as
Apertium's own `apertium-destxt` does, so that the tagger sees a sentence's end.

Source: https://wiki.apertium.org/wiki/Apertium_stream_format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from marinelayer.engines.language.runs import Line, joined, letters
from marinelayer.ports import Run

END = ".[]"
UNKNOWN = "Zqx"
"""A word that no dictionary has, for what is kept."""

_RESERVED = re.compile(r"[\^$/<>{}@\\*\[\]]")
_STREAM = re.compile(
    r"\\(?P<plain>.)|\[\[/\]\](?P<unbound>)|\[\[(?P<bound>[^\]]*)\]\]|\[(?P<blank>[^\]]*)\]|(?P<letter>.)", re.DOTALL
)
_BLANKS = re.compile(r" {2,}")


def encoded(line: Sequence[Run]) -> bytes:
    """A line in the stream's form. A tilde is no letter to Apertium, which would drop it: it goes as a blank."""
    written = "".join(_written(number, run) for number, run in enumerate(line))
    return (written + END).encode("utf-8", "replace") + b"\0"


def decoded(received: bytes, line: Sequence[Run]) -> Line | None:
    """The translation of `line` that the stream holds; None where what is kept is not in it exactly once."""
    text = received.rstrip(b"\0").decode("utf-8", "replace").removesuffix(END)
    found = list(_read(text, line))
    kept = [run for run in found if run.kept]
    if sorted(map(id, kept)) != sorted(id(run) for run in line if run.kept):
        return None
    translated = joined(found)
    if "  " not in letters(line):
        # Where a rule writes a blank of its own beside the text's, there are two.
        translated = [run if run.kept else Run(_BLANKS.sub(" ", run.text), run.mark) for run in translated]
    return translated


def _written(number: int, run: Run) -> str:
    if run.kept:
        return f"[[k{number}]]{UNKNOWN}[[/]]" if run.text else f"[k{number}]"
    plain = _RESERVED.sub(r"\\\g<0>", run.text.replace("\0", " ")).replace("~", "[~]")
    return f"[[m{run.mark}]]{plain}[[/]]" if run.mark and plain else plain


def _read(text: str, line: Sequence[Run]) -> Iterator[Run]:
    bound = ""
    for match in _STREAM.finditer(text):
        kind = match.lastgroup
        if kind == "bound":
            # Words that become one carry what both were bound to, the first one's first.
            bound = match["bound"].partition(";")[0].strip()
            kept = _kept(bound, line)
            if kept is not None:
                yield kept
        elif kind == "unbound":
            bound = ""
        elif kind == "blank":
            kept = _kept(match["blank"], line)
            yield kept if kept is not None else Run(match["blank"])
        elif not bound.startswith("k"):
            yield Run(match[0] if kind == "letter" else match["plain"], int(bound[1:] or 0))


def _kept(name: str, line: Sequence[Run]) -> Run | None:
    number = name.removeprefix("k")
    if name == number or not number.isdigit() or int(number) >= len(line):
        return None
    run = line[int(number)]
    return run if run.kept else None
