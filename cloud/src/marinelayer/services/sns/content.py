"""What a message says: the rules for Message, Subject, MessageStructure and MessageAttributes, and the text that each
protocol gets.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html. Pure.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from marinelayer.services.sns.errors import InvalidParameter, InvalidParameterValue

MESSAGE_BYTES = 256 * 1024
SMS_LETTERS = 1600
_SUBJECT = re.compile(r"[!-~][ -~]{0,98}")
_NAME_BYTES = 256
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NO_NAME_LETTER = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A message's subject ("" where there is none), the text for everyone, and texts for single protocols."""

    subject: str
    default: str
    by_protocol: Mapping[str, str]
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])
    """The message's attributes as notifications show them: Type and Value each, bytes as Base64."""

    @property
    def attributes_size(self) -> int:
        """Letters of the attributes."""
        return sum(len(name) + len(shown["Value"]) for name, shown in self.attributes.items())

    def text(self, protocol: str) -> str:
        """What subscribers by `protocol` get."""
        return self.by_protocol.get(protocol, self.default)


def read_content(request: Mapping[str, Any]) -> Content:
    """The content of a Publish input.

    Raises:
        InvalidParameter: message, subject, structure or attributes break a rule.
        InvalidParameterValue: an attribute has no value or an unknown type.
    """
    message: str = request["Message"]
    if not message:
        raise InvalidParameter("Invalid parameter: Empty message")
    attributes: Mapping[str, Mapping[str, Any]] = request.get("MessageAttributes") or {}
    if len(message.encode()) + attributes_size(attributes) > MESSAGE_BYTES:
        raise InvalidParameter("Invalid parameter: Message too long")
    subject = request.get("Subject")
    if subject is not None and not _SUBJECT.fullmatch(subject):
        raise InvalidParameter("Invalid parameter: Subject")
    structure = request.get("MessageStructure")
    shown = {name: _shown(attribute) for name, attribute in attributes.items()}
    if structure is None:
        return Content(subject=subject or "", default=message, by_protocol={}, attributes=shown)
    if structure != "json":
        raise InvalidParameter("Invalid parameter: MessageStructure")
    texts = _read_texts(message)
    return Content(subject=subject or "", default=texts.pop("default"), by_protocol=texts, attributes=shown)


def _read_texts(message: str) -> dict[str, str]:
    try:
        read: object = json.loads(message)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise InvalidParameter("Invalid parameter: Message Structure - JSON message body failed to parse")
    texts = cast("dict[str, object]", read)
    # AWS ignores entries that are no text, a default too.
    found = {key: value for key, value in texts.items() if isinstance(value, str)}
    if "default" not in found:
        raise InvalidParameter("Invalid parameter: Message Structure - No default entry in JSON message body")
    if not found["default"]:
        raise InvalidParameter("Invalid parameter: Empty message")
    return found


def attributes_size(attributes: Mapping[str, Mapping[str, Any]]) -> int:
    """The bytes that message attributes count for: names, types and values.

    Raises:
        InvalidParameterValue: a name breaks the rules, a type is none, or a value is missing or in the wrong field.
    """
    size = 0
    for name, attribute in attributes.items():
        _check_name(name)
        kind: str = attribute["DataType"]
        value = _value(name, kind, attribute)
        size += len(name) + len(kind) + len(value.encode() if isinstance(value, str) else value)
    return size


def _check_name(name: str) -> None:
    if len(name.encode()) > _NAME_BYTES:
        raise InvalidParameterValue("Length of message attribute name must be less than 256 bytes.")
    if letter := _NO_NAME_LETTER.search(name):
        raise InvalidParameterValue(
            f"Invalid non-alphanumeric character '#x{ord(letter[0]):X}' was found in the message attribute name. Can "
            "only include alphanumeric characters, hyphens, underscores, or dots."
        )
    if not name:
        raise InvalidParameterValue("The message attribute name must not be empty.")
    if name.startswith("."):
        raise InvalidParameterValue("Invalid message attribute name starting with character '.' was found.")
    if name.endswith("."):
        raise InvalidParameterValue("Invalid message attribute name ending with character '.' was found.")
    if ".." in name:
        raise InvalidParameterValue("Message attribute name can not have successive '.' character.")


def _value(name: str, kind: str, attribute: Mapping[str, Any]) -> str | bytes:
    base, dot, label = kind.partition(".")
    if base not in {"String", "Number", "Binary"} or (dot and not label):
        raise InvalidParameterValue(
            f"The message attribute '{name}' has an invalid message attribute type, the set of supported type "
            "prefixes is Binary, Number, and String."
        )
    field, other = ("Binary", "String") if base == "Binary" else ("String", "Binary")
    value: str | bytes | None = attribute.get(f"{field}Value")
    if not value and attribute.get(f"{other}Value"):
        raise InvalidParameterValue(f"The message attribute '{name}' with type '{kind}' must use field '{field}'.")
    if not value:
        raise InvalidParameterValue(
            f"The message attribute '{name}' must contain non-empty message attribute value for message attribute "
            f"type '{kind}'."
        )
    if base == "Number" and not _NUMBER.fullmatch(str(value)):
        raise InvalidParameterValue(f"Could not cast message attribute '{name}' value to number.")
    return value


def _shown(attribute: Mapping[str, Any]) -> dict[str, str]:
    kind: str = attribute["DataType"]
    if kind.partition(".")[0] == "Binary":
        return {"Type": kind, "Value": base64.b64encode(attribute["BinaryValue"]).decode()}
    return {"Type": kind, "Value": attribute["StringValue"]}
