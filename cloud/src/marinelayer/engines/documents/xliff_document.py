"""XLIFF 1.2: the text of each unit's source; its translation becomes the unit's target.

Inline elements with text (`g`, `mrk`) are elements of their block, those without (`x`, `ph`, `bpt`, ...) are kept where
they stand, and so is what is protected. Units that are marked `translate="no"` stay as they are, and all else does
letter for letter. Source: https://docs.oasis-open.org/xliff/v1.2/os/xliff-core.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.parsers import expat
from xml.sax.saxutils import escape

from marinelayer.engines.documents.blocks import Block, whole_words
from marinelayer.engines.documents.xml_tree import Node, parse
from marinelayer.engines.language.runs import letters, without_blanks
from marinelayer.ports import BadDocumentError, Run

MEDIA_TYPE = "application/x-xliff+xml"
VERSION = "1.2"
_LANGUAGE = re.compile(r"""\starget-language\s*=\s*("[^"]*"|'[^']*')""")


def texts(document: bytes) -> list[list[Run]]:
    """The sources of all units that are to be translated. Raises BadDocumentError."""
    file = _File(document)
    file.whole()
    return file.texts


def with_texts(document: bytes, new: Sequence[Sequence[Run]], language: str = "") -> bytes:
    """The document with these targets, and files that say that they are in `language`, where that is named. Raises
    BadDocumentError: they are not as many as its sources."""
    waiting = iter(new)
    written = _File(document, waiting, language).whole()
    if next(waiting, None) is not None:
        raise BadDocumentError("The document has another number of texts.")
    return written


class _File:
    """A document, of which the texts are taken out or, where there are new ones, put in."""

    def __init__(self, data: bytes, new: Iterator[Sequence[Run]] | None = None, language: str = "") -> None:
        self._data = data
        self._new = new
        self._language = language
        self.texts: list[list[Run]] = []

    def whole(self) -> bytes:
        """The document with its new texts; without such as it was, and then `texts` has them."""
        root = parse(self._data, attributes=True)
        if _name(root) != "xliff" or _attribute(root, "version") != VERSION:
            raise BadDocumentError(f"The document is no XLIFF of version {VERSION}.")
        written = self._slice(0, root.start) + self._written(root, translated=True)
        return (written + self._slice(root.end, len(self._data))).encode("utf-8", "surrogateescape")

    def _slice(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8", "surrogateescape")

    def _written(self, node: Node, *, translated: bool) -> str:
        """An element, with what is in it written."""
        translated = {"no": False, "yes": True}.get(_attribute(node, "translate"), translated)
        if _name(node) == "trans-unit":
            return self._unit(node) if translated else self._slice(node.start, node.end)
        pieces = [self._begun(node)]
        at = node.inner
        for child in node.children:
            pieces += [self._slice(at, child.start), self._written(child, translated=translated)]
            at = child.end
        pieces.append(self._slice(at, node.end))
        return "".join(pieces)

    def _begun(self, node: Node) -> str:
        """The start tag of an element; that of a file says the language of its targets."""
        tag = self._slice(node.start, node.inner)
        if _name(node) != "file" or not self._language:
            return tag
        said = f' target-language="{self._language}"'
        if _LANGUAGE.search(tag):
            return _LANGUAGE.sub(said, tag, count=1)
        end = "/>" if tag.endswith("/>") else ">"
        return tag.removesuffix(end) + said + end

    def _unit(self, node: Node) -> str:
        """A unit, whose source's translation is its target; one without words stays as it is."""
        source = next((child for child in node.children if _name(child) == "source"), None)
        target = next((child for child in node.children if _name(child) == "target"), None)
        content = None if source is None else self._translated(source)
        if source is None or content is None:
            return self._slice(node.start, node.end)
        if target is None:
            behind = next((child for child in node.children if _name(child) == "seg-source"), source).end
            tag = source.tag.removesuffix("source") + "target"
            opening, closing, after = f"<{tag}>", f"</{tag}>", behind
        else:
            behind, after = target.start, target.end
            opening, closing = self._slice(target.start, target.inner), self._slice(target.tail, target.end)
            if not closing:
                opening, closing = f"{opening.removesuffix('/>').rstrip()}>", f"</{target.tag}>"
        return f"{self._slice(node.start, behind)}{opening}{content}{closing}{self._slice(after, node.end)}"

    def _translated(self, source: Node) -> str | None:
        """What is to stand in the target of a source; None where that has no words."""
        block = Block()
        self._collect(block, source, inside=0)
        if not block.has_words():
            return None
        before, block.runs, after = without_blanks(block.runs)
        text = whole_words(block.runs)
        self.texts.append(text)
        new = text if self._new is None else next(self._new, None)
        if new is None:
            raise BadDocumentError("The document has another number of texts.")
        return escape(letters(before)) + block.written(new, lambda run: escape(run.text)) + escape(letters(after))

    def _collect(self, block: Block, node: Node, inside: int) -> None:
        """Take up what an element holds: text and inline elements."""
        at = node.inner
        for child in node.children:
            block.text(_letters(self._data[at : child.start]), inside=inside)
            at = child.end
            if child.inner == child.end or not _holds_words(child):
                block.whole(self._slice(child.start, child.end), inside=inside)
                continue
            number = block.element(self._slice(child.start, child.inner), parent=inside)
            block.elements[number - 1].closing = self._slice(child.tail, child.end)
            self._collect(block, child, number)
        block.text(_letters(self._data[at : node.tail]), inside=inside)


def _name(node: Node) -> str:
    """An element's name without its prefix."""
    return node.tag.rpartition(":")[2]


def _attribute(node: Node, name: str) -> str:
    return (node.attributes or {}).get(name, "")


def _holds_words(node: Node) -> bool:
    return _name(node) == "g" or (_name(node) == "mrk" and _attribute(node, "mtype") != "protected")


def _letters(data: bytes) -> str:
    """The letters of a piece between elements."""
    pieces: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.CharacterDataHandler = pieces.append
    parser.Parse(b"<x>" + data + b"</x>", True)
    return "".join(pieces)
