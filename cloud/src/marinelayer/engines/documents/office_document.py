"""Office Open XML (docx, pptx, xlsx): the text of paragraphs, with the formatting of their runs.

A document is a ZIP archive of XML parts. Of the parts that hold text, paragraphs become blocks: a run's formatting is
its mark, hyperlinks and the like are elements, and what is no text (pictures, tabs, fields) is kept where it stands.
All else stays letter for letter. Source: ECMA-376, parts 1 (WordprocessingML, PresentationML, SpreadsheetML) and 2.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from marinelayer.engines.documents.blocks import Block, whole_words
from marinelayer.engines.documents.xml_tree import Node, parse
from marinelayer.ports import BadDocumentError, Run

MOST_PARTS = 5_000
MOST_BYTES = 128 << 20
"""Of all parts together, unpacked."""
MOST_RATIO = 200
"""How many times its size a part may have unpacked, beyond its first megabyte."""


@dataclass(frozen=True, slots=True)
class Format:
    """Where a format has its text: which parts, and what paragraphs, runs and texts are called in them."""

    parts: re.Pattern[str]
    paragraph: str
    run: str
    text: str
    properties: str
    first: frozenset[str]
    """What stays at the head of a paragraph."""
    last: frozenset[str]
    around: frozenset[str]
    """Elements around runs."""


_WORD = Format(
    parts=re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"),
    paragraph="w:p",
    run="w:r",
    text="w:t",
    properties="w:rPr",
    first=frozenset({"w:pPr"}),
    last=frozenset(),
    around=frozenset({"w:hyperlink", "w:ins", "w:smartTag", "w:fldSimple"}),
)
_SLIDES = Format(
    parts=re.compile(r"ppt/(?:slides/slide|notesSlides/notesSlide)\d+\.xml"),
    paragraph="a:p",
    run="a:r",
    text="a:t",
    properties="a:rPr",
    first=frozenset({"a:pPr"}),
    last=frozenset({"a:endParaRPr"}),
    around=frozenset(),
)
_SHEETS = Format(
    parts=re.compile(r"xl/sharedStrings\.xml"),
    paragraph="si",
    run="r",
    text="t",
    properties="rPr",
    first=frozenset(),
    last=frozenset({"rPh", "phoneticPr"}),
    around=frozenset(),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
FORMATS: Mapping[str, Format] = {
    f"{_OFFICE}wordprocessingml.document": _WORD,
    f"{_OFFICE}presentationml.presentation": _SLIDES,
    f"{_OFFICE}spreadsheetml.sheet": _SHEETS,
}


class _Part:
    """One part, of which the texts are taken out or, where there are new ones, put in."""

    def __init__(self, data: bytes, form: Format, new: Iterator[Sequence[Run]] | None = None) -> None:
        self._data = data
        self._form = form
        self._new = new
        self._done: dict[int, str] = {}
        self.texts: list[list[Run]] = []

    def whole(self) -> bytes:
        """The part with its new texts; without such as it was, and then `texts` has them."""
        root = parse(self._data)
        written = self._slice(0, root.start) + self._written(root) + self._slice(root.end, len(self._data))
        return written.encode("utf-8", "surrogateescape")

    def _written(self, node: Node) -> str:
        """An element; asked again it is the same, and takes no further text."""
        if id(node) not in self._done:
            paragraph = node.tag == self._form.paragraph and bool(node.children)
            self._done[id(node)] = self._paragraph(node) if paragraph else self._as_it_is(node)
        return self._done[id(node)]

    def _as_it_is(self, node: Node) -> str:
        """An element, with what is in it written."""
        pieces: list[str] = []
        at = node.start
        for child in node.children:
            pieces += [self._slice(at, child.start), self._written(child)]
            at = child.end
        pieces.append(self._slice(at, node.end))
        return "".join(pieces)

    def _slice(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8", "surrogateescape")

    def _paragraph(self, node: Node) -> str:
        form = self._form
        head = [child for child in node.children if child.tag in form.first]
        tail = [child for child in node.children if child.tag in form.last]
        block = Block()
        self._collect(block, [child for child in node.children if child.tag not in form.first | form.last], inside=0)
        if not block.has_words():
            return self._as_it_is(node)
        usual = _usual(block)
        text = [replace(run, mark=0) if run.mark == usual and not run.kept else run for run in whole_words(block.runs)]
        self.texts.append(text)
        new = text if self._new is None else next(self._new, None)
        if new is None:
            raise BadDocumentError("The document has another number of texts.")
        body = block.written(new, lambda run: _formatted(block, usual, run))
        return "".join(
            [
                self._slice(node.start, node.inner),
                *map(self._written, head),
                body,
                *map(self._written, tail),
                self._slice(node.tail, node.end),
            ]
        )

    def _collect(self, block: Block, nodes: Sequence[Node], inside: int) -> None:
        """Take up what a paragraph holds."""
        form = self._form
        for node in nodes:
            if node.tag == form.run:
                self._run(block, node, inside)
            elif node.tag in form.around:
                number = block.element(self._slice(node.start, node.inner), parent=inside)
                block.elements[number - 1].closing = self._slice(node.tail, node.end)
                self._collect(block, node.children, number)
            elif node.tag == form.text:
                # A spreadsheet's text without formatting.
                block.text(node.text, inside=block.formatting(*self._text_tags("", ""), parent=inside))
            else:
                block.whole(self._written(node), inside=inside)

    def _run(self, block: Block, node: Node, inside: int) -> None:
        """A run: its texts, and what else is in it as runs of the same formatting."""
        form = self._form
        properties = "".join(
            self._slice(child.start, child.end) for child in node.children if child.tag == form.properties
        )
        opening, closing = f"<{form.run}>{properties}", f"</{form.run}>"
        for child in node.children:
            if child.tag == form.text:
                tags = self._text_tags(opening, closing)
                block.text(child.text, inside=block.formatting(*tags, parent=inside))
            elif child.tag != form.properties:
                block.whole(f"{opening}{self._written(child)}{closing}", inside=inside)

    def _text_tags(self, opening: str, closing: str) -> tuple[str, str]:
        tag = self._form.text
        space = "" if ":" in tag and not tag.startswith("w:") else ' xml:space="preserve"'
        return f"{opening}<{tag}{space}>", f"</{tag}>{closing}"


def _usual(block: Block) -> int:
    """The formatting of most letters that are in nothing else, which need not be marked."""
    letters: Counter[int] = Counter()
    for run in block.runs:
        if run.mark and not run.kept and block.elements[run.mark - 1].parent == 0:
            letters[run.mark] += len(run.text)
    return letters.most_common(1)[0][0] if letters else 0


def _formatted(block: Block, usual: int, run: Run) -> str:
    """A run's text, with a formatting where it has none: the usual one, or the first."""
    text = escape(run.text)
    if not text or (run.mark and block.elements[run.mark - 1].formatting):
        return text
    chosen = usual or next(number for number, element in enumerate(block.elements, 1) if element.formatting)
    element = block.elements[chosen - 1]
    return f"{element.opening}{text}{element.closing}"


