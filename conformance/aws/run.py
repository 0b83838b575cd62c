"""Run the integration tests of AWS's own Python clients, which their developers run against AWS, against a new cloud.

    python run.py botocore|s3transfer|aws-cli CHECKOUT PYTHON [pytest's options]

CHECKOUT is the client's repository, PYTHON an interpreter that has it and pytest installed. The tests speak to
amazonaws.com: `marinelayer run` serves these names. Prints a row of results.md, and each failure with its reason.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import boto3

from marinelayer.testing import LocalCloud, local_cloud

HERE = Path(__file__).resolve().parent
MARINELAYER = Path(sys.prefix) / "bin" / "marinelayer"
SUITES: dict[str, tuple[tuple[str, ...], str]] = {
    "botocore": (("test_s3.py", "test_sts.py", "test_client.py", "test_waiters.py"), ""),
    "s3transfer": (("",), "not crt and not CRT"),
    "aws-cli": (("customizations/s3/test_plugin.py",), "not express and not dir_bucket"),
}
"""The files below tests/integration, and which of their tests: those for the CRT have endpoints of their own, those for
directory buckets buckets that are not here."""


def administrator(cloud: LocalCloud) -> dict[str, str]:
    """Make the user that the tests speak for; its key as environment variables."""
    iam = boto3.client("iam", **cloud.client_arguments())
    iam.create_user(UserName="tester")
    iam.attach_user_policy(UserName="tester", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName="tester")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def run(suite: str, checkout: Path, python: Path, options: list[str]) -> Path:
    """Run a suite; where pytest wrote what became of its tests."""
    outcomes = Path(tempfile.mkdtemp()) / "outcomes.xml"
    files, chosen = SUITES[suite]
    with local_cloud(s3_defaults="current") as cloud:
        variables = {
            "AWS_DEFAULT_REGION": "us-west-2",
            "AWS_TEST_COMMAND": str(python.parent / "aws"),
            "PYTHONPATH": str(HERE),
            "PYTHONDONTWRITEBYTECODE": "1",
            **administrator(cloud),
        }
        command = [
            *(str(MARINELAYER), "run", "--offline", "--data", str(cloud.folder), "env"),
            *(f"{name}={value}" for name, value in variables.items()),
            *(str(python.absolute()), "-m", "pytest", "-p", "terms", "-q", "-W", "ignore", "--timeout", "300"),
            *("--tb=short", "--show-capture=no", f"--junitxml={outcomes}", "-k", chosen),
            *(f"tests/integration/{file}" for file in files),
            *options,
        ]
        subprocess.run(command, cwd=checkout, env=os.environ, check=False)
    return outcomes


def report(suite: str, commit: str, document: Path) -> str:
    """A row of the table, and a line for each failure."""
    failed: list[str] = []
    passed = 0
    for case in ET.parse(document).getroot().iter("testcase"):
        said = {part.tag for part in case}
        name = f"{case.attrib['classname'].rpartition('.')[2]}::{case.attrib['name']}"
        if said & {"failure", "error"}:
            failed.append(name)
        elif "skipped" not in said:
            passed += 1
    entries: list[dict[str, Any]] = tomllib.loads((HERE / "reasons.toml").read_text("utf-8")).get(suite, [])
    reasons = {test: entry["reason"] for entry in entries for test in entry["tests"]}
    lines = [f"| {suite} | `{commit[:12]}` | {passed + len(failed)} | {passed} | {len(failed)} |"]
    lines += [
        f"  - `{name}`: {reasons.get(name) or reasons.get(name.partition('::')[0], 'not there yet')}" for name in failed
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run one suite and print what came of it."""
    suite, checkout, python, *options = sys.argv[1:]
    commit = subprocess.run(
        ["git", "-C", checkout, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    outcomes = run(suite, Path(checkout), Path(python), options)
    sys.stdout.write(report(suite, commit, outcomes))


if __name__ == "__main__":
    main()
