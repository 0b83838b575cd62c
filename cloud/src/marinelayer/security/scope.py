"""What a credential is scoped to, and what a signature must cover at the least.

Knows nothing of claims. The words of a refusal are S3's where S3 is spoken, else those of AWS's other services.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Never

from marinelayer.http import Request
from marinelayer.model.errors import AccessDenied, MalformedCredentials, Refusal, SignatureMismatch
from marinelayer.security import timestamps
from marinelayer.security.refusals import AuthorizationQueryParametersError

TERMINATOR = "aws4_request"
S3_EXPRESS = "s3express"
"""What requests about directory buckets are signed for."""
S3_SERVICES = frozenset({"s3", S3_EXPRESS, "s3-object-lambda", "s3-outposts"})
"""Services whose path is encoded once and whose payload hash is a header."""

_REGION = re.compile(r"(?!aws-global\Z)[a-z0-9-]{1,64}", re.ASCII)
_CREDENTIAL_FORM = '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"'


def speaks_s3(request: Request, credential: str) -> bool:
    """Whether S3's words are to be used: by the scope where it can be read, else by the request's shape."""
    parts = credential.split("/")
    if len(parts) == 5:
        return parts[3] in S3_SERVICES
    form = (request.headers.get("content-type") or "").startswith("application/x-www-form-urlencoded")
    return "x-amz-target" not in request.headers and not (form and request.method == "POST" and request.path == "/")


def read_scope(scheme: str, credential: str, timestamp: int, *, s3: bool) -> tuple[str, str, str, str]:
    """Access key id, date, region and service of a credential `AKID/DATE/REGION/SERVICE/aws4_request`.

    Raises:
        MalformedCredentials, AuthorizationQueryParametersError, SignatureMismatch: it is none, or not of that time.
    """
    known = _well_formed(credential)
    if known is None or known[1] != timestamps.to_basic(timestamp)[:8]:
        _refuse_scope(scheme, credential, timestamps.to_basic(timestamp), s3=s3)
    return known


def _refuse_scope(scheme: str, credential: str, amz_date: str, *, s3: bool) -> Never:
    """Say what is wrong with a credential of the time `amz_date`."""
    parts = credential.split("/")
    if len(parts) != 5:
        if s3:
            malformed(scheme, f"the Credential is mal-formed; expecting {_CREDENTIAL_FORM}.")
        raise MalformedCredentials(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{credential[:200]}'"
        )
    _, date, region, _, terminator = parts
    if terminator != TERMINATOR:
        if s3:
            malformed(scheme, f'incorrect terminator "{terminator[:64]}". This endpoint belongs to "{TERMINATOR}".')
        raise SignatureMismatch(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator[:64]}'."
        )
    if date != amz_date[:8]:
        if s3:
            malformed(
                scheme,
                f'Invalid credential date "{date[:64]}". This date is not the same as X-Amz-Date: "{amz_date[:8]}".',
            )
        raise SignatureMismatch(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{date[:64]}' != '{amz_date[:8]}', from '{amz_date}'."
        )
    if not _REGION.fullmatch(region):
        if s3:
            malformed(scheme, f"the region '{region[:64]}' is wrong; expecting 'us-east-1'", Region="us-east-1")
        raise SignatureMismatch(f"Credential should be scoped to a valid region, not '{region[:64]}'.")
    raise SignatureMismatch("Credential should be scoped to correct service.")


_PAYLOAD_HASH = ("x-amz-content-sha256",)


@lru_cache(maxsize=1024)
def _covers(signed: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether S3 has nothing to say against what is signed of a request with these fields."""
    ours = {name for name in names if name.startswith("x-amz-")}
    return len(set(signed)) == len(signed) and "host" in signed and ours.issubset(signed)


@lru_cache(maxsize=1024)
def _well_formed(credential: str) -> tuple[str, str, str, str] | None:
    """Access key id, date, region and service, if nothing but the date can be wrong with them."""
    parts = credential.split("/")
    if len(parts) != 5:
        return None
    access_key_id, date, region, service, terminator = parts
    fits = terminator == TERMINATOR and _REGION.fullmatch(region) is not None and service
    return (access_key_id, date, region, service) if fits else None


def malformed(scheme: str, text: str, **details: str) -> Never:
    """Refuse a credential in S3's words, which differ between header and query."""
    raise _worded(scheme, text, **details)


def wrong_region(scheme: str, region: str, expected: str) -> Refusal:
    """The refusal of a credential for a region that its bucket is not in."""
    return _worded(scheme, f"the region '{region[:64]}' is wrong; expecting '{expected}'", Region=expected)


def _worded(scheme: str, text: str, **details: str) -> Refusal:
    if scheme == "v4-header":
        return MalformedCredentials(f"The authorization header is malformed; {text}", **details)
    return AuthorizationQueryParametersError(f"Error parsing the X-Amz-Credential parameter; {text}", **details)


def demand_signed(request: Request, signed: tuple[str, ...], *, s3: bool, presigned: bool = False) -> None:
    """Whatever changes what a request means must be signed: host, and each x-amz-* field (S3) or the target.

    In S3's `presigned` queries x-amz-content-sha256 need not be named: its value is the last line of what is signed.

    Raises:
        AccessDenied, SignatureMismatch: something is not.
        MalformedCredentials: a field is named twice. Every name would add its value to what is hashed, and to the
            refusal, for anyone who knows the id of a key.
    """
    if s3 and _covers(signed, request.headers.names):
        return
    if len(set(signed)) < len(signed):
        raise MalformedCredentials("The authorization header is malformed; SignedHeaders names a header twice.")
    if "host" not in signed:
        if s3:
            raise AccessDenied(
                "There were headers present in the request which were not signed", HeadersNotSigned="host"
            )
        raise SignatureMismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    names = {name for name, _ in request.headers.pairs if name.startswith("x-amz-")}
    if s3:
        unsigned = sorted(names.difference(signed, _PAYLOAD_HASH if presigned else ()))
        if unsigned:
            raise AccessDenied(
                "There were headers present in the request which were not signed",
                HeadersNotSigned=", ".join(unsigned),
            )
    elif "x-amz-target" in names and "x-amz-target" not in signed:
        raise SignatureMismatch("'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.")
