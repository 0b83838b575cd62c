"""The credential scope that a request claims, read without verifying anything.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html. `security` verifies; this
module only tells the router which service and region the client meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from marinelayer.http import Request

_IN_HEADER = re.compile(r"Credential=([^,\s]+)")
_IN_QUERY = re.compile(r"(?:^|&)X-Amz-Credential=([^&]*)")


@dataclass(frozen=True, slots=True)
class Scope:
    """`region` is "" where the signature is for several (SigV4A)."""

    service: str
    region: str


def claimed_scope(request: Request) -> Scope | None:
    """The scope in the Authorization header or in X-Amz-Credential, None where neither holds one."""
    authorization = request.headers.get("authorization")
    if authorization is not None and authorization.startswith("AWS4-"):
        found = _IN_HEADER.search(authorization)
        return _scope(found[1], several_regions=authorization.startswith("AWS4-ECDSA")) if found else None
    found = _IN_QUERY.search(request.query)
    if found is None:
        return None
    return _scope(unquote(found[1]), several_regions="X-Amz-Algorithm=AWS4-ECDSA" in request.query)


@lru_cache(maxsize=1024)
def _scope(credential: str, *, several_regions: bool) -> Scope | None:
    # An access key id may hold slashes, so that the scope is counted from its end.
    pieces = credential.split("/")
    if len(pieces) < 4 or pieces[-1] != "aws4_request":
        return None
    return Scope(service=pieces[-2], region="" if several_regions else pieces[-3])
