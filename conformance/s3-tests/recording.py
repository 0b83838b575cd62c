"""A pytest plugin for ceph/s3-tests: records each test's outcome, and empties buckets without listing versions.

Give it as `-p recording` with this folder on PYTHONPATH; outcomes go to the file named by S3TESTS_OUTCOMES, one JSON
object a line: file, test, marks, outcome, and the last line of what failed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

OUTCOMES: dict[str, dict[str, Any]] = {}


def empty_and_delete(client: Any, bucket: str) -> None:
    """Delete a bucket with all that is in it. The suite's own way lists versions, which this cloud does not serve."""
    with suppress(ClientError):
        client.delete_bucket_policy(Bucket=bucket)
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
        if keys:
            client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    client.delete_bucket(Bucket=bucket)


def pytest_configure() -> None:
    """Put our way of cleaning up in the place of the suite's."""
    from s3tests import functional  # noqa: PLC0415 - it reads its configuration when it is imported

    functional.nuke_bucket = empty_and_delete


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Keep what became of a test: the first of set-up, call and clean-up that did not pass decides."""
    report = (yield).get_result()
    kept = OUTCOMES.setdefault(
        item.nodeid,
        {
            "file": item.path.stem,
            "test": item.name,
            "marks": sorted({mark.name for mark in item.iter_markers()}),
            "outcome": "passed",
            "said": "",
        },
    )
    if kept["outcome"] == "passed" and report.outcome != "passed":
        lines = str(report.longrepr or "").strip().splitlines()
        kept["outcome"] = report.outcome if report.when == "call" or report.skipped else f"{report.when} failed"
        kept["said"] = lines[-1][:300] if lines else ""


def pytest_sessionfinish() -> None:
    """Write the outcomes."""
    text = "".join(json.dumps(outcome) + "\n" for outcome in OUTCOMES.values())
    Path(os.environ["S3TESTS_OUTCOMES"]).write_text(text, "utf-8")
