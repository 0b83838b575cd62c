"""Reading a request's head (RFC 9112, sections 2 to 6) and telling how long its body is.

Strict where two readers of the same bytes could differ, since that is how requests are smuggled past one of them.
Pure: it gets the bytes before the empty line and must not know where they came from.

Rule 1: what the client signed is kept as it was sent. Rule 2: what is not plainly right is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from marinelayer.http import Headers
from marinelayer.model.errors import MalformedRequest

# RFC 9110, 5.6.2: token = 1*tchar
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# RFC 9110, 4.2 without userinfo, and only the characters, and as many, as names in DNS and buckets have.
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{1,64}\])(?::[0-9]{0,5})?")
_LENGTH = re.compile(r"[0-9]{1,18}")
# Every control but HTAB. CR and LF are among them: what is left of them after CRLFs are counted was bare.
_CONTROLS = bytes(code for code in range(0x20) if code != 0x09) + b"\x7f"
_KNOWN_NAMES_LIMIT = 512

Form = Literal["origin", "absolute", "authority"]


@dataclass(slots=True, kw_only=True)
class Head:
    """A request's head. `length` is None without Content-Length; `persistent` whether the client lets the
    connection stay; `expects` whether it waits for 100 before it sends the body."""

    method: str
    form: Form
    path: str
    query: str
    host: str
    headers: Headers
    minor: int
    length: int | None
    chunked: bool
    persistent: bool
    expects: bool


class FieldNames(dict[str, str]):
    """Lower-case field names (and methods) by how they were written, so that each spelling is judged once. Bounded.

    Looking up what is no token (a blank before the colon, a folded line) raises MalformedRequest.
    """

    def __missing__(self, written: str) -> str:
        if not _TOKEN.fullmatch(written):
            raise MalformedRequest("A method or a header's name is not valid.")
        name = written.lower()
        if len(self) < _KNOWN_NAMES_LIMIT:
            self[written] = name
        return name


def has_stray_controls(data: bytes) -> bool:
    """Whether the bytes, which may end anywhere, can be no part of a head: a control, or a CR or LF alone."""
    lines = data.count(b"\r\n")
    stray = len(data) - len(data.translate(None, _CONTROLS)) - 2 * lines
    return stray > (1 if data.endswith(b"\r") else 0)


def parse_head(data: bytes, names: FieldNames) -> Head:
    """The head that `data` is, without the empty line that ends it.

    Raises:
        MalformedRequest: it is not plainly right.
    """
    lines = data.decode("latin-1").split("\r\n")
    if len(data) - len(data.translate(None, _CONTROLS)) != 2 * (len(lines) - 1):
        raise MalformedRequest("The request has control characters.")
    try:
        method, target, version = lines[0].split(" ")
    except ValueError:
        raise MalformedRequest("The request line is not valid.") from None
    if version not in ("HTTP/1.1", "HTTP/1.0") or not names[method] or not target:
        raise MalformedRequest("The request line is not valid.")
    minor = 1 if version == "HTTP/1.1" else 0
    pairs = parse_fields(lines[1:], names)
    headers = Headers(pairs)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        _check_repeated(headers)
    host = _host(fields, minor)
    form, authority, path, query = _target(method, target)
    if authority is not None:
        host = authority
        if form == "absolute":
            # RFC 9112, 3.2.2: the Host field is ignored, so no one above may see another one.
            headers = Headers([(name, authority if name == "host" else value) for name, value in pairs])
    length, chunked = _framing(fields, minor)
    return Head(
        method=method,
        form=form,
        path=path,
        query=query,
        host=host.lower(),
        headers=headers,
        minor=minor,
        length=length,
        chunked=chunked,
        persistent=_persistent(headers, minor) if "connection" in fields else minor == 1,
        expects="expect" in fields and minor == 1 and fields["expect"].lower() == "100-continue",
    )


def parse_fields(lines: list[str], names: FieldNames) -> list[tuple[str, str]]:
    """Field lines as pairs, without the blanks around values. Raises MalformedRequest."""
    try:
        return [(names[written], value.strip(" \t")) for written, value in [line.split(":", 1) for line in lines]]
    except ValueError:
        raise MalformedRequest("A header line has no colon.") from None


def _check_repeated(headers: Headers) -> None:
    """What tells where a request goes and where it ends is said once (RFC 9112, 3.2, 6.1 and 6.3)."""
    for name in ("host", "content-length", "transfer-encoding"):
        if len(headers.all(name)) > 1:
            raise MalformedRequest(f"The {name} header must not be repeated.")


def _host(fields: dict[str, str], minor: int) -> str:
    """RFC 9112, 3.2: HTTP/1.1 needs a Host."""
    host = fields.get("host")
    if host is None:
        if minor == 1:
            raise MalformedRequest("The request must have one Host header.")
        return ""
    if not _AUTHORITY.fullmatch(host):
        raise MalformedRequest("The Host header is not valid.")
    return host


def _target(method: str, target: str) -> tuple[Form, str | None, str, str]:
    """The request target's form, authority, path and query, all but the first as written (RFC 9112, 3.2)."""
    if target[0] == "/" and method != "CONNECT":
        path, _, query = target.partition("?")
        return "origin", None, path, query
    if method == "CONNECT":
        if not _AUTHORITY.fullmatch(target) or not target.rpartition(":")[2].isdigit():
            raise MalformedRequest("CONNECT needs a host and a port.")
        return "authority", target, "", ""
    if target[:7].lower() != "http://":
        raise MalformedRequest("The request target is not valid.")
    rest = target[7:]
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority = rest[:end]
    if not _AUTHORITY.fullmatch(authority):
        raise MalformedRequest("The request target is not valid.")
    path, _, query = rest[end:].partition("?")
    return "absolute", authority, path or "/", query


def _framing(fields: dict[str, str], minor: int) -> tuple[int | None, bool]:
    """The declared length of the body, and whether it comes in chunks (RFC 9112, 6)."""
    length = fields.get("content-length")
    coding = fields.get("transfer-encoding")
    if coding is not None:
        if length is not None:
            raise MalformedRequest("A request with Transfer-Encoding must not have a Content-Length.")
        if minor == 0 or coding.lower() != "chunked":
            raise MalformedRequest("The Transfer-Encoding is not known.")
        return None, True
    if length is None:
        return None, False
    if not _LENGTH.fullmatch(length):
        raise MalformedRequest("The Content-Length is not valid.")
    return int(length), False


def _persistent(headers: Headers, minor: int) -> bool:
    """Whether the client lets the connection stay open, by its Connection fields (RFC 9112, 9.3)."""
    options = {option.strip(" \t").lower() for value in headers.all("connection") for option in value.split(",")}
    return "close" not in options and (minor == 1 or "keep-alive" in options)
