"""A bucket's configuration documents: kept as they were understood, found only where they are."""

from datetime import UTC, datetime
from typing import Any

from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.services.s3.configurations import (
    configuration,
    configurations,
    delete_configuration,
    put_configuration,
)

RULES = {"Rules": [{"ID": "a", "Expiration": {"Date": datetime(2026, 1, 2, tzinfo=UTC), "Days": 3}, "Filter": {}}]}


async def _bucket(s3: Any) -> Bucket:
    return await s3.tables.read(the_bucket, {"Bucket": "photos"})


async def test_a_document_comes_back_as_it_was_understood_and_goes(anywhere) -> None:
    tables = anywhere.tables
    assert await tables.read(configuration, await _bucket(anywhere), "lifecycle") is None
    await tables.write(put_configuration, await _bucket(anywhere), "lifecycle", RULES, 1)
    bucket = await _bucket(anywhere)
    assert bucket.configured == {"lifecycle"}
    assert await tables.read(configuration, bucket, "lifecycle") == RULES
    assert await tables.write(delete_configuration, bucket, "lifecycle")
    assert (await _bucket(anywhere)).configured == frozenset()
    assert not await tables.write(delete_configuration, bucket, "lifecycle")


async def test_documents_of_a_kind_come_in_the_order_of_their_ids_in_pages(anywhere) -> None:
    bucket = await _bucket(anywhere)
    for one in ("b", "a", "c"):
        await anywhere.tables.write(put_configuration, bucket, "metrics", {"Id": one}, 1, identifier=one)
    page = await anywhere.tables.read(configurations, bucket, "metrics", limit=2)
    assert page == [("a", {"Id": "a"}), ("b", {"Id": "b"})]
    assert await anywhere.tables.read(configurations, bucket, "metrics", after="b") == [("c", {"Id": "c"})]


async def test_a_bucket_of_the_same_name_inherits_nothing(anywhere) -> None:
    await anywhere.tables.write(put_configuration, await _bucket(anywhere), "cors", {"CORSRules": []}, 1)
    await anywhere("DeleteBucket", Bucket="photos")
    await anywhere("CreateBucket", Bucket="photos")
    bucket = await _bucket(anywhere)
    assert bucket.configured == frozenset()
    assert await anywhere.tables.read(configurations, bucket, "cors") == []
