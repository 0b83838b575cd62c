"""Headers that a presigned request carries in its query, as if they had been sent as headers.

Signers move them there so that who uses the link need not send them: every `x-amz-*` field, If-Match and If-None-Match,
and under Signature Version 2 Content-Type and Content-MD5. Pure; to be asked only of a request whose signature has been
verified, since an unsigned query may say nothing of the kind.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote_to_bytes

from marinelayer.http import Headers, Request

_OF_THE_SIGNATURE = frozenset(
    {
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-signedheaders",
        "x-amz-signature",
        "x-amz-security-token",
    }
)
_OF_AN_EMPTY_BODY = re.compile(r"x-amz-checksum-(?!algorithm$|type$|mode$).*|x-amz-sdk-checksum-algorithm")
"""The JavaScript SDK presigns the checksum of the body that it has then, which is none. S3 does not look at it in a
query (https://github.com/localstack/localstack/issues/12169, https://github.com/aws/aws-sdk/issues/480)."""

_CONDITIONS = frozenset({"if-match", "if-none-match"})
_MOVED_BY_V2 = frozenset({"content-type", "content-md5"})


def with_query_headers(request: Request, *, v2: bool) -> Request:
    """The request with the fields of its query among its headers. One that was also sent as a header is that header:
    it had to be signed as well. Where the query names one twice the last counts, as it does for the signature."""
    found: dict[str, str] = {}
    for piece in request.query.split("&"):
        raw_name, _, raw_value = piece.partition("=")
        name = _latin(raw_name).lower()
        if _is_moved(name, v2=v2) and name not in request.headers:
            found[name] = _latin(raw_value)
    if not found:
        return request
    return replace(request, headers=Headers((*request.headers.pairs, *found.items())))


def _is_moved(name: str, *, v2: bool) -> bool:
    if not name.startswith("x-amz-"):
        return name in (_MOVED_BY_V2 if v2 else _CONDITIONS)
    return name not in _OF_THE_SIGNATURE and not _OF_AN_EMPTY_BODY.fullmatch(name)


def _latin(raw: str) -> str:
    """A decoded parameter in the shape of headers: its bytes as Latin-1."""
    return unquote_to_bytes(raw.replace("+", " ").encode("latin-1")).decode("latin-1").strip(" \t")
