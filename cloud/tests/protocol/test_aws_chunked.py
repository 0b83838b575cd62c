"""Framing of aws-chunked: the three modes, any cut of the wire, and what is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.protocol.aws_chunked import ChunkEnd, ChunkStart, Data, Decoder, Event, Trailers
from marinelayer.protocol.refusals import IncompleteBody, InvalidRequest

SIGNATURE = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
CHUNKS = st.lists(st.binary(min_size=1, max_size=50), max_size=4)
MODES = st.sampled_from(["signed", "signed-trailer", "unsigned-trailer"])


def wire(chunks: list[bytes], mode: str, fields: dict[str, str] | None = None) -> bytes:
    mark = f";chunk-signature={SIGNATURE}" if mode != "unsigned-trailer" else ""
    body = b"".join(f"{len(chunk):x}{mark}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
    trailers = "".join(f"{name}:{value}\r\n" for name, value in (fields or {}).items())
    if mode == "signed-trailer":
        trailers += f"x-amz-trailer-signature:{SIGNATURE}\r\n"
    return body + f"0{mark}\r\n{trailers}\r\n".encode()


def decoder(mode: str, length: int | None) -> Decoder:
    return Decoder(signed=mode != "unsigned-trailer", trailers=mode != "signed", length=length)


def events(reading: Decoder, pieces: list[bytes]) -> list[Event]:
    found = [event for piece in pieces for event in reading.feed(piece)]
    reading.finish()
    return found


def joined(found: list[Event]) -> list[Any]:
    """Events with neighbouring data put together."""
    result: list[Any] = []
    for event in found:
        if isinstance(event, Data) and result and isinstance(result[-1], Data):
            result[-1] = Data(result[-1].data + event.data)
        else:
            result.append(event)
    return result


@settings(max_examples=300, deadline=None, database=None)
@given(CHUNKS, MODES, st.lists(st.integers(0, 400), max_size=12))
def test_any_cut_of_the_wire_gives_the_same_events(chunks: list[bytes], mode: str, cuts: list[int]) -> None:
    fields = {} if mode == "signed" else {"x-amz-checksum-crc32": "AAAAAA==", "x-other": "a b"}
    sent = wire(chunks, mode, fields)
    places = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    found = events(decoder(mode, sum(map(len, chunks))), [sent[a:b] for a, b in pairwise(places)])
    mark = "" if mode == "unsigned-trailer" else SIGNATURE
    expected: list[Event] = []
    for chunk in chunks:
        expected += [ChunkStart(len(chunk), mark), Data(chunk), ChunkEnd()]
    expected += [ChunkStart(0, mark), ChunkEnd(), Trailers(fields, SIGNATURE if mode == "signed-trailer" else "")]
    assert joined(found) == expected


def test_one_byte_at_a_time_is_passed_on_one_byte_at_a_time() -> None:
    sent = wire([b"abc"], "signed")
    reading = decoder("signed", 3)
    data = [event.data for byte in sent for event in reading.feed(bytes([byte])) if isinstance(event, Data)]
    assert data == [b"a", b"b", b"c"]
    assert reading.done


@settings(max_examples=200, deadline=None, database=None)
@given(st.binary(max_size=200), MODES)
def test_noise_is_refused_or_incomplete_but_never_believed(noise: bytes, mode: str) -> None:
    with pytest.raises((InvalidRequest, IncompleteBody)):
        events(decoder(mode, 5), [noise])


@pytest.mark.parametrize(
    "sent",
    [
        b"5\r\nhello\r\n0\r\n\r\nX",  # something after the end
        b"5\r\nhello0\r\n\r\n",  # no CRLF after data
        b"5\r\nhello!\r\n0\r\n\r\n",  # longer than it says
        b"5\nhello\r\n0\r\n\r\n",  # a bare LF
        b"5\r\nhello\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
        b"5;a=b\r\nhello\r\n0\r\n\r\n",  # unknown extensions
        b"5;chunk-signature=" + SIGNATURE.encode() + b"\r\nhello\r\n0\r\n\r\n",  # signed where unsigned was promised
        b"fffffffffffffffff\r\n",
        b"5" * 2000,  # a line without an end
        b"5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        b"5\r\nhello\r\n0\r\nx-a:1\r\nx-a:2\r\n\r\n",
        b"5\r\nhello\r\n0\r\nx a:1\r\n\r\n",
        b"5\r\nhello\r\n0\r\nx-a:\x00\r\n\r\n",
        b"5\r\nhello\r\n0\r\nx-amz-trailer-signature:a\r\nx-a:1\r\n\r\n",
        b"5\r\nhello\r\n0\r\n" + b"".join(b"x-%d:1\r\n" % n for n in range(20)) + b"\r\n",
        b"5\r\nhello\r\n0\r\n" + b"".join(b"x-%d:%s\r\n" % (n, b"a" * 900) for n in range(6)) + b"\r\n",
    ],
)
def test_broken_framing_is_refused(sent: bytes) -> None:
    with pytest.raises(InvalidRequest):
        events(decoder("unsigned-trailer", 5), [sent])


def test_trailers_are_refused_where_none_were_promised() -> None:
    mark = f";chunk-signature={SIGNATURE}"
    with pytest.raises(InvalidRequest):
        events(decoder("signed", 0), [f"0{mark}\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n".encode()])


def test_a_signed_body_can_not_leave_signatures_out() -> None:
    with pytest.raises(InvalidRequest):
        events(decoder("signed", 5), [b"5\r\nhello\r\n0\r\n\r\n"])


@pytest.mark.parametrize("declared", [0, 4, 6])
def test_the_declared_length_must_be_met(declared: int) -> None:
    with pytest.raises(IncompleteBody):
        events(decoder("unsigned-trailer", declared), [b"5\r\nhello\r\n0\r\n\r\n"])


@pytest.mark.parametrize("end", range(1, 17))
def test_a_body_cut_short_is_incomplete(end: int) -> None:
    sent = b"5\r\nhello\r\n0\r\n\r\n"
    reading = decoder("unsigned-trailer", 5)
    for _ in reading.feed(sent[:-end]):
        pass
    with pytest.raises(IncompleteBody):
        reading.finish()


def test_what_botocore_sends_by_default_is_decoded() -> None:
    import io

    from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum

    sent = AwsChunkedWrapper(io.BytesIO(b"a" * 100), Crc32Checksum, "x-amz-checksum-crc32", chunk_size=64).read()
    found = joined(events(decoder("unsigned-trailer", 100), [sent]))
    assert [event.size for event in found if isinstance(event, ChunkStart)] == [64, 36, 0]
    assert b"".join(event.data for event in found if isinstance(event, Data)) == b"a" * 100
    assert found[-1] == Trailers({"x-amz-checksum-crc32": Crc32Checksum().handle(io.BytesIO(b"a" * 100))}, "")
