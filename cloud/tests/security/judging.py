"""Identities, resources and policies in a line each, for the tests of decisions."""

from __future__ import annotations

import json
from typing import Any

from marinelayer.security.acl import (
    canned_bucket_acl,
)
from marinelayer.security.decision import Decision
from marinelayer.security.identity import Identity, IdentityPolicy, Principal
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import (
    Requirement,
    ResourceAccess,
    ResourcePolicy,
)

A, B = "111111111111", "222222222222"
CANONICAL = {A: "a" * 64, B: "b" * 64}
BUCKET, OBJECT = "arn:aws:s3:::bucket", "arn:aws:s3:::bucket/key"
BOB_ARN = f"arn:aws:iam::{A}:user/bob"
ROLE_ARN = f"arn:aws:iam::{A}:role/team/reader"
SESSION_ARN = f"arn:aws:sts::{A}:assumed-role/reader/s1"
RECORDED = {BOB_ARN: "AIDABOB", ROLE_ARN: "AROAREADER", SESSION_ARN: "AROAREADER"}


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def allow(action: str = "s3:GetObject", resource: str = OBJECT, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str = "s3:GetObject", resource: str = OBJECT, **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def managed(*statements: dict[str, Any], name: str = "readers") -> IdentityPolicy:
    return IdentityPolicy(name=name, kind="managed", text=document(*statements))


def bob(*statements: dict[str, Any], account: str = A, **more: Any) -> Identity:
    principal = Principal(
        kind="user",
        account=account,
        arn=f"arn:aws:iam::{account}:user/bob",
        unique_id="AIDABOB",
        canonical_id=CANONICAL[account],
        name="bob",
    )
    return Identity(principal=principal, policies=(managed(*statements),) if statements else (), **more)


def root(account: str = A) -> Identity:
    arn = f"arn:aws:iam::{account}:root"
    return Identity(
        principal=Principal(
            kind="root", account=account, arn=arn, unique_id=account, canonical_id=CANONICAL[account], name="root"
        )
    )


def session(*statements: dict[str, Any], account: str = A, **more: Any) -> Identity:
    principal = Principal(
        kind="role-session",
        account=account,
        arn=f"arn:aws:sts::{account}:assumed-role/reader/s1",
        unique_id="AROAREADER:s1",
        canonical_id=CANONICAL[account],
        name="reader",
        path="/team/",
    )
    return Identity(principal=principal, policies=(managed(*statements),) if statements else (), **more)


def service(name: str = "sns.amazonaws.com") -> Identity:
    return Identity(principal=Principal(kind="service", arn=name))


def boundary(*statements: dict[str, Any]) -> IdentityPolicy:
    return IdentityPolicy(name="fence", kind="boundary", text=document(*statements))


def session_policy(*statements: dict[str, Any]) -> tuple[IdentityPolicy, ...]:
    return (IdentityPolicy(name="inline", kind="session", text=document(*statements)),)


def bucket(*statements: dict[str, Any], principals: dict[str, str] | None = None, **more: Any) -> ResourceAccess:
    policy = None
    if statements:
        policy = ResourcePolicy(text=document(*statements), principals=RECORDED if principals is None else principals)
    values = {"account": A, "policy": policy, "bucket_acl": canned_bucket_acl("private", CANONICAL[A]), **more}
    return ResourceAccess(**values)


def judged(
    identity: Identity,
    resource: ResourceAccess,
    action: str = "s3:GetObject",
    on: str = OBJECT,
    facts: dict[str, tuple[str, ...]] | None = None,
) -> Decision:
    return decide(identity, Requirement(action=action, resource=on), resource, facts or {})


def allowed(
    identity: Identity,
    resource: ResourceAccess,
    action: str = "s3:GetObject",
    on: str = OBJECT,
    facts: dict[str, tuple[str, ...]] | None = None,
) -> bool:
    return judged(identity, resource, action, on, facts).allowed


EVERYONE = {"Principal": "*"}
OTHER_EVERYONE = {"Principal": {"AWS": "*"}}
ROOT_OF_A = {"Principal": {"AWS": f"arn:aws:iam::{A}:root"}}
ACCOUNT_B = {"Principal": {"AWS": B}}
ALL = allow("s3:*", "*")
