"""Make a data folder with the accounts that ceph/s3-tests speaks for, and the suite's configuration for it.

    python prepare.py FOLDER PORT > s3tests.conf

The accounts are made by `marinelayer account add`, the folder's own as well, whether the cloud runs or not.
"""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
from pathlib import Path

MARINELAYER = Path(sys.prefix) / "bin" / "marinelayer"
SECTIONS = {
    "s3 main": ("123456789012", "main"),
    "s3 alt": ("222222222222", "alt"),
    "s3 tenant": ("333333333333", "tenant"),
    "iam": ("444444444444", "iam"),
    "iam root": ("555555555555", "iam-root"),
    "iam alt root": ("666666666666", "iam-alt-root"),
}
"""The accounts by the sections of the configuration: number and name."""


def make_account(folder: Path, number: str, name: str) -> dict[str, str]:
    """Make an account; what the suite must know of it."""
    add = [str(MARINELAYER), "account", "add", number, "--name", name, "--data", str(folder)]
    made = json.loads(subprocess.run(add, check=True, capture_output=True, text=True).stdout)
    return {
        "display_name": made["name"],
        "user_id": made["canonical_id"],
        "email": f"{name}@example.com",
        "access_key": made["access_key_id"],
        "secret_key": made["secret_access_key"],
    }


def configuration(port: int, accounts: dict[str, dict[str, str]]) -> configparser.RawConfigParser:
    """The suite's configuration. Its main account makes one bucket in another region (`api_name`)."""
    written = configparser.RawConfigParser()
    written["DEFAULT"] = {"host": "127.0.0.1", "port": str(port), "is_secure": "False", "ssl_verify": "False"}
    written["fixtures"] = {
        "bucket prefix": "s3t-{random}-",
        "iam name prefix": "s3-tests-",
        "iam path prefix": "/s3-tests/",
    }
    for section, account in accounts.items():
        written[section] = account
    written["s3 main"]["api_name"] = "us-west-2"
    written["s3 main"]["lc_debug_interval"] = "2"
    written["s3 tenant"]["tenant"] = "tenant"
    return written


def main() -> None:
    """Print the configuration."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    accounts = {section: make_account(folder, *account) for section, account in SECTIONS.items()}
    configuration(port, accounts).write(sys.stdout)


if __name__ == "__main__":
    main()
