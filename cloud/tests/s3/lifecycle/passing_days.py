"""Lifecycle rules for the bucket `photos`, days that pass, and what is in the bucket then."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from marinelayer.outbox import Outbox
from marinelayer.ports import Statement
from marinelayer.services.s3.lifecycle_rules import DAY, Days
from marinelayer.services.s3.lifecycle_sweep import SWEEP, LifecycleSweeps

MIDNIGHT = datetime(2021, 4, 10, tzinfo=UTC)
EXPIRE = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 3}}
TAG = {"Key": "a", "Value": "b"}
_DUE = Statement(
    "due", "SELECT 1 AS one FROM outbox WHERE kind = :kind AND state = 'ready' AND (due <= :now OR lease IS NOT NULL)"
)


def rule(**members: Any) -> dict[str, Any]:
    return {"Status": "Enabled", "Filter": {"Prefix": ""}, **members}


async def put(s3: Any, *rules: dict[str, Any], **request: Any) -> Any:
    return await s3(
        "PutBucketLifecycleConfiguration", Bucket="photos", LifecycleConfiguration={"Rules": list(rules)}, **request
    )


async def rest(s3: Any, days: float = 0, length: int = DAY) -> None:
    """Let the days pass, and everything that is then due happen, as far as the clock stands."""
    s3.clock.forward(days * length / 1_000_000)
    outbox = Outbox(s3.tables, s3.clock)
    for kind, handler in LifecycleSweeps(s3.tables, s3.clock, s3.ids, Days(length), s3.logs).handlers.items():
        outbox.bind(kind, handler)
    running = asyncio.create_task(outbox.run())
    while await s3.tables.read(any_due, s3.clock.now()):  # noqa: ASYNC110 - the outbox knows no event for it
        await asyncio.sleep(0.002)
    await outbox.stop()
    await running


def any_due(tx: Any, now: int) -> bool:
    return tx.one(_DUE, kind=SWEEP, now=now) is not None


async def put_all(s3: Any, *keys: str, **request: Any) -> None:
    for key in keys:
        await s3("PutObject", Bucket="photos", Key=key, Body=b"x", **request)


async def keys(s3: Any) -> list[str]:
    return [one["Key"] for one in (await s3("ListObjectsV2", Bucket="photos")).get("Contents", [])]


async def versions(s3: Any) -> list[tuple[str, str]]:
    found = await s3("ListObjectVersions", Bucket="photos")
    return [(one["Key"], one["VersionId"]) for one in found.get("Versions", [])]


async def markers(s3: Any) -> list[str]:
    return [one["Key"] for one in (await s3("ListObjectVersions", Bucket="photos")).get("DeleteMarkers", [])]


async def versioning(s3: Any, status: str = "Enabled") -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": status})
