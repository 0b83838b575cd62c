"""Signature Version 4: proving a claim, and the chain of signatures over a streamed body's chunks.

This module must not know where identities come from, how chunks are framed (`protocol.aws_chunked`), or the time: it
is passed in. Sources: IAM User Guide, "Create a signed AWS API request"; S3 API reference, "Signature calculations
for the authorization header" and "... transferring payload in multiple chunks".
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

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
from marinelayer.security.claim import ALGORITHM, TERMINATOR, Claim
from marinelayer.security.identity import Identity

ALLOWED_SKEW = 15 * 60 * timestamps.SECOND
"""Microseconds that a request's clock may differ from ours."""

EMPTY_SHA256 = sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """The key that one claim was proven with: it goes on to sign a streamed body's chunks. `seed` is the request's
    own signature, with which that chain begins."""

    key: bytes = field(repr=False)
    amz_date: str
    scope: str
    seed: str


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
            to_sign = _string_to_sign(claim.amz_date, claim.scope, sha256(encoded).hexdigest())
            if hmac.compare_digest(_hex(key, to_sign).encode(), sent):
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
        raise TokenInvalid
    if identity.expires_at is not None and now >= identity.expires_at:
        raise CredentialsExpired


def signing_key(secret_key: str, date: str, region: str, service: str) -> bytes:
    """The key derived from a secret for one day, region and service."""
    key = hmac.digest(b"AWS4" + secret_key.encode(), date.encode(), "sha256")
    for part in (region, service, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def canonical_request(
    method: str, path: str, query: str, lines: str, signed_headers: Iterable[str], payload_hash: str
) -> str:
    """The canonical request of parts that are in canonical form already."""
    return f"{method}\n{path}\n{query}\n{lines}\n{';'.join(signed_headers)}\n{payload_hash}"


class ChunkChain:
    """Verifies the signatures of a streamed body, each of which covers the one before.

    For each chunk, the last empty one included: `start` with the signature of its header line, `update` with its
    data in any pieces, `end`. Then, in the mode with trailers, `trailer`. A body whose last chunk has not passed
    `end` is not whole; framing knows that, this class does not.
    """

    __slots__ = ("_data", "_expected", "_key", "_previous")

    def __init__(self, key: SigningKey) -> None:
        self._key = key
        self._previous = key.seed
        self._expected: str | None = None
        self._data = sha256()

    def start(self, signature: str) -> None:
        """A chunk begins, whose header line claims `signature` (64 hex digits)."""
        self._expected = signature
        self._data = sha256()

    def update(self, data: bytes | memoryview) -> None:
        """Some of the chunk's data."""
        self._data.update(data)

    def end(self) -> None:
        """The chunk is whole.

        Raises:
            SignatureMismatch: it is not what was signed, or not in its place.
        """
        self._check("AWS4-HMAC-SHA256-PAYLOAD", f"{EMPTY_SHA256}\n{self._data.hexdigest()}", self._expected)
        self._expected = None

    def trailer(self, fields: Iterable[tuple[str, str]], signature: str) -> None:
        """The trailing fields, in the order sent and without x-amz-trailer-signature, which is `signature`.

        Raises:
            SignatureMismatch: they are not what was signed.
        """
        lines = "".join(f"{name.lower()}:{value.strip()}\n" for name, value in fields)
        self._check("AWS4-HMAC-SHA256-TRAILER", sha256(lines.encode("latin-1", "replace")).hexdigest(), signature)

    def _check(self, algorithm: str, hashes: str, signature: str | None) -> None:
        to_sign = f"{algorithm}\n{self._key.amz_date}\n{self._key.scope}\n{self._previous}\n{hashes}"
        actual = _hex(self._key.key, to_sign)
        if signature is None or not hmac.compare_digest(actual.encode(), signature.encode()):
            raise SignatureMismatch(
                None, StringToSign=to_sign, SignatureProvided=signature or "", StringToSignBytes=_spaced(to_sign)
            )
        self._previous = actual


def string_to_sign(amz_date: str, scope: str, canonical: str) -> str:
    """The string that a request's signature is made over."""
    return _string_to_sign(amz_date, scope, sha256(canonical.encode()).hexdigest())


def signature(key: bytes, to_sign: str) -> str:
    """The hex signature of a string to sign."""
    return _hex(key, to_sign)


def _string_to_sign(amz_date: str, scope: str, hashed: str) -> str:
    return f"{ALGORITHM}\n{amz_date}\n{scope}\n{hashed}"


def _canonical_requests(claim: Claim, request: Request, payload_hash: str) -> Iterator[str]:
    """Each canonical form of the request, AWS's own first."""
    host = request.host
    lines = header_lines(request.headers, claim.signed_headers, host=host)
    without = "X-Amz-Signature" if claim.scheme == "v4-query" else ""
    for query in query_forms(request.query, without=without):
        for path in path_forms(request.path, s3=claim.s3):
            yield canonical_request(request.method, path, query, lines, claim.signed_headers, payload_hash)


def _hex(key: bytes, to_sign: str) -> str:
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


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
