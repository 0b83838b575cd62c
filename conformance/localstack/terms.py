"""A pytest plugin for LocalStack's tests: what in a comparison with AWS is HTTP's and not AWS's answer is let be.

Names of headers have no case (RFC 9110, 5.1), and a body may come in chunks or with its length (RFC 9112, 6): both are
put into the recording's words before an answer is compared. Their clients, which are made with `verify=True` and so
trust certifi's roots alone, trust the authority of `marinelayer run`. And since the answers of S3 were recorded before
April 2026, when new buckets began to block SSE-C, the buckets that they make block it no more.
"""

from __future__ import annotations

import os
from typing import Any

import botocore.client
import botocore.httpsession
from localstack_snapshot.snapshots.prototype import SnapshotSession

FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})

botocore.httpsession.where = lambda: os.environ["AWS_CA_BUNDLE"]
matched = SnapshotSession.match
asked = botocore.client.BaseClient._make_api_call  # noqa: SLF001 -- where every call of every client passes
UNBLOCKED = {"Rules": [{"BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}]}


def in_words_of(recorded: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
    """Headers under the names, and with the framing, of those that were recorded."""
    names = {name.lower(): name for name in recorded}
    framing = {name: value for name, value in recorded.items() if name.lower() in FRAMING}
    said = {names.get(name.lower(), name): value for name, value in headers.items() if name.lower() not in FRAMING}
    return said | framing


def match(session: SnapshotSession, key: str, obj: dict[str, Any]) -> None:
    """Compare an answer, as theirs does."""
    recorded = (session.recorded_state or {}).get(key)
    if (
        isinstance(obj, dict)
        and isinstance(recorded, dict)
        and {"Headers", "StatusCode"} <= obj.keys() & recorded.keys()
    ):
        obj = obj | {"Headers": in_words_of(recorded["Headers"], dict(obj["Headers"]))}
    matched(session, key, obj)


def ask(client: botocore.client.BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
    """Call, and let a bucket that was made take SSE-C."""
    answer = asked(client, operation, parameters)
    if operation == "CreateBucket" and client.meta.service_model.service_name == "s3":
        unblock = {"Bucket": parameters["Bucket"], "ServerSideEncryptionConfiguration": UNBLOCKED}
        asked(client, "PutBucketEncryption", unblock)
    return answer


SnapshotSession.match = match
botocore.client.BaseClient._make_api_call = ask  # noqa: SLF001
