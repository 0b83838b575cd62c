"""Reading a claim of Signature Version 2: `AWS KEY:SIGNATURE` in the header, or three parameters of the query.

Clients of S3 that are older than Signature Version 4 sign so, and boto3 where it is told `signature_version="s3"`;
presigned URLs are signed so by default in us-east-1. Only S3 takes it. This module must not know secrets or the time.
Source: S3 API reference, "Signing and authenticating REST requests (Signature Version 2)".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from marinelayer.http import Request
from marinelayer.model.errors import AccessDenied
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.security import timestamps
from marinelayer.security.claim import UNSIGNED_PAYLOAD, Claim, PayloadMode, payload_of

QUERY_PARAMETERS = ("AWSAccessKeyId", "Signature", "Expires")


def read_header_claim(request: Request, credential: str) -> Claim:
    """The claim of an Authorization header, of which `credential` is what stands behind `AWS `.

    Raises:
        InvalidArgument: it is no access key and signature.
        AccessDenied: no time of signing can be read.
    """
    access_key_id, colon, signature = credential.strip().partition(":")
    if not (colon and access_key_id and signature):
        raise InvalidArgument(
            "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature",
            ArgumentName="Authorization",
            ArgumentValue=f"AWS {credential[:64]}",
        )
    payload, payload_hash = _payload(request)
    return Claim(
        scheme="v2-header",
        access_key_id=access_key_id,
        signature=signature,
        timestamp=_time(request),
        session_token=request.headers.get("x-amz-security-token"),
        payload=payload,
        payload_hash=payload_hash,
    )


def read_query_claim(request: Request, parameters: Mapping[str, str]) -> Claim:
    """The claim of a presigned URL.

    Raises:
        AccessDenied: a parameter is missing, or the end is no number of seconds.
    """
    if any(not parameters.get(name) for name in QUERY_PARAMETERS):
        raise AccessDenied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
    expires = parameters["Expires"]
    if not re.fullmatch(r"\d{1,12}", expires, re.ASCII):
        raise AccessDenied(f"Invalid date (should be seconds since epoch): {expires[:64]}")
    payload, payload_hash = _payload(request)
    return Claim(
        scheme="v2-query",
        access_key_id=parameters["AWSAccessKeyId"],
        signature=parameters["Signature"],
        expires_at=int(expires) * timestamps.SECOND,
        session_token=request.headers.get("x-amz-security-token", parameters.get("x-amz-security-token")),
        payload=payload,
        payload_hash=payload_hash,
    )


def _time(request: Request) -> int:
    """When it was signed: x-amz-date goes before Date, and before the epoch nothing was."""
    written = request.headers.get("x-amz-date", request.headers.get("date"))
    try:
        moment = timestamps.from_http(written or "")
    except (ValueError, OverflowError):
        moment = -1
    if moment < 0:
        raise AccessDenied("AWS authentication requires a valid Date or x-amz-date header")
    return moment


def _payload(request: Request) -> tuple[PayloadMode, str | None]:
    """The body is not signed, unless by a hash of it among the headers."""
    return payload_of(request.headers.get("x-amz-content-sha256") or UNSIGNED_PAYLOAD)
