"""HTML: the text between tags as blocks; tags, attributes, comments, scripts and styles stay letter for letter.

Inline tags are elements of their block, everything else ends a block. What is marked `translate="no"`, as HTML and
Amazon Translate say, is kept. Source: https://html.spec.whatwg.org/multipage/dom.html#attr-translate,
https://docs.aws.amazon.com/translate/latest/dg/customizing-translations-tags.html.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from marinelayer.engines.documents.blocks import Block, whole_words
from marinelayer.engines.language.runs import letters, without_blanks
from marinelayer.ports import BadDocumentError, Run

# fmt: off
INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var",
})
EMPTY_INLINE = frozenset({"img", "input", "wbr"})
"""Inline elements that have no end."""
VOID = EMPTY_INLINE | frozenset({
    "area", "base", "br", "col", "embed", "hr", "link", "meta", "param", "source", "track",
})
UNSPOKEN = frozenset({"script", "style", "template", "textarea", "noscript", "math", "svg", "object", "iframe"})
"""Elements whose content is not read as text."""
# fmt: on
VERBATIM = "pre"
SELF_ENDING = frozenset(["p", "li", "dt", "dd", "td", "th", "tr", "option"])
"""Elements that the next one of their name ends."""
_BLANKS = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """`start`, `end`, `text` or `other`."""
    name: str
    raw: str
    translate: str = ""


class _Scanner(HTMLParser):
    """Cuts a document into tokens, of which it loses no letter."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, int, str, str, str]] = []

    def _note(self, kind: str, name: str = "", translate: str = "") -> None:
        line, column = self.getpos()
        self.found.append((line, column, kind, name, translate))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note("start", tag, dict(attrs).get("translate", "inherit") or "yes")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # HTML knows no such thing but for elements without an end, and in SVG and MathML.
        self._note("start" if tag in VOID else "other", tag)

    def handle_endtag(self, tag: str) -> None:
        self._note("end", tag)

    def handle_data(self, data: str) -> None:
        self._note("text")

    def handle_entityref(self, name: str) -> None:
        self._note("text")

    def handle_charref(self, name: str) -> None:
        self._note("text")

    def handle_comment(self, data: str) -> None:
        self._note("other")

    def handle_decl(self, decl: str) -> None:
        self._note("other")

    def handle_pi(self, data: str) -> None:
        self._note("other")

    def unknown_decl(self, data: str) -> None:
        self._note("other")


def _tokens(source: str) -> Iterator[_Token]:
    scanner = _Scanner()
    scanner.feed(source)
    scanner.close()
    lines = [0, *(match.end() for match in re.finditer("\n", source))]
    places = [
        (lines[line - 1] + column, kind, name, translate) for line, column, kind, name, translate in scanner.found
    ]
    ends = [place[0] for place in places[1:]] + [len(source)]
    if not places or places[0][0]:
        yield _Token("other", "", source[: places[0][0]] if places else source)
    for (start, kind, name, translate), end in zip(places, ends, strict=False):
        yield _Token(kind, name, source[start:end], translate.lower())


@dataclass(slots=True)
class _Open:
    """An element that has begun: whether its text is translated, and its number in the block, 0 for none."""

    name: str
    translated: bool
    number: int = 0


