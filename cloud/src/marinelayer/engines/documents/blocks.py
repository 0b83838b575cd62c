"""A block: a paragraph of marked-up text as runs, and its runs, translated, as markup again. Pure.

Every piece of markup within a block has a number: an element that holds words, or something that holds none and is kept
as it is. A run's mark is the number of the innermost element that it is in, or of what it is. Rule 1: each element
comes out once, around all words that carry it, with its tags letter for letter; only a formatting comes out as often as
its words are parted. Rule 2: what was properly nested stays so; where a translation has torn an element apart, it ends
where the next one of its level begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from marinelayer.ports import Run

_WIDE = 0x2E80
"""From here on, scripts do not part words by blanks."""


@dataclass(slots=True)
class Element:
    """Markup within a block: what opens and closes it, and the number of the element around it (0: none). What is
    `whole` holds no words to translate and is `opening` altogether."""

    opening: str
    closing: str = ""
    parent: int = 0
    whole: bool = False
    formatting: bool = False
    """Whether it may come out more than once, or not at all."""


@dataclass(slots=True)
class Block:
    """A paragraph: its runs, and its elements by number, from 1."""

    runs: list[Run] = field(default_factory=list[Run])
    elements: list[Element] = field(default_factory=list[Element])

    def element(self, opening: str, *, parent: int) -> int:
        """Begin an element within `parent`; its number."""
        self.elements.append(Element(opening=opening, parent=parent))
        return len(self.elements)

    def formatting(self, opening: str, closing: str, *, parent: int) -> int:
        """The number of a formatting within `parent`, which is the same each time that it is asked for."""
        element = Element(opening=opening, closing=closing, parent=parent, formatting=True)
        if element not in self.elements:
            self.elements.append(element)
        return self.elements.index(element) + 1

    def text(self, text: str, *, inside: int) -> None:
        """Add text within an element (0: none)."""
        last = self.runs[-1] if self.runs else None
        if last is not None and not last.kept and last.mark == inside:
            self.runs[-1] = replace(last, text=last.text + text)
        elif text:
            self.runs.append(Run(text, inside))

    def whole(self, markup: str, *, inside: int, word: str = "") -> None:
        """Add markup that is kept as it is; `word` is what it stands for in the sentence, "" for nothing."""
        self.elements.append(Element(opening=markup, parent=inside, whole=True))
        self.runs.append(Run(word, len(self.elements), kept=True))

    def has_words(self) -> bool:
        """Whether there is anything to translate."""
        return any(not run.kept and any(letter.isalpha() for letter in run.text) for run in self.runs)

    def written(self, runs: Sequence[Run], text: Callable[[Run], str]) -> str:
        """The block with other runs. `text` writes the text of a run."""
        writer = _Writer(self.elements, list(runs), text)
        return writer.written()


class _Writer:
    def __init__(self, elements: Sequence[Element], runs: list[Run], text: Callable[[Run], str]) -> None:
        self._elements = elements
        self._runs = runs
        self._text = text
        self._written: set[int] = set()
        self._around = [self._chain(run.mark) for run in runs]

    def written(self) -> str:
        body = self._within(0, 0, len(self._runs), frozenset())
        # What no word carries any more must not be lost.
        left = (
            element
            for number, element in enumerate(self._elements, 1)
            if number not in self._written and not element.formatting
        )
        return body + "".join(element.opening + element.closing for element in left)

    def _chain(self, mark: int) -> list[int]:
        """The elements around, the innermost first."""
        chain: list[int] = []
        while mark:
            chain.append(mark)
            mark = self._elements[mark - 1].parent
        return chain

    def _within(self, parent: int, low: int, high: int, outside: frozenset[int]) -> str:
        """The runs from `low` to `high`, which all stand in `parent`."""
        pieces: list[str] = []
        at = low
        for number, first, last in self._spans(parent, low, high, outside):
            pieces += map(self._run, self._runs[at:first])
            pieces.append(self._element(number, first, last, outside))
            at = last
        pieces += map(self._run, self._runs[at:high])
        return "".join(pieces)

    def _element(self, number: int, first: int, last: int, outside: frozenset[int]) -> str:
        element = self._elements[number - 1]
        if not element.formatting:
            self._written.add(number)
        if element.whole:
            return element.opening
        inner = self._within(number, first, last, outside | {number})
        return f"{element.opening}{inner}{element.closing}"

    def _run(self, run: Run) -> str:
        element = self._elements[run.mark - 1] if run.mark else None
        return "" if element is not None and element.whole else self._text(run)

    def _spans(self, parent: int, low: int, high: int, outside: frozenset[int]) -> list[tuple[int, int, int]]:
        """The elements directly in `parent` that are in these runs, each from its first to its last, cut where the next
        begins; a formatting as often as it is interrupted."""
        spans: list[list[int]] = []
        of: dict[int, list[int]] = {}
        for at in range(low, high):
            number = next((one for one in self._around[at] if self._elements[one - 1].parent == parent), 0)
            if not number or number in outside or number in self._written:
                continue
            span = of.get(number)
            if span is None or (self._elements[number - 1].formatting and span[2] != at):
                span = of[number] = [number, at, at]
                spans.append(span)
            span[2] = at + 1
        spans.sort(key=lambda span: span[1])
        after = [*(first for _, first, _ in spans[1:]), high]
        return [(number, first, min(last, end)) for (number, first, last), end in zip(spans, after, strict=False)]


def whole_words(runs: Iterable[Run]) -> list[Run]:
    """The runs with every word in one of them, that of its first letter: half a word can not be translated."""
    words: list[Run] = []
    for run in runs:
        last = words[-1] if words else None
        if last is None or last.kept or run.kept or not _inside_word(last.text[-1:], run.text[:1]):
            words.append(run)
            continue
        end = next((at for at, letter in enumerate(run.text) if not _parts(letter)), len(run.text))
        words[-1] = replace(last, text=last.text + run.text[:end])
        if end < len(run.text):
            words.append(replace(run, text=run.text[end:]))
    return words


def _inside_word(before: str, after: str) -> bool:
    return bool(before and after) and _parts(before) and _parts(after)


def _parts(letter: str) -> bool:
    return letter.isalnum() and ord(letter) < _WIDE
