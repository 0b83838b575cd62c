"""What is remembered of buckets and objects between requests: never what has been changed since."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Tables, Transaction
from marinelayer.services.s3.errors import NoSuchBucket, NoSuchKey
from marinelayer.services.s3.known import Known
from marinelayer.services.s3.statements import SQL

DENIED = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}}'


class Counting:
    """Tables that count what they read."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.reads = 0

    async def write(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        return await self.tables.write(function, *args, **kwargs)

    async def read(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.reads += 1
        return await self.tables.read(function, *args, **kwargs)

    def revision(self, *names: str) -> Any:
        return self.tables.revision(*names)


async def test_an_object_that_was_read_is_the_new_one_as_soon_as_it_is_replaced(s3: Any) -> None:
    await s3("CreateBucket", Bucket="photos")
    for body in (b"one", b"two", b"3" * 100_000, b""):
        await s3("PutObject", Bucket="photos", Key="one", Body=body)
        assert await s3.content("photos", "one") == body
        assert await s3.content("photos", "one") == body


async def test_an_object_that_was_read_is_gone_as_soon_as_it_is_deleted(s3: Any) -> None:
    await s3("CreateBucket", Bucket="photos")
    await s3("PutObject", Bucket="photos", Key="one", Body=b"one")
    assert await s3.content("photos", "one") == b"one"
    await s3("DeleteObject", Bucket="photos", Key="one")
    with pytest.raises(NoSuchKey):
        await s3("GetObject", Bucket="photos", Key="one")


async def test_a_bucket_made_again_has_nothing_of_the_one_before(s3: Any) -> None:
    for body in (b"one", b"two"):
        await s3("CreateBucket", Bucket="photos")
        await s3("PutObject", Bucket="photos", Key="one", Body=body)
        assert await s3.content("photos", "one") == body
        await s3("DeleteObject", Bucket="photos", Key="one")
        await s3("DeleteBucket", Bucket="photos")
        with pytest.raises(NoSuchBucket):
            await s3("GetObject", Bucket="photos", Key="one")


async def test_a_policy_counts_from_the_next_request_on(s3: Any) -> None:
    await s3("CreateBucket", Bucket="photos")
    await s3("PutObject", Bucket="photos", Key="one", Body=b"one")
    assert await s3.content("photos", "one") == b"one"
    await s3("PutBucketPolicy", Bucket="photos", Policy=DENIED)
    with pytest.raises(AccessDenied):
        await s3("GetObject", Bucket="photos", Key="one")
    await s3("DeleteBucketPolicy", Bucket="photos")
    assert await s3.content("photos", "one") == b"one"


async def test_an_acl_counts_from_the_next_request_on(s3: Any) -> None:
    await s3("CreateBucket", Bucket="photos")
    await s3("PutObject", Bucket="photos", Key="one", Body=b"one", ACL="public-read")
    assert await s3.content("photos", "one", by=s3.anonymous) == b"one"
    await s3("PutObjectAcl", Bucket="photos", Key="one", ACL="private")
    with pytest.raises(AccessDenied):
        await s3("GetObject", Bucket="photos", Key="one", by=s3.anonymous)


async def test_a_read_repeated_while_nothing_is_written_reads_no_table(
    sqlite: Tables, s3_on: Any, tmp_path: Path
) -> None:
    counting = Counting(sqlite)
    s3 = s3_on(counting, tmp_path)
    await s3("CreateBucket", Bucket="photos")
    await s3("PutObject", Bucket="photos", Key="one", Body=b"one")
    assert await s3.content("photos", "one") == b"one"
    counting.reads = 0
    assert await s3.content("photos", "one") == b"one"
    assert counting.reads == 0


async def test_two_processes_on_one_database_see_each_others_writes(tables: Tables, s3_on: Any, tmp_path: Path) -> None:
    here, there = s3_on(tables, tmp_path), s3_on(tables, tmp_path)
    await here("CreateBucket", Bucket="photos")
    for body in (b"one", b"two"):
        await here("PutObject", Bucket="photos", Key="one", Body=body)
        assert await there.content("photos", "one") == body


async def test_a_write_finds_a_bucket_as_those_before_it_in_the_same_commit_left_it(s3: Any) -> None:
    await s3("CreateBucket", Bucket="photos")
    known = Known(s3.tables)
    before = await known.bucket("photos")
    assert before is not None

    def enable(tx: Transaction) -> None:
        tx.run(SQL.set_versioning, versioning="Enabled", bucket_id=before.bucket.bucket_id)

    def find(tx: Transaction) -> tuple[bool, str | None]:
        found = known.bucket_for(tx, {"Bucket": "photos"})
        return found is before.bucket, found.versioning

    assert await s3.tables.write(find) == (True, None)
    _, found = await asyncio.gather(s3.tables.write(enable), s3.tables.write(find))
    assert found == (False, "Enabled")
    assert await s3.tables.write(find) == (False, "Enabled")


async def test_a_write_takes_no_bucket_of_another_owner_than_it_expects(s3: Any) -> None:
    await s3("CreateBucket", Bucket="photos")
    await s3("PutObject", Bucket="photos", Key="one", Body=b"one")
    with pytest.raises(AccessDenied):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"two", ExpectedBucketOwner="999999999999")
    assert await s3.content("photos", "one") == b"one"
