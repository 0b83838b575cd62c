"""Write results.md from recorded outcomes: counts by theme, and every failure with its reason.

    python report.py COMMIT OUTCOMES... > results.md
    python report.py

The second writes the reasons into docs/differences.md, between its two marks.

A test that fails and has a reason in reasons.toml is a difference that we stand to; one that fails otherwise lacks a
feature, which its theme names. Exit code 1 if a reason is given for a test that passes.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DIFFERENCES = HERE.parents[1] / "docs/differences.md"
MARKS = ("<!-- by conformance/s3-tests/report.py -->\n", "<!-- end -->\n")

THEMES = (
    ("access logs", r"logging"),
    ("CORS", r"cors"),
    ("lifecycle, transitions, restore", r"lifecycle|cloud_|restore_|storage_class"),
    ("object lock", r"object_lock"),
    ("encryption", r"encryption|sse_"),
    ("Signature Version 2 in the header", r"_aws2"),
    ("forms", r"post_object"),
    ("object attributes", r"object_attributes|cksum_helper"),
    ("tags", r"tag"),
    ("versioning", r"version|current_object|object_current|delete_marker|acl_mtime"),
    ("policies, public access block", r"policy|public_block|block_public|ignore_public|public_access"),
    ("ACLs, ownership", r"acl|grant|access_bucket_|ownership|owner"),
    ("conditions", r"ifmatch|ifnonmatch|ifmodified|ifunmodified|if_match|if_none"),
    ("checksums", r"checksum"),
    ("multipart", r"multipart|upload_part"),
    ("copies", r"copy"),
    ("lists", r"list"),
    ("buckets", r"bucket"),
    ("signatures, presigned, anonymous", r"raw|anon|auth|presign"),
    ("objects", r""),
)
"""Themes by what a test's name and marks match; the first counts."""

IAM_THEMES = (
    ("session policies", r"session_policy"),
    ("tags of tokens, users and buckets", r"abac_test"),
    ("web identities, their providers", r"web_?identity|oidc"),
    ("access across accounts", r"cross_account"),
    ("groups", r"group"),
    ("roles", r"role"),
    ("policies of users", r"policy|policies|allow_iam_actions"),
    ("access keys", r"access_key"),
    ("users", r"iam_user"),
    ("accounts, who one is", r""),
)
"""The same for the files about IAM and STS."""

OF_IAM = ("test_iam", "test_sts")

HEAD = """\
# ceph/s3-tests against the cloud

Written by `report.py`; how: [README.md](README.md). Suite: commit `{commit}`. `test_s3.py` without the tests that the
suite marks `fails_on_aws`, and so `test_iam.py` and `test_sts.py`; `test_headers.py` whole. All are run in AWS's terms
([terms.py](terms.py)).

| file | tests | passed | failed | skipped |
|---|---:|---:|---:|---:|
"""


def theme(outcome: dict[str, Any]) -> str:
    """The theme of a test."""
    words = " ".join((outcome["test"], *outcome["marks"]))
    themes = IAM_THEMES if outcome["file"] in OF_IAM else THEMES
    return next(name for name, pattern in themes if re.search(pattern, words))


def counts(outcomes: list[dict[str, Any]]) -> str:
    """The columns of a table: tests, passed, failed, skipped."""
    found = Counter(outcome["outcome"] for outcome in outcomes)
    failed = len(outcomes) - found["passed"] - found["skipped"]
    return f"{len(outcomes)} | {found['passed']} | {failed} | {found['skipped']}"


def listed(tests: list[str]) -> str:
    """The names of tests, each once for all its parameters, without the prefix that they share."""
    names = dict.fromkeys(test.partition("[")[0].removeprefix("test_") for test in tests)
    return ", ".join(f"`{name}`" for name in names)


def report(commit: str, outcomes: list[dict[str, Any]], reasons: dict[str, str]) -> str:
    """The page."""
    lines = [HEAD.format(commit=commit).rstrip()]
    files = dict.fromkeys(outcome["file"] for outcome in outcomes)
    lines += [f"| `{file}.py` | {counts([one for one in outcomes if one['file'] == file])} |" for file in files]
    lines += ["", "| theme | tests | passed | failed | skipped |", "|---|---:|---:|---:|---:|"]
    for name, _ in (*THEMES, *IAM_THEMES):
        of_theme = [one for one in outcomes if theme(one) == name]
        if of_theme:
            lines.append(f"| {name} | {counts(of_theme)} |")
    failed = [one for one in outcomes if one["outcome"] not in ("passed", "skipped")]
    lines += ["", "## Failures that we stand to", "", "| reason | | tests |", "|---|---:|---|"]
    for reason in dict.fromkeys(reasons.values()):
        named = [one["test"] for one in failed if reasons.get(one["test"]) == reason]
        if named:
            lines.append(f"| {reason} | {len(named)} | {listed(named)} |")
    lacking = [one for one in failed if one["test"] not in reasons]
    if lacking:
        lines += ["", "## What is not there yet", ""]
    for name, _ in (*THEMES, *IAM_THEMES):
        of_theme = [one["test"] for one in lacking if theme(one) == name]
        if of_theme:
            lines += [f"**{name}** ({len(of_theme)}): {listed(of_theme)}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def read_reasons() -> dict[str, str]:
    """The reason of each test that has one."""
    differences: list[dict[str, Any]] = tomllib.loads((HERE / "reasons.toml").read_text("utf-8"))["differences"]
    return {test: entry["reason"] for entry in differences for test in entry["tests"]}


def with_reasons(page: str, reasons: dict[str, str]) -> str:
    """A page whose text between the two marks is the reasons, each with its tests."""
    head, _, rest = page.partition(MARKS[0])
    _, _, tail = rest.partition(MARKS[1])
    lines = [
        f"- {reason}: {listed([test for test in reasons if reasons[test] == reason])}.\n"
        for reason in dict.fromkeys(reasons.values())
    ]
    return "".join((head, MARKS[0], *lines, MARKS[1], tail))


def main() -> None:
    """Print the page of results, or write the reasons where differences are told."""
    reasons = read_reasons()
    if len(sys.argv) == 1:
        DIFFERENCES.write_text(with_reasons(DIFFERENCES.read_text("utf-8"), reasons), "utf-8")
        return
    commit, *files = sys.argv[1:]
    outcomes = [json.loads(line) for file in files for line in Path(file).read_text("utf-8").splitlines()]
    sys.stdout.write(report(commit, outcomes, reasons))
    idle = reasons.keys() & {one["test"] for one in outcomes if one["outcome"] == "passed"}
    if idle:
        sys.exit(f"these pass and need no reason: {', '.join(sorted(idle))}")


if __name__ == "__main__":
    main()
