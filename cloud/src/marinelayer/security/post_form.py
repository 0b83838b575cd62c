"""Browser forms: who signed the policy document of a POST, and whether the form keeps to it.

Pure functions over the form's fields before `file`, their names in lower case. This module must not know multipart
bodies or the time. Source: S3 API reference, "Browser-based uploads using POST" (Signature Version 4 and 2).
"""

from __future__ import annotations

import binascii
import hmac
import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from marinelayer.model.errors import AccessDenied, SignatureMismatch, UnknownAccessKey
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.security import sigv2, timestamps
from marinelayer.security.claim import ALGORITHM, Claim
from marinelayer.security.identity import Identity
from marinelayer.security.refusals import EntityTooLarge, EntityTooSmall, InvalidPolicyDocument
from marinelayer.security.scope import TERMINATOR
from marinelayer.security.signature import signature as v4_signature
from marinelayer.security.signature import signing_key
from marinelayer.security.sigv4 import demand_credentials

LARGEST_POLICY = 20_480
"""Characters of base64 that a policy may have."""

_EXEMPT = frozenset({"awsaccesskeyid", "signature", "x-amz-signature", "policy", "file"})
"""Fields that no condition needs to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLimits:
    """What `content-length-range` allows, in bytes; `maximum` None is no limit of the form's own."""

    minimum: int = 0
    maximum: int | None = None

    def and_also(self, minimum: int, maximum: int) -> SizeLimits:
        """These limits, and others besides."""
        lower = maximum if self.maximum is None else min(maximum, self.maximum)
        return SizeLimits(minimum=max(minimum, self.minimum), maximum=lower)

    def check(self, size: int) -> None:
        """Check a whole upload's size.

        Raises:
            EntityTooSmall, EntityTooLarge: it is outside the range.
        """
        if size < self.minimum:
            raise EntityTooSmall(ProposedSize=str(size), MinSizeAllowed=str(self.minimum))
        self.check_so_far(size)

    def check_so_far(self, size: int) -> None:
        """Check what has arrived yet.

        Raises:
            EntityTooLarge: it is too much already.
        """
        if self.maximum is not None and size > self.maximum:
            raise EntityTooLarge(ProposedSize=str(size), MaxSizeAllowed=str(self.maximum))


def read_form_claim(fields: Mapping[str, str]) -> Claim | None:
    """The claim of a form's fields (lower-case names); None when the form is anonymous.

    Raises:
        InvalidArgument: a field that the scheme needs is missing or malformed.
        AccessDenied: it has a policy that nobody signed.
    """
    if "x-amz-signature" in fields or "x-amz-algorithm" in fields or "x-amz-credential" in fields:
        return _v4_claim(fields)
    if "signature" in fields or "awsaccesskeyid" in fields:
        for name, shown in (("awsaccesskeyid", "AWSAccessKeyId"), ("signature", "Signature"), ("policy", "policy")):
            _field(fields, name, shown)
        return Claim(
            scheme="v2-form",
            access_key_id=fields["awsaccesskeyid"],
            signature=fields["signature"],
            session_token=fields.get("x-amz-security-token"),
        )
    if "policy" in fields:
        raise AccessDenied
    return None


def verify(claim: Claim, fields: Mapping[str, str], identity: Identity, *, bucket: str, now: int) -> SizeLimits:
    """Prove the policy's signature, and check the form against the policy. `key` in `fields` is the final key
    (`${filename}` replaced). `now` is in microseconds since the epoch.

    Returns:
        The sizes that the file may have, to be checked as it arrives.

    Raises:
        UnknownAccessKey, SignatureMismatch, TokenInvalid, CredentialsExpired: as `sigv4.verify`.
        InvalidPolicyDocument: the policy can not be read.
        AccessDenied: the policy has expired, or the form breaks it.
    """
    policy = _field(fields, "policy", "policy")
    if not identity.active or not identity.secret_key:
        raise UnknownAccessKey(AWSAccessKeyId=claim.access_key_id)
    if claim.scheme == "v4-form":
        key = signing_key(identity.secret_key, claim.date, claim.region, claim.service)
        expected = v4_signature(key, policy)
    else:
        expected = sigv2.signature(identity.secret_key, policy.encode())
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        raise SignatureMismatch(
            None,
            AWSAccessKeyId=claim.access_key_id,
            StringToSign=policy,
            SignatureProvided=claim.signature,
            StringToSignBytes=policy.encode().hex(" "),
        )
    demand_credentials(claim, identity, now)
    return check_policy(policy, fields, bucket=bucket, now=now)


def check_policy(policy: str, fields: Mapping[str, str], *, bucket: str, now: int) -> SizeLimits:
    """Check a form against its base64 policy document.

    Raises:
        InvalidPolicyDocument: the policy can not be read.
        AccessDenied: the policy has expired, a condition fails, or a field is not in it.
    """
    document = _document(policy)
    if now >= _expiration(document):
        raise AccessDenied("Invalid according to Policy: Policy expired.")
    conditions = document.get("conditions")
    if not isinstance(conditions, list):
        raise InvalidPolicyDocument("Invalid Policy: Policy missing conditions.")
    values = {**fields, "bucket": bucket}
    named: set[str] = set()
    limits = SizeLimits()
    for condition in cast("list[Any]", conditions):
        match _condition(condition):
            case ("content-length-range", low, high):
                if not (_is_size(low) and _is_size(high)):
                    raise _failed(condition)
                limits = limits.and_also(int(low), int(high))
            case (operator, name, value):
                named.add(name)
                if not _holds(operator, values.get(name), value, name):
                    _fail(condition, operator, name, value)
    extra = sorted(
        name for name in fields if name not in named and name not in _EXEMPT and not name.startswith("x-ignore-")
    )
    if extra:
        raise AccessDenied(f"Invalid according to Policy: Extra input fields: {', '.join(extra)[:512]}")
    return limits


