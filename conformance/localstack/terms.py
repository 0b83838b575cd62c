"""A pytest plugin for LocalStack's tests: what in a comparison with AWS is HTTP's and not AWS's answer is let be.

Names of headers have no case (RFC 9110, 5.1), and a body may come in chunks or with its length (RFC 9112, 6): both are
put into the recording's words before an answer is compared. And their clients, which are made with `verify=True` and so
trust certifi's roots alone, trust the authority of `marinelayer run`.
"""

from __future__ import annotations

import os
from typing import Any

import botocore.httpsession
from localstack_snapshot.snapshots.prototype import SnapshotSession

FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})

botocore.httpsession.where = lambda: os.environ["AWS_CA_BUNDLE"]
matched = SnapshotSession.match


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


SnapshotSession.match = match
