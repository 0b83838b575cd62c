"""The rules for a batch as a whole.

Source: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.services.sns.content import MESSAGE_BYTES, attributes_size
from marinelayer.services.sns.errors import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidBatchEntryId,
    TooManyEntriesInBatchRequest,
)

ENTRIES = 10
_ID_LETTERS = 80
_ID = re.compile(r"[A-Za-z0-9_-]*")


def checked_entries(entries: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The entries, if they may be one batch; whether each may be published is another question, which needs their
    attributes to be good.

    Raises:
        ServiceError: there are none or too many, their ids are not ids or not distinct, or they are too long together.
    """
    if not entries:
        raise EmptyBatchRequest
    if len(entries) > ENTRIES:
        raise TooManyEntriesInBatchRequest
    for entry in entries:
        _check_id(entry["Id"])
    if len({entry["Id"] for entry in entries}) < len(entries):
        raise BatchEntryIdsNotDistinct
    if sum(map(_size, entries)) > MESSAGE_BYTES:
        raise BatchRequestTooLong
    return entries


def _check_id(identifier: str) -> None:
    if not identifier:
        raise InvalidBatchEntryId
    if len(identifier) > _ID_LETTERS:
        raise InvalidBatchEntryId(f"The Id of a batch entry in the batch request is too long: {identifier}")
    if not _ID.fullmatch(identifier):
        raise InvalidBatchEntryId(
            f"The Id of a batch entry in the batch request contains an impermissible character: {identifier}"
        )


def _size(entry: Mapping[str, Any]) -> int:
    return len(entry["Message"].encode()) + attributes_size(entry.get("MessageAttributes") or {})
