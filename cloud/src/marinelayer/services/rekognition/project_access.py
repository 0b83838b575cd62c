"""What projects and their versions say of access to themselves: whose they are, and who may copy them.

A project's policies speak of rekognition:CopyProjectVersion alone; of all other actions nothing is said here. A
decision is made of one policy, so that a project's are put together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from marinelayer.ports import Row, Tables, Transaction
from marinelayer.security.requirement import NO_RESOURCE, Requirement, ResourceAccess, ResourcePolicy
from marinelayer.services.rekognition.project_policies import COPY_ACTION, policies_of
from marinelayer.services.rekognition.version_rows import SQL as VERSIONS


class ProjectAccess:
    """Access of projects and versions (ports.Access)."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def of(self, requirement: Requirement) -> ResourceAccess:
        """Owner and policy. What does not exist belongs to the account in its ARN, so that strangers do not learn
        whether it does."""
        parts = requirement.resource.split(":")
        if requirement.action.lower() != COPY_ACTION.lower() or len(parts) != 6:
            return NO_RESOURCE
        policies = await self._tables.read(_policies_of_version, requirement.resource)
        return ResourceAccess(account=parts[4], policy=together(policies) if policies else None)


def together(policies: Iterable[Row]) -> ResourcePolicy:
    """Policies as one, with the statements of all.

    A policy of the older version has no variables, and what looks like one in it is kept from being one. A principal
    who was recorded as one person by an older policy, and as another by a newer one (a user who was made again), is
    written as the first one's unique id in the older.
    """
    statements: list[Mapping[str, Any]] = []
    recorded: dict[str, str] = {}
    for row in sorted(policies, key=lambda one: one["updated"], reverse=True):
        document = json.loads(row["document"])
        if document.get("Version") != "2012-10-17":
            document = json.loads(row["document"].replace("${", "${$}{"))
        own: dict[str, str] = json.loads(row["principals"])
        others = {arn: unique_id for arn, unique_id in own.items() if recorded.setdefault(arn, unique_id) != unique_id}
        written: list[dict[str, Any]] | dict[str, Any] = document["Statement"]
        statements += (
            {**statement, "Principal": _replaced(statement["Principal"], others)}
            for statement in ([written] if isinstance(written, dict) else written)
        )
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return ResourcePolicy(text=text, principals=recorded)


def _replaced(principal: str | Mapping[str, str | list[str]], names: Mapping[str, str]) -> Any:
    if isinstance(principal, str) or not names:
        return principal
    written = principal.get("AWS", [])
    values = [written] if isinstance(written, str) else written
    return {**principal, "AWS": [names.get(value, value) for value in values]}


def _policies_of_version(tx: Transaction, arn: str) -> list[Row]:
    row = tx.one(VERSIONS.version, arn=arn)
    return [] if row is None else policies_of(tx, row["project_arn"])
