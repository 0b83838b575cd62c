"""XML of strangers, read into plain elements under limits.

Rule 1: there is no DTD: a document type or an entity declaration is refused before anything is expanded. Rule 2: depth
and number of elements are bounded here, the size by whoever read the body. Names are local: a namespace prefix tells
nothing that the models need.
"""

from __future__ import annotations

from xml.parsers import expat

_SEPARATOR = "\n"
_MOST_ELEMENTS = 250_000
_DEEPEST = 64


class XmlError(ValueError):
    """The document is not well-formed, passes a limit, or declares types or entities."""


class Element:
    """One element: local name, local attribute names, the text directly in it, and its children in order."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.text = ""
        self.children: list[Element] = []

    def first(self, name: str) -> Element | None:
        """The first child of this name."""
        return next((child for child in self.children if child.name == name), None)


class _Builder:
    """Expat's events as a tree."""

    def __init__(self, most_elements: int) -> None:
        self.root: Element | None = None
        self._open: list[tuple[Element, list[str]]] = []
        self._left = most_elements

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0 or len(self._open) >= _DEEPEST:
            raise XmlError("too many or too deep elements")
        element = Element(_local(name), {_local(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1][0].children.append(element)
        else:
            self.root = element
        self._open.append((element, []))

    def end(self, name: str) -> None:
        element, pieces = self._open.pop()
        element.text = "".join(pieces)

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def refuse(self, *declaration: object) -> None:
        raise XmlError("documents must not declare types or entities")


def read_xml(data: bytes, *, most_elements: int = _MOST_ELEMENTS) -> Element:
    """The root element.

    Raises:
        XmlError: see there.
    """
    builder = _Builder(most_elements)
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, UnicodeError, LookupError) as error:
        raise XmlError(str(error)) from error
    if builder.root is None:
        raise XmlError("no element")
    return builder.root


def _local(name: str) -> str:
    return name.rpartition(_SEPARATOR)[2]
