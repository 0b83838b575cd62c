"""An XML document as elements that know where their letters are, so that what is not changed stays as it was. Pure.

Entities can not be declared, since they can be made to grow without end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from marinelayer.ports import BadDocumentError

DEEPEST = 200


@dataclass(slots=True, eq=False)
class Node:
    """An element: `data[start:inner]` is its start tag, `data[tail:end]` its end tag (both empty ones in `<a/>`)."""

    tag: str
    start: int
    inner: int = 0
    tail: int = 0
    end: int = 0
    text: str = ""
    """The letters directly in it."""
    attributes: Mapping[str, str] | None = None
    children: list[Node] = field(default_factory=list["Node"])


def parse(data: bytes, *, attributes: bool = False) -> Node:
    """The document's root, by names with the prefixes that they are written with; its elements have their attributes
    where these are asked for, since an office document has millions.

    Raises:
        BadDocumentError: it is no XML in UTF-8, declares entities, or is nested too deep.
    """
    reader = _Reader(data, attributes=attributes)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadDocumentError(f"A part of the document is not valid XML: {error}") from None
    return reader.root.children[0]


class _Reader:
    def __init__(self, data: bytes, *, attributes: bool) -> None:
        self._data = data
        self._attributes = attributes
        self.root = Node("", 0)
        self._open = [self.root]
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declared
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
            raise BadDocumentError("A part of the document is not encoded in UTF-8.")

    def _entity(self, *_: object) -> None:
        raise BadDocumentError("A part of the document declares entities, which is not allowed.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) > DEEPEST:
            raise BadDocumentError("A part of the document is nested too deep.")
        start = self.parser.CurrentByteIndex
        node = Node(tag, start, inner=_behind_tag(self._data, start))
        if self._attributes:
            node.attributes = attributes
        self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, _tag: str) -> None:
        node = self._open.pop()
        at = self.parser.CurrentByteIndex
        empty = at <= node.start or self._data[node.inner - 2 : node.inner] == b"/>"
        node.tail = node.inner if empty else at
        node.end = node.inner if empty else _behind_tag(self._data, at)

    def _text(self, text: str) -> None:
        self._open[-1].text += text


def _behind_tag(data: bytes, start: int) -> int:
    """The place behind the tag that begins at `start`; a `>` in quotes does not end it."""
    at = start
    while True:
        close = data.index(b">", at)
        for quote in (b'"', b"'"):
            first = data.find(quote, at, close)
            other = data.find(b"'" if quote == b'"' else b'"', at, close)
            if first >= 0 and (other < 0 or first < other):
                at = data.index(quote, first + 1) + 1
                break
        else:
            return close + 1
