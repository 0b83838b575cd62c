"""Example policies as cases: what somebody asks, and what the policies of the example must say to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marinelayer.security.acl import canned_bucket_acl
from marinelayer.security.facts import principal_facts
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import NO_RESOURCE, Requirement, ResourceAccess, ResourcePolicy

from .judging import CANONICAL, RECORDED, A, bob, document, root

BUCKET, TOPIC = "arn:aws:s3:::gid-reports", f"arn:aws:sns:us-east-1:{A}:city_alerts"
OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
EVERYONE = {"Principal": "*"}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request: an action on a resource, by somebody (bob where nobody is named), with its condition keys."""

    action: str
    on: str = f"{BUCKET}/2019/jan.csv"
    by: Callable[..., Identity] | Identity = bob
    keys: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict[str, Any])
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """Those of who asks."""
    of: str = A
    """Whose the bucket or topic is."""
    resource: Mapping[str, str] = field(default_factory=dict[str, str])
    """Condition keys that the resource gives."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A policy of a user (or of whoever asks), of a bucket or topic, or both, with requests on either side of it."""

    name: str
    mine: tuple[dict[str, Any], ...] = ()
    theirs: tuple[dict[str, Any], ...] = ()
    allows: tuple[Ask, ...]
    denies: tuple[Ask, ...]


def deny(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {**deny(action, resource, **more), "Effect": "Allow"}


def only_if(**condition: Mapping[str, Any]) -> dict[str, Any]:
    return {"Condition": condition}


OBJECTS = f"{BUCKET}/*"
BOTH = [BUCKET, OBJECTS]
STRANGER = ANONYMOUS_IDENTITY
CDN = f"arn:aws:cloudfront::{A}:distribution/EDFDVBD6EXAMPLE"


def outcome(example: Example, asked: Ask) -> bool:
    """Whether the request is allowed by the policies of the example."""
    identity = asked.by if isinstance(asked.by, Identity) else _holder(asked.by, example.mine)
    if asked.tags:
        identity = dataclasses.replace(identity, principal=dataclasses.replace(identity.principal, tags=asked.tags))
    keys = {key.lower(): (value,) if isinstance(value, str) else value for key, value in asked.keys.items()}
    requirement = Requirement(action=asked.action, resource=asked.on)
    return decide(identity, requirement, _resource(example, asked), principal_facts(identity.principal) | keys).allowed


def _holder(by: Callable[..., Identity], mine: tuple[dict[str, Any], ...]) -> Identity:
    return root() if by is root else by(*mine)


def _resource(example: Example, asked: Ask) -> ResourceAccess:
    if not asked.on.startswith(("arn:aws:s3", "arn:aws:sns")):
        return NO_RESOURCE
    policy = ResourcePolicy(text=document(*example.theirs), principals=RECORDED) if example.theirs else None
    context = {key: (value,) for key, value in asked.resource.items()}
    acl = canned_bucket_acl("private", CANONICAL[A]) if asked.on.startswith("arn:aws:s3") else None
    return ResourceAccess(account=asked.of, policy=policy, bucket_acl=acl, context=context)


def check(example: Example) -> None:
    """Assert that the example allows what it is for and denies the rest."""
    assert example.allows
    assert example.denies
    for asked in example.allows:
        assert outcome(example, asked), f"{example.name} should allow {asked}"
    for asked in example.denies:
        assert not outcome(example, asked), f"{example.name} should deny {asked}"
