"""Signing requests of our own, for the console (a client like any other), conformance and tests.

This module must not know how a request is sent. The canonical forms are those that `sigv4` verifies by.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import quote

from marinelayer.http import Headers
from marinelayer.security import timestamps
from marinelayer.security.canonical import header_lines, path_forms, query_forms
from marinelayer.security.claim import ALGORITHM, S3_SERVICES, TERMINATOR, UNSIGNED_PAYLOAD
from marinelayer.security.identity import Identity
from marinelayer.security.sigv4 import canonical_request, signature, signing_key, string_to_sign

HeaderPairs = Sequence[tuple[str, str]]


def sign(
    identity: Identity,
    *,
    method: str,
    host: str,
    path: str,
    query: str = "",
    headers: HeaderPairs = (),
    body: bytes | None = b"",
    region: str,
    service: str,
    now: int,
) -> tuple[tuple[str, str], ...]:
    """Every header that a request must be sent with, `headers` and host included, signed by Signature Version 4.

    `path` and `query` are raw, as they will be sent. `body` None leaves the payload unsigned (S3 only). `now` is in
    microseconds since the epoch.
    """
    amz_date = timestamps.to_basic(now)
    payload_hash = UNSIGNED_PAYLOAD if body is None else sha256(body).hexdigest()
    own = {"host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "authorization"}
    pairs = [(name.lower(), value) for name, value in headers if name.lower() not in own]
    pairs += [("host", host), ("x-amz-date", amz_date)]
    if service in S3_SERVICES:
        pairs.append(("x-amz-content-sha256", payload_hash))
    if identity.session_token is not None:
        pairs.append(("x-amz-security-token", identity.session_token))
    names = sorted({name for name, _ in pairs})
    scope = f"{amz_date[:8]}/{region}/{service}/{TERMINATOR}"
    canonical = canonical_request(
        method,
        path_forms(path, s3=service in S3_SERVICES)[0],
        query_forms(query)[0],
        header_lines(Headers(pairs), names, host=host),
        names,
        payload_hash,
    )
    key = signing_key(identity.secret_key, amz_date[:8], region, service)
    proof = signature(key, string_to_sign(amz_date, scope, canonical))
    authorization = (
        f"{ALGORITHM} Credential={identity.access_key_id}/{scope}, SignedHeaders={';'.join(names)}, Signature={proof}"
    )
    return (*pairs, ("authorization", authorization))


def presign(
    identity: Identity,
    *,
    method: str,
    host: str,
    path: str,
    query: str = "",
    headers: HeaderPairs = (),
    region: str,
    service: str = "s3",
    expires: int = 3600,
    now: int,
) -> str:
    """The query of a presigned request, valid for `expires` seconds from `now` (microseconds since the epoch).

    `headers` are those that must be sent with it, besides host. `path` and `query` are raw. S3's payload is
    unsigned; elsewhere it is that of an empty body.
    """
    amz_date = timestamps.to_basic(now)
    scope = f"{amz_date[:8]}/{region}/{service}/{TERMINATOR}"
    pairs = [(name.lower(), value) for name, value in headers if name.lower() != "host"] + [("host", host)]
    names = sorted({name for name, _ in pairs})
    parameters = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{identity.access_key_id}/{scope}",
        "X-Amz-Date": amz_date,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": ";".join(names),
    }
    if identity.session_token is not None:
        parameters["X-Amz-Security-Token"] = identity.session_token
    added = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    full = f"{query}&{added}" if query else added
    canonical = canonical_request(
        method,
        path_forms(path, s3=service in S3_SERVICES)[0],
        query_forms(full)[0],
        header_lines(Headers(pairs), names, host=host),
        names,
        UNSIGNED_PAYLOAD if service in S3_SERVICES else sha256(b"").hexdigest(),
    )
    key = signing_key(identity.secret_key, amz_date[:8], region, service)
    return f"{full}&X-Amz-Signature={signature(key, string_to_sign(amz_date, scope, canonical))}"
