"""The site's bucket: made readable for everybody, and nothing else.

By default a bucket policy opens it, after the block of public policies was lifted from this one bucket (which today's
AWS sets on every new bucket); ACLs stay blocked. By ACL only where the settings say so.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Literal

from getitdone.errors import NotOffered
from getitdone.objects import Objects

STATEMENT = "GetItDonePublicReports"


def open_site(objects: Objects, bucket: str, how: Literal["policy", "acl", "none"]) -> None:
    """Let everybody read the bucket's objects (not list it): by `policy`, or, with `acl`, whatever is put with a
    public ACL from now on; `none` leaves the bucket as it is. What is so already is not written again.

    Where ACLs open the bucket, a public policy must go: the block that refuses it would shut out everybody whom the
    ACLs let in (`RestrictPublicBuckets`, Amazon S3 User Guide, "Blocking public access").

    Raises:
        AccessRefused: also where the account as a whole blocks public access.
    """
    if how == "none":
        return
    if how == "acl":
        _close(objects, bucket)
    with suppress(NotOffered):  # a cloud without public access blocks blocks nothing
        objects.block_public_access(bucket, policies=how != "policy", acls=how != "acl")
    if how == "acl":
        with suppress(NotOffered):  # a cloud without object ownership takes every ACL
            objects.accept_acls(bucket)
        return
    present = objects.policy(bucket)
    wanted = with_public_read(present, f"arn:{objects.partition}:s3:::{bucket}/*")
    if wanted != present:
        objects.set_policy(bucket, wanted)


def _close(objects: Objects, bucket: str) -> None:
    """Take our statement out of the bucket's policy."""
    present = objects.policy(bucket)
    if present is None:
        return
    document, others = _parsed(present)
    kept = [one for one in others if one.get("Sid") != STATEMENT]
    if not kept:
        objects.delete_policy(bucket)
    elif len(kept) < len(others):
        objects.set_policy(bucket, _written(document, kept))


def with_public_read(policy: str | None, resource: str) -> str:
    """The policy with our statement in it, and every other statement as it was; the same text where it is there."""
    document, others = _parsed(policy or '{"Version": "2012-10-17"}')
    statement = {
        "Sid": STATEMENT,
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": resource,
    }
    if policy and statement in others:
        return policy
    return _written(document, [*(one for one in others if one.get("Sid") != STATEMENT), statement])


def _parsed(policy: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The document, and its statements (IAM takes one without a list too)."""
    document: dict[str, Any] = json.loads(policy)
    found: Any = document.get("Statement", [])
    return document, [found] if isinstance(found, dict) else list(found)


def _written(document: dict[str, Any], statements: list[dict[str, Any]]) -> str:
    return json.dumps({**document, "Statement": statements}, separators=(",", ":"))
