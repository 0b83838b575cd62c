"""Lifecycle rules: what S3 takes of them, what answers say of them, and that they are carried out."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marinelayer.outbox import Job, Outbox
from marinelayer.ports import Statement
from marinelayer.services.s3.lifecycle_rules import DAY, Days
from marinelayer.services.s3.lifecycle_sweep import PAGE, PAGES_A_JOB, SWEEP, LifecycleSweeps

MIDNIGHT = datetime(2021, 4, 10, tzinfo=UTC)
EXPIRE = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 3}}
V1 = {"Status": "Enabled", "Prefix": ""}


_DUE = Statement(
    "due", "SELECT 1 AS one FROM outbox WHERE kind = :kind AND state = 'ready' AND (due <= :now OR lease IS NOT NULL)"
)


@pytest.fixture(autouse=True)
def _in_the_morning(s3: Any) -> None:
    """Not at midnight, when days are whole."""
    s3.clock.forward(10 * 3600)


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
    while await s3.tables.read(_any_due, s3.clock.now()):  # noqa: ASYNC110 - the outbox knows no event for it
        await asyncio.sleep(0.002)
    await outbox.stop()
    await running


def _any_due(tx: Any, now: int) -> bool:
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


# --- the configuration ----------------------------------------------------------------------------------------


async def test_rules_come_back_as_they_were_given_each_with_an_id(s3: Any) -> None:
    with s3.refused("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", BucketName="photos"):
        await s3("GetBucketLifecycleConfiguration", Bucket="photos")
    dated = rule(Expiration={"Date": MIDNIGHT}, Filter={})
    assert await put(s3, EXPIRE, dated) == {"TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"}
    found = await s3("GetBucketLifecycleConfiguration", Bucket="photos")
    assert found["Rules"][0] == EXPIRE
    assert {**found["Rules"][1], "ID": ""} == {**dated, "ID": ""}
    assert len(found["Rules"][1]["ID"]) == 48
    await put(
        s3, {**V1, "ID": "x", "Expiration": {"Days": 1}}, TransitionDefaultMinimumObjectSize="varies_by_storage_class"
    )
    found = await s3("GetBucketLifecycleConfiguration", Bucket="photos")
    assert found["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    assert found["Rules"][0]["Prefix"] == ""
    for _ in range(2):
        await s3("DeleteBucketLifecycle", Bucket="photos")
    with s3.refused("NoSuchLifecycleConfiguration"):
        await s3("GetBucketLifecycleConfiguration", Bucket="photos")


TAG = {"Key": "a", "Value": "b"}
GLACIER = {"Days": 60, "StorageClass": "GLACIER"}
NONCURRENT = {"NoncurrentDays": 60, "StorageClass": "GLACIER"}


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([rule(ID="x" * 256, Expiration={"Days": 1})], "ID length should not exceed allowed limit of 255"),
        ([EXPIRE, EXPIRE], "Rule ID must be unique. Found same ID for more than one rule"),
        ([rule(Expiration={"Days": 0})], "'Days' for Expiration action must be a positive integer"),
        ([rule(Expiration={"Date": MIDNIGHT + timedelta(hours=1)})], "'Date' must be at midnight GMT"),
        (
            [rule(NoncurrentVersionExpiration={"NoncurrentDays": 0})],
            "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
        ),
        (
            [rule(NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 0})],
            "'NewerNoncurrentVersions' must be a positive integer",
        ),
        (
            [rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 0})],
            "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
        ),
        ([rule(Transitions=[{**GLACIER, "Days": -1}])], "'Days' in Transition action must be nonnegative"),
        ([rule(Transitions=[{"StorageClass": "GLACIER"}])], "'Transition' action must specify either 'Days' or 'Date'"),
        (
            [rule(Transitions=[{"Days": 29, "StorageClass": "STANDARD_IA"}])],
            "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
        ),
        (
            [rule(Transitions=[GLACIER], Expiration={"Days": 60})],
            (
                "'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition"
                " action"
            ),
        ),
        (
            [
                rule(
                    Filter={"And": {"Prefix": "p/", "Tags": [TAG], "ObjectSizeGreaterThan": 5}},
                    NoncurrentVersionTransitions=[NONCURRENT],
                    NoncurrentVersionExpiration={"NoncurrentDays": 60},
                )
            ],
            (
                "'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '(prefix=p/ and tag={key=a, value=b}"
                " and objectsizegreaterthan=5)' must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition"
                " action"
            ),
        ),
        (
            [rule(Filter={}, Transitions=[GLACIER, {"Days": 60, "StorageClass": "DEEP_ARCHIVE"}])],
            (
                "'Days' in the Transition action for StorageClass 'DEEP_ARCHIVE' for filter '()' must be greater than"
                " 'Days' in the Transition action for StorageClass 'GLACIER' for filter '()'"
            ),
        ),
        (
            [rule(Filter={}, Transitions=[GLACIER, {"Days": 31, "StorageClass": "STANDARD_IA"}])],
            (
                "'Days' in the Transition action for StorageClass 'GLACIER' for filter '()' must be 30 days more than"
                " 'Days' in the Transition action for StorageClass 'STANDARD_IA' for filter '()'"
            ),
        ),
    ],
)
async def test_what_can_not_be_is_an_invalid_argument(s3: Any, rules: list[dict[str, Any]], message: str) -> None:
    with s3.refused("InvalidArgument", message):
        await put(s3, *rules)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([rule()], "At least one action needs to be specified in a rule"),
        (
            [rule(Prefix="", Expiration={"Days": 1})],
            "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.",
        ),
        (
            [{**V1, "Expiration": {"Days": 1}}, rule(Expiration={"Days": 1})],
            "Filter element can only be used in Lifecycle V2.",
        ),
        (
            [{**V1, "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}}],
            "NewerNoncurrentVersions element can only be used in Lifecycle V2.",
        ),
        (
            [{**V1, "Expiration": {"Days": 1}}, {**V1, "Prefix": "a", "Expiration": {"Days": 1}}],
            "Found overlapping prefixes '' and 'a' for same action type 'Expiration'",
        ),
        (
            [rule(Filter={"Tag": TAG}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})],
            "AbortIncompleteMultipartUpload cannot be specified with Tags.",
        ),
        (
            [rule(Filter={"ObjectSizeLessThan": 1}, Expiration={"ExpiredObjectDeleteMarker": True})],
            "ExpiredObjectDeleteMarker cannot be specified with Object Size.",
        ),
        (
            [rule(Filter={"And": {"ObjectSizeLessThan": 5, "ObjectSizeGreaterThan": 5}}, Expiration={"Days": 1})],
            "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
        ),
        (
            [rule(Filter={"And": {"Tags": [TAG, TAG]}}, Expiration={"Days": 1})],
            "Duplicate Tag Keys are not allowed.",
        ),
        (
            [rule(Transitions=[GLACIER], Expiration={"Date": MIDNIGHT})],
            (
                "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter"
                " '(prefix=)'"
            ),
        ),
        (
            [rule(Transitions=[GLACIER, {"Date": MIDNIGHT, "StorageClass": "DEEP_ARCHIVE"}])],
            "Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter '(prefix=)'",
        ),
        (
            [rule(Transitions=[GLACIER, {**GLACIER, "Days": 90}])],
            "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '(prefix=)'",
        ),
    ],
)
async def test_what_does_not_go_together_is_an_invalid_request(
    s3: Any, rules: list[dict[str, Any]], message: str
) -> None:
    with s3.refused("InvalidRequest", message):
        await put(s3, *rules)


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [{"Status": "Enabled", "Expiration": {"Days": 1}}],
        [rule(Expiration={})],
        [rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True})],
        [rule(Expiration={"Days": 2**31})],
        [rule(Filter={"Prefix": "a", "Tag": TAG}, Expiration={"Days": 1})],
        [rule(Filter={"And": {"Prefix": "a"}}, Expiration={"Days": 1})],
        [rule(Filter={"Tag": {"Key": "", "Value": ""}}, Expiration={"Days": 1})],
        [rule(NoncurrentVersionExpiration={"NewerNoncurrentVersions": 1})],
        [rule(AbortIncompleteMultipartUpload={})],
        [rule(Transitions=[{"Days": 1}])],
        [rule(Transitions=[{**GLACIER, "Date": MIDNIGHT}])],
        [rule(NoncurrentVersionTransitions=[{"StorageClass": "GLACIER"}])],
    ],
)
async def test_a_configuration_without_its_form_is_malformed(s3: Any, rules: list[dict[str, Any]]) -> None:
    with s3.refused("MalformedXML"):
        await put(s3, *rules)


async def test_a_thousand_rules_are_taken_and_one_more_is_not(s3: Any) -> None:
    await put(s3, *[EXPIRE | {"ID": str(n)} for n in range(1000)])
    with s3.refused("InvalidRequest"):
        await put(s3, *[EXPIRE | {"ID": str(n)} for n in range(1001)])
    with s3.refused("InvalidRequest", "Invalid TransitionDefaultMinimumObjectSize found: small"):
        await put(s3, EXPIRE, TransitionDefaultMinimumObjectSize="small")


FIRST_WINS = (("two", "logs/"), ("three", "log"), ("four", "l"))

# --- what answers say -----------------------------------------------------------------------------------------


async def test_answers_say_when_an_object_expires_and_by_which_rule(s3: Any) -> None:
    await put(s3, EXPIRE | {"ID": "a rule"}, rule(ID="later", Expiration={"Days": 9}))
    says = {"Expiration": 'expiry-date="Mon, 05 Apr 2021 00:00:00 GMT", rule-id="a%20rule"'}
    written = await s3("PutObject", Bucket="photos", Key="logs/1", Body=b"x")
    assert written.items() >= says.items()
    for operation in ("GetObject", "HeadObject"):
        assert (await s3(operation, Bucket="photos", Key="logs/1")).items() >= says.items()
    assert (await s3("CopyObject", Bucket="photos", Key="logs/2", CopySource="photos/logs/1")).items() >= says.items()
    assert (await s3.upload("logs/3", b"x")).items() >= says.items()
    other = await s3("PutObject", Bucket="photos", Key="other", Body=b"x")
    assert other["Expiration"] == 'expiry-date="Sun, 11 Apr 2021 00:00:00 GMT", rule-id="later"'
    await put(s3, EXPIRE | {"Status": "Disabled"})
    assert "Expiration" not in await s3("HeadObject", Bucket="photos", Key="logs/1")


async def test_of_rules_with_one_date_the_first_is_named(s3: Any) -> None:
    await put(s3, *[rule(ID=name, Filter={"Prefix": prefix}, Expiration={"Days": 9}) for name, prefix in FIRST_WINS])
    written = await s3("PutObject", Bucket="photos", Key="logs/1", Body=b"x")
    assert written["Expiration"].endswith('rule-id="two"')


async def test_only_the_current_version_asked_for_without_its_id_is_said_to_expire(s3: Any) -> None:
    await versioning(s3)
    await put(s3, EXPIRE)
    versions = [(await s3("PutObject", Bucket="photos", Key="logs/1", Body=b"x"))["VersionId"] for _ in range(2)]
    for version in versions:
        assert "Expiration" not in await s3("HeadObject", Bucket="photos", Key="logs/1", VersionId=version)
    assert "Expiration" in await s3("HeadObject", Bucket="photos", Key="logs/1")


async def test_answers_say_when_an_upload_is_given_up(s3: Any) -> None:
    await put(s3, rule(ID="parts", AbortIncompleteMultipartUpload={"DaysAfterInitiation": 2}))
    begun = await s3("CreateMultipartUpload", Bucket="photos", Key="k")
    listed = await s3("ListParts", Bucket="photos", Key="k", UploadId=begun["UploadId"])
    for said in (begun, listed):
        assert (said["AbortDate"], said["AbortRuleId"]) == (datetime(2021, 4, 4, tzinfo=UTC), "parts")


# --- what is done ---------------------------------------------------------------------------------------------


async def test_objects_expire_at_the_midnight_after_their_days(s3: Any) -> None:
    await put_all(s3, "logs/a", "logs/b", "kept")
    await put(s3, EXPIRE)
    await rest(s3, 3)
    assert await keys(s3) == ["kept", "logs/a", "logs/b"]
    await rest(s3, 0.9)
    assert await keys(s3) == ["kept"]
    assert await versions(s3) == [("kept", "null")]


async def test_what_was_written_anew_is_young_again(s3: Any) -> None:
    await put_all(s3, "logs/a", "logs/b")
    await put(s3, EXPIRE)
    await rest(s3, 2)
    await put_all(s3, "logs/a")
    await rest(s3, 2)
    assert await keys(s3) == ["logs/a"]


async def test_objects_expire_by_date_size_and_tag(s3: Any) -> None:
    await put_all(s3, "small", "date/1")
    await s3("PutObject", Bucket="photos", Key="large", Body=b"x" * 100)
    await put(
        s3,
        rule(Filter={"ObjectSizeGreaterThan": 50}, Expiration={"Days": 1}),
        rule(Filter={"Prefix": "date/"}, Expiration={"Date": MIDNIGHT}),
        rule(Filter={"Tag": TAG}, Expiration={"Days": 1}),
    )
    await rest(s3, 2)
    assert await keys(s3) == ["date/1", "small"]
    await s3.tables.write(_tag, "small")
    await rest(s3, 1)
    assert await keys(s3) == ["date/1"]
    await rest(s3, 7)
    assert await keys(s3) == []


def _tag(tx: Any, key: str) -> None:
    tx.run(Statement("tag", "UPDATE versions SET tags = :tags WHERE key = :key"), tags='[["a","b"]]', key=key.encode())


async def test_in_a_versioned_bucket_objects_expire_to_delete_markers(s3: Any) -> None:
    await versioning(s3)
    await put_all(s3, "logs/a")
    await put(s3, EXPIRE)
    await rest(s3, 4)
    assert await keys(s3) == []
    assert [key for key, _ in await versions(s3)] == await markers(s3) == ["logs/a"]
    await rest(s3, 9)
    assert [key for key, _ in await versions(s3)] == await markers(s3) == ["logs/a"], "a marker above versions stays"


async def test_while_versioning_is_suspended_the_null_version_goes(s3: Any) -> None:
    await put_all(s3, "logs/a")
    await versioning(s3, "Suspended")
    await put(s3, EXPIRE)
    await rest(s3, 4)
    assert (await versions(s3), await markers(s3)) == ([], ["logs/a"])


async def test_noncurrent_versions_go_and_the_newer_ones_are_kept(s3: Any) -> None:
    await versioning(s3)
    written = []
    for _ in range(5):
        written.append((await s3("PutObject", Bucket="photos", Key="k", Body=b"x"))["VersionId"])
        s3.clock.forward(1)
    await put(s3, rule(NoncurrentVersionExpiration={"NoncurrentDays": 2, "NewerNoncurrentVersions": 2}))
    await rest(s3, 1.9)
    assert len(await versions(s3)) == 5
    await rest(s3, 2)
    assert [version for _, version in await versions(s3)] == written[:1:-1]


async def test_a_version_is_as_old_as_its_successor(s3: Any) -> None:
    await versioning(s3)
    await put_all(s3, "k")
    await put(s3, rule(NoncurrentVersionExpiration={"NoncurrentDays": 2}))
    await rest(s3, 10)
    await put_all(s3, "k")
    await rest(s3, 1)
    assert len(await versions(s3)) == 2
    await rest(s3, 2)
    assert len(await versions(s3)) == 1


async def test_a_delete_marker_goes_when_nothing_is_left_under_it(s3: Any) -> None:
    await versioning(s3)
    await put_all(s3, "logs/a", "logs/b")
    for key in ("logs/a", "logs/b"):
        await s3("DeleteObject", Bucket="photos", Key=key)
    await put(
        s3,
        rule(Filter={"Prefix": "logs/a"}, Expiration={"ExpiredObjectDeleteMarker": True}),
        rule(Filter={"Prefix": "logs/"}, NoncurrentVersionExpiration={"NoncurrentDays": 1}),
    )
    await rest(s3, 0)
    assert await markers(s3) == ["logs/a", "logs/b"]
    await rest(s3, 2)
    await rest(s3, 1)
    assert (await versions(s3), await markers(s3)) == ([], ["logs/b"])


async def test_an_expiration_in_days_removes_a_delete_marker_of_that_age(s3: Any) -> None:
    await versioning(s3)
    await s3("DeleteObject", Bucket="photos", Key="logs/a")
    await put(s3, EXPIRE)
    await rest(s3, 3)
    assert await markers(s3) == ["logs/a"]
    await rest(s3, 1)
    assert await markers(s3) == []


async def test_transitions_change_the_storage_class_and_only_downwards(s3: Any) -> None:
    body = b"x" * (128 * 1024)
    for key, storage_class in (("a", "STANDARD"), ("b", "GLACIER"), ("c", "DEEP_ARCHIVE")):
        await s3("PutObject", Bucket="photos", Key=key, Body=body, StorageClass=storage_class)
    await put_all(s3, "tiny")
    await put(
        s3,
        rule(
            Filter={},
            Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 60, "StorageClass": "GLACIER"}],
        ),
    )
    await rest(s3, 31)
    listed = (await s3("ListObjectsV2", Bucket="photos"))["Contents"]
    assert [one["StorageClass"] for one in listed] == ["STANDARD_IA", "GLACIER", "DEEP_ARCHIVE", "STANDARD"]
    assert (await s3("HeadObject", Bucket="photos", Key="a"))["StorageClass"] == "STANDARD_IA"
    await rest(s3, 30)
    with s3.refused("InvalidObjectState"):
        await s3("GetObject", Bucket="photos", Key="a")


async def test_small_objects_are_archived_where_the_bucket_or_the_filter_says_so(s3: Any) -> None:
    await put_all(s3, "tiny")
    archive = [{"Days": 0, "StorageClass": "GLACIER"}]
    await put(s3, rule(Transitions=archive))
    await rest(s3, 1)
    assert "StorageClass" not in await s3("HeadObject", Bucket="photos", Key="tiny")
    await put(s3, rule(Transitions=archive), TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    await rest(s3, 1)
    assert (await s3("HeadObject", Bucket="photos", Key="tiny"))["StorageClass"] == "GLACIER"
    await put_all(s3, "mite")
    await put(s3, rule(Filter={"ObjectSizeLessThan": 5}, Transitions=[{"Days": 0, "StorageClass": "GLACIER_IR"}]))
    await rest(s3, 1)
    assert (await s3("HeadObject", Bucket="photos", Key="mite"))["StorageClass"] == "GLACIER_IR"


async def test_noncurrent_versions_are_transitioned_by_themselves(s3: Any) -> None:
    await versioning(s3)
    body = b"x" * (128 * 1024)
    for _ in range(2):
        await s3("PutObject", Bucket="photos", Key="k", Body=body)
    await put(s3, rule(NoncurrentVersionTransitions=[{"NoncurrentDays": 1, "StorageClass": "GLACIER"}]))
    await rest(s3, 2)
    found = (await s3("ListObjectVersions", Bucket="photos"))["Versions"]
    assert [one["StorageClass"] for one in found] == ["STANDARD", "GLACIER"]


async def test_uploads_that_nobody_completed_are_given_up(s3: Any) -> None:
    for key in ("a/1", "a/2", "b/1"):
        begun = await s3("CreateMultipartUpload", Bucket="photos", Key=key)
        await s3.part(key, begun["UploadId"], 1, b"x" * 100_000)
    await put(s3, rule(Filter={"Prefix": "a/"}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}))
    await rest(s3, 2)
    found = await s3("ListMultipartUploads", Bucket="photos")
    assert [one["Key"] for one in found["Uploads"]] == ["b/1"]
    await s3.settle()
    assert len(await s3.stored()) == 1


async def test_rules_that_were_removed_or_set_anew_do_nothing_more(s3: Any) -> None:
    await put_all(s3, "logs/a")
    await put(s3, EXPIRE)
    await s3("DeleteBucketLifecycle", Bucket="photos")
    await rest(s3, 10)
    assert await keys(s3) == ["logs/a"]
    await put(s3, EXPIRE | {"Expiration": {"Days": 100}})
    await rest(s3, 0)
    await put(s3, EXPIRE | {"Status": "Disabled"})
    await rest(s3, 100)
    assert await keys(s3) == ["logs/a"]
    assert not await s3.tables.read(_any_due, s3.clock.now() + 1000 * DAY), "no chain is left"


async def test_what_is_locked_stays(s3: Any) -> None:
    await versioning(s3)
    for key in ("held", "kept", "free"):
        await put_all(s3, key, key)
    lock = Statement("lock", "UPDATE versions SET legal_hold = :hold, retain_until = :until WHERE key = :key")
    far = s3.clock.now() + 5 * DAY
    for key, hold, until in (("held", 1, None), ("kept", None, far)):
        await s3.tables.write(lambda tx, **values: tx.run(lock, **values), key=key.encode(), hold=hold, until=until)
    await s3.tables.write(
        lambda tx: tx.run(Statement("mode", "UPDATE versions SET retention_mode = 'COMPLIANCE' WHERE retain_until > 0"))
    )
    await put(s3, rule(NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    await rest(s3, 2)
    assert [key for key, _ in await versions(s3)] == ["free", "held", "held", "kept", "kept"]
    await rest(s3, 5)
    assert [key for key, _ in await versions(s3)] == ["free", "held", "held", "kept"]


async def test_a_sweep_goes_on_where_a_job_ended(s3: Any) -> None:
    number = PAGE * PAGES_A_JOB + 7
    await versioning(s3)
    copied = Statement(
        "copied",
        (
            "INSERT INTO versions (bucket_id, key, seq, version_id, is_null, is_marker, size, etag, modified, owner,"
            " content_type, storage_class) VALUES (1, :key, :seq, :id, 0, 1, 0, '', :modified, 'o', '', 'STANDARD')"
        ),
    )

    def fill(tx: Any, first: int) -> None:
        for n in range(first, min(first + 1000, number)):
            tx.run(copied, key=b"k%03d" % (n // 600), seq=n + 1, id=f"{n:032x}", modified=s3.clock.time + n)

    for first in range(0, number, 1000):
        await s3.tables.write(fill, first)
    await put(s3, rule(NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    await rest(s3, 2)
    left = await s3("ListObjectVersions", Bucket="photos")
    assert len(left["DeleteMarkers"]) == -(-number // 600)
    assert all(one["IsLatest"] for one in left["DeleteMarkers"])


async def test_a_sweep_that_a_kill_ended_is_done_again(s3: Any) -> None:
    await put_all(s3, "logs/a")
    await put(s3, EXPIRE)
    s3.clock.forward(4 * 86_400)
    sweeps = LifecycleSweeps(s3.tables, s3.clock, s3.ids, Days(), s3.logs)
    first = await s3.tables.read(lambda tx: tx.one(Statement("first", "SELECT * FROM outbox")))
    job = Job(id=first["job_id"], kind=SWEEP, group=first["ordering"], payload=first["payload"], attempts=1)
    await sweeps.sweep(job)
    await sweeps.sweep(job)
    assert await keys(s3) == []
    waiting = await s3.tables.read(lambda tx: tx.all(Statement("all", "SELECT job_id FROM outbox")))
    assert len(waiting) == 2, "the job itself, and one that goes on"


async def test_shortened_days_are_counted_from_the_moment(s3: Any) -> None:
    await put_all(s3, "logs/a")
    await put(s3, EXPIRE)
    await rest(s3, 2.9, length=2_000_000)
    assert await keys(s3) == ["logs/a"]
    await rest(s3, 1.2, length=2_000_000)
    assert await keys(s3) == []


async def test_what_rules_do_stands_in_the_access_log(s3: Any) -> None:
    await s3("CreateBucket", Bucket="logs", ACL="log-delivery-write")
    target = {"TargetBucket": "logs", "TargetPrefix": ""}
    await s3("PutBucketLogging", Bucket="photos", BucketLoggingStatus={"LoggingEnabled": target})
    noted: list[Any] = []
    s3.logs.note = noted.append
    await put_all(s3, "logs/a b")
    await s3("PutObject", Bucket="photos", Key="large", Body=b"x" * (128 * 1024))
    await s3("CreateMultipartUpload", Bucket="photos", Key="upload")
    await put(
        s3,
        EXPIRE,
        rule(Filter={"Prefix": "large"}, Transitions=[{"Days": 1, "StorageClass": "DEEP_ARCHIVE"}]),
        rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}),
    )
    await rest(s3, 4)
    assert sorted((one.operation, one.key, one.object_size, one.requester) for one in noted) == [
        ("S3.DELETE.UPLOAD", "upload", "", "AmazonS3"),
        ("S3.EXPIRE.OBJECT", "logs/a%20b", "1", "AmazonS3"),
        ("S3.TRANSITION_GDA.OBJECT", "large", "131072", "AmazonS3"),
    ]
    await versioning(s3)
    await put_all(s3, "logs/c")
    await rest(s3, 4)
    assert [(one.operation, len(one.version_id)) for one in noted[3:]] == [("S3.CREATE.DELETEMARKER", 32)]