# --- the archive -----------------------------------------------------------------------------------------------


def texts(document: bytes, media_type: str) -> list[list[Run]]:
    """The texts of all paragraphs, part by part. Raises BadDocumentError."""
    form = FORMATS[media_type]
    found: list[list[Run]] = []
    for name, data in _unpacked(document):
        if form.parts.fullmatch(name):
            part = _Part(data, form)
            part.whole()
            found += part.texts
    return found


def with_texts(document: bytes, media_type: str, new: Sequence[Sequence[Run]]) -> bytes:
    """The document with these texts. Raises BadDocumentError: they are not as many as its paragraphs."""
    form = FORMATS[media_type]
    waiting = iter(new)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as archive, zipfile.ZipFile(packed, "w") as target:
        for name, data in _unpacked(document):
            entry = archive.getinfo(name)
            written = _Part(data, form, waiting).whole() if form.parts.fullmatch(name) else data
            target.writestr(entry, written, compress_type=entry.compress_type)
    if next(waiting, None) is not None:
        raise BadDocumentError("The document has another number of texts.")
    return packed.getvalue()


def _unpacked(document: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the archive's parts, within bounds."""
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_PARTS:
                raise BadDocumentError(f"The document has {len(entries)} parts, more than {MOST_PARTS}.")
            left = MOST_BYTES
            for entry in entries:
                data = _read(archive, entry, left)
                left -= len(data)
                yield entry.filename, data
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise BadDocumentError(f"The document is no archive that can be read: {error}") from None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """A part's bytes. What the archive says of their size may be wrong, and is not believed."""
    most = min(left, (1 << 20) + MOST_RATIO * entry.compress_size)
    with archive.open(entry) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise BadDocumentError("The document is too large when it is unpacked.")
    return data
