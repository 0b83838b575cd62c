"""Listings against a small reference: every key, sorted by its bytes, rolled up, above the marker."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.services.s3.names import HIGHEST_KEY, after_prefix
from marinelayer.services.s3.walk import walk
from marinelayer.storage.sqlite import SqliteTables

TEXT = st.text(st.sampled_from("ab/-é\U0001f600"), max_size=4)
KEYS = st.sets(st.text(st.sampled_from("ab/-é\U0001f600"), min_size=1, max_size=7), max_size=40)


def reference(keys: Sequence[bytes], prefix: bytes, delimiter: bytes, marker: bytes) -> list[tuple[str, bytes]]:
    """What a listing has, in order: common prefixes and keys that are above the marker."""
    entries = set()
    for key in keys:
        if not key.startswith(prefix):
            continue
        head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (b"", b"", b"")
        entries.add(("prefix", prefix + head + found) if found else ("key", key))
    return sorted((entry for entry in entries if entry[1] > marker), key=lambda entry: entry[1])


class Rows:
    """Keys as a table's rows, counting what is asked of them."""

    def __init__(self, keys: Any) -> None:
        self.keys = sorted(keys)
        self.seeks = self.read = 0

    def fetch(self, first: bytes, after_id: Any, end: Any, limit: int) -> Any:
        rows = [{"key": key} for key in self.keys if first <= key < end][:limit]
        self.seeks += 1
        self.read += len(rows)
        return rows


def names(page: Any) -> Any:
    return [("prefix", entry) if isinstance(entry, bytes) else ("key", entry["key"]) for entry in page.entries]


@given(KEYS, TEXT, TEXT, TEXT, st.integers(1, 12))
def test_a_page_is_the_start_of_what_the_reference_has(
    keys: Any, prefix: str, delimiter: str, marker: str, limit: int
) -> None:
    rows = Rows(key.encode() for key in keys)
    arguments = [text.encode() for text in (prefix, delimiter, marker)]
    page = walk(rows.fetch, **dict(zip(("prefix", "delimiter", "marker"), arguments, strict=True)), limit=limit)
    expected = reference(rows.keys, *arguments)
    assert names(page) == expected[:limit]
    assert (page.next is not None) == (len(expected) > limit)


@given(KEYS, TEXT, TEXT, st.integers(1, 5))
def test_the_pages_together_are_the_whole(keys: Any, prefix: str, delimiter: str, limit: int) -> None:
    rows = Rows(key.encode() for key in keys)
    found, marker = [], b""
    while True:
        page = walk(rows.fetch, prefix=prefix.encode(), delimiter=delimiter.encode(), marker=marker, limit=limit)
        found += names(page)
        if page.next is None:
            break
        marker = page.next if isinstance(page.next, bytes) else page.next["key"]
    assert found == reference(rows.keys, prefix.encode(), delimiter.encode(), b"")


@given(st.binary(max_size=4), st.binary(max_size=6))
def test_the_successor_of_a_prefix_is_above_its_keys_and_below_all_others(prefix: bytes, key: bytes) -> None:
    if key < HIGHEST_KEY:
        assert (prefix <= key < after_prefix(prefix)) == key.startswith(prefix)


def test_a_common_prefix_is_skipped_however_many_keys_it_has() -> None:
    def cost(keys_a_folder: Any) -> Any:
        rows = Rows(f"{folder:03}/{number:05}".encode() for folder in range(20) for number in range(keys_a_folder))
        page = walk(rows.fetch, prefix=b"", delimiter=b"/", marker=b"", limit=10)
        assert len(page.prefixes) == 10
        return rows.seeks, rows.read

    assert cost(100) == cost(5000)


async def put(s3: Any, *keys: Any) -> None:
    for key in keys:
        await s3("PutObject", Bucket="photos", Key=key, Body=key.encode())


NASTY = [
    "a",
    "a/",
    "a/b",
    "a//b",
    "a/b/c",
    "b",
    "é",
    "é/x",
    "\U0001f600",
    "z\x7f",
    "Z",
    "%20",
    "a b",
    "a+b",
    "\uffff",
    "x%2Fy",
]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["", "a", "a/", "é", "a/b", "zz"]), st.sampled_from(["", "/", "b", "//", "é"]), st.integers(1, 7)
)
def test_both_versions_list_what_the_reference_has(nasty: Any, prefix: str, delimiter: str, limit: int) -> None:
    run, s3 = nasty
    expected = reference([key.encode() for key in NASTY], prefix.encode(), delimiter.encode(), b"")
    request = {"Bucket": "photos", "Prefix": prefix, "Delimiter": delimiter, "MaxKeys": limit}
    for operation in ("ListObjects", "ListObjectsV2"):
        found, go_on = [], {}
        while True:
            output = run(s3(operation, **request, **go_on))
            page = [("key", one["Key"].encode()) for one in output.get("Contents", [])]
            page += [("prefix", one["Prefix"].encode()) for one in output.get("CommonPrefixes", [])]
            assert output.get("KeyCount", len(page)) == len(page) <= limit
            found += sorted(page, key=lambda entry: entry[1])
            if not output["IsTruncated"]:
                assert "NextContinuationToken" not in output
                break
            if operation == "ListObjectsV2":
                go_on = {"ContinuationToken": output["NextContinuationToken"]}
            else:
                assert ("NextMarker" in output) == bool(delimiter)
                go_on = {"Marker": output.get("NextMarker") or output["Contents"][-1]["Key"]}
        assert found == expected


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: Any, s3_on: Any) -> Any:
    """A loop of its own, and S3 with the nasty keys in it, for many examples."""
    folder = tmp_path_factory.mktemp("listing")

    async def start() -> Any:
        tables = SqliteTables(folder / "cloud.db")
        service = s3_on(tables, folder)
        await service("CreateBucket", Bucket="photos")
        await put(service, *NASTY)
        return tables, service

    with asyncio.Runner() as runner:
        tables, service = runner.run(start())
        yield runner.run, service
        runner.run(service.close())
        runner.run(tables.close())


