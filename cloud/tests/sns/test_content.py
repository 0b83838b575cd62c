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
        ('{"default": 5}', "No default entry in JSON message body"),
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


UNKNOWN_TYPE = (
    "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, "
    "Number, and String."
)
NO_VALUE = "The message attribute 'a' must contain non-empty message attribute value for message attribute type '{}'."
NO_LETTER = (
    "Invalid non-alphanumeric character '#x{}' was found in the message attribute name. Can only include alphanumeric "
    "characters, hyphens, underscores, or dots."
)


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ({"DataType": "Text", "StringValue": "x"}, UNKNOWN_TYPE),
        ({"DataType": "Stringy", "StringValue": "x"}, UNKNOWN_TYPE),
        ({"DataType": "String.", "StringValue": "x"}, UNKNOWN_TYPE),
        ({"DataType": "String"}, NO_VALUE.format("String")),
        ({"DataType": "Number", "StringValue": ""}, NO_VALUE.format("Number")),
        ({"DataType": "Number", "StringValue": "two"}, "Could not cast message attribute 'a' value to number."),
        ({"DataType": "Number", "StringValue": "nan"}, "Could not cast message attribute 'a' value to number."),
        ({"DataType": "Binary", "BinaryValue": b""}, NO_VALUE.format("Binary")),
        ({"DataType": "String", "BinaryValue": b"x"}, "The message attribute 'a' with type 'String' must use field 'String'."),
        ({"DataType": "Number", "BinaryValue": b"1"}, "The message attribute 'a' with type 'Number' must use field 'String'."),
        ({"DataType": "Binary", "StringValue": "x"}, "The message attribute 'a' with type 'Binary' must use field 'Binary'."),
    ],
)  # fmt: skip
def test_an_attributes_value_has_the_field_of_its_type(attribute: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidParameterValue) as refusal:
        read_content({"Message": "m", "MessageAttributes": {"a": attribute}})
    assert refusal.value.message == message


@pytest.mark.parametrize("kind", ["String.Array", "String.  of mine.", "Number.int"])
def test_a_type_may_have_a_label(kind: str) -> None:
    attribute = {"a": {"DataType": kind, "StringValue": "1"}}
    assert read_content({"Message": "m", "MessageAttributes": attribute}).default == "m"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a" * 257, "Length of message attribute name must be less than 256 bytes."),
        ("a b", NO_LETTER.format("20")),
        ("a^*", NO_LETTER.format("5E")),
        ("ä", NO_LETTER.format("E4")),
        (".a", "Invalid message attribute name starting with character '.' was found."),
        ("a.", "Invalid message attribute name ending with character '.' was found."),
        ("a..b", "Message attribute name can not have successive '.' character."),
        ("", "The message attribute name must not be empty."),
    ],
)
def test_an_attributes_name_is_letters_parted_by_single_dots(name: str, message: str) -> None:
    with pytest.raises(InvalidParameterValue) as refusal:
        read_content({"Message": "m", "MessageAttributes": {name: {"DataType": "String", "StringValue": "x"}}})
    assert refusal.value.message == message


def test_attributes_count_towards_the_limit() -> None:
    attribute = {"a": {"DataType": "String", "StringValue": "x"}}
    with pytest.raises(InvalidParameter, match="too long"):
        read_content({"Message": "m" * (256 * 1024 - 7), "MessageAttributes": attribute})
