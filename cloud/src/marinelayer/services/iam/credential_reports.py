"""The credential report: GenerateCredentialReport, GetCredentialReport.

A table in CSV with a line for the root and one for each user: passwords and keys, their ages and last uses. It is made
when it is asked for, and again once it is four hours old.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Row, Tables, Transaction
from marinelayer.services.iam.accounts import SQL as ACCOUNTS
from marinelayer.services.iam.arns import root_arn, user_arn
from marinelayer.services.iam.errors import ReportExpired, ReportNotPresent
from marinelayer.services.iam.key_uses import SQL, KeyUses
from marinelayer.services.iam.password_policies import password_policy
from marinelayer.services.iam.times import moment
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

FRESH = 4 * 60 * 60 * 1_000_000
"""For how many microseconds a report is good."""

_KEY = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(f"access_key_{number}_{what}" for number in (1, 2) for what in _KEY),
    *(f"cert_{number}_{what}" for number in (1, 2) for what in ("active", "last_rotated")),
)


class CredentialReports:
    """The credential reports of accounts."""

    def __init__(self, tables: Tables, clock: Clock, uses: KeyUses) -> None:
        self._tables = tables
        self._clock = clock
        self._uses = uses

    @operation("GenerateCredentialReport", needs=need("iam:GenerateCredentialReport"))
    async def generate(self, caller: Caller, _: Mapping[str, Any]) -> wire.GenerateCredentialReportResponse:
        """Make a report where the last is not fresh."""
        now = self._clock.now()
        last = await self._tables.read(_report, caller.account)
        if last is None or now - last["created"] >= FRESH:
            await self._uses.flush()
            content = await self._tables.read(_content, caller.account)
            await self._tables.write(_put_report, caller.account, content, now)
        return {"State": "COMPLETE"}

    @operation("GetCredentialReport", needs=need("iam:GetCredentialReport"))
    async def get(self, caller: Caller, _: Mapping[str, Any]) -> wire.GetCredentialReportResponse:
        """The report that was made last."""
        row = await self._tables.read(_report, caller.account)
        if row is None:
            raise ReportNotPresent
        if self._clock.now() - row["created"] >= FRESH:
            raise ReportExpired
        return {
            "Content": row["content"].encode(),
            "ReportFormat": "text/csv",
            "GeneratedTime": moment(row["created"]),
        }


def _report(tx: Transaction, account: str) -> Row | None:
    return tx.one(SQL.report, account=account)


def _put_report(tx: Transaction, account: str, content: str, created: int) -> None:
    tx.run(SQL.put_report, account=account, content=content, created=created)


def _content(tx: Transaction, account: str) -> str:
    keys: dict[str, list[Row]] = {}
    for row in tx.all(SQL.report_keys, account=account):
        keys.setdefault(row["owner"], []).append(row)
    policy = password_policy(tx, account)
    rotation = policy.get("MaxPasswordAge") if policy else None
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(COLUMNS)
    root = tx.one(ACCOUNTS.account, account=account) or {"created": 0}
    lines.writerow(
        (
            "<root_account>",
            root_arn(account),
            _time(root["created"]),
            *("not_supported", "no_information", "not_supported", "not_supported", "false"),
            *_of_keys(keys.get(account, ())),
        )
    )
    for user in tx.all(SQL.report_users, account=account):
        lines.writerow(
            (
                user["name"],
                user_arn(account, user["path"], user["name"]),
                _time(user["created"]),
                *_of_password(user["changed"], rotation),
                "false",
                *_of_keys(keys.get(user["user_id"], ())),
            )
        )
    return written.getvalue()


def _of_password(changed: int | None, rotation: int | None) -> tuple[str, ...]:
    if changed is None:
        return ("false", "N/A", "N/A", "N/A")
    due = "N/A" if rotation is None else (moment(changed) + timedelta(days=rotation)).isoformat()
    return ("true", "no_information", _time(changed), due)


def _of_keys(keys: Sequence[Row]) -> tuple[str, ...]:
    """Ten cells for two keys, then four for the certificates that nobody has."""
    cells: list[str] = []
    for key in keys[:2]:
        used = key["used"]
        cells += [
            "true" if key["status"] == "Active" else "false",
            _time(key["created"]),
            "N/A" if used is None else _time(used),
            "N/A" if used is None else key["region"],
            "N/A" if used is None else key["service"],
        ]
    for _ in range(2 - len(keys[:2])):
        cells += ["false", *["N/A"] * 4]
    return (*cells, "false", "N/A", "false", "N/A")


def _time(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat()
