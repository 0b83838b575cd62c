"""The statements mean the same on both databases: every one of them is run on each by this walk through S3."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from marinelayer.ports import Tables
from marinelayer.services.s3.statements import SQL

FIVE = 5 * 1024 * 1024


class Noting:
    """Tables that note which statements are run."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.run: set[str] = set()

    async def write(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await self.tables.write(self._noted, function, *args, **kwargs)

    async def read(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await self.tables.read(self._noted, function, *args, **kwargs)

    def revision(self, *names: str) -> Any:
        return self.tables.revision(*names)

    def _noted(self, tx: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
        return function(Noted(tx, self.run), *args, **kwargs)


class Noted:
    def __init__(self, tx: Any, run: Any) -> None:
        self._tx, self._run = tx, run
        self.changed = tx.changed

    def __getattr__(self, name: str) -> Any:
        def call(statement: Any, **values: Any) -> Any:
            self._run.add(statement.name)
            return getattr(self._tx, name)(statement, **values)

        return call


async def keep_and_remove_versions(s3: Any) -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    put = await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    await s3("PutObjectAcl", Bucket="photos", Key="one", VersionId=put["VersionId"], ACL="private")
    marked = await s3("DeleteObject", Bucket="photos", Key="one")
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Suspended"})
    await s3("PutObject", Bucket="photos", Key="one", Body=b"2")
    ids = [put["VersionId"], marked["VersionId"], "null"]
    listed = await s3("ListObjectVersions", Bucket="photos", KeyMarker="one", VersionIdMarker="null")
    assert [one["VersionId"] for one in listed["DeleteMarkers"] + listed["Versions"]] == ids[1::-1]
    for version_id in ids:
        await s3("DeleteObject", Bucket="photos", Key="one", VersionId=version_id)


async def test_every_statement_runs_on_each_database(tables: Tables, s3_on: Any, tmp_path: Path) -> None:
    noting = Noting(tables)
    s3 = s3_on(noting, tmp_path)
    await s3("CreateBucket", Bucket="photos", ACL="public-read")
    await s3("CreateBucket", Bucket="photos")
    await s3("ListBuckets", Prefix="p", BucketRegion="us-east-1")
    await s3("PutBucketAcl", Bucket="photos", ACL="public-read")
    block = {"IgnorePublicAcls": True}
    await s3("PutPublicAccessBlock", Bucket="photos", PublicAccessBlockConfiguration=block)
    await s3(
        "PutBucketOwnershipControls",
        Bucket="photos",
        OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
    )
    policy = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}}'
    await s3("PutBucketPolicy", Bucket="photos", Policy=policy)
    await s3("DeleteBucketPolicy", Bucket="photos")
    for body in (b"small", b"1" * 100_000):
        await s3("PutObject", Bucket="photos", Key="one", Body=body, Metadata={"a": "é"})
        assert await s3.content("photos", "one") == body
    await s3("PutObjectAcl", Bucket="photos", Key="one", ACL="public-read")
    await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one")
    assert len((await s3("ListObjectsV2", Bucket="photos"))["Contents"]) == 2
    upload = (await s3("CreateMultipartUpload", Bucket="photos", Key="big"))["UploadId"]
    parts = [
        await s3.part("big", upload, number, data)
        for number, data in ((1, b"1" * FIVE), (3, b"3"), (2, b"2"), (2, b"2"))
    ]
    assert len((await s3("ListParts", Bucket="photos", Key="big", UploadId=upload))["Parts"]) == 3
    assert len((await s3("ListMultipartUploads", Bucket="photos"))["Uploads"]) == 1
    await s3.complete("big", upload, parts[0], parts[1])
    assert await s3.content("photos", "big") == b"1" * FIVE + b"3"
    copying = (await s3("CreateMultipartUpload", Bucket="photos", Key="copied"))["UploadId"]
    for size in (3, FIVE):
        await s3(
            "UploadPartCopy",
            Bucket="photos",
            Key="copied",
            UploadId=copying,
            PartNumber=1,
            CopySource="photos/big",
            CopySourceRange=f"bytes=0-{size}",
        )
    await s3("AbortMultipartUpload", Bucket="photos", Key="copied", UploadId=copying)
    await s3("CreateMultipartUpload", Bucket="photos", Key="left")
    await s3("ListMultipartUploads", Bucket="photos", KeyMarker="left", UploadIdMarker="0" * 64)
    await s3("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": key} for key in ("one", "two", "big")]})
    await keep_and_remove_versions(s3)
    await s3("DeleteBucket", Bucket="photos")
    await s3.settle()
    assert await s3.freeing.named(["0" * 32]) == set()
    assert not await s3.stored()
    assert {statement.name for statement in SQL} - noting.run == set()
    await s3.close()
