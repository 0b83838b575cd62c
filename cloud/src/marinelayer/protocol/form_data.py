"""The framing of multipart/form-data, decoded as the bytes arrive: a browser's form, with a file in it.

    form      = [preamble CRLF] *( "--" boundary *LWSP CRLF head CRLF content CRLF ) "--" boundary "--" [epilogue]
    head      = *( name ":" value CRLF )

Rule 1: content is passed on as it comes; no more is held back than could be the beginning of a delimiter, or one
part's head. Rule 2: how the client's bytes are cut into packets changes no event but where content is cut. Rule 3:
nothing is a field that its delimiters do not end.

Pure. It must not know what a form is for. Sources: RFC 7578; RFC 2046, section 5.1.1; the WHATWG HTML standard, section
4.10.21.8, for how browsers write names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from marinelayer.protocol.refusals import MalformedPOSTRequest

_MOST_HEAD = 8 * 1024
_MOST_PADDING = 64
_BOUNDARY = re.compile(r"""(?:^|;)\s*boundary=(?:"([^"\\]*)"|([^\s;"]+))\s*(?=;|$)""", re.IGNORECASE)
# RFC 2046: boundary := 0*69<bchars> bcharsnospace
_BOUNDARY_CHARACTERS = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_PARAMETER = re.compile(r';\s*([A-Za-z*]+)=("(?:[^"\\]|\\.)*"|[^\s;"]*)\s*(?=;|$)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class PartStart:
    """A field begins. `filename` is None where the field is no file."""

    name: str
    filename: str | None


@dataclass(frozen=True, slots=True)
class Data:
    """Some bytes of the field, never empty."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """All bytes of the field have been passed on."""


Event = PartStart | Data | PartEnd


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type of multipart/form-data names.

    Raises:
        MalformedPOSTRequest: it names none that RFC 2046 allows.
    """
    found = _BOUNDARY.search(content_type.partition(";")[2])
    boundary = (found[1] if found[1] is not None else found[2]) if found else ""
    if not _BOUNDARY_CHARACTERS.fullmatch(boundary):
        raise MalformedPOSTRequest
    return boundary.encode("ascii")


class _State(Enum):
    PREAMBLE = auto()
    DELIMITER = auto()
    HEAD = auto()
    CONTENT = auto()
    EPILOGUE = auto()


class Decoder:
    """Decodes one form. Feed it what arrives, then `finish` it."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"\r\n--" + boundary
        # The first delimiter needs no line break before it: it is given one.
        self._held = bytearray(b"\r\n")
        self._fed = len(self._held)
        self._state = _State.PREAMBLE

    @property
    def consumed(self) -> int:
        """Bytes of the form that no later event tells of."""
        return self._fed - len(self._held)

    def feed(self, data: bytes) -> Iterator[Event]:
        """What `data` completes. Iterate to the end before feeding more.

        Raises:
            MalformedPOSTRequest: it is no form.
        """
        self._held += data
        self._fed += len(data)
        entered: _State | None = None
        # What is held says more for as long as it leads from one state into another.
        while entered is not self._state:
            entered = self._state
            match entered:
                case _State.PREAMBLE:
                    self._until_delimiter()
                case _State.DELIMITER:
                    self._after_delimiter()
                case _State.HEAD:
                    yield from self._head()
                case _State.CONTENT:
                    yield from self._content()
                case _State.EPILOGUE:
                    self._held.clear()

    def finish(self) -> None:
        """Say that nothing more arrives.

        Raises:
            MalformedPOSTRequest: the form has not ended.
        """
        if self._state is not _State.EPILOGUE:
            raise MalformedPOSTRequest

    def _content(self) -> Iterator[Event]:
        content = self._until_delimiter()
        if content:
            yield Data(content)
        if self._state is _State.DELIMITER:
            yield PartEnd()

    def _until_delimiter(self) -> bytes:
        """Take what is certainly before the next delimiter, and the delimiter too where it has come."""
        held = self._held
        place = held.find(self._delimiter)
        if place >= 0:
            content = bytes(held[:place])
            del held[: place + len(self._delimiter)]
            self._state = _State.DELIMITER
            return content
        # A delimiter may have begun within the last bytes, and only at a carriage return.
        begun = held.find(b"\r", max(0, len(held) - len(self._delimiter) + 1))
        while begun >= 0 and not self._delimiter.startswith(held[begun:]):
            begun = held.find(b"\r", begun + 1)
        end = len(held) if begun < 0 else begun
        content = bytes(held[:end])
        del held[:end]
        return content

    def _after_delimiter(self) -> None:
        """Tell the last delimiter from another, once that is known."""
        held = self._held
        if held.startswith(b"--"):
            self._state = _State.EPILOGUE
            return
        end = held.find(b"\r\n")
        padding = bytes(held if end < 0 else held[:end])
        if end < 0 and (padding == b"-" or padding.endswith(b"\r")):
            padding = padding[:-1]
        if padding.strip(b" \t") or len(padding) > _MOST_PADDING:
            raise MalformedPOSTRequest
        if end >= 0:
            # The line break stays, as the one before the head's first line.
            del held[:end]
            self._state = _State.HEAD

    def _head(self) -> Iterator[Event]:
        """The part's name and filename once its head is whole."""
        end = self._held.find(b"\r\n\r\n")
        if end > _MOST_HEAD or (end < 0 and len(self._held) > _MOST_HEAD + 3):
            raise MalformedPOSTRequest
        if end >= 0:
            head = bytes(self._held[2:end]).decode("utf-8", "replace")
            del self._held[: end + 4]
            self._state = _State.CONTENT
            yield _part(head)


def _part(head: str) -> PartStart:
    for line in head.split("\r\n"):
        field, colon, value = line.partition(":")
        if colon and field.strip().lower() == "content-disposition":
            kind, _, _ = value.partition(";")
            parameters = {found[1].lower(): _unquoted(found[2]) for found in _PARAMETER.finditer(value)}
            if kind.strip().lower() == "form-data" and "name" in parameters:
                return PartStart(parameters["name"], parameters.get("filename"))
    raise MalformedPOSTRequest


def _unquoted(text: str) -> str:
    """A parameter's value. Only quotes are escaped: a backslash may be part of a Windows path, as old browsers send."""
    return text[1:-1].replace('\\"', '"') if text.startswith('"') else text
