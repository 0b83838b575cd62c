"""A browser's preflight (OPTIONS), which no bucket here permits: CORS is not configured anywhere.

Source: the CORS protocol of the Fetch standard, and how S3 answers where a bucket has no CORS configuration
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors-troubleshooting.html). Pure.
"""

from __future__ import annotations

from typing import Never

from marinelayer.http import Headers
from marinelayer.protocol.refusals import AccessForbidden, BadRequest

_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})


def refuse_preflight(headers: Headers, resource_type: str) -> Never:
    """Answer a preflight for a bucket or an object (`BUCKET`, `OBJECT`).

    Raises:
        BadRequest: it does not say from where, or for what method.
        AccessForbidden: else.
    """
    if not headers.get("origin"):
        raise BadRequest("Insufficient information. Origin request header needed.")
    method = headers.get("access-control-request-method")
    if method not in _METHODS:
        raise BadRequest(f"Invalid Access-Control-Request-Method: {(method or 'null')[:64]}")
    raise AccessForbidden(Method=method, ResourceType=resource_type)
