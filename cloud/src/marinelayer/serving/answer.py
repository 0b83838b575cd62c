"""Writing an answer's head, and telling how its body is delimited (RFC 9112, section 6; RFC 9110, section 6.4).

Pure but for the wall clock of the Date field.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

from marinelayer.http import FileRange, Response, ThreadedBody

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
_OURS = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "date"})
_WITHOUT_LENGTH = frozenset({204, *range(100, 200)})
_WITHOUT_BODY = _WITHOUT_LENGTH | {304}

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


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
        """`Date: Sun, 06 Nov 1994 08:49:37 GMT` and the end of the line."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._line = f"Date: {formatdate(second, usegmt=True)}\r\n"
        return self._line


def compose_head(response: Response, *, method: str, minor: int, close: bool, date: DateField) -> AnswerHead:
    """The head of `response` to a `method` request of HTTP/1.`minor`; `close` ends the connection after it.

    Raises:
        BadAnswerError: a header would break the framing, or can not be written in Latin-1.
    """
    status = response.status
    fields, ours = _fields(response)
    given = ours.get("content-length")
    bodiless = method == "HEAD" or status in _WITHOUT_BODY
    length = _length(response, given, bodiless=bodiless)
    chunked = length is None and minor == 1 and not bodiless
    close = close or ours.get("connection", "").lower() == "close" or (length is None and not chunked and not bodiless)
    if chunked:
        framing = "Transfer-Encoding: chunked\r\n"
    elif length is None or status in _WITHOUT_LENGTH or (status == HTTPStatus.NOT_MODIFIED and not given):
        framing = ""
    else:
        framing = f"Content-Length: {length}\r\n"
    if close:
        framing += "Connection: close\r\n"
    elif minor == 0:
        framing += "Connection: keep-alive\r\n"
    line = _STATUS_LINES.get(status) or f"HTTP/1.1 {status} Status\r\n"
    dated = f"Date: {ours['date']}\r\n" if "date" in ours else date()
    try:
        data = f"{line}{fields}{dated}{framing}\r\n".encode("latin-1")
    except UnicodeEncodeError:
        raise BadAnswerError("a header holds characters that Latin-1 lacks") from None
    return AnswerHead(data, not bodiless, length, chunked, close)


def _fields(response: Response) -> tuple[str, Mapping[str, str]]:
    """The handler's headers as they are written, and apart from them those that are ours to write."""
    text = ""
    count = 0
    ours: dict[str, str] = {}
    for name, value in response.headers:
        lower = name.lower()
        if lower in _OURS:
            ours[lower] = value
            if "\n" in value or "\r" in value:
                raise BadAnswerError("a header holds a line break")
        else:
            text += f"{name}: {value}\r\n"
            count += 1
    if text.count("\n") != count or text.count("\r") != count or "\0" in text:
        raise BadAnswerError("a header holds a line break or a NUL")
    return text, ours


def _length(response: Response, given: str | None, *, bodiless: bool) -> int | None:
    """The number of bytes that the body has, or would have; None where only its end will tell."""
    body = response.body
    if isinstance(body, bytes):
        known = len(body)
    elif isinstance(body, (FileRange, ThreadedBody)):
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
