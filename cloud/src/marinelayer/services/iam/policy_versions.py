"""Versions of managed policies: created, read, listed, made the default, deleted.

AWS's policies have one version each, which everybody may read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Clock, Row, Tables, Transaction
from marinelayer.services.iam.attachments import SQL
from marinelayer.services.iam.aws_policies import aws_policies
from marinelayer.services.iam.documents import checked_document, shown_document
from marinelayer.services.iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.managed_policies import checked_size
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.policies import AWS, ManagedPolicy, policy_for, require_policy
from marinelayer.services.iam.times import moment
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

VERSIONS_PER_POLICY = 5
_VERSION = re.compile(r"v([1-9]\d{0,17})", re.ASCII)


class PolicyVersions:
    """The versions of managed policies."""

    def __init__(self, tables: Tables, clock: Clock, pages: PageTokens) -> None:
        self._tables = tables
        self._clock = clock
        self._pages = pages

    @operation("CreatePolicyVersion", needs=OnExisting("iam:CreatePolicyVersion"))
    async def create(
        self, caller: Caller, request: wire.CreatePolicyVersionRequest
    ) -> wire.CreatePolicyVersionResponse:
        """A further version, which counts at once with SetAsDefault."""
        policy = await policy_for(self._tables, caller, "iam:CreatePolicyVersion", request["PolicyArn"], own=True)
        document = checked_size(checked_document(request["PolicyDocument"]))
        default, now = request.get("SetAsDefault", False), self._clock.now()
        version = await self._tables.write(_create, policy, document, now=now, default=default)
        return {"PolicyVersion": {"VersionId": f"v{version}", "IsDefaultVersion": default, "CreateDate": moment(now)}}

    @operation("GetPolicyVersion", needs=OnExisting("iam:GetPolicyVersion"))
    async def get(self, caller: Caller, request: wire.GetPolicyVersionRequest) -> wire.GetPolicyVersionResponse:
        """One version; the document percent-encoded (RFC 3986), as AWS answers it."""
        policy = await policy_for(self._tables, caller, "iam:GetPolicyVersion", request["PolicyArn"])
        version = _number(policy, request["VersionId"])
        for row in await self._tables.read(versions_of, policy):
            if row["version"] == version:
                return {"PolicyVersion": shown_version(policy, row, with_document=True)}
        raise _no_such_version(policy, request["VersionId"])

    @operation("ListPolicyVersions", needs=OnExisting("iam:ListPolicyVersions"))
    async def list(self, caller: Caller, request: wire.ListPolicyVersionsRequest) -> wire.ListPolicyVersionsResponse:
        """A page of the versions, the newest first, without documents."""
        policy = await policy_for(self._tables, caller, "iam:ListPolicyVersions", request["PolicyArn"])
        listing = Listing(self._pages, f"iam.ListPolicyVersions/{policy.arn}", request)
        rows = await self._tables.read(versions_of, policy)
        behind = [row for row in rows if not listing.after or row["version"] < int(listing.after)]
        shown, end = listing.cut(behind, lambda row: str(row["version"]))
        return {"Versions": [shown_version(policy, row) for row in shown], **end}

    @operation("SetDefaultPolicyVersion", needs=OnExisting("iam:SetDefaultPolicyVersion"))
    async def set_default(self, caller: Caller, request: wire.SetDefaultPolicyVersionRequest) -> None:
        """Let another version count, from the next request on."""
        policy = await policy_for(self._tables, caller, "iam:SetDefaultPolicyVersion", request["PolicyArn"], own=True)
        await self._tables.write(_set_default, policy, request["VersionId"], self._clock.now())

    @operation("DeletePolicyVersion", needs=OnExisting("iam:DeletePolicyVersion"))
    async def delete(self, caller: Caller, request: wire.DeletePolicyVersionRequest) -> None:
        """Remove a version that is not the default."""
        policy = await policy_for(self._tables, caller, "iam:DeletePolicyVersion", request["PolicyArn"], own=True)
        await self._tables.write(_delete, policy, request["VersionId"])


def versions_of(tx: Transaction, policy: ManagedPolicy) -> list[Row]:
    """The versions of a policy, the newest first (columns `version`, `document`, `created`)."""
    if policy.account == AWS:
        return [{"version": 1, "document": aws_policies()[policy.arn].document, "created": policy.created}]
    return tx.all(SQL.policy_versions, arn=policy.arn)


def shown_version(policy: ManagedPolicy, row: Row, *, with_document: bool = False) -> wire.PolicyVersion:
    """A version in the model's shape."""
    shown: wire.PolicyVersion = {
        "VersionId": f"v{row['version']}",
        "IsDefaultVersion": row["version"] == policy.default_version,
        "CreateDate": moment(row["created"]),
    }
    if with_document:
        shown["Document"] = shown_document(row["document"])
    return shown


def _create(tx: Transaction, policy: ManagedPolicy, document: str, *, now: int, default: bool) -> int:
    require_policy(tx, policy)
    if len(versions_of(tx, policy)) >= VERSIONS_PER_POLICY:
        raise LimitExceeded(
            f"A managed policy can have up to {VERSIONS_PER_POLICY} versions. Before you create a new version, you "
            "must delete an existing version."
        )
    row = tx.one(SQL.next_policy_version, arn=policy.arn, now=now)
    version: int = row["version"] if row else 0
    tx.run(SQL.put_policy_version, arn=policy.arn, version=version, document=document, created=now)
    if default:
        tx.run(SQL.set_default_policy_version, arn=policy.arn, version=version, now=now)
    return version


def _set_default(tx: Transaction, policy: ManagedPolicy, version_id: str, now: int) -> None:
    require_policy(tx, policy)
    version = _number(policy, version_id)
    if tx.one(SQL.policy_version, arn=policy.arn, version=version) is None:
        raise _no_such_version(policy, version_id)
    tx.run(SQL.set_default_policy_version, arn=policy.arn, version=version, now=now)


def _delete(tx: Transaction, policy: ManagedPolicy, version_id: str) -> None:
    version = _number(policy, version_id)
    if version == require_policy(tx, policy).default_version:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    if not tx.run(SQL.delete_policy_version, arn=policy.arn, version=version):
        raise _no_such_version(policy, version_id)


def _number(policy: ManagedPolicy, version_id: str) -> int:
    match = _VERSION.fullmatch(version_id)
    if match is None:
        raise _no_such_version(policy, version_id)
    return int(match[1])


def _no_such_version(policy: ManagedPolicy, version_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"Policy {policy.arn} version {version_id} does not exist or is not attachable.")
