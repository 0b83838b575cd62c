"""Event notifications on every database."""

import asyncio
from typing import Any

from .listening import Topics, listen


async def test_events_are_told_in_order_on_every_database(anywhere: Any) -> None:
    sns = Topics(anywhere)
    await sns.make()
    await listen(anywhere, sns)
    await asyncio.gather(
        *(anywhere("PutObject", Bucket="photos", Key="k", Body=b"x" * size) for size in range(1, 9)),
        anywhere("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "k"}, {"Key": "k"}]}),
    )
    records = await sns.records()
    last = (await anywhere("ListObjectsV2", Bucket="photos")).get("Contents", [])
    assert [one["Size"] for one in last] == [one["s3"]["object"]["size"] for one in records[-1:] if len(last)]
    sequencers = [one["s3"]["object"]["sequencer"] for one in records]
    assert sequencers == sorted(set(sequencers))
    assert {one["eventName"] for one in records} <= {"ObjectCreated:Put", "ObjectRemoved:Delete"}
    assert [one["eventName"] for one in records].count("ObjectCreated:Put") == 8