@dataclass(slots=True)
class _Reader:
    """Reads tokens into markup that stays and blocks, in turns."""

    parts: list[str | Block] = field(default_factory=list["str | Block"])
    _open: list[_Open] = field(default_factory=list[_Open])
    _block: Block = field(default_factory=Block)
    _raw: list[str] = field(default_factory=list[str])
    _frozen: list[_Token] = field(default_factory=list[_Token])
    """An inline element that is kept whole, as far as it was read."""

    def read(self, tokens: Iterator[_Token]) -> list[str | Block]:
        for token in tokens:
            if self._frozen:
                self._freeze(token)
            elif token.kind == "text":
                self._text(token)
            elif token.kind == "start":
                self._start(token)
            elif token.kind == "end":
                self._end(token)
            elif self._inside_block():
                self._keep(token.raw)
            else:
                self.parts.append(token.raw)
        self._finish()
        # What is kept whole and has no end may hold anything: nothing may come to stand behind it.
        self.parts += [token.raw for token in self._frozen]
        return self.parts

    def _freeze(self, token: _Token) -> None:
        """Take up a part of what is kept whole; its end is that of its first element."""
        self._frozen.append(token)
        name = self._frozen[0].name
        begun = sum(one.kind == "start" and one.name == name for one in self._frozen)
        if begun == sum(one.kind == "end" and one.name == name for one in self._frozen):
            self._thaw()

    def _thaw(self) -> None:
        word = html.unescape("".join(one.raw for one in self._frozen if one.kind == "text"))
        self._keep("".join(one.raw for one in self._frozen), " ".join(word.split()))
        self._frozen = []

    def _inside_block(self) -> bool:
        return bool(self._raw)

    def _translated(self) -> bool:
        return self._open[-1].translated if self._open else True

    def _number(self) -> int:
        return next((one.number for one in reversed(self._open) if one.number), 0)

    def _keep(self, raw: str, word: str = "") -> None:
        self._raw.append(raw)
        self._block.whole(raw, inside=self._number(), word=word)

    def _text(self, token: _Token) -> None:
        if not self._translated():
            self._finish()
            self.parts.append(token.raw)
            return
        self._raw.append(token.raw)
        self._block.text(html.unescape(token.raw), inside=self._number())

    def _start(self, token: _Token) -> None:
        if token.name in SELF_ENDING and self._open and self._open[-1].name == token.name:
            self._finish()
            self._open.pop()
        translated = {"no": False, "yes": True}.get(token.translate, self._translated())
        translated = translated and token.name not in UNSPOKEN
        if token.name in EMPTY_INLINE:
            self._keep(token.raw)
        elif token.name in INLINE and self._translated():
            if not translated:
                self._frozen = [token]
                return
            self._open.append(_Open(token.name, translated, self._block.element(token.raw, parent=self._number())))
            self._raw.append(token.raw)
        else:
            self._finish()
            self.parts.append(token.raw)
            if token.name not in VOID:
                self._open.append(_Open(token.name, translated))

    def _end(self, token: _Token) -> None:
        depth = next((at for at in range(len(self._open) - 1, -1, -1) if self._open[at].name == token.name), None)
        ended = self._open[depth] if depth is not None else None
        if token.name in INLINE and self._translated():
            if ended is not None:
                self._open.remove(ended)
            if ended is not None and ended.number:
                self._block.elements[ended.number - 1].closing = token.raw
                self._raw.append(token.raw)
            else:
                self._keep(token.raw)
            return
        self._finish()
        self.parts.append(token.raw)
        if depth is not None:
            del self._open[depth:]

    def _finish(self) -> None:
        """End the block: as a block if it has words, else as it was."""
        if self._block.has_words():
            before, runs, after = without_blanks(self._block.runs)
            if not any(one.name == VERBATIM for one in self._open):
                runs = [run if run.kept else replace(run, text=_BLANKS.sub(" ", run.text)) for run in runs]
            self._block.runs = runs
            self.parts += [_escaped(Run(letters(before))), self._block, _escaped(Run(letters(after)))]
        else:
            self.parts.append("".join(self._raw))
        self._block, self._raw = Block(), []
        for one in self._open:
            # An inline element that goes on behind a block is opened once, and belongs to none.
            one.number = 0


def _parts(document: bytes) -> list[str | Block]:
    try:
        source = document.decode("utf-8")
    except UnicodeDecodeError:
        raise BadDocumentError("The document is not encoded in UTF-8.") from None
    return _Reader().read(_tokens(source))


def texts(document: bytes) -> list[list[Run]]:
    """The blocks' texts. Raises BadDocumentError: it is not UTF-8."""
    return [whole_words(part.runs) for part in _parts(document) if isinstance(part, Block)]


def with_texts(document: bytes, new: Sequence[Sequence[Run]]) -> bytes:
    """The document with these texts in its blocks. Raises BadDocumentError: they are not as many as its blocks."""
    parts = _parts(document)
    if sum(isinstance(part, Block) for part in parts) != len(new):
        raise BadDocumentError("The document has another number of texts.")
    waiting = iter(new)
    written = (part if isinstance(part, str) else part.written(next(waiting), _escaped) for part in parts)
    return "".join(written).encode("utf-8", "replace")


def _escaped(run: Run) -> str:
    return html.escape(run.text, quote=False).replace("\xa0", "&nbsp;")
