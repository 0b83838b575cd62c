"""Signature Version 4's arithmetic: keys, canonical requests and strings to sign.

Knows neither requests nor claims: what is joined here is in canonical form already (`canonical`).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from marinelayer.security.claim import ALGORITHM
from marinelayer.security.scope import TERMINATOR

EMPTY_SHA256 = sha256(b"").hexdigest()


@dataclass(slots=True, kw_only=True)
class SigningKey:
    """The key that one claim was proven with: it goes on to sign a streamed body's chunks. `seed` is the request's
    own signature, with which that chain begins."""

    key: bytes = field(repr=False)
    amz_date: str
    scope: str
    seed: str


@lru_cache(maxsize=1024)
def signing_key(secret_key: str, date: str, region: str, service: str) -> bytes:
    """The key derived from a secret for one day, region and service. Cached: it takes four of a proof's five HMACs."""
    key = hmac.digest(b"AWS4" + secret_key.encode(), date.encode(), "sha256")
    for part in (region, service, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def canonical_request(
    method: str, path: str, query: str, lines: str, signed_headers: Iterable[str], payload_hash: str
) -> str:
    """The canonical request of parts that are in canonical form already."""
    return f"{method}\n{path}\n{query}\n{lines}\n{';'.join(signed_headers)}\n{payload_hash}"


def string_to_sign(amz_date: str, scope: str, canonical: bytes) -> str:
    """The string that a request's signature is made over."""
    return f"{ALGORITHM}\n{amz_date}\n{scope}\n{sha256(canonical).hexdigest()}"


def signature(key: bytes, to_sign: str) -> str:
    """The hex signature of a string to sign."""
    prepared = _prepared(key).copy()
    prepared.update(to_sign.encode())
    return prepared.hexdigest()


@lru_cache(maxsize=1024)
def _prepared(key: bytes) -> hmac.HMAC:
    """A key made ready, which takes longer than signing with it."""
    return hmac.new(key, digestmod="sha256")
