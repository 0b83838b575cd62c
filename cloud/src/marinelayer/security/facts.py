"""Condition keys that a request itself gives, whatever the operation: when, from where, by whom.

Pure; the time is passed in. Source: IAM User Guide, "AWS global condition context keys"; for `s3:` keys the service
authorization reference of S3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from marinelayer.http import Request
from marinelayer.security import timestamps
from marinelayer.security.claim import Claim
from marinelayer.security.identity import Identity, Principal
from marinelayer.security.requirement import ContextKeys, Requirement, ResourceAccess
from marinelayer.security.session import session_facts

_NOBODYS: Final[ContextKeys] = {}
_PRINCIPAL_TYPES = {
    "root": "Account",
    "user": "User",
    "role-session": "AssumedRole",
    "federated-user": "FederatedUser",
    "web-identity": "WebIdentity",
    "service": "Service",
    "anonymous": "Anonymous",
}
_S3_AUTH_TYPES = {
    "v4-header": ("REST-HEADER", "AWS4-HMAC-SHA256"),
    "v4-query": ("REST-QUERY-STRING", "AWS4-HMAC-SHA256"),
    "v2-header": ("REST-HEADER", "AWS"),
    "v2-query": ("REST-QUERY-STRING", "AWS"),
    "v4-form": ("POST", "AWS4-HMAC-SHA256"),
    "v2-form": ("POST", "AWS"),
}


class RequestFacts(Mapping[str, tuple[str, ...]]):
    """`request_facts`, made when the first of them is asked for: most policies have no conditions."""

    __slots__ = ("_facts", "_make")

    def __init__(self, make: Callable[[], ContextKeys]) -> None:
        self._make = make
        self._facts: ContextKeys | None = None

    def _made(self) -> ContextKeys:
        if self._facts is None:
            self._facts = self._make()
        return self._facts

    def __getitem__(self, key: str) -> tuple[str, ...]:
        return self._made()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())

    def __bool__(self) -> bool:
        """A request always has some."""
        return True


def request_facts(
    request: Request, identity: Identity, now: int, *, claim: Claim | None = None, region: str | None = None
) -> ContextKeys:
    """The global condition keys (lower-case names) of one request. `now` is in microseconds since the epoch;
    `region` is the region that the request acts in, `claim` what it was signed by, where they are known."""
    facts: dict[str, tuple[str, ...]] = {
        "aws:sourceip": (request.peer,),
        "aws:securetransport": ("true" if request.scheme == "https" else "false",),
        "aws:currenttime": (timestamps.to_extended(now),),
        "aws:epochtime": (str(now // timestamps.SECOND),),
        "aws:viaawsservice": ("false",),
    }
    for key, header in (("aws:useragent", "user-agent"), ("aws:referer", "referer")):
        value = request.headers.get(header)
        if value is not None:
            facts[key] = (value,)
    if request.tls:
        facts["s3:tlsversion"] = (request.tls,)
    if region:
        facts["aws:requestedregion"] = (region,)
    if claim is not None:
        _add_claim(facts, claim, now)
    facts.update(identity_facts(identity))
    return facts


def resource_facts(requirement: Requirement, resource: ResourceAccess) -> ContextKeys:
    """The condition keys that say whose the resource is: who owns it, else whom its ARN names. What is not there yet
    (before CreateBucket) and what has no owner (`*`) gives none."""
    account = resource.account or _account_in(requirement.resource)
    return _owned_by(account, requirement.action[:3].lower() == "s3:") if account else _NOBODYS


def _account_in(arn: str) -> str:
    pieces = arn.split(":", 5)
    return pieces[4] if len(pieces) == 6 and pieces[4].isdigit() else ""


@lru_cache(maxsize=1024)
def _owned_by(account: str, s3: bool) -> ContextKeys:
    keys = ("aws:resourceaccount", "s3:resourceaccount") if s3 else ("aws:resourceaccount",)
    return dict.fromkeys(keys, (account,))


def identity_facts(identity: Identity) -> dict[str, tuple[str, ...]]:
    """The condition keys that say who acts, and by what session."""
    facts = principal_facts(identity.principal)
    return facts if identity.session is None else facts | session_facts(identity.session)


def principal_facts(principal: Principal) -> dict[str, tuple[str, ...]]:
    """The condition keys that say who acts. They alone stand for a call that no request brought (a service's)."""
    facts: dict[str, tuple[str, ...]] = {
        "aws:principaltype": (_PRINCIPAL_TYPES[principal.kind],),
        "aws:principalisawsservice": ("true" if principal.kind == "service" else "false",),
    }
    if principal.kind == "anonymous":
        facts["aws:userid"] = ("anonymous",)
        return facts
    if principal.kind == "service":
        facts["aws:principalservicename"] = (principal.arn,)
        return facts
    if principal.kind == "web-identity":
        facts["aws:federatedprovider"] = (principal.arn,)
        return facts
    facts["aws:principalarn"] = (role_arn(principal) or principal.arn,)
    facts["aws:principalaccount"] = (principal.account,)
    facts["aws:userid"] = (principal.unique_id,)
    if principal.kind == "user":
        facts["aws:username"] = (principal.name,)
    for name, value in principal.tags.items():
        facts[f"aws:principaltag/{name.lower()}"] = (value,)
    return facts


def role_arn(principal: Principal) -> str | None:
    """The ARN of the role that a session acts by, None for any other principal."""
    if principal.kind != "role-session":
        return None
    partition = principal.arn.split(":", 2)[1]
    role = principal.arn.rpartition(":")[2].split("/")[1]
    return f"arn:{partition}:iam::{principal.account}:role{principal.path}{role}"


def _add_claim(facts: dict[str, tuple[str, ...]], claim: Claim, now: int) -> None:
    if not claim.s3:
        return
    auth_type, version = _S3_AUTH_TYPES[claim.scheme]
    facts["s3:authtype"] = (auth_type,)
    facts["s3:signatureversion"] = (version,)
    if claim.timestamp:
        facts["s3:signatureage"] = (str(max(0, now - claim.timestamp) // 1000),)
    if claim.payload_hash is not None:
        facts["s3:x-amz-content-sha256"] = (claim.payload_hash,)
