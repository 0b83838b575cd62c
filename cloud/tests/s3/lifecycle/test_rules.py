"""Lifecycle configurations: what S3 takes, and how it refuses the others."""

from datetime import timedelta
from typing import Any

import pytest

from .passing_days import EXPIRE, MIDNIGHT, TAG, put, rule

V1 = {"Status": "Enabled", "Prefix": ""}


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
            [rule(NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 101})],
            "'NewerNoncurrentVersions' must not be greater than 100",
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
