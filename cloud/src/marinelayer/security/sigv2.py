"""Signature Version 2 of presigned URLs, which boto3 still makes for S3 in us-east-1 unless told otherwise.

This module must not know where identities come from, or the time. Source: S3 API reference, "Signing and
authenticating REST requests (Signature Version 2)".
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote, unquote_to_bytes

from marinelayer.http import Request
from marinelayer.model.errors import SignatureMismatch, UnknownAccessKey
from marinelayer.security.canonical import encodings, query_pairs, trimmed, wire_bytes
from marinelayer.security.claim import Claim
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


def verify(claim: Claim, request: Request, identity: Identity, *, bucket: str | None, now: int) -> None:
    """Prove a presigned request of Signature Version 2. `bucket` is the bucket that the host names (virtual-host
    style), None where the path names it. `now` is in microseconds since the epoch.

    Raises:
        RequestExpired: it is past its end.
        UnknownAccessKey: the key is inactive, or is a temporary one used without its token.
        SignatureMismatch: the signature is not this request's by this secret.
        TokenInvalid: the session token is not that key's.
        CredentialsExpired: the temporary credentials have ended.
    """
    demand_time(claim, now)
    if not identity.active or not identity.secret_key:
        raise UnknownAccessKey(AWSAccessKeyId=claim.access_key_id)
    sent = claim.signature.encode()
    first: str | None = None
    for to_sign in _strings_to_sign(request, bucket):
        for encoded in encodings(to_sign):
            if hmac.compare_digest(signature(identity.secret_key, encoded).encode(), sent):
                demand_credentials(claim, identity, now)
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


def _strings_to_sign(request: Request, bucket: str | None) -> Iterator[str]:
    """Each form of the string to sign: with the path as sent, and as AWS encodes it."""
    pairs = query_pairs(request.query)
    in_query = {name.lower(): value for name, value in pairs}
    head = "\n".join(
        (
            request.method,
            _field(request, in_query, "content-md5"),
            _field(request, in_query, "content-type"),
            in_query.get("expires", ""),
            *_amz_lines(request, in_query),
        )
    )
    raw = request.path or "/"
    encoded = quote(unquote_to_bytes(wire_bytes(raw)), safe="/~")
    resources = _sub_resources([pair for pair in pairs if pair[0] in SUB_RESOURCES], request.query)
    for path in dict.fromkeys((raw, encoded)):
        yield f"{head}\n{'/' + bucket if bucket else ''}{path}{resources}"


def _field(request: Request, in_query: dict[str, str], name: str) -> str:
    """A header, or the parameter that botocore makes of it when it presigns."""
    value = request.headers.get(name)
    return trimmed(value) if value is not None else in_query.get(name, "")


def _amz_lines(request: Request, in_query: dict[str, str]) -> Iterator[str]:
    """`name:value` of every x-amz-* field, sent as header or (by botocore) as parameter, sorted."""
    fields = {name: value for name, value in in_query.items() if name.startswith("x-amz-")}
    for name in {name for name, _ in request.headers.pairs if name.startswith("x-amz-")}:
        fields[name] = ",".join(value.strip() for value in request.headers.all(name))
    return (f"{name}:{fields[name]}" for name in sorted(fields))


def _sub_resources(pairs: list[tuple[str, str]], raw_query: str) -> str:
    if not pairs:
        return ""
    bare = {piece for piece in raw_query.split("&") if "=" not in piece}
    return "?" + "&".join(
        name if not value and name in bare else f"{name}={value}"
        for name, value in sorted(pairs, key=lambda pair: pair[0])
    )
