"""Framing of multipart/form-data: what browsers and libraries write, any cut of the wire, and what is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.protocol.form_data import Data, Decoder, Event, PartEnd, PartStart, boundary_of
from marinelayer.protocol.refusals import MalformedPOSTRequest

BOUNDARY = b"--xYz"
Part = tuple[str, bytes]
# Contents that nearly are delimiters, and some that are nothing of the kind.
TRICKY = st.lists(
    st.sampled_from([b"\r\n", b"\r", b"\n", b"-", b"--", b"----xY", b"\r\n----xY", b"z", b"a"]), max_size=8
)
CONTENT = (st.binary(max_size=40) | TRICKY.map(b"".join)).filter(lambda data: b"--" + BOUNDARY not in data)
NAMES = st.text(st.characters(exclude_characters='"\\\r\n', codec="utf-8"), max_size=8)


def wire(parts: list[Part], preamble: bytes = b"", epilogue: bytes = b"\r\n", padding: bytes = b"") -> bytes:
    sent = preamble
    for name, content in parts:
        head = f'Content-Disposition: form-data; name="{name}"'.encode()
        sent += b"--" + BOUNDARY + padding + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n"
    return sent + b"--" + BOUNDARY + b"--" + epilogue


def events(pieces: list[bytes], boundary: bytes = BOUNDARY) -> list[Any]:
    """The events, neighbouring data put together."""
    reading = Decoder(boundary)
    found: list[Event] = []
    for piece in pieces:
        for event in reading.feed(piece):
            if isinstance(event, Data) and isinstance(found[-1], Data):
                found[-1] = Data(found[-1].data + event.data)
            else:
                found.append(event)
    reading.finish()
    return found


def meant(parts: list[Part]) -> list[Event]:
    result: list[Event] = []
    for name, content in parts:
        result += [PartStart(name, None), *([Data(content)] if content else []), PartEnd()]
    return result


@settings(max_examples=500, deadline=None, database=None)
@given(
    st.lists(st.tuples(NAMES, CONTENT), max_size=4),
    st.sampled_from([b"", b"\r\n", b"a preamble\r\n"]),
    st.sampled_from([b"", b"\r\n", b"\r\nmore"]),
    st.sampled_from([b"", b" \t"]),
    st.lists(st.integers(0, 500), max_size=12),
)
def test_any_cut_of_the_wire_gives_the_same_events(
    parts: list[Part], preamble: bytes, epilogue: bytes, padding: bytes, cuts: list[int]
) -> None:
    sent = wire(parts, preamble, epilogue, padding)
    places = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    assert events([sent[a:b] for a, b in pairwise(places)]) == meant(parts)


def outcome(pieces: list[bytes]) -> Any:
    try:
        return events(pieces)
    except MalformedPOSTRequest:
        return "malformed"


@settings(max_examples=500, deadline=None, database=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"--" + BOUNDARY, b"\r\n", b"\r", b"--", b"-", b" ", b"a", b":",
                b'Content-Disposition: form-data; name="a"', b"\r\n\r\n", b"\r\n--" + BOUNDARY,
            ]
        ),
        max_size=14,
    ),
)  # fmt: skip
def test_noise_is_judged_alike_in_one_piece_and_byte_by_byte(noise: list[bytes]) -> None:
    sent = b"".join(noise)
    assert outcome([sent]) == outcome([sent[at : at + 1] for at in range(len(sent))])


def test_what_a_library_sends_is_understood() -> None:
    files: Any = [
        ("key", (None, "a/b ü")),
        ("x", (None, "")),
        ("file", ('naïve "q".txt', b"\r\n--hello", "text/plain")),
    ]
    request = requests.Request("POST", "http://localhost/b", files=files).prepare()
    body = request.body
    assert isinstance(body, bytes)
    assert events([body], boundary_of(request.headers["Content-Type"])) == [
        PartStart("key", None),
        Data("a/b ü".encode()),
        PartEnd(),
        PartStart("x", None),
        PartEnd(),
        PartStart("file", "naïve %22q%22.txt"),
        Data(b"\r\n--hello"),
        PartEnd(),
    ]


@pytest.mark.parametrize(
    ("disposition", "start"),
    [
        ("form-data; name=key", PartStart("key", None)),
        ('FORM-DATA;name="a;b";filename="x; y=\\"z\\""', PartStart("a;b", 'x; y="z"')),
        ('form-data; filename="C:\\dir\\photo.jpg"; name="file"', PartStart("file", "C:\\dir\\photo.jpg")),
        ('form-data; name="file"; filename=""', PartStart("file", "")),
    ],
)
def test_names_are_read_as_browsers_write_them(disposition: str, start: PartStart) -> None:
    head = f"content-type: text/plain\r\nCONTENT-DISPOSITION: {disposition}".encode()
    sent = b"--B\r\n" + head + b"\r\n\r\nx\r\n--B--"
    assert events([sent], b"B") == [start, Data(b"x"), PartEnd()]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"--B",
        b"--B\r\n",
        b"--B-\r\n",
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--B',
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--Bx--',
        b"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--",
        b'--B\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n--B--',
        b"--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--",
        b"--B\r\n\r\nx\r\n--B--",
        b"--B" + b" " * 100 + b"\r\n",
        b"--B\r\nX-Long: " + b"x" * 10_000,
        b"no form at all",
    ],
)
def test_what_is_no_form_is_refused(sent: bytes) -> None:
    with pytest.raises(MalformedPOSTRequest):
        events([sent], b"B")


def test_a_large_content_is_passed_on_as_it_comes() -> None:
    reading = Decoder(b"B")
    assert list(reading.feed(b'--B\r\nContent-Disposition: form-data; name="file"\r\n\r\n')) == [
        PartStart("file", None)
    ]
    for _ in range(3):
        (event,) = reading.feed(b"x" * 100_000)
        assert event == Data(b"x" * 100_000)


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('multipart/form-data; charset=utf-8; Boundary="a b:c"; x=y', b"a b:c"),
        (
            "multipart/form-data;boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
            b"----WebKitFormBoundary7MA4YWxkTrZu0gW",
        ),
    ],
)
def test_the_boundary_is_read(content_type: str, boundary: bytes) -> None:
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary=""',
     "multipart/form-data; boundary=" + "x" * 71, "multipart/form-data; boundary=ü", 'multipart/form-data; boundary="a "'],
)  # fmt: skip
def test_a_form_without_a_proper_boundary_is_refused(content_type: str) -> None:
    with pytest.raises(MalformedPOSTRequest):
        boundary_of(content_type)
