"""Explaining, for who runs the cloud, what somebody stored may do on something stored: the pipeline's own decision.

A command of the machine's owner, as accounts are: the control socket takes it while the cloud runs; on a free folder
`ask_for` runs it here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final, cast

from marinelayer.app.system import SystemClock
from marinelayer.config import DEFAULT_REGION, CloudError
from marinelayer.http import BytesBody, Headers, Request
from marinelayer.model.errors import Refusal
from marinelayer.pipeline.authorise import RequestAuthoriser
from marinelayer.pipeline.own import OWN_ACTIONS
from marinelayer.ports import Access, Clock, Tables
from marinelayer.security.authorization import actions, services
from marinelayer.security.claim import Claim
from marinelayer.security.explanation import limited
from marinelayer.security.facts import request_facts
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.security.session import session_limit
from marinelayer.security.tree import as_json, tree
from marinelayer.services.comprehend.access import ComprehendAccess
from marinelayer.services.iam.identities import IamIdentities
from marinelayer.services.iam.tagged import tags_of
from marinelayer.services.iam.trust import RoleAccess
from marinelayer.services.rekognition import ProjectAccess
from marinelayer.services.s3 import S3Access
from marinelayer.services.s3.needs import NewBucketRequirement
from marinelayer.services.sns.access import TopicAccess
from marinelayer.services.translate.tagging import TerminologyAccess
from marinelayer.storage.folder import DataFolder

ANONYMOUS: Final = "anonymous"
LOCAL: Final = "127.0.0.1"
_ACTION = re.compile(r"[A-Za-z0-9-]{1,64}:[A-Za-z0-9]{1,128}")
_ARN = re.compile(r"arn:aws:(?P<service>[a-z0-9-]+):[a-z0-9-]*:(?:\d{12})?:.+", re.DOTALL)
_KEY = re.compile(r"[A-Za-z0-9-]+:\S+")


def accesses(tables: Tables, clock: Clock) -> Mapping[str, Access]:
    """What resources say of themselves, by the prefix of actions: as the pipeline has it of its services."""
    return {
        "comprehend": ComprehendAccess(tables),
        "rekognition": ProjectAccess(tables),
        "s3": S3Access(tables, clock),
        "sns": TopicAccess(tables),
        "sts": RoleAccess(tables),
        "translate": TerminologyAccess(tables),
    }


class Explaining:
    """Explanations of decisions in the folder's present epoch."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._clock = SystemClock()

    async def explain(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Whether `as` (an ARN, or `anonymous`) may do `action` on `resource` (an ARN, `s3://BUCKET/KEY` or `*`), where
        the condition keys of `context` (`{"aws:SourceIp": ["10.0.0.1"]}`) have these values, and the others those of a
        signed request from this machine. `explanation` is for programs, `tree` for people.

        Raises:
            CloudError: there is no such identity or bucket, or an argument is none.
        """
        requirement = _requirement(arguments)
        # Nothing of a key is read, so that nothing has to be unwrapped.
        identities = IamIdentities(self._folder.epoch.tables, self._folder.keyring)
        identity = await _identity(identities, str(arguments.get("as") or ""))
        if requirement.action.lower().startswith("iam:"):
            requirement = await _with_tags(self._folder.epoch.tables, requirement)
        facts = _facts(identity, requirement, self._clock.now())
        authoriser = RequestAuthoriser(identity, facts, accesses(self._folder.epoch.tables, self._clock))
        try:
            explanation = await authoriser.explain(requirement)
        except Refusal as refusal:
            raise CloudError(f"{requirement.resource}: {refusal.message}") from None
        except ValueError as error:
            raise CloudError(f"A value of the context can not be read: {error}") from None
        service, _, operation = requirement.action.partition(":")
        limit = session_limit("role", service, operation) if identity.principal.kind == "role-session" else ""
        if limit:
            explanation = limited(explanation, limit)
        return {
            "allowed": explanation.decision.allowed,
            "explanation": as_json(explanation),
            "tree": tree(explanation),
        }


async def _identity(identities: IamIdentities, name: str) -> Identity:
    if name == ANONYMOUS:
        return ANONYMOUS_IDENTITY
    identity = await identities.by_arn(name)
    if identity is None:
        raise CloudError(f"{name} is no root, user or role here; say {ANONYMOUS} for who has no credentials.")
    return identity


async def _with_tags(tables: Tables, requirement: Requirement) -> Requirement:
    """The requirement with the tags of the user, role or policy that it is on, which IAM's operations read with it."""
    tags = await tables.read(tags_of, requirement.resource)
    keys = {f"{kind}:resourcetag/{key.lower()}": (value,) for kind in ("aws", "iam") for key, value in tags.items()}
    return replace(requirement, context={**keys, **requirement.context})


def _requirement(arguments: Mapping[str, Any]) -> Requirement:
    action, resource = _known_action(str(arguments.get("action"))), str(arguments.get("resource"))
    resource = f"arn:aws:s3:::{resource.removeprefix('s3://')}" if resource.startswith("s3://") else resource
    if resource != "*" and not _ARN.fullmatch(resource):
        raise CloudError(f"{resource} is no resource; one is an ARN, s3://BUCKET/KEY, or * where an action has none.")
    types = known.on if (known := actions().get(action.lower())) is not None else ()
    if resource != "*" and types and not any(one.fits(resource) for one in types):
        wanted = " or ".join(f"{one.name} ({one.arn})" for one in types)
        raise CloudError(f"{action} is never asked on {resource}, but on: {wanted}.")
    kind = NewBucketRequirement if action.lower() == "s3:createbucket" else Requirement
    return kind(action=action, resource=resource, context=_context(arguments.get("context") or {}))


def _known_action(action: str) -> str:
    """The action as AWS writes it, or as we do where it is our own.

    Raises:
        CloudError: there is none, with those that were perhaps meant.
    """
    if _ACTION.fullmatch(action) is None:
        raise CloudError(f"{action} is no action; one is SERVICE:Name, such as s3:GetObject.")
    found = {name: known.name for name, known in actions().items()} | {name.lower(): name for name in OWN_ACTIONS}
    if action.lower() in found:
        return found[action.lower()]
    near = [found[name] for name in get_close_matches(action.lower(), found, n=3)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"services here are {', '.join(sorted(services()))}."
    raise CloudError(f"There is no action {action}; {hint}")


def _context(given: Any) -> ContextKeys:
    read: dict[str, tuple[str, ...]] = {}
    for key, values in cast("Mapping[str, list[str]]", given).items():
        if not _KEY.fullmatch(key):
            raise CloudError(f"{key} is no condition key; one is aws:SourceIp, another s3:prefix.")
        read[key.lower()] = (*read.get(key.lower(), ()), *values)
    return read


def _facts(identity: Identity, requirement: Requirement, now: int) -> ContextKeys:
    """What a request from this machine gives, signed now where somebody signs."""
    request = Request(
        id="explain",
        method="GET",
        path="/",
        query="",
        headers=Headers(),
        body=BytesBody(b""),
        scheme="http",
        host=LOCAL,
        peer=LOCAL,
    )
    claim = None
    if identity is not ANONYMOUS_IDENTITY:
        service = requirement.action.partition(":")[0]
        claim = Claim(scheme="v4-header", access_key_id="", signature="", service=service, timestamp=now)
    return request_facts(request, identity, now, claim=claim, region=DEFAULT_REGION)
