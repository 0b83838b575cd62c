"""Writing an answer's head, and telling how its body is delimited (RFC 9112, section 6; RFC 9110, section 6.4).

Pure but for the wall clock of the Date field.
"""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

from marinelayer.http import FileRange, Response

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in HTTPStatus}
_OURS = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "date"})
_WITHOUT_LENGTH = frozenset({204, *range(100, 200)})

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class BadAnswerError(Exception):
    """The answer can not be written as HTTP. The text says why; it names no header's value."""


class AnswerHead(NamedTuple):
    """The bytes of a head and what follows it: whether a body does, of which length (None: not known), in chunks or
    not, and whether the connection ends after it."""

    data: bytes
    has_body: bool
    length: int | None
    chunked: bool
    close: bool


class DateField:
    """The Date field, written once a second (RFC 9110, 6.6.1)."""

    __slots__ = ("_line", "_second")

    def __init__(self) -> None:
        self._second = 0
        self._line = ""

    def __call__(self) -> str:
        """`Date: Sun, 06 Nov 1994 08:49:37 GMT`."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._line = f"Date: {formatdate(second, usegmt=True)}"
        return self._line


class _Fields(NamedTuple):
    """A handler's headers, sorted out: the lines to write as they are, and what they say of framing."""

    lines: list[str]
    length: str | None
    close: bool


def compose_head(response: Response, *, method: str, minor: int, close: bool, date: DateField) -> AnswerHead:
    """The head of `response` to a `method` request of HTTP/1.`minor`; `close` ends the connection after it.

    Raises:
        BadAnswerError: a header would break the framing, or can not be written in Latin-1.
    """
    status = response.status
    lines, given, asks_to_close = _fields(response, date)
    bodiless = method == "HEAD" or status in _WITHOUT_LENGTH or status == HTTPStatus.NOT_MODIFIED
    length = _length(response, given, bodiless=bodiless)
    endless = length is None and not bodiless
    chunked = endless and minor == 1
    close = close or asks_to_close or (endless and not chunked)
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    elif length is not None and status not in _WITHOUT_LENGTH and (status != HTTPStatus.NOT_MODIFIED or given):
        lines.append(f"Content-Length: {length}")
    if close:
        lines.append("Connection: close")
    elif minor == 0:
        lines.append("Connection: keep-alive")
    lines.append("\r\n")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) or text.count("\r") != len(lines) or "\0" in text:
        raise BadAnswerError("a header holds a line break or a NUL")
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        raise BadAnswerError("a header holds characters that Latin-1 lacks") from None
    return AnswerHead(data, not bodiless, length, chunked, close)


def _fields(response: Response, date: DateField) -> _Fields:
    lines = [_STATUS_LINES.get(response.status) or f"HTTP/1.1 {response.status} Status"]
    length: str | None = None
    close = False
    dated = False
    for name, value in response.headers:
        lower = name.lower()
        if lower not in _OURS:
            lines.append(f"{name}: {value}")
        elif lower == "content-length":
            length = value
        elif lower == "date":
            lines.append(f"{name}: {value}")
            dated = True
        elif lower == "connection":
            close = value.lower() == "close"
    if not dated:
        lines.append(date())
    return _Fields(lines, length, close)


def _length(response: Response, given: str | None, *, bodiless: bool) -> int | None:
    """The number of bytes that the body has, or would have; None where only its end will tell."""
    body = response.body
    if isinstance(body, bytes):
        known = len(body)
    elif isinstance(body, FileRange):
        known = body.length
    else:
        known = None
    if given is None:
        return known
    if not (given.isascii() and given.isdigit()):
        raise BadAnswerError("the content-length is no number")
    if not bodiless and known is not None and known != int(given):
        raise BadAnswerError("the content-length is not that of the body")
    return int(given)
