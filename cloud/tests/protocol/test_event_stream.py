"""Event streams: botocore reads what we write, whatever the model says is in them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.http import BytesBody, Headers, Request, Response
from marinelayer.model.errors import ServiceError
from marinelayer.model.service import load_service
from marinelayer.protocol.call import Call
from marinelayer.protocol.dialect import dialect_of
from marinelayer.protocol.event_stream import message

NAMES = st.text("abcdefghijklmnopqrstuvwxyz:-", min_size=1, max_size=40)
HEADERS = st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=300), max_size=6)


class OverMaxRecordSize(ServiceError):
    """The length of a record is too great."""

    status = 400


def heard(data: bytes) -> list[tuple[dict[str, str], bytes]]:
    """The messages in these bytes, as botocore reads them."""
    buffer: Any = EventStreamBuffer()
    buffer.add_data(data)
    return [(one.headers, one.payload) for one in buffer]


def answer(events: AsyncGenerator[dict[str, Any]]) -> Response:
    """The answer of SelectObjectContent with these events."""
    s3 = load_service("s3")
    request = Request(
        id="R1", method="POST", path="/b/k", query="select&select-type=2", headers=Headers(), body=BytesBody(),
        scheme="http", host="localhost", peer="127.0.0.1",
    )  # fmt: skip
    call = Call(request=request, service=s3, operation=s3.operations["SelectObjectContent"], payload=b"")
    return dialect_of(s3).write(call, {"Payload": events})


async def selected(events: AsyncGenerator[dict[str, Any]]) -> tuple[Response, list[tuple[dict[str, str], bytes]]]:
    """That answer, and its messages."""
    response = answer(events)
    body: Any = response.body
    return response, heard(b"".join([piece async for piece in body]))


@given(st.lists(st.tuples(HEADERS, st.binary(max_size=5000)), max_size=5))
def test_botocore_reads_the_messages_that_we_write(messages: list[tuple[dict[str, str], bytes]]) -> None:
    assert heard(b"".join(message(headers.items(), payload) for headers, payload in messages)) == messages


@given(HEADERS, st.binary(max_size=200), st.data())
def test_no_byte_can_be_changed_unnoticed(headers: dict[str, str], payload: bytes, data: st.DataObject) -> None:
    sent = bytearray(message(headers.items(), payload))
    # The length itself is left alone: a longer message is one that has not arrived yet.
    place = data.draw(st.integers(8, len(sent) - 1))
    sent[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ChecksumMismatch):
        heard(bytes(sent))


@pytest.mark.parametrize(("name", "value"), [("", "a"), ("n" * 256, "a"), ("n", "v" * 65_536)])
def test_a_header_that_does_not_fit_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        message([(name, value)])


async def test_events_are_written_as_the_model_says() -> None:
    async def events() -> AsyncGenerator[dict[str, Any]]:
        yield {"Records": {"Payload": b"a,b\n"}}
        yield {"Cont": {}}
        yield {"Stats": {"Details": {"BytesScanned": 5, "BytesProcessed": 6, "BytesReturned": 7}}}
        yield {"End": {}}

    response, messages = await selected(events())
    assert response.status == 200
    assert dict(response.headers)["content-type"] == "application/vnd.amazon.eventstream"
    kind = {":message-type": "event"}
    stats = (
        b'<?xml version="1.0" encoding="UTF-8"?><Stats><BytesScanned>5</BytesScanned>'
        b"<BytesProcessed>6</BytesProcessed><BytesReturned>7</BytesReturned></Stats>"
    )
    assert messages == [
        ({**kind, ":event-type": "Records", ":content-type": "application/octet-stream"}, b"a,b\n"),
        ({**kind, ":event-type": "Cont"}, b""),
        ({**kind, ":event-type": "Stats", ":content-type": "text/xml"}, stats),
        ({**kind, ":event-type": "End"}, b""),
    ]


async def test_a_refusal_in_a_stream_is_its_last_message() -> None:
    async def events() -> AsyncGenerator[dict[str, Any]]:
        yield {"Records": {"Payload": b"a"}}
        raise OverMaxRecordSize

    _, messages = await selected(events())
    assert messages[1:] == [
        (
            {
                ":message-type": "error",
                ":error-code": "OverMaxRecordSize",
                ":error-message": "The length of a record is too great.",
            },
            b"",
        )
    ]


async def test_what_nobody_foresaw_tells_the_client_and_cuts_the_connection() -> None:
    async def events() -> AsyncGenerator[dict[str, Any]]:
        yield {"Records": {"Payload": b"a"}}
        raise ZeroDivisionError

    body: Any = answer(events()).body
    assert heard(await anext(body))[0][1] == b"a"
    assert heard(await anext(body))[0][0][":error-code"] == "InternalError"
    with pytest.raises(ZeroDivisionError):
        await anext(body)


async def test_a_stream_that_its_client_leaves_ends_what_makes_it() -> None:
    ended: list[bool] = []

    async def events() -> AsyncGenerator[dict[str, Any]]:
        try:
            while True:
                yield {"Cont": {}}
        finally:
            ended.append(True)

    body: Any = answer(events()).body
    await anext(body)
    await body.aclose()
    assert ended == [True]
