"""Signature Version 4: proving a claim. Signing (`signing`) and the chain over chunks (`chunk_chain`) can be had from
here too.

This module must not know where identities come from, or the time: it is passed in. Sources: IAM User Guide, "Create a
signed AWS API request"; S3 API reference, "Signature calculations for the authorization header".
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from marinelayer.http import Request
from marinelayer.model.errors import (
    ClockSkew,
    CredentialsExpired,
    RequestExpired,
    SignatureMismatch,
    TokenInvalid,
    UnknownAccessKey,
)
from marinelayer.security import timestamps
from marinelayer.security.canonical import encodings, header_lines, path_forms, query_forms
from marinelayer.security.chunk_chain import ChunkChain
from marinelayer.security.claim import Claim
from marinelayer.security.identity import Identity
from marinelayer.security.signature import EMPTY_SHA256, SigningKey, canonical_request, signing_key, string_to_sign
from marinelayer.security.signature import signature as proof
from marinelayer.security.signing import presign, sign

__all__ = [
    "ALLOWED_SKEW",
    "EMPTY_SHA256",
    "ChunkChain",
    "SigningKey",
    "demand_credentials",
    "demand_time",
    "presign",
    "sign",
    "token_detail",
    "verify",
]

ALLOWED_SKEW = 15 * 60 * timestamps.SECOND
"""Microseconds that a request's clock may differ from ours."""


def verify(claim: Claim, request: Request, identity: Identity, *, payload_hash: str, now: int) -> SigningKey:
    """Prove that `request` was signed with `identity`'s secret, and lately.

    `payload_hash` is the body's line of the canonical request: `claim.payload_hash`, or where that is None the hex
    SHA-256 of the body. `now` is in microseconds since the epoch.

    Raises:
        ClockSkew: a signed header is more than 15 minutes away from `now`.
        RequestExpired: a presigned request is past its end, or not valid yet.
        UnknownAccessKey: the key is inactive, or is a temporary one used without its token.
        SignatureMismatch: the signature is not this request's by this secret.
        TokenInvalid: the session token is not that key's.
        CredentialsExpired: the temporary credentials have ended.
    """
    demand_time(claim, now)
    if not identity.active or not identity.secret_key:
        raise UnknownAccessKey(**_key_detail(claim))
    key = signing_key(identity.secret_key, claim.date, claim.region, claim.service)
    sent = claim.signature.encode()
    first: tuple[str, str] | None = None
    for canonical in _canonical_requests(claim, request, payload_hash):
        for encoded in encodings(canonical):
            to_sign = string_to_sign(claim.amz_date, claim.scope, encoded)
            if hmac.compare_digest(proof(key, to_sign).encode(), sent):
                demand_credentials(claim, identity, now)
                return SigningKey(key=key, amz_date=claim.amz_date, scope=claim.scope, seed=claim.signature)
            first = first or (to_sign, canonical)
    raise _mismatch(claim, *(first or ("", "")))


def demand_time(claim: Claim, now: int) -> None:
    """Check a claim's clock.

    Raises:
        ClockSkew: a signed header is more than 15 minutes away from `now` (microseconds since the epoch).
        RequestExpired: a presigned request is past its end, or not valid yet.
    """
    if claim.expires_at is not None:
        if now >= claim.expires_at:
            raise RequestExpired(
                None,
                **({} if claim.expires_seconds is None else {"X-Amz-Expires": str(claim.expires_seconds)}),
                Expires=timestamps.to_extended(claim.expires_at),
                ServerTime=timestamps.to_extended(now),
            )
        if claim.timestamp > now + ALLOWED_SKEW:
            raise RequestExpired("Request is not valid yet", ServerTime=timestamps.to_extended(now))
        return
    if abs(now - claim.timestamp) <= ALLOWED_SKEW:
        return
    if claim.s3:
        raise ClockSkew(
            "The difference between the request time and the current time is too large.",
            RequestTime=claim.amz_date,
            ServerTime=timestamps.to_extended(now),
            MaxAllowedSkewMilliseconds=str(ALLOWED_SKEW // 1000),
        )
    if claim.timestamp < now:
        earliest = timestamps.to_basic(now - ALLOWED_SKEW)
        raise ClockSkew(
            f"Signature expired: {claim.amz_date} is now earlier than {earliest} ({timestamps.to_basic(now)} - 15 min.)"
        )
    latest = timestamps.to_basic(now + ALLOWED_SKEW)
    raise ClockSkew(
        f"Signature not yet current: {claim.amz_date} is still later than {latest} "
        f"({timestamps.to_basic(now)} + 15 min.)"
    )


def demand_credentials(claim: Claim, identity: Identity, now: int) -> None:
    """Check the session token and the end of temporary credentials, once the signature is proven.

    Raises:
        UnknownAccessKey: a temporary key without its token.
        TokenInvalid: a token that is not this key's.
        CredentialsExpired: the credentials have ended.
    """
    if identity.session_token is not None and claim.session_token is None:
        raise UnknownAccessKey(**_key_detail(claim))
    if claim.session_token is not None and (
        identity.session_token is None
        or not hmac.compare_digest(claim.session_token.encode(), identity.session_token.encode())
    ):
        raise TokenInvalid(**token_detail(claim))
    if identity.expires_at is not None and now >= identity.expires_at:
        raise CredentialsExpired(**token_detail(claim))


def token_detail(claim: Claim) -> dict[str, str]:
    """What S3's error document adds where a session token is refused."""
    return {"Token-0": claim.session_token} if claim.s3 and claim.session_token is not None else {}


def _canonical_requests(claim: Claim, request: Request, payload_hash: str) -> Iterator[str]:
    """Each canonical form of the request, AWS's own first."""
    host = request.host
    lines = header_lines(request.headers, claim.signed_headers, host=host)
    without = "X-Amz-Signature" if claim.scheme == "v4-query" else ""
    for query in query_forms(request.query, without=without):
        for path in path_forms(request.path, s3=claim.s3):
            yield canonical_request(request.method, path, query, lines, claim.signed_headers, payload_hash)


def _key_detail(claim: Claim) -> dict[str, str]:
    return {"AWSAccessKeyId": claim.access_key_id} if claim.s3 else {}


def _mismatch(claim: Claim, to_sign: str, canonical: str) -> SignatureMismatch:
    if not claim.s3:
        return SignatureMismatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details."
        )
    return SignatureMismatch(
        None,
        AWSAccessKeyId=claim.access_key_id,
        StringToSign=to_sign,
        SignatureProvided=claim.signature,
        StringToSignBytes=_spaced(to_sign),
        CanonicalRequest=canonical,
        CanonicalRequestBytes=_spaced(canonical),
    )


def _spaced(text: str) -> str:
    return text.encode().hex(" ")
