"""Permissions: single statements of a topic's policy, by their label.

Source: https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html and API_RemovePermission.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.operation import need, operation
from marinelayer.services.sns.arns import TopicName, topic_name
from marinelayer.services.sns.errors import InvalidParameter
from marinelayer.services.sns.policies import OWNERS_ACTIONS, check_size, default_policy
from marinelayer.services.sns.store import SQL, Topic, require_topic
from marinelayer.services.sns.topics import on_topic

if TYPE_CHECKING:
    from marinelayer.model.types import sns as wire

_ACTIONS = frozenset({*OWNERS_ACTIONS, "GetDataProtectionPolicy", "ListTagsForResource", "PutDataProtectionPolicy"})
_ACCOUNT = re.compile(r"[0-9]{12}")


class Permissions:
    """The statements that AddPermission makes."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("AddPermission", needs=need("sns:AddPermission", on=on_topic))
    async def add(self, caller: Caller, request: wire.AddPermissionInput) -> None:
        """Let accounts do what is named, by a statement whose Sid is the label."""
        topic = topic_name(request["TopicArn"], caller.region)
        accounts, actions = request["AWSAccountId"], request["ActionName"]
        if not accounts or not all(_ACCOUNT.fullmatch(account) for account in accounts):
            raise InvalidParameter("Invalid parameter: AWSAccountId")
        if not actions or not _ACTIONS.issuperset(actions):
            raise InvalidParameter("Invalid parameter: Policy statement action out of service scope!")
        statement = {
            "Sid": request["Label"],
            "Effect": "Allow",
            "Principal": {"AWS": _one_or_all([f"arn:aws:iam::{account}:root" for account in accounts])},
            "Action": _one_or_all([f"SNS:{action}" for action in actions]),
            "Resource": topic.arn,
        }
        await self._tables.write(_add, topic, statement)

    @operation("RemovePermission", needs=need("sns:RemovePermission", on=on_topic))
    async def remove(self, caller: Caller, request: wire.RemovePermissionInput) -> None:
        """Remove the statement of that label, if there is one."""
        topic = topic_name(request["TopicArn"], caller.region)
        await self._tables.write(_remove, topic, request["Label"])


def _one_or_all(values: Sequence[str]) -> str | Sequence[str]:
    return values[0] if len(values) == 1 else values


def _add(tx: Transaction, name: TopicName, statement: dict[str, Any]) -> None:
    topic = require_topic(tx, name)
    policy, statements = _read(topic)
    if any(one.get("Sid") == statement["Sid"] for one in statements):
        raise InvalidParameter("Invalid parameter: Statement already exists")
    _write(tx, topic, policy | {"Statement": [*statements, statement]})


def _remove(tx: Transaction, name: TopicName, label: str) -> None:
    topic = require_topic(tx, name)
    policy, statements = _read(topic)
    rest = [one for one in statements if one.get("Sid") != label]
    if len(rest) < len(statements):
        _write(tx, topic, policy | {"Statement": rest})


def _read(topic: Topic) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    policy: dict[str, Any] = json.loads(topic.policy or default_policy(topic.name))
    statements: object = policy["Statement"]
    return policy, cast("list[dict[str, Any]]", statements if isinstance(statements, list) else [statements])


def _write(tx: Transaction, topic: Topic, policy: dict[str, Any]) -> None:
    text = json.dumps(policy)
    check_size(text)
    tx.run(SQL.set_policy, topic_id=topic.topic_id, policy=text, principals=json.dumps(dict(topic.principals)))
