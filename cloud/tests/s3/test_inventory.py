"""Inventory: what S3 takes of its configurations, and the reports that are written by them."""

import base64
import csv
import gzip
import hashlib
import io
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from marinelayer.outbox import Job
from marinelayer.ports import Statement
from marinelayer.services.s3 import inventory_report
from marinelayer.services.s3.inventory_fields import FIELDS
from marinelayer.services.s3.inventory_report import PAGE, REPORT, InventoryReports, next_report
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
    put = s3.service.operations["PutObject"].run
    return InventoryReports(s3.tables, s3.service.access, s3.clock, Days(), s3.parquet, put)


async def rest(s3: Any, days: float = 0) -> None:
    s3.clock.forward(days * 86_400)
    await s3.run_due(reports_of(s3).handlers)


async def written(s3: Any) -> list[str]:
    return [one["Key"] for one in (await s3("ListObjectsV2", Bucket="reports")).get("Contents", [])]


async def report(s3: Any) -> tuple[dict[str, Any], list[list[str]]]:
    """The manifest of the last report and the lines of its files."""
    told, files = await files_of(s3)
    return told, [line for packed in files for line in csv.reader(io.StringIO(gzip.decompress(packed).decode()))]


async def files_of(s3: Any) -> tuple[dict[str, Any], list[bytes]]:
    """The manifest of the last report and the bytes of its files."""
    place = max(key for key in await written(s3) if key.endswith("/manifest.json"))
    manifest = await s3.content("reports", place)
    checksum = await s3.content("reports", place.replace(".json", ".checksum"))
    assert checksum.decode() == hashlib.md5(manifest, usedforsecurity=False).hexdigest()
    told = json.loads(manifest)
    files = [await s3.content("reports", file["key"]) for file in told["files"]]
    for file, data in zip(told["files"], files, strict=True):
        assert (file["size"], file["MD5checksum"]) == (len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())
    return told, files


