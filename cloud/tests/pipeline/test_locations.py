"""Objects in S3 that other services read and write, over a bucket in memory."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from marinelayer.http import BytesBody, FileRange, ResponseBody
from marinelayer.ports import Caller
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.services.locations import Location, SpooledBody, StoredObjects, read_location

CALLER = Caller(
    identity=ANONYMOUS_IDENTITY, account="1", region="us-east-1", request_id="r", authoriser=cast("Any", None)
)


class Bucket:
    """The Calls port, with one bucket that lists two keys a page."""

    def __init__(self) -> None:
        self.objects: dict[str, ResponseBody] = {}
        self.sizes: dict[str, int] = {}
        self.puts: list[Mapping[str, Any]] = []

    async def call(self, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        assert caller is CALLER
        assert service == "s3"
        if operation == "GetObject":
            return {"Body": self.objects[request["Key"]]}
        if operation == "PutObject":
            self.puts.append({**request, "Body": b"".join([piece async for piece in request["Body"]])})
            return {"ETag": "e"}
        after = request.get("ContinuationToken", "")
        found = sorted(key for key in self.sizes if key.startswith(request["Prefix"]) and key > after)
        page = {"Contents": [{"Key": key, "Size": self.sizes[key]} for key in found[:2]]}
        more = {"IsTruncated": True, "NextContinuationToken": found[1]} if len(found) > 2 else {"IsTruncated": False}
        return page | more


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [("s3://b/k/l.txt", "b", "k/l.txt"), ("s3://b/", "b", ""), ("s3://b", "b", ""), ("s3://b/k?v=1", "b", "k?v=1")],
)
def test_a_uri_names_a_bucket_and_what_is_in_it(uri: str, bucket: str, key: str) -> None:
    assert read_location(uri) == Location(bucket=bucket, key=key)


@pytest.mark.parametrize("uri", ["https://b/k", "s3:///k", "b/k", "s3:/b/k", ""])
def test_what_is_no_uri_of_s3_names_nothing(uri: str) -> None:
    assert read_location(uri) is None


def test_a_folder_may_end_with_a_slash_or_not() -> None:
    assert [Location(bucket="b", key=key).below("x").uri for key in ("", "f", "f/")] == [
        "s3://b/x",
        "s3://b/f/x",
        "s3://b/f/x",
    ]


async def test_a_walk_goes_through_all_pages_and_leaves_folders_out() -> None:
    bucket = Bucket()
    bucket.sizes = {"in/": 0, "in/a": 3, "in/b": 0, "in/c/": 0, "in/c/d": 4, "out": 9}
    walked = [
        (found.key, found.size) async for found in StoredObjects(bucket).walk(CALLER, Location(bucket="b", key="in/"))
    ]
    assert walked == [("in/a", 3), ("in/b", 0), ("in/c/d", 4)]


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_bytes_come_from_memory_files_and_streams_alike(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"0123456789")
    bucket = Bucket()
    bucket.objects = {"bytes": b"2345", "file": FileRange(file, 2, 4), "stream": _pieces(b"23", b"45")}
    for key in bucket.objects:
        read = StoredObjects(bucket).read(CALLER, Location(bucket="b", key=key))
        assert b"".join([piece async for piece in read]) == b"2345"


async def test_bodies_are_written_with_what_is_said_of_them(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 3_000_000)
    bucket = Bucket()
    objects, place = StoredObjects(bucket), Location(bucket="b", key="k")
    assert SpooledBody(file).length == 3_000_000
    assert await objects.write(CALLER, place, SpooledBody(file), {"ContentType": "text/plain"}) == {"ETag": "e"}
    assert await objects.write(CALLER, place, BytesBody(b"y")) == {"ETag": "e"}
    assert bucket.puts == [
        {"Bucket": "b", "Key": "k", "Body": b"x" * 3_000_000, "ContentType": "text/plain"},
        {"Bucket": "b", "Key": "k", "Body": b"y"},
    ]
