"""Run LocalStack's tests that were validated against AWS, beside what AWS answered them, against a new cloud.

    python run.py SUITE OUTCOMES.xml TEST_FILE... [pytest's options]

SUITE is the checkout, with its environment in SUITE/env; files are named from its root. The tests speak to
amazonaws.com, as they do when they are validated: `marinelayer run` serves these names. Whom they speak for: a user
with an administrator's rights, and the root user of a second account. OUTCOMES.xml is pytest's own JUnit document,
which report.py reads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

from marinelayer.testing import LocalCloud, local_cloud

HERE = Path(__file__).resolve().parent
MARINELAYER = Path(sys.prefix) / "bin" / "marinelayer"
SECOND = "999999999999"
ELSEWHERE = "us-west-2"
"""The second region, for tests that need two."""
VALIDATES = "localstack.testing.pytest.validation_tracking"
"""Their plugin that writes down when a test last passed against AWS; left out, since this is not AWS."""


def administrator(cloud: LocalCloud) -> dict[str, str]:
    """Make the user that the tests speak for; its key as environment variables."""
    iam = boto3.client("iam", **cloud.client_arguments())
    iam.create_user(UserName="tester")
    iam.attach_user_policy(UserName="tester", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName="tester")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def second_account(cloud: LocalCloud) -> dict[str, str]:
    """Make the second account; its root user's key as the variables that the tests read."""
    add = [str(MARINELAYER), "account", "add", SECOND, "--name", "second", "--data", str(cloud.folder)]
    made: dict[str, Any] = json.loads(subprocess.run(add, check=True, capture_output=True, text=True).stdout)
    return {
        "SECONDARY_TEST_AWS_ACCOUNT_ID": SECOND,
        "SECONDARY_TEST_AWS_ACCESS_KEY_ID": made["access_key_id"],
        "SECONDARY_TEST_AWS_SECRET_ACCESS_KEY": made["secret_access_key"],
        "SECONDARY_TEST_AWS_REGION_NAME": ELSEWHERE,
    }


def main() -> int:
    """Run the tests; pytest's exit code."""
    suite, outcomes, *tests = sys.argv[1:]
    with local_cloud(s3_defaults="current", lifecycle_day=2) as cloud:
        variables = {
            "TEST_TARGET": "AWS_CLOUD",
            "TEST_AWS_ACCOUNT_ID": cloud.account,
            "TEST_AWS_REGION_NAME": cloud.region,
            "PYTHONPATH": str(HERE),
            "PYTHONDONTWRITEBYTECODE": "1",
            **administrator(cloud),
            **second_account(cloud),
        }
        command = [
            *(str(MARINELAYER), "run", "--offline", "--data", str(cloud.folder), "env"),
            *(f"{name}={value}" for name, value in variables.items()),
            *(str(Path(suite).resolve() / "env/bin/python"), "-m", "pytest", "-p", f"no:{VALIDATES}", "-p", "terms"),
            *("-q", "-W", "ignore", "--timeout", "120", "--tb=short", "--show-capture=no"),
            *(f"--junitxml={Path(outcomes).resolve()}", *tests),
        ]
        return subprocess.run(command, cwd=suite, env=os.environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
