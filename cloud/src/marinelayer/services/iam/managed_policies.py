"""Managed policies: CreatePolicy, GetPolicy, ListPolicies, DeletePolicy and their tags."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.services.iam.attachments import SQL, letters_of
from marinelayer.services.iam.aws_policies import aws_policies
from marinelayer.services.iam.documents import checked_document
from marinelayer.services.iam.errors import DeleteConflict, EntityAlreadyExists, LimitExceeded, ValidationError
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.names import checked_name, checked_path, checked_path_prefix, checked_tags
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.policies import (
    AWS,
    ManagedPolicy,
    aws_policy,
    policy_arn,
    policy_for,
    policy_of,
    require_policy,
)
from marinelayer.services.iam.tags import (
    checked_new_tags,
    creation_needs,
    request_tag_context,
    shown_tags,
    tag_page,
    tagged,
    untagged,
)
from marinelayer.services.iam.times import moment
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

POLICIES_PER_ACCOUNT = 1500
LETTERS = 6144
"""How many characters a managed policy may have, blanks not counted."""
_DESCRIPTION = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What ListPolicies is asked for: `least_...` are the least numbers of uses that a policy must have."""

    account: str
    scope: str
    prefix: str = "/"
    least_uses: int = 0
    least_attachments: int = 0
    least_boundaries: int = 0

    def has(self, policy: ManagedPolicy) -> bool:
        """Whether the policy, one of AWS's, is among them."""
        return (
            policy.path.startswith(self.prefix)
            and policy.attachments + policy.boundaries >= self.least_uses
            and policy.attachments >= self.least_attachments
            and policy.boundaries >= self.least_boundaries
        )


def _new_arn(request: Mapping[str, Any], caller: Caller) -> str:
    return policy_arn(caller.account, request.get("Path", "/"), request["PolicyName"])


class ManagedPolicies:
    """The managed policies that an account may use."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, pages: PageTokens) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages

    @operation("CreatePolicy", needs=creation_needs("iam:CreatePolicy", "iam:TagPolicy", _new_arn))
    async def create(self, caller: Caller, request: wire.CreatePolicyRequest) -> wire.CreatePolicyResponse:
        """A policy that is attached to nobody, with its first version."""
        name, path = checked_name(request["PolicyName"], "policyName"), checked_path(request.get("Path", "/"))
        description = request.get("Description", "")
        if len(description) > _DESCRIPTION:
            raise ValidationError(
                f"1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have "
                f"length less than or equal to {_DESCRIPTION}"
            )
        now = self._clock.now()
        policy = ManagedPolicy(
            arn=policy_arn(caller.account, path, name),
            policy_id=self._ids.aws("ANPA", 21),
            account=caller.account,
            name=name,
            path=path,
            description=description,
            tags=checked_tags(request.get("Tags")),
            created=now,
            updated=now,
        )
        await self._tables.write(_create, policy, checked_size(checked_document(request["PolicyDocument"])))
        return {"Policy": shown_policy(policy, with_tags=True)}

    @operation("GetPolicy", needs=OnExisting("iam:GetPolicy"))
    async def get(self, caller: Caller, request: wire.GetPolicyRequest) -> wire.GetPolicyResponse:
        """A policy, without its document."""
        policy = await policy_for(self._tables, caller, "iam:GetPolicy", request["PolicyArn"])
        return {"Policy": shown_policy(policy, with_tags=True, with_description=True)}

    @operation("ListPolicies", needs=need("iam:ListPolicies"))
    async def list(self, caller: Caller, request: wire.ListPoliciesRequest) -> wire.ListPoliciesResponse:
        """A page of the account's policies by name, then of AWS's, without tags and descriptions, as AWS."""
        usage = request.get("PolicyUsageFilter")
        wanted = Wanted(
            account=caller.account,
            scope=request.get("Scope", "All"),
            prefix=checked_path_prefix(request.get("PathPrefix", "/")),
            least_uses=1 if request.get("OnlyAttached") else 0,
            least_attachments=1 if usage == "PermissionsPolicy" else 0,
            least_boundaries=1 if usage == "PermissionsBoundary" else 0,
        )
        listing = Listing(self._pages, f"iam.ListPolicies/{wanted}", request)
        found = await self._tables.read(listed, wanted, listing.after, listing.limit)
        shown, end = listing.cut(found, position_of)
        return {"Policies": [shown_policy(policy) for policy in shown], **end}

    @operation("DeletePolicy", needs=OnExisting("iam:DeletePolicy"))
    async def delete(self, caller: Caller, request: wire.DeletePolicyRequest) -> None:
        """Remove a policy that nobody uses and that has no other version than its default."""
        policy = await policy_for(self._tables, caller, "iam:DeletePolicy", request["PolicyArn"], own=True)
        await self._tables.write(_delete, policy)

    @operation("TagPolicy", needs=OnExisting("iam:TagPolicy"))
    async def tag(self, caller: Caller, request: wire.TagPolicyRequest) -> None:
        """Add tags, in place of those of the same keys."""
        context = request_tag_context(request)
        policy = await policy_for(
            self._tables, caller, "iam:TagPolicy", request["PolicyArn"], own=True, context=context
        )
        await self._tables.write(_tag, policy, checked_new_tags(request), ())

    @operation("UntagPolicy", needs=OnExisting("iam:UntagPolicy"))
    async def untag(self, caller: Caller, request: wire.UntagPolicyRequest) -> None:
        """Remove tags."""
        context = request_tag_context(request)
        policy = await policy_for(
            self._tables, caller, "iam:UntagPolicy", request["PolicyArn"], own=True, context=context
        )
        await self._tables.write(_tag, policy, {}, tuple(request["TagKeys"]))

    @operation("ListPolicyTags", needs=OnExisting("iam:ListPolicyTags"))
    async def list_tags(self, caller: Caller, request: wire.ListPolicyTagsRequest) -> wire.ListPolicyTagsResponse:
        """A page of a policy's tags."""
        policy = await policy_for(self._tables, caller, "iam:ListPolicyTags", request["PolicyArn"])
        return {**tag_page(policy.tags, self._pages, f"iam.ListPolicyTags/{policy.arn}", request)}


