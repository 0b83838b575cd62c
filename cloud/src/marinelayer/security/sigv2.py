"""Signature Version 2, of the Authorization header and of presigned URLs: S3's first, which old clients still make, and
boto3 for presigned URLs in us-east-1 unless told otherwise.

This module must not know where identities come from, or the time. Source: S3 API reference, "Signing and
authenticating REST requests (Signature Version 2)".
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote_to_bytes

from marinelayer.http import Request
from marinelayer.model.errors import AccessDenied, SignatureMismatch, UnknownAccessKey
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.security.canonical import encodings, query_pairs, trimmed, wire_bytes
from marinelayer.security.claim import UNSUPPORTED_MECHANISM, Claim
from marinelayer.security.identity import Identity
from marinelayer.security.sigv4 import demand_credentials, demand_time

SUB_RESOURCES = frozenset(
    {
        "abac",
        "accelerate",
        "acl",
        "analytics",
        "annotation",
        "attributes",
        "cors",
        "defaultObjectAcl",
        "delete",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "legal-hold",
        "lifecycle",
        "location",
        "logging",
        "metadataAnnotationTable",
        "metadataConfiguration",
        "metadataInventoryTable",
        "metadataJournalTable",
        "metadataTable",
        "metrics",
        "notification",
        "object-lock",
        "ownershipControls",
        "partNumber",
        "policy",
        "policyStatus",
        "publicAccessBlock",
        "renameObject",
        "replication",
        "requestPayment",
        "restore",
        "retention",
        "select",
        "select-type",
        "session",
        "storageClass",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
    }
)
"""Query parameters that belong to the resource, and are signed. Every name that chooses an operation must be here, also
those younger than Signature Version 2, which its clients do not sign: else a presigned upload could be turned into
something else by adding one."""

_FIELDS = frozenset({"content-md5", "content-type"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def verify(claim: Claim, request: Request, identity: Identity, *, bucket: str | None, now: int) -> None:
    """Prove a request of Signature Version 2. `bucket` is the bucket that the host names (virtual-host
    style), None where the path names it. `now` is in microseconds since the epoch.

    Raises:
        ClockSkew: its header was signed more than 15 minutes away from `now`.
        RequestExpired: a presigned one is past its end.
        AccessDenied: a parameter that is signed stands twice, or holds a control.
        UnknownAccessKey: the key is inactive, or is a temporary one used without its token.
        SignatureMismatch: the signature is not this request's by this secret.
        TokenInvalid: the session token is not that key's.
        CredentialsExpired: the temporary credentials have ended.
        InvalidRequest: chunks are said to be signed, which is Signature Version 4's.
    """
    demand_time(claim, now)
    if not identity.active or not identity.secret_key:
        raise UnknownAccessKey(AWSAccessKeyId=claim.access_key_id)
    sent = claim.signature.encode()
    first: str | None = None
    for to_sign in _strings_to_sign(claim, request, bucket):
        for encoded in encodings(to_sign):
            if hmac.compare_digest(signature(identity.secret_key, encoded).encode(), sent):
                demand_credentials(claim, identity, now)
                if claim.payload.startswith("streaming-signed"):
                    raise InvalidRequest(UNSUPPORTED_MECHANISM)
                return
        first = first or to_sign
    text = first or ""
    raise SignatureMismatch(
        None,
        AWSAccessKeyId=claim.access_key_id,
        StringToSign=text,
        SignatureProvided=claim.signature,
        StringToSignBytes=text.encode().hex(" "),
    )


def signature(secret_key: str, to_sign: bytes) -> str:
    """The base64 HMAC-SHA1 of a string to sign (the algorithm is the protocol's; it is not used elsewhere)."""
    return b64encode(hmac.digest(secret_key.encode(), to_sign, "sha1")).decode()


def _strings_to_sign(claim: Claim, request: Request, bucket: str | None) -> Iterator[str]:
    """Each form of the string to sign: with the path as sent, and as AWS encodes it; a bucket in the path also with the
    slash that botocore signs behind it, and does not send."""
    pairs = query_pairs(request.query)
    if claim.scheme == "v2-header":
        fields = _signed_fields(request, ())
        time = "" if "x-amz-date" in fields else trimmed(request.headers.get("date") or "")
    else:
        fields = _signed_fields(request, pairs)
        # The very parameter that the clock was read from, which stands there once.
        time = next((value for name, value in pairs if name == "Expires"), "")
    head = "\n".join(
        (
            request.method,
            fields.pop("content-md5", ""),
            fields.pop("content-type", ""),
            time,
            *(f"{name}:{fields[name]}" for name in sorted(fields)),
        )
    )
    raw = request.path or "/"
    encoded = quote(unquote_to_bytes(wire_bytes(raw)), safe="/~")
    resources = _sub_resources([pair for pair in pairs if pair[0] in SUB_RESOURCES], request.query)
    paths = [raw, encoded]
    if bucket is None and raw.count("/") == 1 and len(raw) > 1:
        paths.append(f"{encoded}/")
    for path in dict.fromkeys(paths):
        yield f"{head}\n{'/' + bucket if bucket else ''}{path}{resources}"


def _signed_fields(request: Request, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The x-amz-* fields, Content-MD5 and Content-Type, sent as headers or (by botocore) as parameters, by lower-case
    name. A header goes before a parameter.

    Raises:
        AccessDenied: a parameter stands twice, or holds a control. One line of the string to sign could then be read
            as two, and a link be turned into another one of the same signature.
    """
    in_query: dict[str, str] = {}
    for name, value in pairs:
        lower = name.lower()
        if lower in _FIELDS or lower.startswith("x-amz-"):
            if lower in in_query or not name.isascii() or _CONTROL.search(name + value):
                raise AccessDenied(f"The query parameter {lower[:64]} may be given once only, and without controls")
            in_query[lower] = value
    in_header: dict[str, list[str]] = {}
    for name, value in request.headers.pairs:
        if name in _FIELDS:
            in_header.setdefault(name, [trimmed(value)])
        elif name.startswith("x-amz-"):
            in_header.setdefault(name, []).append(value.strip())
    return in_query | {name: ",".join(values) for name, values in in_header.items()}


def _sub_resources(pairs: list[tuple[str, str]], raw_query: str) -> str:
    if not pairs:
        return ""
    bare = {piece for piece in raw_query.split("&") if "=" not in piece}
    return "?" + "&".join(
        name if not value and name in bare else f"{name}={value}"
        for name, value in sorted(pairs, key=lambda pair: pair[0])
    )