# --- claims ---------------------------------------------------------------------------------------------------


def _v4_claim(fields: Mapping[str, str]) -> Claim:
    for name, shown in (
        ("policy", "policy"),
        ("x-amz-algorithm", "X-Amz-Algorithm"),
        ("x-amz-credential", "X-Amz-Credential"),
        ("x-amz-date", "X-Amz-Date"),
        ("x-amz-signature", "X-Amz-Signature"),
    ):
        _field(fields, name, shown)
    if fields["x-amz-algorithm"] != ALGORITHM:
        _bad_field("X-Amz-Algorithm", fields["x-amz-algorithm"], "X-Amz-Algorithm only supports AWS4-HMAC-SHA256")
    try:
        timestamp = timestamps.from_basic(fields["x-amz-date"])
    except ValueError:
        _bad_field(
            "X-Amz-Date",
            fields["x-amz-date"],
            'X-Amz-Date must be formated via ISO8601 Long format, e.g. "yyyyMMddTHHmmssZ"',
        )
    parts = fields["x-amz-credential"].split("/")
    if len(parts) != 5 or parts[1] != fields["x-amz-date"][:8] or parts[3] != "s3" or parts[4] != TERMINATOR:
        _bad_field(
            "X-Amz-Credential",
            fields["x-amz-credential"],
            'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
        )
    return Claim(
        scheme="v4-form",
        access_key_id=parts[0],
        signature=fields["x-amz-signature"],
        date=parts[1],
        region=parts[2],
        service=parts[3],
        timestamp=timestamp,
        session_token=fields.get("x-amz-security-token"),
    )


def _field(fields: Mapping[str, str], name: str, shown: str) -> str:
    value = fields.get(name)
    if not value:
        _bad_field(
            shown,
            value or "",
            f"Bucket POST must contain a field named '{shown}'.  If it is specified, please check the order of the "
            "fields.",
        )
    return value


def _bad_field(name: str, value: str, text: str) -> NoReturn:
    raise InvalidArgument(text, ArgumentName=name, ArgumentValue=value[:256])


# --- the policy document --------------------------------------------------------------------------------------


def _document(policy: str) -> dict[str, Any]:
    if len(policy) > LARGEST_POLICY:
        raise InvalidPolicyDocument("Invalid Policy: the policy is too long.")
    try:
        document = json.loads(b64decode("".join(policy.split()), validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidPolicyDocument("Invalid Policy: Invalid JSON.") from None
    if not isinstance(document, dict):
        raise InvalidPolicyDocument("Invalid Policy: Invalid JSON.")
    return cast("dict[str, Any]", document)


def _expiration(document: Mapping[str, Any]) -> int:
    text = document.get("expiration")
    if text is None:
        raise InvalidPolicyDocument("Invalid Policy: Policy missing expiration.")
    try:
        if not isinstance(text, str) or "T" not in text:
            raise ValueError  # noqa: TRY301 -- both forms of a wrong time are one refusal
        return timestamps.from_extended(text)
    except (ValueError, OverflowError):
        raise InvalidPolicyDocument(f"Invalid Policy: Invalid 'expiration' value: '{str(text)[:64]}'") from None


def _condition(condition: Any) -> tuple[str, Any, Any]:
    """A condition as operator, name (lower case, without `$`) or lower limit, and value or upper limit."""
    if isinstance(condition, dict):
        entry = cast("dict[str, Any]", condition)
        if len(entry) != 1:
            _invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
        ((name, value),) = entry.items()
        if not isinstance(value, str):
            _invalid("Invalid Simple-Condition: value must be a string.")
        return "eq", name.lower(), value
    if not isinstance(condition, list):
        _invalid("Invalid Condition: must be an object or a list.")
    parts = cast("list[Any]", condition)
    if len(parts) != 3 or not isinstance(parts[0], str):
        _invalid("Invalid Condition: must have an operator and two arguments.")
    operator = parts[0].lower()
    if operator == "content-length-range":
        return operator, parts[1], parts[2]
    if operator not in ("eq", "starts-with"):
        _invalid(f"Invalid Condition: unknown operator '{parts[0][:64]}'.")
    name, value = parts[1:]
    if not isinstance(name, str) or not isinstance(value, str):
        _invalid(f"Invalid {operator}-Condition: the name and the value must be strings.")
    if not name.startswith("$"):
        raise _failed(parts)
    return operator, name[1:].lower(), value


def _invalid(text: str) -> NoReturn:
    raise InvalidPolicyDocument(f"Invalid Policy: {text}")


def _is_size(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str) or (isinstance(value, int) and value < 0):
        _invalid("Invalid content-length-range: lower and upper limit must be numbers.")
    text = str(value)
    return text.isascii() and text.isdigit() and len(text) <= 18


def _holds(operator: str, actual: str | None, value: str, name: str) -> bool:
    if actual is None:
        # AWS lets an absent field pass a prefix that anything would pass.
        return operator == "starts-with" and not value
    if operator == "eq":
        return actual == value
    if name == "content-type":
        return all(part.strip().startswith(value) for part in actual.split(","))
    return actual.startswith(value)


def _fail(condition: Any, operator: str, name: str, value: str) -> NoReturn:
    raise _failed(condition if isinstance(condition, list) else [operator, f"${name}", value])


def _failed(condition: Any) -> AccessDenied:
    return AccessDenied(f"Invalid according to Policy: Policy Condition failed: {json.dumps(condition)[:512]}")
