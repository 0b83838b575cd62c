"""Changes of users that are asked for twice: a token that was given before is answered as before.

Answers are kept for a day (AWS does not say for how long). Source: ClientRequestToken of
https://docs.aws.amazon.com/rekognition/latest/APIReference/API_AssociateFaces.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marinelayer.ports import Caller, Transaction
from marinelayer.services.rekognition.errors import IdempotentParameterMismatchException
from marinelayer.services.rekognition.face_store import Collection
from marinelayer.services.rekognition.user_store import SQL

KEPT = 24 * 3600 * 1_000_000
"""Microseconds."""
AT_ONCE = 100
"""Of the answers that are too old, how many go with each that comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A request that changes something, `made` at a time (microseconds). `token` is "" where none was given."""

    account: str
    region: str
    operation: str
    token: str
    request: str
    made: int


def change_of(caller: Caller, operation: str, request: Mapping[str, Any], now: int) -> Change:
    """What is asked for, and by which token."""
    asked = {member: value for member, value in request.items() if member != "ClientRequestToken"}
    return Change(
        account=caller.account,
        region=caller.region,
        operation=operation,
        token=request.get("ClientRequestToken", ""),
        request=json.dumps(asked, sort_keys=True),
        made=now,
    )


def answered(tx: Transaction, collection: Collection, change: Change) -> Any | None:
    """What was answered to the token; None where it is new.

    Raises:
        IdempotentParameterMismatchException: it was given with another request.
    """
    key = {"account": change.account, "region": change.region, "operation": change.operation}
    row = tx.one(SQL.request, token=change.token, **key) if change.token else None
    if row is None or row["made"] <= change.made - KEPT:
        return None
    if row["request"] != change.request:
        raise IdempotentParameterMismatchException
    return json.loads(row["answer"]) if row["collection_key"] == collection.key else None


def remember(tx: Transaction, collection: Collection, change: Change, answer: Mapping[str, Any]) -> None:
    """Keep an answer, and let some go that are too old."""
    if not change.token:
        return
    tx.run(
        SQL.put_request,
        account=change.account,
        region=change.region,
        operation=change.operation,
        token=change.token,
        collection_key=collection.key,
        request=change.request,
        answer=json.dumps(answer),
        made=change.made,
    )
    tx.run(SQL.delete_old_requests, collection_key=collection.key, before=change.made - KEPT, size=AT_ONCE)
