"""Versions of objects: kept, hidden by delete markers, removed one by one, and the null version among them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marinelayer.storage.sqlite import SqliteTables


async def keep(s3: Any, state: str = "Enabled") -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": state})


async def put(s3: Any, body: bytes, key: str = "one") -> Any:
    return (await s3("PutObject", Bucket="photos", Key=key, Body=body)).get("VersionId")


async def listed(s3: Any, **request: Any) -> list[tuple[str, str, bool, bool]]:
    """Key, version id, whether it is the latest, whether it is a delete marker; newest first within a key."""
    output = await s3("ListObjectVersions", Bucket="photos", **request)
    entries = [(one, False) for one in output.get("Versions", [])]
    entries += [(one, True) for one in output.get("DeleteMarkers", [])]
    return [(one["Key"], one["VersionId"], one["IsLatest"], marker) for one, marker in entries]


async def test_a_bucket_that_was_never_asked_says_nothing_of_versioning(s3: Any) -> None:
    assert await s3("GetBucketVersioning", Bucket="photos") == {}
    assert await put(s3, b"1") is None
    assert "VersionId" not in await s3("HeadObject", Bucket="photos", Key="one")
    assert await listed(s3) == [("one", "null", True, False)]


@pytest.mark.parametrize(
    ("configuration", "code"),
    [
        ({}, "IllegalVersioningConfigurationException"),
        ({"Status": "enabled"}, "MalformedXML"),
        ({"Status": "Enabled", "MFADelete": "Enabled"}, "NotImplemented"),
    ],
)
async def test_a_configuration_that_is_none_is_refused(s3: Any, configuration: Any, code: str) -> None:
    with s3.refused(code):
        await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration=configuration)
    assert await s3("GetBucketVersioning", Bucket="photos") == {}


async def test_every_write_is_kept_and_read_by_its_id(anywhere: Any) -> None:
    s3 = anywhere
    await put(s3, b"before")
    await keep(s3)
    first, second = await put(s3, b"1"), await put(s3, b"2")
    assert first != second
    assert len(first) == len(second) == 32
    assert await s3.content("photos", "one") == b"2"
    assert [await s3.content("photos", "one", VersionId=one) for one in ("null", first, second)] == [
        b"before",
        b"1",
        b"2",
    ]
    assert (await s3("HeadObject", Bucket="photos", Key="one"))["VersionId"] == second
    ids = [(one[1], one[2]) for one in await listed(s3)]
    assert ids == [(second, True), (first, False), ("null", False)]


async def test_a_deleted_object_is_hidden_by_a_marker_and_comes_back_without_it(anywhere: Any) -> None:
    s3 = anywhere
    await keep(s3)
    kept = await put(s3, b"1")
    deleted = await s3("DeleteObject", Bucket="photos", Key="one")
    assert deleted["DeleteMarker"] is True
    assert "Contents" not in await s3("ListObjects", Bucket="photos")
    with pytest.raises(Exception, match="does not exist") as gone:
        await s3("GetObject", Bucket="photos", Key="one")
    assert ("x-amz-delete-marker", "true") in gone.value.headers  # type: ignore[attr-defined]
    with s3.refused("MethodNotAllowed", Method="GET", ResourceType="DeleteMarker"):
        await s3("GetObject", Bucket="photos", Key="one", VersionId=deleted["VersionId"])
    with s3.refused("InvalidRequest"):
        await s3("CopyObject", Bucket="photos", Key="two", CopySource=f"photos/one?versionId={deleted['VersionId']}")
    with s3.refused("NoSuchKey"):
        await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one")
    assert await s3("DeleteObject", Bucket="photos", Key="one", VersionId=deleted["VersionId"]) == deleted
    assert (await s3("ListObjects", Bucket="photos"))["Contents"][0]["Key"] == "one"
    assert await s3.content("photos", "one", VersionId=kept) == await s3.content("photos", "one") == b"1"


async def test_removing_the_newest_version_brings_the_one_before_it_back(s3: Any) -> None:
    await keep(s3)
    first, second = await put(s3, b"1"), await put(s3, b"22")
    await s3("DeleteObject", Bucket="photos", Key="one", VersionId=second)
    (entry,) = (await s3("ListObjectsV2", Bucket="photos"))["Contents"]
    assert entry["Size"] == 1
    assert await s3.content("photos", "one") == b"1"
    await s3("DeleteObject", Bucket="photos", Key="one", VersionId=first)
    assert "Contents" not in await s3("ListObjectsV2", Bucket="photos")
    assert await s3("DeleteObject", Bucket="photos", Key="one", VersionId=first) == {"VersionId": first}


async def test_while_suspended_there_is_one_null_version_and_the_others_stay(s3: Any) -> None:
    await keep(s3)
    first = await put(s3, b"1")
    await keep(s3, "Suspended")
    assert [await put(s3, b"2"), await put(s3, b"3")] == [None, None]
    assert (await s3("HeadObject", Bucket="photos", Key="one"))["VersionId"] == "null"
    assert [one[1] for one in await listed(s3)] == ["null", first]
    assert await s3("DeleteObject", Bucket="photos", Key="one") == {"VersionId": "null", "DeleteMarker": True}
    assert sorted(await listed(s3)) == sorted([("one", first, False, False), ("one", "null", True, True)])
    assert await s3.content("photos", "one", VersionId=first) == b"1"


async def test_many_deletions_say_which_markers_came_and_went(s3: Any) -> None:
    await keep(s3)
    kept = await put(s3, b"1")
    came = (await s3("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "one"}]}))["Deleted"]
    marker = came[0]["DeleteMarkerVersionId"]
    assert came == [{"Key": "one", "DeleteMarker": True, "DeleteMarkerVersionId": marker}]
    both = [{"Key": "one", "VersionId": marker}, {"Key": "one", "VersionId": kept}]
    went = (await s3("DeleteObjects", Bucket="photos", Delete={"Objects": both}))["Deleted"]
    assert went == [{**both[0], "DeleteMarker": True, "DeleteMarkerVersionId": marker}, both[1]]
    assert await listed(s3) == []
    await s3("DeleteBucket", Bucket="photos")


async def test_a_bucket_of_markers_alone_is_not_empty(s3: Any) -> None:
    await keep(s3)
    await s3("DeleteObject", Bucket="photos", Key="never there")
    with s3.refused("BucketNotEmpty"):
        await s3("DeleteBucket", Bucket="photos")


async def test_an_older_version_is_copied_onto_its_own_key_and_named(s3: Any) -> None:
    await keep(s3)
    first, second = await put(s3, b"1"), await put(s3, b"2")
    copied = await s3("CopyObject", Bucket="photos", Key="one", CopySource=f"photos/one?versionId={first}")
    assert copied["CopySourceVersionId"] == first
    assert copied["VersionId"] not in (first, second)
    assert await s3.content("photos", "one") == b"1"
    with s3.refused("InvalidRequest"):
        await s3("CopyObject", Bucket="photos", Key="one", CopySource="photos/one")


async def test_a_copy_does_not_say_that_its_source_was_a_null_version(s3: Any) -> None:
    await put(s3, b"1")
    await keep(s3)
    copied = await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one")
    assert "CopySourceVersionId" not in copied
    second = await put(s3, b"2")
    copied = await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one")
    assert copied["CopySourceVersionId"] == second


async def test_an_upload_in_parts_becomes_a_version(s3: Any) -> None:
    await keep(s3)
    done = await s3.upload("one", b"1" * 10)
    assert await s3.content("photos", "one", VersionId=done["VersionId"]) == b"1" * 10
    again = await s3.upload("one", b"2")
    assert [one[1] for one in await listed(s3)] == [again["VersionId"], done["VersionId"]]


async def test_a_version_has_an_acl_of_its_own(s3: Any) -> None:
    await keep(s3)
    first = await put(s3, b"1")
    await put(s3, b"2")
    await s3("PutObjectAcl", Bucket="photos", Key="one", VersionId=first, ACL="public-read")
    assert await s3.content("photos", "one", VersionId=first, by=s3.anonymous) == b"1"
    with s3.refused("AccessDenied"):
        await s3("GetObject", Bucket="photos", Key="one", by=s3.anonymous)


async def test_conditions_on_writes_are_held_against_the_current_version(s3: Any) -> None:
    await keep(s3)
    await put(s3, b"1")
    with s3.refused("PreconditionFailed"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"2", IfNoneMatch="*")
    await s3("DeleteObject", Bucket="photos", Key="one")
    await s3("PutObject", Bucket="photos", Key="one", Body=b"3", IfNoneMatch="*")
    assert len(await listed(s3)) == 3


@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_pages_of_versions_are_the_whole_however_they_are_cut(s3: Any, size: int) -> None:
    await keep(s3)
    for key in ("a", "b/1", "b/2", "c"):
        for body in (b"1", b"2", b"3"):
            await put(s3, body, key)
    await s3("DeleteObject", Bucket="photos", Key="c")
    for delimiter in ({}, {"Delimiter": "/"}):
        whole = sorted(await listed(s3, **delimiter))
        found, markers, prefixes = [], {}, set()
        while True:
            output = await s3("ListObjectVersions", Bucket="photos", MaxKeys=size, **delimiter, **markers)
            found += [
                (one["Key"], one["VersionId"], one["IsLatest"], "ETag" not in one)
                for one in [*output.get("Versions", []), *output.get("DeleteMarkers", [])]
            ]
            prefixes |= {one["Prefix"] for one in output.get("CommonPrefixes", [])}
            if not output["IsTruncated"]:
                break
            markers = {"KeyMarker": output["NextKeyMarker"]}
            if "NextVersionIdMarker" in output:
                markers["VersionIdMarker"] = output["NextVersionIdMarker"]
        assert sorted(found) == whole
        assert prefixes == ({"b/"} if delimiter else set())


async def test_a_page_goes_on_behind_a_version_that_was_removed_meanwhile(s3: Any) -> None:
    await keep(s3)
    ids = [await put(s3, body) for body in (b"1", b"2", b"3")]
    page = await s3("ListObjectVersions", Bucket="photos", MaxKeys=2)
    await s3("DeleteObject", Bucket="photos", Key="one", VersionId=ids[1])
    markers = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
    assert await listed(s3, **markers) == [("one", ids[0], False, False)]
    with s3.refused("InvalidArgument", ArgumentName="version-id-marker"):
        await s3("ListObjectVersions", Bucket="photos", VersionIdMarker=ids[0])
    with s3.refused("InvalidArgument", "Invalid version id specified", ArgumentName="version-id-marker"):
        await s3("ListObjectVersions", Bucket="photos", KeyMarker="one", VersionIdMarker="z" * 32)


class Reference:
    """A bucket as AWS's guide tells it: each key's versions, the newest first."""

    def __init__(self) -> None:
        self.state = ""
        self.versions: dict[str, list[tuple[str, bytes | None]]] = {"a": [], "b": []}

    def add(self, key: str, version_id: str | None, body: bytes | None) -> None:
        if self.state != "Enabled":
            self.versions[key] = [one for one in self.versions[key] if one[0] != "null"]
            version_id = "null"
        assert version_id is not None
        self.versions[key].insert(0, (version_id, body))

    def remove(self, key: str, version_id: str) -> None:
        self.versions[key] = [one for one in self.versions[key] if one[0] != version_id]

    def content(self, key: str) -> bytes | None:
        return self.versions[key][0][1] if self.versions[key] else None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("state"), st.sampled_from(["Enabled", "Suspended"])),
        st.tuples(st.just("put"), st.sampled_from("ab")),
        st.tuples(st.just("delete"), st.sampled_from("ab")),
        st.tuples(st.just("remove"), st.sampled_from("ab"), st.integers(0, 4)),
    ),
    max_size=25,
)


@given(steps=STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_the_bucket_is_what_the_guide_tells(s3_on: Any, tmp_path_factory: Any, steps: Any) -> None:
    asyncio.run(_follow(s3_on, tmp_path_factory.mktemp("versions"), steps))


async def _follow(s3_on: Any, folder: Path, steps: Any) -> None:
    tables = SqliteTables(folder / "cloud.db")
    s3, reference = s3_on(tables, folder), Reference()
    try:
        await s3("CreateBucket", Bucket="photos")
        for number, (what, *arguments) in enumerate(steps):
            await _step(s3, reference, number, what, arguments)
        for key in "ab":
            found = [one[1:] for one in await listed(s3, Prefix=key)]
            newest = reference.versions[key]
            assert sorted(found) == sorted(
                (version_id, place == 0, body is None) for place, (version_id, body) in enumerate(newest)
            )
            current = {one["Key"] for one in (await s3("ListObjectsV2", Bucket="photos")).get("Contents", [])}
            assert (key in current) == (reference.content(key) is not None)
            if key in current:
                assert await s3.content("photos", key) == reference.content(key)
    finally:
        await s3.close()
        await tables.close()


async def _step(s3: Any, reference: Reference, number: int, what: str, arguments: Any) -> None:
    if what == "state":
        await keep(s3, arguments[0])
        reference.state = arguments[0]
    elif what == "put":
        body = str(number).encode()
        reference.add(arguments[0], await put(s3, body, arguments[0]), body)
    elif what == "delete":
        key = arguments[0]
        gone = await s3("DeleteObject", Bucket="photos", Key=key)
        if reference.state:
            reference.add(key, gone["VersionId"], None)
        else:
            reference.remove(key, "null")
    else:
        key, place = arguments
        ids = [one[0] for one in reference.versions[key]]
        if place < len(ids):
            await s3("DeleteObject", Bucket="photos", Key=key, VersionId=ids[place])
            reference.remove(key, ids[place])


def test_boto3_finds_versions_and_markers_as_on_aws(cloud: Any) -> None:
    s3 = boto3.client("s3", **cloud.client_arguments())
    bucket = "versions-by-boto3"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="a b/é", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="a b/é")
    assert marker["DeleteMarker"]
    with pytest.raises(ClientError) as hidden:
        s3.head_object(Bucket=bucket, Key="a b/é")
    answer: Any = hidden.value.response
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=bucket, Key="a b/é", VersionId=marker["VersionId"])
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 405
    assert answer["ResponseMetadata"]["HTTPHeaders"]["allow"] == "DELETE"
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1}))
    assert [one["VersionId"] for page in pages for one in page.get("Versions", [])] == [first]
    assert [one["VersionId"] for page in pages for one in page.get("DeleteMarkers", [])] == [marker["VersionId"]]
    resource = boto3.resource("s3", **cloud.client_arguments())
    resource.Bucket(bucket).object_versions.delete()
    s3.delete_bucket(Bucket=bucket)
    s3.close()
    resource.meta.client.close()


async def test_a_page_that_goes_on_within_a_key_knows_the_newest_that_is_left(anywhere: Any) -> None:
    s3 = anywhere
    await keep(s3)
    ids = [await put(s3, b"1") for _ in range(4)]
    await put(s3, b"1", "two")
    marker = {"KeyMarker": "one", "VersionIdMarker": ids[2]}
    assert [latest for _, _, latest, _ in await listed(s3, **marker)] == [False, False, True]
    for gone in ids[2:]:
        await s3("DeleteObject", Bucket="photos", Key="one", VersionId=gone)
    assert [(one, latest) for _, one, latest, _ in await listed(s3, **marker)][:2] == [(ids[1], True), (ids[0], False)]
