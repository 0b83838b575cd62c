"""A pytest plugin for ceph/s3-tests: records each test's outcome.

Give it as `-p recording` with this folder on PYTHONPATH; outcomes go to the file named by S3TESTS_OUTCOMES, one JSON
object a line: file, test, marks, outcome, and the last line of what failed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

OUTCOMES: dict[str, dict[str, Any]] = {}


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
