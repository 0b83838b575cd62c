"""PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy and GetBucketPolicyStatus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Caller, Principals, Tables, Transaction
from marinelayer.protocol.refusals import MethodNotAllowed
from marinelayer.security.policy.compiled import Policy, compile_policy
from marinelayer.security.policy.document import MalformedPolicyError
from marinelayer.security.policy.public import is_public
from marinelayer.security.policy.validation import validate_bucket_policy
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.services.s3.errors import MalformedPolicy, NoSuchBucketPolicy
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.statements import SQL

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketPolicyRequest,
        GetBucketPolicyRequest,
        GetBucketPolicyStatusRequest,
        PutBucketPolicyRequest,
    )


def put_policy(
    tx: Transaction, request: PutBucketPolicyRequest, account: str, principals: Mapping[str, str], *, public: bool
) -> None:
    """Set the policy, with the unique ids that its principals have now.

    Raises:
        AccessDenied: it is public, and the bucket refuses these.
    """
    bucket = _own(the_bucket(tx, request), account, "PUT")
    if public and bucket.blocks_public_policy:
        raise AccessDenied
    tx.run(
        SQL.set_bucket_policy,
        bucket_id=bucket.bucket_id,
        policy=request["Policy"],
        principals=json.dumps(dict(principals)),
    )


def delete_policy(tx: Transaction, request: DeleteBucketPolicyRequest, account: str) -> None:
    """Remove the policy; there may be none."""
    bucket = _own(the_bucket(tx, request), account, "DELETE")
    tx.run(SQL.set_bucket_policy, bucket_id=bucket.bucket_id, policy=None, principals=None)


def _own(bucket: Bucket, account: str, method: str) -> Bucket:
    """Policies are the business of the account that owns the bucket, whatever the policy grants to others."""
    if bucket.account != account:
        raise MethodNotAllowed(Method=method, ResourceType="BUCKETPOLICY")
    return bucket


def _named_principals(policy: Policy) -> set[str]:
    """The ARNs of users, roles and sessions that the policy names."""
    named: set[str] = set()
    for statement in policy.document.statements:
        for name in (statement.principals or {}).get("AWS", ()):
            if name.startswith("arn:") and not name.endswith(":root"):
                named.add(name)
    return named


class BucketPolicies:
    """The policies of buckets."""

    def __init__(self, tables: Tables, principals: Principals) -> None:
        self._tables = tables
        self._principals = principals

    @operation("PutBucketPolicy", needs=on_bucket("s3:PutBucketPolicy"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketPolicyRequest) -> None:
        """Set the bucket's policy.

        Raises:
            MalformedPolicy: it can not be accepted, or names someone who does not exist.
        """
        try:
            policy = validate_bucket_policy(request["Policy"], request["Bucket"])
        except MalformedPolicyError as error:
            raise MalformedPolicy(str(error)) from None
        named = _named_principals(policy)
        principals: Mapping[str, str] = await self._principals.unique_ids(named) if named else {}
        unknown = sorted(named - principals.keys())
        if unknown:
            raise MalformedPolicy("Invalid principal in policy", Detail=unknown[0])
        await self._tables.write(put_policy, request, caller.account, principals, public=is_public(policy))

    @operation("GetBucketPolicy", needs=on_bucket("s3:GetBucketPolicy"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketPolicyRequest) -> dict[str, Any]:
        """The policy's text, as it was set."""
        bucket = _own(await self._tables.read(the_bucket, request), caller.account, "GET")
        return {"Policy": _text(bucket)}

    @operation("DeleteBucketPolicy", needs=on_bucket("s3:DeleteBucketPolicy"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketPolicyRequest) -> None:
        """Remove the bucket's policy."""
        await self._tables.write(delete_policy, request, caller.account)

    @operation("GetBucketPolicyStatus", needs=on_bucket("s3:GetBucketPolicyStatus"), anonymous=True)
    async def status(self, caller: Caller, request: GetBucketPolicyStatusRequest) -> dict[str, Any]:
        """Whether the bucket's policy makes it public."""
        bucket = await self._tables.read(the_bucket, request)
        return {"PolicyStatus": {"IsPublic": is_public(compile_policy(_text(bucket)))}}


def _text(bucket: Bucket) -> str:
    if bucket.policy is None:
        raise NoSuchBucketPolicy(BucketName=bucket.name)
    return bucket.policy
