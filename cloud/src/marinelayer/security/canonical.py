"""The canonical forms that signatures are made over.

Everything here is a pure function of what was on the wire. This module must not know keys or claims.

A client and a server that both follow "Signing AWS API requests" (IAM User Guide, "Create a signed AWS API request")
still differ where a client sends what it did not encode itself (`(` in a path, `+` in a query). Two forms are
therefore offered, and both are functions of the same request: AWS's, decoded and encoded again, and the literal one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote_to_bytes

from marinelayer.http import Headers

_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*", re.ASCII)
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._~/-]*", re.ASCII)


def wire_bytes(text: str) -> bytes:
    """The bytes that `text` was on the wire, where header fields and paths are read as Latin-1."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def query_pairs(raw: str) -> list[tuple[str, str]]:
    """The names and values of a raw query, decoded, in order; a name without `=` has the value ""."""
    return [(_text(name), _text(value)) for name, value in _raw_pairs(raw) if name or value]


def query_forms(raw: str, *, without: str = "") -> tuple[str, ...]:
    """A raw query in canonical form, without the parameter `without`: AWS's form first, then, where it differs, the
    literal one. Sorted by name, then by value, as encoded."""
    if not raw:
        return ("",)
    pairs = _raw_pairs(raw)
    if without:
        pairs = [pair for pair in pairs if _text(pair[0]) != without]
    canonical = _joined((_encoded(name), _encoded(value)) for name, value in pairs if name or value)
    literal = _joined(pairs)
    return (canonical,) if canonical == literal else (canonical, literal)


def path_forms(raw: str, *, s3: bool) -> tuple[str, ...]:
    """A raw path in canonical form. S3 encodes once and keeps the path as it is; every other service removes dot and
    empty segments (RFC 3986, section 6.2.2.3) and encodes what was sent once more."""
    raw = raw or "/"
    if s3 and _PLAIN_PATH.fullmatch(raw):
        return (raw,)
    if not s3:
        return (quote(wire_bytes(_normalised(raw)), safe="/~"),)
    canonical = quote(unquote_to_bytes(wire_bytes(raw)), safe="/~")
    return (canonical,) if canonical == raw else (canonical, raw)


def header_lines(headers: Headers, names: Iterable[str], *, host: str) -> str:
    """The signed fields `names` (lower-case), one `name:value` line each: outer blanks trimmed, inner ones made one,
    repeated fields joined by a comma. `host` stands in where no Host field was sent."""
    if len(headers.first) == len(headers.pairs):
        first = {**headers.first, "host": host if "host" not in headers else headers.first["host"]}
        return "".join([f"{name}:{trimmed(first.get(name, ''))}\n" for name in names])
    values = dict.fromkeys(names, "")
    values["host"] = host
    seen: set[str] = set()
    for name, value in headers.pairs:
        if name in values:
            values[name] = f"{values[name]},{trimmed(value)}" if name in seen else trimmed(value)
            seen.add(name)
    return "".join([f"{name}:{values[name]}\n" for name in names])


def trimmed(value: str) -> str:
    """A field's value without outer blanks, and each run of inner ones made one."""
    collapses = "  " in value or not value.isprintable()
    return (_BLANKS.sub(" ", value) if collapses else value).strip(" ")


def encodings(text: str) -> Iterator[bytes]:
    """The bytes that a signer may have meant by `text`: as sent, and (botocore) the same characters in UTF-8."""
    yield wire_bytes(text)
    if not text.isascii():
        yield text.encode()


def _raw_pairs(raw: str) -> list[tuple[str, str]]:
    if not raw:
        return []
    return [(name, value) for name, _, value in (piece.partition("=") for piece in raw.split("&"))]


def _text(raw: str) -> str:
    if "%" not in raw and "+" not in raw:
        return raw
    return unquote_to_bytes(wire_bytes(raw.replace("+", " "))).decode("utf-8", "replace")


def _encoded(raw: str) -> str:
    if _UNRESERVED.fullmatch(raw):
        return raw
    return quote(unquote_to_bytes(wire_bytes(raw.replace("+", " "))), safe="")


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _normalised(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment not in ("", "."):
            kept.append(segment)
    ends_in_slash = path.endswith("/") and bool(kept)
    return "/" + "/".join(kept) + ("/" if ends_in_slash else "")