def parquet(data: bytes, tmp_path: Path) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
    """Names and types of a file's columns, and its rows."""
    name = tmp_path / "report.parquet"
    name.write_bytes(data)
    with duckdb.connect() as engine:
        schema = engine.execute("SELECT name, type, converted_type FROM parquet_schema($1)", [str(name)]).fetchall()[1:]
        found = engine.execute("SELECT * FROM read_parquet($1)", [str(name)])
        names = [one[0] for one in found.description or ()]
        return schema, [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def destination(**members: Any) -> dict[str, Any]:
    return {"S3BucketDestination": {**CONFIGURATION["Destination"]["S3BucketDestination"], **members}}


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
        ({"OptionalFields": ["IntelligentTieringReferenceDate"]}, "NotImplemented"),
        (
            {"Destination": {"S3BucketDestination": {"Bucket": "reports", "Format": "CSV"}}},
            "InvalidS3DestinationBucket",
        ),
        (
            {"Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "ORC"}}},
            "NotImplemented",
        ),
        ({"Destination": destination(Encryption={})}, "MalformedXML"),
        ({"Destination": destination(Encryption={"SSES3": {}, "SSEKMS": {"KeyId": "k"}})}, "MalformedXML"),
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
        "EncryptionStatus": "SSE-S3",
        "ObjectLockRetainUntilDate": "",
        "ObjectLockMode": "",
        "ObjectLockLegalHoldStatus": "",
        "IntelligentTieringAccessTier": "",
        "BucketKeyStatus": "DISABLED",
        "ChecksumAlgorithm": "CRC64NVME",
        "ObjectAccessControlList": first["ObjectAccessControlList"],
        "ObjectOwner": s3.alice.principal.canonical_id,
        "LifecycleExpirationDate": "",
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


async def test_encryption_tiers_and_grants_are_told_as_aws_names_them(s3: Any) -> None:
    kms = {"ServerSideEncryption": "aws:kms", "BucketKeyEnabled": True}
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", ACL="public-read", **kms)
    await s3("PutObject", Bucket="photos", Key="b", Body=b"1", ServerSideEncryption="aws:kms:dsse")
    await s3("PutObject", Bucket="photos", Key="c", Body=b"1", StorageClass="INTELLIGENT_TIERING")
    asked = ["EncryptionStatus", "BucketKeyStatus", "IntelligentTieringAccessTier", "ObjectAccessControlList"]
    await put(s3, OptionalFields=asked)
    await rest(s3)
    lines = [line[2:] for line in (await report(s3))[1]]
    assert [line[:3] for line in lines] == [
        ["SSE-KMS", "", "ENABLED"],
        ["DSSE-KMS", "", "DISABLED"],
        ["SSE-S3", "FREQUENT", "DISABLED"],
    ]
    owner = {"canonicalId": s3.alice.principal.canonical_id, "type": "CanonicalUser", "permission": "FULL_CONTROL"}
    everyone = {"uri": "http://acs.amazonaws.com/groups/global/AllUsers", "type": "Group", "permission": "READ"}
    assert json.loads(base64.b64decode(lines[0][3])) == {
        "version": "2022-11-10",
        "status": "AVAILABLE",
        "grants": [owner, everyone],
    }
    assert json.loads(base64.b64decode(lines[1][3]))["grants"] == [owner]


async def test_a_report_in_parquet_has_the_columns_that_its_manifest_says(s3: Any, tmp_path: Path) -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    version = (await s3("PutObject", Bucket="photos", Key='a "b",ü', Body=b"hello"))["VersionId"]
    s3.clock.forward(1.5)
    marker = (await s3("DeleteObject", Bucket="photos", Key='a "b",ü'))["VersionId"]
    form = destination(Format="Parquet")
    await put(s3, OptionalFields=[*FIELDS], IncludedObjectVersions="All", Destination=form)
    await rest(s3)
    manifest, (data,) = await files_of(s3)
    assert manifest["fileFormat"] == "Parquet"
    assert manifest["files"][0]["key"].endswith(".parquet")
    assert manifest["fileSchema"].startswith(
        "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); "
        "optional binary version_id (UTF8); optional boolean is_latest; optional boolean is_delete_marker; "
        "optional int64 size; optional int64 last_modified_date (TIMESTAMP_MILLIS); optional binary e_tag (UTF8); "
    )
    schema, rows = parquet(data, tmp_path)
    said = re.findall(r"(?:required|optional) (\w+) (\w+)(?: \((\w+)\))?;", manifest["fileSchema"])
    kinds = {"binary": "BYTE_ARRAY", "boolean": "BOOLEAN", "int64": "INT64"}
    plain = {None: "", "INT_64": ""}
    assert [(name, kind, plain.get(form, form)) for name, kind, form in schema] == [
        (name, kinds[kind], form) for kind, name, form in said
    ]
    deletion, old = rows
    assert (deletion["version_id"], deletion["is_latest"], deletion["is_delete_marker"]) == (marker, True, True)
    assert (deletion["size"], deletion["e_tag"], deletion["object_access_control_list"]) == (None, None, None)
    assert deletion["last_modified_date"] == datetime(2021, 4, 1, 0, 0, 1)  # noqa: DTZ001 - as DuckDB reads it
    assert (old["version_id"], old["is_latest"], old["is_delete_marker"]) == (version, False, False)
    assert (old["bucket"], old["key"], old["size"]) == ("photos", 'a "b",ü', 5)
    assert (old["is_multipart_uploaded"], old["encryption_status"], old["object_lock_mode"]) == (False, "SSE-S3", None)


@pytest.mark.parametrize("form", ["CSV", "Parquet"])
async def test_a_large_report_has_several_files_and_an_empty_one_has_one(
    s3: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    monkeypatch.setattr(inventory_report, "FILE_BYTES", 1)
    await put(s3, Destination=destination(Format=form))
    await rest(s3)
    assert len((await files_of(s3))[1]) == 1
    expected = [f"{n:05}" for n in range(PAGE + 1)]
    for key in expected:
        await s3("PutObject", Bucket="photos", Key=key, Body=b"")
    await rest(s3, 1)
    if form == "CSV":
        found = [line[1] for line in (await report(s3))[1]]
    else:
        found = [row["key"] for data in (await files_of(s3))[1] for row in parquet(data, tmp_path)[1]]
    assert found == expected
    assert len((await files_of(s3))[1]) == 2
    links = await s3.content("reports", "inventories/photos/daily/hive/dt=2021-04-02-00-00/symlink.txt")
    assert len(links.decode().splitlines()) == 2


async def test_reports_are_encrypted_as_their_configuration_says(s3: Any) -> None:
    await put(s3, Destination=destination(Encryption={"SSES3": {}}))
    await rest(s3)
    place = max(key for key in await written(s3) if key.endswith("/manifest.json"))
    assert (await s3("HeadObject", Bucket="reports", Key=place))["ServerSideEncryption"] == "AES256"
    await s3("PutObject", Bucket="photos", Key="k", Body=b"1", ServerSideEncryption="aws:kms")
    key = (await s3("HeadObject", Bucket="photos", Key="k"))["SSEKMSKeyId"]
    await put(s3, Destination=destination(Encryption={"SSEKMS": {"KeyId": key}}))
    await rest(s3, 1)
    place = max(one for one in await written(s3) if one.endswith("/manifest.json"))
    head = await s3("HeadObject", Bucket="reports", Key=place)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


async def test_a_key_of_another_account_encrypts_no_report(s3: Any) -> None:
    await s3("CreateBucket", Bucket="bobs", by=s3.bob)
    await s3("PutObject", Bucket="bobs", Key="k", Body=b"1", ServerSideEncryption="aws:kms", by=s3.bob)
    key = (await s3("HeadObject", Bucket="bobs", Key="k", by=s3.bob))["SSEKMSKeyId"]
    await put(s3, Destination=destination(Encryption={"SSEKMS": {"KeyId": key}}))
    await rest(s3)
    assert await written(s3) == []


@pytest.mark.parametrize("included", ["Current", "All"])
async def test_reports_are_the_same_on_each_database(anywhere: Any, included: str) -> None:
    await anywhere("CreateBucket", Bucket="reports")
    await let_in(anywhere)
    await anywhere("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "b", "a"):
        await anywhere("PutObject", Bucket="photos", Key=key, Body=b"1")
    await anywhere("DeleteObject", Bucket="photos", Key="b")
    await put(anywhere, IncludedObjectVersions=included, OptionalFields=[*FIELDS])
    await rest(anywhere)
    keys = [line[1] for line in (await report(anywhere))[1]]
    assert keys == (["a"] if included == "Current" else ["a", "a", "b", "b"])


async def test_dates_of_expiration_are_those_of_the_rules(s3: Any) -> None:
    rule = {
        "Status": "Enabled",
        "Filter": {"Prefix": "logs/"},
        "Expiration": {"Days": 3},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 5, "NewerNoncurrentVersions": 1},
    }
    await s3("PutBucketLifecycleConfiguration", Bucket="photos", LifecycleConfiguration={"Rules": [rule]})
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    for hours in (1, 1, 24):
        await s3("PutObject", Bucket="photos", Key="logs/a", Body=b"1")
        s3.clock.forward(hours * 3600)
    await s3("PutObject", Bucket="photos", Key="logs/a", Body=b"1")
    await s3("PutObject", Bucket="photos", Key="else", Body=b"1")
    await put(s3, IncludedObjectVersions="All", OptionalFields=["LifecycleExpirationDate"])
    await rest(s3)
    assert [(line[1], line[5]) for line in (await report(s3))[1]] == [
        ("else", ""),
        ("logs/a", "2021-04-06T00:00:00.000Z"),
        ("logs/a", ""),
        ("logs/a", "2021-04-07T00:00:00.000Z"),
        ("logs/a", "2021-04-07T00:00:00.000Z"),
    ]
    head = await s3("HeadObject", Bucket="photos", Key="logs/a")
    assert 'expiry-date="Tue, 06 Apr 2021' in head["Expiration"]
