"""Inventory: what S3 takes of its configurations, and the reports that are written by them."""

import asyncio
import csv
import gzip
import hashlib
import io
import json
from typing import Any

import pytest

from marinelayer.outbox import Job, Outbox
from marinelayer.ports import Statement
from marinelayer.services.s3.inventory_report import FIELDS, PAGE, REPORT, InventoryReports, next_report
from marinelayer.services.s3.lifecycle_rules import DAY, Days

CONFIGURATION: dict[str, Any] = {
    "Id": "daily",
    "IsEnabled": True,
    "Destination": {
        "S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "CSV", "Prefix": "inventories"}
    },
    "IncludedObjectVersions": "Current",
    "Schedule": {"Frequency": "Daily"},
}
_DUE = Statement(
    "due", "SELECT 1 AS one FROM outbox WHERE kind = :kind AND state = 'ready' AND (due <= :now OR lease IS NOT NULL)"
)
_FIRST = Statement("first", "SELECT * FROM outbox WHERE kind = 's3.inventory.report'")


@pytest.fixture(autouse=True)
async def _destination(s3: Any) -> None:
    await s3("CreateBucket", Bucket="reports")
    await let_in(s3)


async def let_in(s3: Any, source: str = "photos") -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::reports/*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
            "StringEquals": {"aws:SourceAccount": "111122223333", "s3:x-amz-acl": "bucket-owner-full-control"},
        },
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    await s3("PutBucketPolicy", Bucket="reports", Policy=policy)


async def put(s3: Any, **members: Any) -> None:
    await s3(
        "PutBucketInventoryConfiguration",
        Bucket="photos",
        Id="daily",
        InventoryConfiguration={**CONFIGURATION, **members},
    )


def reports_of(s3: Any) -> InventoryReports:
    return InventoryReports(s3.tables, s3.service.access, s3.clock, Days(), s3.service.operations["PutObject"].run)


async def rest(s3: Any, days: float = 0) -> None:
    s3.clock.forward(days * 86_400)
    outbox = Outbox(s3.tables, s3.clock)
    for kind, handler in reports_of(s3).handlers.items():
        outbox.bind(kind, handler)
    running = asyncio.create_task(outbox.run())
    while await s3.tables.read(_any_due, s3.clock.now()):  # noqa: ASYNC110 - the outbox knows no event for it
        await asyncio.sleep(0.002)
    await outbox.stop()
    await running


def _any_due(tx: Any, now: int) -> bool:
    return tx.one(_DUE, kind=REPORT, now=now) is not None


async def written(s3: Any) -> list[str]:
    return [one["Key"] for one in (await s3("ListObjectsV2", Bucket="reports")).get("Contents", [])]


async def report(s3: Any) -> tuple[dict[str, Any], list[list[str]]]:
    """The manifest of the last report and the lines of its file."""
    place = max(key for key in await written(s3) if key.endswith("/manifest.json"))
    manifest = await s3.content("reports", place)
    checksum = await s3.content("reports", place.replace(".json", ".checksum"))
    assert checksum.decode() == hashlib.md5(manifest, usedforsecurity=False).hexdigest()
    told = json.loads(manifest)
    (file,) = told["files"]
    packed = await s3.content("reports", file["key"])
    assert (file["size"], file["MD5checksum"]) == (len(packed), hashlib.md5(packed, usedforsecurity=False).hexdigest())
    return told, list(csv.reader(io.StringIO(gzip.decompress(packed).decode())))


async def test_configurations_come_back_and_go(s3: Any) -> None:
    await put(s3, IsEnabled=False)
    kept = {**CONFIGURATION, "IsEnabled": False}
    found = await s3("GetBucketInventoryConfiguration", Bucket="photos", Id="daily")
    assert found == {"InventoryConfiguration": kept}
    listed = await s3("ListBucketInventoryConfigurations", Bucket="photos")
    assert listed == {"IsTruncated": False, "InventoryConfigurationList": [kept]}
    await s3("DeleteBucketInventoryConfiguration", Bucket="photos", Id="daily")
    with s3.refused("NoSuchConfiguration"):
        await s3("GetBucketInventoryConfiguration", Bucket="photos", Id="daily")
    await rest(s3, 3)
    assert await written(s3) == []


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"Id": "other"}, "IdMismatch"),
        ({"OptionalFields": ["Size", "Size"]}, "MalformedXML"),
        ({"OptionalFields": ["IntelligentTieringAccessTier"]}, "NotImplemented"),
        (
            {"Destination": {"S3BucketDestination": {"Bucket": "reports", "Format": "CSV"}}},
            "InvalidS3DestinationBucket",
        ),
        (
            {"Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "Parquet"}}},
            "NotImplemented",
        ),
    ],
)
async def test_what_a_configuration_may_not_say_is_refused(s3: Any, members: dict[str, Any], code: str) -> None:
    with s3.refused(code):
        await put(s3, **members)
    with s3.refused("NoSuchConfiguration"):
        await s3("GetBucketInventoryConfiguration", Bucket="photos", Id="daily")


async def test_a_report_tells_all_that_was_asked_of_every_object(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key='a "b",ü', Body=b"hello", StorageClass="STANDARD_IA")
    await s3.upload("parts", b"x")
    await put(s3, OptionalFields=[*FIELDS])
    await rest(s3)
    manifest, lines = await report(s3)
    assert manifest["sourceBucket"] == "photos"
    assert manifest["destinationBucket"] == "arn:aws:s3:::reports"
    assert manifest["fileSchema"] == "Bucket, Key, " + ", ".join(FIELDS)
    assert manifest["creationTimestamp"] == str(s3.clock.now() // 1000)
    names = manifest["fileSchema"].split(", ")
    first, second = (dict(zip(names, line, strict=True)) for line in lines)
    assert first == {
        "Bucket": "photos",
        "Key": "a%20%22b%22%2C%C3%BC",
        "Size": "5",
        "LastModifiedDate": "2021-04-01T00:00:00.000Z",
        "ETag": hashlib.md5(b"hello", usedforsecurity=False).hexdigest(),
        "StorageClass": "STANDARD_IA",
        "IsMultipartUploaded": "false",
        "ReplicationStatus": "",
        "ObjectLockRetainUntilDate": "",
        "ObjectLockMode": "",
        "ObjectLockLegalHoldStatus": "",
        "ChecksumAlgorithm": "CRC64NVME",
        "ObjectOwner": s3.alice.principal.canonical_id,
    }
    assert (second["Key"], second["IsMultipartUploaded"]) == ("parts", "true")
    folder = "inventories/photos/daily"
    data = manifest["files"][0]["key"]
    assert await written(s3) == [
        f"{folder}/2021-04-01T00-00Z/manifest.checksum",
        f"{folder}/2021-04-01T00-00Z/manifest.json",
        data,
        f"{folder}/hive/dt=2021-04-01-00-00/symlink.txt",
    ]
    assert data.startswith(f"{folder}/data/")
    assert (
        await s3.content("reports", f"{folder}/hive/dt=2021-04-01-00-00/symlink.txt") == f"s3://reports/{data}".encode()
    )


async def test_versions_and_delete_markers_are_told_where_they_are_asked_for(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="k", Body=b"1")
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    new = (await s3("PutObject", Bucket="photos", Key="k", Body=b"22"))["VersionId"]
    marker = (await s3("DeleteObject", Bucket="photos", Key="k"))["VersionId"]
    await s3("PutObject", Bucket="photos", Key="other", Body=b"x")
    await put(s3, IncludedObjectVersions="All", OptionalFields=["Size"], Filter={"Prefix": "k"})
    await rest(s3)
    manifest, lines = await report(s3)
    assert manifest["fileSchema"] == "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size"
    assert [line[2:] for line in lines] == [
        [marker, "true", "true", ""],
        [new, "false", "false", "2"],
        ["", "false", "false", "1"],
    ]


async def test_reports_come_at_midnight_and_only_of_what_is_configured(s3: Any) -> None:
    s3.clock.forward(3600)
    await put(s3)
    await rest(s3)
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    await rest(s3, 0.9)
    assert len(await written(s3)) == 4
    await rest(s3, 0.1)
    assert len(await written(s3)) == 8
    assert [line[1] for line in (await report(s3))[1]] == ["k"]
    await s3("DeleteBucketInventoryConfiguration", Bucket="photos", Id="daily")
    await rest(s3, 5)
    assert len(await written(s3)) == 8


def test_weekly_reports_are_written_on_sundays() -> None:
    thursday = 18718 * DAY
    sunday = thursday + 3 * DAY
    assert next_report("Weekly", Days(), thursday + 1) == sunday
    assert next_report("Weekly", Days(), sunday) == sunday + 7 * DAY
    assert next_report("Weekly", Days(1000), 5) == 7005


async def test_a_bucket_that_lets_no_reports_in_gets_none_until_it_does(s3: Any) -> None:
    await let_in(s3, "others")
    await put(s3)
    await rest(s3)
    assert await written(s3) == []
    await let_in(s3)
    await rest(s3, 1)
    assert len(await written(s3)) == 4


async def test_a_report_of_many_pages_has_every_key_once_and_a_kill_repeats_it(s3: Any) -> None:
    number = 2 * PAGE + 1
    for n in range(number):
        await s3("PutObject", Bucket="photos", Key=f"{n:05}", Body=b"")
    await put(s3)
    row = await s3.tables.read(lambda tx: tx.one(_FIRST))
    job = Job(id=row["job_id"], kind=REPORT, group=row["ordering"], payload=row["payload"], attempts=1)
    reports = reports_of(s3)
    await reports.report(job)
    await reports.report(job)
    assert [line[1] for line in (await report(s3))[1]] == [f"{n:05}" for n in range(number)]
    assert len(await written(s3)) == 4