def checked_size(document: str) -> str:
    """The document of a managed policy.

    Raises:
        LimitExceeded: it has more than 6,144 characters, blanks not counted.
    """
    if letters_of(document) > LETTERS:
        raise LimitExceeded(f"Cannot exceed quota for PolicySize: {LETTERS}")
    return document


def _create(tx: Transaction, policy: ManagedPolicy, document: str) -> None:
    stored = tx.run(
        SQL.put_policy,
        arn=policy.arn,
        policy_id=policy.policy_id,
        account=policy.account,
        name=policy.name,
        folded=policy.name.lower(),
        path=policy.path,
        description=policy.description,
        tags=json.dumps(dict(policy.tags)),
        created=policy.created,
    )
    if not stored:
        raise EntityAlreadyExists(f"A policy called {policy.name} already exists. Duplicate names are not allowed.")
    count = tx.one(SQL.count_policies, account=policy.account)
    if count is not None and count["n"] > POLICIES_PER_ACCOUNT:
        raise LimitExceeded(f"Cannot exceed quota for PoliciesPerAccount: {POLICIES_PER_ACCOUNT}")
    tx.run(SQL.put_policy_version, arn=policy.arn, version=1, document=document, created=policy.created)


def listed(tx: Transaction, wanted: Wanted, after: str, size: int) -> list[ManagedPolicy]:
    """At most `size` policies behind the position `after`: the account's own, then AWS's."""
    kind, _, name = after.partition(":")
    found: list[ManagedPolicy] = []
    if wanted.scope != "AWS" and kind in ("", "own"):
        rows = tx.all(
            SQL.policies,
            account=wanted.account,
            after=name,
            prefix=wanted.prefix,
            length=len(wanted.prefix),
            least_attachments=wanted.least_attachments,
            least_boundaries=wanted.least_boundaries,
            least_uses=wanted.least_uses,
            size=size,
        )
        found = [policy_of(row) for row in rows]
    if wanted.scope != "Local":
        behind = name if kind == AWS else ""
        of_aws = (aws_policy(tx, wanted.account, one) for one in aws_policies().values() if one.name.lower() > behind)
        found.extend(policy for policy in of_aws if wanted.has(policy))
    return found[:size]


def position_of(policy: ManagedPolicy) -> str:
    """Where a policy stands in `listed`."""
    return f"{AWS if policy.account == AWS else 'own'}:{policy.name.lower()}"


def _delete(tx: Transaction, policy: ManagedPolicy) -> None:
    now = require_policy(tx, policy)
    if now.attachments or now.boundaries:
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if len(tx.all(SQL.policy_versions, arn=policy.arn)) > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy."
        )
    tx.run(SQL.delete_policy_versions, arn=policy.arn)
    tx.run(SQL.delete_policy, arn=policy.arn)


def _tag(tx: Transaction, policy: ManagedPolicy, added: Mapping[str, str], removed: tuple[str, ...]) -> None:
    tags = tagged(untagged(require_policy(tx, policy).tags, removed), added)
    tx.run(SQL.set_policy_tags, arn=policy.arn, tags=json.dumps(tags))


def shown_policy(policy: ManagedPolicy, *, with_tags: bool = False, with_description: bool = False) -> wire.Policy:
    """A policy in the model's shape."""
    shown: wire.Policy = {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": f"v{policy.default_version}",
        "AttachmentCount": policy.attachments,
        "PermissionsBoundaryUsageCount": policy.boundaries,
        "IsAttachable": True,
        "CreateDate": moment(policy.created),
        "UpdateDate": moment(policy.updated),
    }
    if with_description and policy.description:
        shown["Description"] = policy.description
    if with_tags and policy.tags:
        shown["Tags"] = shown_tags(policy.tags)
    return shown
