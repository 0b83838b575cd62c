"""What a message may say, and what each protocol's subscribers get of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.services.sns.content import read_content
from marinelayer.services.sns.errors import InvalidParameter, InvalidParameterValue


def test_a_plain_message_is_for_everyone() -> None:
    content = read_content({"Message": "RUN!", "Subject": "THIS IS BAD.  WE ARE FLOODING!"})
    assert (content.subject, content.text("sms"), content.text("email")) == (
        "THIS IS BAD.  WE ARE FLOODING!",
        "RUN!",
        "RUN!",
    )


def test_a_message_can_have_a_text_for_each_protocol() -> None:
    texts = {"default": "d", "sms": "s", "email": "e", "http": 5}
    content = read_content({"Message": json.dumps(texts), "MessageStructure": "json"})
    assert [content.text(protocol) for protocol in ("sms", "email", "email-json", "http")] == ["s", "e", "d", "d"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("RUN!", "JSON message body failed to parse"),
        ("[]", "JSON message body failed to parse"),
        ("[" * 100_000, "JSON message body failed to parse"),
        ('{"sms": "s"}', "No default entry in JSON message body"),
        ('{"default": ""}', "Empty message"),
        ('{"default": 5}', "Empty message"),
    ],
)
def test_a_structured_message_needs_a_default(message: str, reason: str) -> None:
    with pytest.raises(InvalidParameter, match=reason):
        read_content({"Message": message, "MessageStructure": "json"})


def test_another_structure_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="MessageStructure"):
        read_content({"Message": "RUN!", "MessageStructure": "xml"})


def test_a_message_has_1_to_262144_bytes() -> None:
    with pytest.raises(InvalidParameter, match="Invalid parameter: Empty message"):
        read_content({"Message": ""})
    whole = "é" * 131072
    assert read_content({"Message": whole}).default == whole
    with pytest.raises(InvalidParameter, match="Invalid parameter: Message too long"):
        read_content({"Message": whole + "x"})


@pytest.mark.parametrize("subject", ["", "x" * 100, "a\nb", "a\r", " a", "Ä", "a\x7f", "a\tb", "a\0"])
def test_a_subject_is_one_short_line_of_ascii(subject: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid parameter: Subject"):
        read_content({"Message": "m", "Subject": subject})


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=99))
def test_every_short_line_of_ascii_is_a_subject(subject: str) -> None:
    assert read_content({"Message": "m", "Subject": subject}).subject == subject


@pytest.mark.parametrize(
    "attributes",
    [
        {"AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "City"}},
        {"n": {"DataType": "Number", "StringValue": "1"}},
        {"b": {"DataType": "Binary", "BinaryValue": b"\0"}},
        {"a": {"DataType": "String.Array", "StringValue": '["x"]'}},
    ],
)
def test_attributes_are_accepted(attributes: dict[str, Any]) -> None:
    assert read_content({"Message": "m", "MessageAttributes": attributes}).default == "m"


@pytest.mark.parametrize(
    "attributes",
    [
        {"a": {"DataType": "Text", "StringValue": "x"}},
        {"a": {"DataType": "String"}},
        {"a": {"DataType": "String", "StringValue": ""}},
        {"a": {"DataType": "Binary", "StringValue": "x"}},
        {"": {"DataType": "String", "StringValue": "x"}},
        {"a b": {"DataType": "String", "StringValue": "x"}},
        {".a": {"DataType": "String", "StringValue": "x"}},
    ],
)
def test_attributes_that_break_the_rules_are_refused(attributes: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameterValue):
        read_content({"Message": "m", "MessageAttributes": attributes})


def test_attributes_count_towards_the_limit() -> None:
    attribute = {"a": {"DataType": "String", "StringValue": "x"}}
    with pytest.raises(InvalidParameter, match="too long"):
        read_content({"Message": "m" * (256 * 1024 - 7), "MessageAttributes": attribute})
