"""What a caller gives a new session: its policies, tags and length, checked as STS does, and the answer's credentials.

Pure. Source: STS API reference, AssumeRole and GetFederationToken; IAM User Guide, "Pass session tags in AWS STS".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied, OperationNotImplemented
from marinelayer.ports import Caller, Credentials, Sessions
from marinelayer.security import timestamps
from marinelayer.security.policy.document import MalformedPolicyError
from marinelayer.security.policy.validation import validate_policy
from marinelayer.security.session import Session
from marinelayer.services.sts.errors import (
    InvalidParameterValue,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    ValidationError,
)

if TYPE_CHECKING:
    from marinelayer.model.types import sts as wire

POLICY_LETTERS = 2048
POLICY_ARNS = 10
TAGS = 50
ROOTS_LONGEST = 3600
"""Seconds that the credentials of an account's root last at most: longer ones are made this short."""


def refuse_unserved(request: Mapping[str, Any], *members: str) -> None:
    """Refuse what can not be given to a session here.

    Raises:
        OperationNotImplemented: one of `members` is given.
    """
    for member in members:
        if request.get(member):
            raise OperationNotImplemented(f"{member} is not implemented by Marine Layer (see docs/differences.md).")


def refuse_mfa(request: Mapping[str, Any]) -> None:
    """There are no MFA devices here, so that no code can be theirs.

    Raises:
        AccessDenied: one is given.
    """
    if request.get("SerialNumber") or request.get("TokenCode"):
        raise AccessDenied(
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is "
            "valid and associated with this user."
        )


def checked_policy(request: Mapping[str, Any]) -> str | None:
    """The session policy that is given.

    Raises:
        ValidationError: it is too long.
        MalformedPolicyDocument: it can not be enforced.
    """
    text = request.get("Policy")
    if text is None:
        return None
    if len(text) > POLICY_LETTERS:
        raise ValidationError(
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length "
            f"less than or equal to {POLICY_LETTERS}"
        )
    try:
        validate_policy(text, "identity")
    except MalformedPolicyError as error:
        raise MalformedPolicyDocument(str(error)) from None
    return text


async def checked_policy_arns(sessions: Sessions, account: str, request: Mapping[str, Any]) -> tuple[str, ...]:
    """The managed policies that are to cut the session, which must be the account's or AWS's.

    Raises:
        ValidationError: they are too many, or one is not there.
    """
    arns = tuple(dict.fromkeys(one.get("arn", "") for one in request.get("PolicyArns") or ()))
    if len(arns) > POLICY_ARNS:
        raise ValidationError(f"The number of policy ARNs exceeds the limit of {POLICY_ARNS}.")
    lacking = await sessions.lacking_policy(account, arns) if arns else None
    if lacking is not None:
        raise ValidationError(f"Policy {lacking} does not exist or can not be used in account {account}.")
    return arns


def checked_tags(tags: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """Session tags as a mapping.

    Raises:
        InvalidParameterValue: there are too many, one stands twice (whatever its case), or is AWS's own.
    """
    found: dict[str, str] = {}
    for tag in tags or ():
        key = tag["Key"]
        if key.lower().startswith("aws:"):
            raise InvalidParameterValue("Tag keys beginning with aws: are reserved for system use.")
        if key.lower() in {other.lower() for other in found}:
            raise InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        found[key] = tag["Value"]
    if len(found) > TAGS:
        raise InvalidParameterValue(f"The number of tags has reached the maximum limit of {TAGS}.")
    return found


def session_tags(request: Mapping[str, Any], before: Session | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """The session's tags, and the keys of those that the next session inherits.

    Raises:
        InvalidParameterValue: a tag is none, an inherited one is passed again, or a key is to be inherited that is not
            among them.
    """
    passed = checked_tags(request.get("Tags"))
    inherited = {} if before is None else dict(before.inherited)
    if {key.lower() for key in inherited} & {key.lower() for key in passed}:
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from "
            "the calling session."
        )
    tags = {**inherited, **passed}
    by_folded = {key.lower(): key for key in tags}
    asked = [key.lower() for key in request.get("TransitiveTagKeys") or ()]
    for key in asked:
        if key not in by_folded:
            raise InvalidParameterValue("The specified transitive tag key must be included in the requested tags.")
    return tags, tuple(dict.fromkeys((*inherited, *(by_folded[key] for key in asked))))


def tag_context(request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The condition keys of the tags that a request passes."""
    tags = request.get("Tags") or ()
    context = {f"aws:requesttag/{tag['Key'].lower()}": (tag["Value"],) for tag in tags}
    if tags:
        context["aws:tagkeys"] = tuple(tag["Key"] for tag in tags)
    if request.get("TransitiveTagKeys"):
        context["sts:transitivetagkeys"] = tuple(request["TransitiveTagKeys"])
    return context


def lifetime(now: int, seconds: int) -> tuple[int, int]:
    """When a session of so many seconds is issued and ends, in microseconds, as STS tells it: in whole seconds."""
    issued = now // timestamps.SECOND * timestamps.SECOND
    return issued, issued + seconds * timestamps.SECOND


def users_lifetime(caller: Caller, now: int, seconds: int) -> tuple[int, int]:
    """The same for sessions of users; those of root are short."""
    root = caller.principal.kind == "root"
    return lifetime(now, min(seconds, ROOTS_LONGEST) if root else seconds)


def checked_packed_size(sessions: Sessions, session: Session) -> int | None:
    """How full the session is in percent, as answers say it; None where it was given neither policies nor tags.

    Raises:
        PackedPolicyTooLarge: it is more than full.
    """
    if session.policy is None and not session.policy_arns and not session.tags:
        return None
    percent = sessions.packed_percent(session)
    if percent > 100:
        raise PackedPolicyTooLarge(
            f"Packed size of session policy and session tags consumes {percent}% of allotted space."
        )
    return percent


def shown_credentials(credentials: Credentials) -> wire.Credentials:
    """Credentials in the shape of the model."""
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret,
        "SessionToken": credentials.token,
        "Expiration": datetime.fromtimestamp(credentials.expires_at // timestamps.SECOND, UTC),
    }
