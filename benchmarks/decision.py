"""What it costs to know who asks and whether they may: µs a call, the best of many rounds.

Run: .venv/bin/python benchmarks/decision.py
"""

from __future__ import annotations

import json
import timeit
from collections.abc import Callable
from typing import Any

from marinelayer.http import BytesBody, Headers, Request
from marinelayer.security import timestamps
from marinelayer.security.acl import canned_bucket_acl, canned_object_acl
from marinelayer.security.claim import Claim
from marinelayer.security.claim_reading import read_claim
from marinelayer.security.facts import request_facts
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity, IdentityPolicy, Principal
from marinelayer.security.policy.compiled import Policy, compile_policy
from marinelayer.security.policy.document import parse_document
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import Requirement, ResourceAccess, ResourcePolicy
from marinelayer.security.sigv4 import presign, sign, verify

NOW = timestamps.from_basic("20260314T150926Z")
ACCOUNT = "123456789012"
CANONICAL = "a" * 64
KEYS: dict[str, Any] = {
    "access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "secret_key": "x" * 40,
    "region": "us-east-1",
    "now": NOW,
}


def policy(number: int) -> str:
    """A managed policy as people write them: three statements, wildcards, a condition."""
    statements = [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:List*"],
            "Resource": [f"arn:aws:s3:::team-{number}/*", f"arn:aws:s3:::*-shared/{number}/*"],
        },
        {"Sid": "Topics", "Effect": "Allow", "Action": "sns:*", "Resource": f"arn:aws:sns:*:{ACCOUNT}:team-{number}-*"},
        {
            "Sid": "Safely",
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::team-{number}/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def user(policies: int) -> Identity:
    """A user with that many managed policies."""
    principal = Principal(
        kind="user",
        account=ACCOUNT,
        arn=f"arn:aws:iam::{ACCOUNT}:user/bob",
        unique_id="AIDA",
        canonical_id=CANONICAL,
        name="bob",
    )
    given = tuple(IdentityPolicy(name=f"team-{n}", kind="managed", text=policy(n)) for n in range(policies))
    return Identity(
        principal=principal, access_key_id=KEYS["access_key_id"], secret_key=KEYS["secret_key"], policies=given
    )


def request(path: str = "/team-9/2021/apr/final_report.csv", query: str = "", body: bytes = b"") -> Request:
    """A request as boto3 sends it."""
    headers = Headers(
        [("host", "localhost:4566"), ("user-agent", "Boto3/1.44.5 md/Botocore#1.44.5"), ("accept-encoding", "identity")]
    )
    return Request(
        id="R",
        method="GET",
        path=path,
        query=query,
        headers=headers,
        body=BytesBody(body),
        scheme="https",
        host="localhost:4566",
        peer="127.0.0.1",
    )


def measure(name: str, call: Callable[[], object], *, count: int = 300, rounds: int = 70) -> float:
    """Print the best round's time of one call, and return it in seconds. Short rounds, and many: on a machine that does
    other things too, some have it for themselves."""
    call()
    best = min(timeit.repeat(call, number=count, repeat=rounds)) / count
    print(f"{name:60} {best * 1e6:8.1f} µs")
    return best


def reference() -> int:
    """What other times can be held against, whatever the machine: a loop of 1,000 additions."""
    total = 0
    for number in range(1000):
        total += number
    return total


def main() -> None:
    """Measure signatures, facts and decisions."""
    bob = user(10)
    signed = sign(request(), service="s3", **KEYS)
    presigned = presign(request(), service="s3", **KEYS)
    anonymous = request()

    def prove(one: Request) -> Claim | None:
        claim = read_claim(one)
        if claim is not None:
            verify(claim, one, bob, payload_hash=claim.payload_hash or "", now=NOW)
        return claim

    measure("anonymous request read", lambda: prove(anonymous))
    measure("SigV4 header read and verified", lambda: prove(signed))
    measure("SigV4 presigned read and verified", lambda: prove(presigned))
    claim = prove(signed)
    measure("facts of a request", lambda: request_facts(signed, bob, NOW, claim=claim, region="us-east-1"))

    facts = request_facts(signed, bob, NOW, claim=claim, region="us-east-1")
    get = Requirement(action="s3:GetObject", resource="arn:aws:s3:::team-9/2021/apr/final_report.csv")
    put = Requirement(action="s3:PutObject", resource="arn:aws:s3:::team-9/2021/apr/final_report.csv")
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::team-9/*"}
    bucket = ResourceAccess(
        account=ACCOUNT,
        bucket_acl=canned_bucket_acl("private", CANONICAL),
        object_acl=canned_object_acl("public-read", CANONICAL, bucket_owner=CANONICAL),
    )
    open_bucket = ResourceAccess(
        account=ACCOUNT,
        bucket_acl=bucket.bucket_acl,
        policy=ResourcePolicy(text=json.dumps({"Version": "2012-10-17", "Statement": [public]})),
    )
    root = Identity(
        principal=Principal(kind="root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root", canonical_id=CANONICAL)
    )
    measure("root allowed", lambda: decide(root, get, bucket, facts))
    measure("user with one policy, allowed by ACL", lambda: decide(user_one, get, bucket, facts))
    unit = measure("reference loop: 1,000 additions", reference)
    ten = measure("user with 10 managed policies, allowed by the last", lambda: decide(bob, get, bucket, facts))
    print(f"{'  that is, in reference loops':60} {ten / unit:8.2f}")
    measure("user with 10 managed policies, refused", lambda: decide(bob, put, bucket, facts))
    measure("anonymous allowed by a bucket policy", lambda: decide(ANONYMOUS_IDENTITY, get, open_bucket, facts))
    text = policy(1)
    measure("policy compiled (once for its text)", lambda: Policy(parse_document(text)))
    measure("policy found by its text", lambda: compile_policy(text))


user_one = user(1)

if __name__ == "__main__":
    main()
