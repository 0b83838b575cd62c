"""Reading a claim from a request's header or query, and checking it for form, not yet for truth.

This module must not know secrets or the time; whatever depends on them is checked by `sigv4` and `sigv2`. Sources: IAM
User Guide, "Create a signed AWS API request"; S3 API reference, "Authenticating requests (AWS Signature Version 4)".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Never

from marinelayer.http import Request
from marinelayer.model.errors import AccessDenied, MalformedCredentials
from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest
from marinelayer.security import timestamps
from marinelayer.security.canonical import query_pairs
from marinelayer.security.claim import (
    ALGORITHM,
    UNSIGNED_PAYLOAD,
    UNSUPPORTED_MECHANISM,
    Claim,
    PayloadMode,
    payload_of,
)
from marinelayer.security.claim_reading_v2 import QUERY_PARAMETERS, read_header_claim, read_query_claim
from marinelayer.security.refusals import AuthorizationQueryParametersError
from marinelayer.security.scope import demand_signed, read_scope, speaks_s3

LONGEST_PRESIGNED = 604_800
"""Seconds: a week."""

_QUERY_V4 = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
)


def read_claim(request: Request) -> Claim | None:
    """The claim of a request's header or query; None when it is anonymous. (A browser form claims in its fields:
    `post_form.read_form_claim`.)

    Raises:
        MalformedCredentials: the Authorization header can not be read.
        SignatureMismatch: the credential scope is wrong, or what must be signed is not (services other than S3).
        AccessDenied: S3 misses a date, a query parameter of Signature Version 2 or signed headers.
        AuthorizationQueryParametersError, InvalidArgument, InvalidRequest: S3's words for the same.
    """
    authorizations = request.headers.all("authorization")
    parameters = _auth_parameters(request.query) if request.query else {}
    v4_query = bool(parameters) and any(name in parameters for name in _QUERY_V4)
    v2_query = "Signature" in parameters or "AWSAccessKeyId" in parameters
    if len(authorizations) + v4_query + v2_query > 1:
        raise InvalidArgument(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
            "parameter or the Authorization header should be specified",
            ArgumentName="Authorization",
            ArgumentValue="",
        )
    if authorizations:
        return _header_claim(request, authorizations[0])
    if v4_query:
        return _query_claim(request, parameters)
    if v2_query:
        return read_query_claim(request, parameters)
    return None


# --- the Authorization header ---------------------------------------------------------------------------------


def _header_claim(request: Request, authorization: str) -> Claim:
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        if algorithm == "AWS" and speaks_s3(request, ""):
            return read_header_claim(request, rest)
        _refuse_algorithm(request, authorization, algorithm)
    known, mark, signature = rest.rpartition(", Signature=")
    if mark and "," not in signature:
        # What comes before is the same in a client's next request.
        parts = {**_known_components(known), "Signature": signature.strip()}
    else:
        parts = _components(authorization, rest)
    s3 = speaks_s3(request, parts.get("Credential", ""))
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    if missing:
        if s3:
            raise MalformedCredentials(
                "The authorization header is malformed; the authorization header requires three components: "
                "Credential, SignedHeaders, and Signature."
            )
        raise MalformedCredentials(" ".join(f"Authorization header requires '{name}' parameter." for name in missing))
    timestamp = _header_time(request, s3=s3)
    access_key_id, date, region, service = read_scope("v4-header", parts["Credential"], timestamp, s3=s3)
    signed = _names(parts["SignedHeaders"])
    demand_signed(request, signed, s3=s3)
    payload, payload_hash = _header_payload(request) if s3 else ("signed", None)
    return Claim(
        scheme="v4-header",
        access_key_id=access_key_id,
        signature=parts["Signature"],
        date=date,
        region=region,
        service=service,
        signed_headers=signed,
        timestamp=timestamp,
        session_token=request.headers.get("x-amz-security-token"),
        payload=payload,
        payload_hash=payload_hash,
    )


def _refuse_algorithm(request: Request, authorization: str, algorithm: str) -> Never:
    if not speaks_s3(request, authorization.partition("Credential=")[2].partition(",")[0]):
        raise MalformedCredentials(f"Unsupported AWS 'algorithm': '{algorithm[:64]}'. Please use AWS4-HMAC-SHA256.")
    if algorithm.startswith("AWS4-"):
        raise InvalidRequest(UNSUPPORTED_MECHANISM)
    raise InvalidArgument("Unsupported Authorization Type", ArgumentName="Authorization", ArgumentValue=algorithm[:64])


@lru_cache(maxsize=1024)
def _known_components(text: str) -> Mapping[str, str]:
    parts = _components(text, text)
    if "Signature" in parts:
        raise MalformedCredentials("Authorization header contains 'Signature' more than once.")
    return parts


def _components(authorization: str, rest: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for piece in rest.split(","):
        name, equals, value = piece.strip().partition("=")
        if not equals:
            raise MalformedCredentials(
                f"Invalid key=value pair (missing equal-sign) in Authorization header (length {len(authorization)})."
            )
        if name in parts:
            raise MalformedCredentials(f"Authorization header contains '{name[:64]}' more than once.")
        parts[name] = value.strip()
    return parts


@lru_cache(maxsize=1024)
def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(";"))


def _header_time(request: Request, *, s3: bool) -> int:
    amz_date = request.headers.get("x-amz-date")
    date = request.headers.get("date")
    try:
        if amz_date is not None:
            return timestamps.from_basic(amz_date)
        if date is not None:
            return timestamps.from_http(date)
    except (ValueError, OverflowError):
        if not s3:
            raise MalformedCredentials(
                "Date must be in ISO-8601 'basic format'. Got "
                f"'{(amz_date or date or '')[:64]}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ) from None
    if s3:
        raise AccessDenied("AWS authentication requires a valid Date or x-amz-date header")
    raise MalformedCredentials("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")


def _header_payload(request: Request) -> tuple[PayloadMode, str]:
    value = request.headers.get("x-amz-content-sha256")
    if value is None:
        raise InvalidRequest("Missing required header for this request: x-amz-content-sha256")
    return payload_of(value)


# --- presigned, Signature Version 4 ---------------------------------------------------------------------------


def _query_claim(request: Request, parameters: dict[str, str]) -> Claim:
    s3 = speaks_s3(request, parameters.get("X-Amz-Credential", ""))
    if any(name not in parameters for name in _QUERY_V4):
        _bad_query(AuthorizationQueryParametersError.default_message, s3=s3)
    if parameters["X-Amz-Algorithm"] != ALGORITHM:
        if s3 and parameters["X-Amz-Algorithm"].startswith("AWS4-ECDSA-P256-SHA256"):
            raise InvalidRequest(UNSUPPORTED_MECHANISM)
        _bad_query('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"', s3=s3)
    try:
        timestamp = timestamps.from_basic(parameters["X-Amz-Date"])
    except ValueError:
        _bad_query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"", s3=s3)
    seconds = _expires(parameters["X-Amz-Expires"], s3=s3)
    access_key_id, date, region, service = read_scope("v4-query", parameters["X-Amz-Credential"], timestamp, s3=s3)
    signed = tuple(parameters["X-Amz-SignedHeaders"].split(";"))
    demand_signed(request, signed, s3=s3, presigned=True)
    payload: PayloadMode = "signed"
    payload_hash = None
    if s3:
        given = request.headers.get("x-amz-content-sha256") or parameters.get("X-Amz-Content-Sha256")
        payload, payload_hash = payload_of(given or UNSIGNED_PAYLOAD)
    return Claim(
        scheme="v4-query",
        access_key_id=access_key_id,
        signature=parameters["X-Amz-Signature"],
        date=date,
        region=region,
        service=service,
        signed_headers=signed,
        timestamp=timestamp,
        expires_at=timestamp + seconds * timestamps.SECOND,
        expires_seconds=seconds,
        session_token=parameters.get("X-Amz-Security-Token", request.headers.get("x-amz-security-token")),
        payload=payload,
        payload_hash=payload_hash,
    )


def _expires(text: str, *, s3: bool) -> int:
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        _bad_query("X-Amz-Expires should be a number", s3=s3)
    seconds = int(text)
    if seconds < 0:
        _bad_query("X-Amz-Expires must be non-negative", s3=s3)
    if seconds > LONGEST_PRESIGNED:
        _bad_query(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            f"{LONGEST_PRESIGNED} seconds",
            s3=s3,
        )
    return seconds


def _bad_query(text: str, *, s3: bool) -> Never:
    raise AuthorizationQueryParametersError(text) if s3 else MalformedCredentials(text)


# --- what both have -------------------------------------------------------------------------------------------


def _auth_parameters(raw_query: str) -> dict[str, str]:
    """The query's first value of each name; a repeated parameter of authentication is refused."""
    parameters: dict[str, str] = {}
    for name, value in query_pairs(raw_query):
        if name in parameters and (name in _QUERY_V4 or name in QUERY_PARAMETERS or name == "X-Amz-Security-Token"):
            raise AuthorizationQueryParametersError(f"The query parameter {name} may be given once only")
        parameters.setdefault(name, value)
    return parameters