async def test_an_entry_has_what_lists_show(anywhere: Any) -> None:
    await anywhere("PutObject", Bucket="photos", Key="one", Body=b"123", StorageClass="STANDARD_IA")
    output = await anywhere("ListObjects", Bucket="photos")
    head = await anywhere("HeadObject", Bucket="photos", Key="one")
    expected = {
        "Key": "one",
        "Size": 3,
        "ETag": head["ETag"],
        "LastModified": head["LastModified"],
        "StorageClass": "STANDARD_IA",
        "ChecksumAlgorithm": ["CRC64NVME"],
        "ChecksumType": "FULL_OBJECT",
    }
    owner = {"Owner": {"ID": anywhere.alice.principal.canonical_id}}
    assert output == {
        "BucketRegion": "us-east-1",
        "Name": "photos",
        "Prefix": "",
        "Marker": "",
        "MaxKeys": 1000,
        "IsTruncated": False,
        "Contents": [{**expected, **owner}],
    }
    assert (await anywhere("ListObjectsV2", Bucket="photos"))["Contents"] == [expected]
    assert (await anywhere("ListObjectsV2", Bucket="photos", FetchOwner=True))["Contents"] == [{**expected, **owner}]


async def test_names_are_encoded_on_request(s3: Any) -> None:
    await put(s3, "a b/ü+x", "q&/1")
    output = await s3(
        "ListObjectsV2", Bucket="photos", EncodingType="url", Delimiter="/", StartAfter="a b", Prefix="a b"
    )
    assert output["EncodingType"] == "url"
    assert (output["Prefix"], output["StartAfter"], output["Delimiter"]) == ("a%20b", "a%20b", "/")
    assert output["CommonPrefixes"] == [{"Prefix": "a%20b/"}]
    output = await s3("ListObjects", Bucket="photos", EncodingType="url")
    assert [one["Key"] for one in output["Contents"]] == ["a%20b/%C3%BC%2Bx", "q%26/1"]
    with s3.refused("InvalidArgument", ArgumentName="encoding-type"):
        await s3("ListObjects", Bucket="photos", EncodingType="base64")


async def test_no_keys_are_a_page_of_none_and_fewer_are_refused(s3: Any) -> None:
    await put(s3, "one")
    output = await s3("ListObjectsV2", Bucket="photos", MaxKeys=0)
    assert (output["KeyCount"], output["IsTruncated"], "Contents" in output) == (0, False, False)
    for operation in ("ListObjects", "ListObjectsV2"):
        with s3.refused("InvalidArgument", ArgumentName="max-keys"):
            await s3(operation, Bucket="photos", MaxKeys=-1)
    assert (await s3("ListObjects", Bucket="photos", MaxKeys=5000))["MaxKeys"] == 1000


async def test_a_token_can_not_be_forged_nor_taken_to_another_bucket(s3: Any) -> None:
    await put(s3, "one", "two")
    await s3("CreateBucket", Bucket="other")
    token = (await s3("ListObjectsV2", Bucket="photos", MaxKeys=1))["NextContinuationToken"]
    assert "one" not in token
    changed = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for bucket, given_token in (("other", token), ("photos", changed), ("photos", "one")):
        with s3.refused("InvalidArgument", "The continuation token provided is incorrect"):
            await s3("ListObjectsV2", Bucket=bucket, ContinuationToken=given_token)


async def test_keys_are_in_the_order_of_their_utf8_bytes(anywhere: Any) -> None:
    # In UTF-16 the last two would change places.
    keys = ["A", "a", "z", "é", "\uffff", "\U0001f600"]
    await put(anywhere, *reversed(keys))
    assert [one["Key"] for one in (await anywhere("ListObjectsV2", Bucket="photos"))["Contents"]] == keys


async def test_to_the_classic_s3_an_empty_token_is_none_and_start_after_is_repeated(s3: Any) -> None:
    await put(s3, "a", "b", "c")
    output = await s3("ListObjectsV2", Bucket="photos", ContinuationToken="", StartAfter="a", MaxKeys=1)
    assert (output["ContinuationToken"], output["StartAfter"]) == ("", "a")
    assert [one["Key"] for one in output["Contents"]] == ["b"]


async def test_an_empty_token_is_refused_and_a_token_goes_before_start_after(current: Any) -> None:
    s3 = current
    await put(s3, "a", "b", "c")
    with s3.refused("InvalidArgument", "The continuation token provided is incorrect"):
        await s3("ListObjectsV2", Bucket="photos", ContinuationToken="")
    output = await s3("ListObjectsV2", Bucket="photos", StartAfter="a", MaxKeys=1)
    assert output["StartAfter"] == "a"
    assert [one["Key"] for one in output["Contents"]] == ["b"]
    token = output["NextContinuationToken"]
    output = await s3("ListObjectsV2", Bucket="photos", ContinuationToken=token, StartAfter="a")
    assert "StartAfter" not in output
    assert [one["Key"] for one in output["Contents"]] == ["c"]
