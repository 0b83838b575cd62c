"""Policies of custom models, which let others import them: PutResourcePolicy, DescribeResourcePolicy,
DeleteResourcePolicy, and the ModelPolicy with which a model is made.

A policy lies in its model's document, with its revision: the id changes whenever the policy does. Source:
https://docs.aws.amazon.com/comprehend/latest/dg/custom-copy-sharing.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Transaction
from marinelayer.security.policy.document import MalformedPolicyError, PolicyDocument
from marinelayer.security.policy.validation import validate_policy
from marinelayer.security.requirement import ResourcePolicy
from marinelayer.services.comprehend.errors import InvalidRequestException, ResourceNotFoundException
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.resources import Resource, change_resource, moment, require_resource
from marinelayer.services.comprehend.tags import on_resource
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MEMBER = "ResourcePolicy"
"""Of a model's document; descriptions do not tell it."""
IMPORT_ACTION = "comprehend:ImportModel"
"""What a policy speaks of: of other actions it says nothing here."""


async def new_policy(text: str, ground: Ground) -> Mapping[str, Any]:
    """A policy as a model's document has it.

    Raises:
        InvalidRequestException: it is none of a resource, or names a user or role that is not there.
    """
    try:
        document = validate_policy(text, "resource").document
    except MalformedPolicyError as error:
        raise InvalidRequestException(f"The resource policy is invalid: {error}") from None
    named = _arns(document)
    found = await ground.principals.unique_ids(named)
    if missing := [arn for arn in named if arn not in found]:
        raise InvalidRequestException(f"The resource policy is invalid: there is no principal {missing[0]}.")
    revision, now = ground.ids.token(32), ground.clock.now()
    return {"Text": text, "Principals": dict(found), "Revision": revision, "Created": now, "Modified": now}


def _arns(document: PolicyDocument) -> list[str]:
    """The ARNs of users and roles; accounts, unique ids and `*` need no looking up."""
    names = {name for one in document.statements for name in (one.principals or {}).get("AWS", ())}
    return sorted(name for name in names if name.startswith("arn:") and not name.endswith(":root"))


def policy_of(resource: Resource | None) -> ResourcePolicy | None:
    """What a model's policy says, None where it has none."""
    kept: Mapping[str, Any] | None = None if resource is None else resource.document.get(MEMBER)
    return None if kept is None else ResourcePolicy(text=kept["Text"], principals=kept["Principals"])


def put_policy(tx: Transaction, arn: str, policy: Mapping[str, Any], revision: str | None) -> None:
    """Give a model a policy in the place of the one that it has, if any, which must be the `revision` that is named.

    Raises:
        ResourceNotFoundException: there is no such model.
        InvalidRequestException: its policy is of another revision.
    """
    resource = require_resource(tx, arn)
    before: Mapping[str, Any] | None = resource.document.get(MEMBER)
    _check_revision(before, revision)
    created = policy["Created"] if before is None else before["Created"]
    change_resource(tx, resource.told(**{MEMBER: {**policy, "Created": created}}))


def remove_policy(tx: Transaction, arn: str, revision: str | None) -> None:
    """Take a model's policy away. Raises as `put_policy`, and ResourceNotFoundException where it has none."""
    resource = require_resource(tx, arn)
    _check_revision(_the_policy(resource), revision)
    change_resource(tx, resource.told(**{MEMBER: None}))


def _the_policy(resource: Resource) -> Mapping[str, Any]:
    if MEMBER not in resource.document:
        raise ResourceNotFoundException("The model has no resource policy.")
    return resource.document[MEMBER]


def _check_revision(policy: Mapping[str, Any] | None, revision: str | None) -> None:
    if revision is not None and (policy is None or policy["Revision"] != revision.lower()):
        raise InvalidRequestException("The PolicyRevisionId is not that of the model's resource policy.")


class ResourcePolicies:
    """The policies of models."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @operation("PutResourcePolicy", needs=need("comprehend:PutResourcePolicy", on=on_resource))
    async def put(self, caller: Caller, request: wire.PutResourcePolicyRequest) -> wire.PutResourcePolicyResponse:
        """Give a model a policy. Raises as `new_policy` and `put_policy`."""
        policy = await new_policy(request["ResourcePolicy"], self._ground)
        revision = request.get("PolicyRevisionId")
        await self._ground.tables.write(put_policy, request["ResourceArn"], policy, revision)
        return {"PolicyRevisionId": policy["Revision"]}

    @operation("DescribeResourcePolicy", needs=need("comprehend:DescribeResourcePolicy", on=on_resource))
    async def describe(
        self, caller: Caller, request: wire.DescribeResourcePolicyRequest
    ) -> wire.DescribeResourcePolicyResponse:
        """A model's policy. Raises ResourceNotFoundException: there is no such model, or it has none."""
        policy = _the_policy(await self._ground.tables.read(require_resource, request["ResourceArn"]))
        return {
            "ResourcePolicy": policy["Text"],
            "CreationTime": moment(policy["Created"]),
            "LastModifiedTime": moment(policy["Modified"]),
            "PolicyRevisionId": policy["Revision"],
        }

    @operation("DeleteResourcePolicy", needs=need("comprehend:DeleteResourcePolicy", on=on_resource))
    async def delete(
        self, caller: Caller, request: wire.DeleteResourcePolicyRequest
    ) -> wire.DeleteResourcePolicyResponse:
        """Take a model's policy away. Raises as `remove_policy`."""
        await self._ground.tables.write(remove_policy, request["ResourceArn"], request.get("PolicyRevisionId"))
        return {}
