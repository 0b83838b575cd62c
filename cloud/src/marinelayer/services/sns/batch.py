"""The rules for a batch as a whole.

Source: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.services.sns.content import MESSAGE_BYTES
from marinelayer.services.sns.errors import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidBatchEntryId,
    TooManyEntriesInBatchRequest,
)

ENTRIES = 10
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


def checked_entries(entries: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The entries, if they may be one batch; whether each may be published is another question.

    Raises:
        ServiceError: there are none or too many, their ids are not ids or not distinct, or they are too long together.
    """
    if not entries:
        raise EmptyBatchRequest
    if len(entries) > ENTRIES:
        raise TooManyEntriesInBatchRequest
    if not all(_ID.fullmatch(entry["Id"]) for entry in entries):
        raise InvalidBatchEntryId
    if len({entry["Id"] for entry in entries}) < len(entries):
        raise BatchEntryIdsNotDistinct
    if sum(len(entry["Message"].encode()) for entry in entries) > MESSAGE_BYTES:
        raise BatchRequestTooLong
    return entries
