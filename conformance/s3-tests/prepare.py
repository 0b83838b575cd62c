"""Make a data folder with the accounts that ceph/s3-tests speaks for, and the suite's configuration for it.

    python prepare.py FOLDER PORT > s3tests.conf

The cloud must not run yet. Uses the cloud's own modules, since there is no command for further accounts.
"""

from __future__ import annotations

import asyncio
import configparser
import sys
from pathlib import Path

from marinelayer.app.system import RandomIds, SystemClock
from marinelayer.config import DEFAULT_ACCOUNT
from marinelayer.services.iam.accounts import create_account, prepare_account
from marinelayer.storage.folder import DataFolder

SECTIONS = {
    "s3 main": (DEFAULT_ACCOUNT, "main"),
    "s3 alt": ("222222222222", "alt"),
    "s3 tenant": ("333333333333", "tenant"),
    "iam": ("444444444444", "iam"),
    "iam root": ("555555555555", "iam-root"),
    "iam alt root": ("666666666666", "iam-alt-root"),
}
"""The accounts by the sections of the configuration: number and name."""


async def make_accounts(folder: Path) -> dict[str, dict[str, str]]:
    """Make the accounts in a new folder; what the suite must know of each, by section."""
    known: dict[str, dict[str, str]] = {}
    data = DataFolder(folder, account=DEFAULT_ACCOUNT)
    try:
        for section, (number, name) in SECTIONS.items():
            account, key = prepare_account(
                number, keyring=data.keyring, ids=RandomIds(), clock=SystemClock(), name=name
            )
            await data.epoch.tables.write(create_account, account)
            known[section] = {
                "display_name": name,
                "user_id": account.canonical_id,
                "email": f"{name}@example.com",
                "access_key": key.access_key_id,
                "secret_key": key.secret,
            }
    finally:
        await data.close()
    return known


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
    configuration(port, asyncio.run(make_accounts(folder))).write(sys.stdout)


if __name__ == "__main__":
    main()
