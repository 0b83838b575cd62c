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

    Raises:
        AccessRefused: also where the account as a whole blocks public access.
    """
    if how == "none":
        return
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


def with_public_read(policy: str | None, resource: str) -> str:
    """The policy with our statement in it, and every other statement as it was; the same text where it is there."""
    document: dict[str, Any] = json.loads(policy) if policy else {"Version": "2012-10-17", "Statement": []}
    statement = {
        "Sid": STATEMENT,
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": resource,
    }
    found: Any = document.get("Statement", [])
    others: list[Any] = [found] if isinstance(found, dict) else list(found)
    if policy and statement in others:
        return policy
    document["Statement"] = [one for one in others if one.get("Sid") != STATEMENT] + [statement]
    return json.dumps(document, separators=(",", ":"))
