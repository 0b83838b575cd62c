"""Signing requests of our own, for the console (a client like any other), conformance and tests.

This module must not know how a request is sent. The canonical forms are those that `sigv4` verifies by.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from marinelayer.http import Headers, Request
from marinelayer.security import timestamps
from marinelayer.security.canonical import header_lines, path_forms, query_forms, wire_bytes
from marinelayer.security.claim import ALGORITHM, UNSIGNED_PAYLOAD
from marinelayer.security.scope import S3_SERVICES, TERMINATOR
from marinelayer.security.signature import EMPTY_SHA256, canonical_request, signature, signing_key, string_to_sign

_OURS = frozenset({"authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"})


def sign(
    request: Request,
    *,
    access_key_id: str,
    secret_key: str,
    session_token: str | None = None,
    region: str,
    service: str,
    now: int,
    payload_hash: str | None = None,
) -> Request:
    """The request with an Authorization header by Signature Version 4, every header of it signed.

    `payload_hash` is the body's line of the canonical request (its hex SHA-256, `UNSIGNED-PAYLOAD`, or the name of a
    streaming mode); None for an empty body. `now` is in microseconds since the epoch.

    Raises:
        ValueError: there is a body, and no hash of it.
    """
    if payload_hash is None:
        if request.body.length != 0:
            raise ValueError("a body can not be signed without its hash")
        payload_hash = EMPTY_SHA256
    amz_date = timestamps.to_basic(now)
    s3 = service in S3_SERVICES
    pairs = [(name.lower(), value) for name, value in request.headers.pairs if name.lower() not in _OURS]
    if not any(name == "host" for name, _ in pairs):
        pairs.append(("host", request.host))
    pairs.append(("x-amz-date", amz_date))
    if s3:
        pairs.append(("x-amz-content-sha256", payload_hash))
    if session_token is not None:
        pairs.append(("x-amz-security-token", session_token))
    names = tuple(sorted({name for name, _ in pairs}))
    scope = f"{amz_date[:8]}/{region}/{service}/{TERMINATOR}"
    canonical = canonical_request(
        request.method,
        path_forms(request.path, s3=s3)[0],
        query_forms(request.query)[0],
        header_lines(Headers(pairs), names, host=request.host),
        names,
        payload_hash,
    )
    key = signing_key(secret_key, amz_date[:8], region, service)
    proof = signature(key, string_to_sign(amz_date, scope, wire_bytes(canonical)))
    authorization = (
        f"{ALGORITHM} Credential={access_key_id}/{scope}, SignedHeaders={';'.join(names)}, Signature={proof}"
    )
    return replace(request, headers=Headers([*pairs, ("authorization", authorization)]))


def presign(
    request: Request,
    *,
    access_key_id: str,
    secret_key: str,
    session_token: str | None = None,
    region: str,
    service: str = "s3",
    expires: int = 3600,
    now: int,
) -> Request:
    """The request with a signature in its query, valid for `expires` seconds from `now` (microseconds since the
    epoch). Its headers are signed, and must be sent. S3's payload is unsigned, any other must be empty."""
    amz_date = timestamps.to_basic(now)
    s3 = service in S3_SERVICES
    scope = f"{amz_date[:8]}/{region}/{service}/{TERMINATOR}"
    names = tuple(sorted({"host", *(name for name, _ in request.headers.pairs)}))
    parameters = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{access_key_id}/{scope}",
        "X-Amz-Date": amz_date,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": ";".join(names),
    }
    if session_token is not None:
        parameters["X-Amz-Security-Token"] = session_token
    added = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    query = f"{request.query}&{added}" if request.query else added
    canonical = canonical_request(
        request.method,
        path_forms(request.path, s3=s3)[0],
        query_forms(query)[0],
        header_lines(request.headers, names, host=request.host),
        names,
        UNSIGNED_PAYLOAD if s3 else EMPTY_SHA256,
    )
    key = signing_key(secret_key, amz_date[:8], region, service)
    proof = signature(key, string_to_sign(amz_date, scope, wire_bytes(canonical)))
    return replace(request, query=f"{query}&X-Amz-Signature={proof}")
