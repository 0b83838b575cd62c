"""Replication: what S3 takes of its rules."""

from typing import Any

import pytest

from marinelayer.model.errors import ServiceError

from .copying import BY_KMS, KEY, KEY_ARN, ROLE, V1, put_rules, rule, versioned


async def test_rules_come_back_with_ids_and_go(s3: Any) -> None:
    with s3.refused("ReplicationConfigurationNotFoundError", BucketName="photos"):
        await s3("GetBucketReplication", Bucket="photos")
    given = rule(ID="all", Destination={"StorageClass": "STANDARD_IA"})
    await put_rules(s3, given, rule("others", Priority=1, Filter={"Tag": {"Key": "a", "Value": "b"}}))
    found = (await s3("GetBucketReplication", Bucket="photos"))["ReplicationConfiguration"]
    assert (found["Role"], found["Rules"][0]) == (ROLE, given)
    assert len(found["Rules"][1]["ID"]) == 48
    await s3("DeleteBucketReplication", Bucket="photos")
    await s3("DeleteBucketReplication", Bucket="photos")
    with s3.refused("ReplicationConfigurationNotFoundError"):
        await s3("GetBucketReplication", Bucket="photos")


def without(member: str) -> dict[str, Any]:
    return {name: value for name, value in rule().items() if name != member}


TIMES = {"ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}}}
METRICS = {"Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}}
TAG = {"Tag": {"Key": "a", "Value": "b"}}


@pytest.mark.parametrize(
    ("rules", "code", "message"),
    [
        ([], "MalformedXML", "did not validate"),
        ([without("Filter")], "MalformedXML", "did not validate"),
        ([rule(Prefix="")], "MalformedXML", "did not validate"),
        ([rule(Status="On")], "MalformedXML", "did not validate"),
        ([rule(ExistingObjectReplication={"Status": "Enabled"})], "MalformedXML", "did not validate"),
        ([rule(Filter={"Prefix": "a", **TAG})], "MalformedXML", "did not validate"),
        ([rule(Filter={"And": {"Prefix": "a"}})], "MalformedXML", "did not validate"),
        ([rule(Destination={"StorageClass": "SNOW"})], "MalformedXML", "did not validate"),
        ([without("Priority")], "InvalidRequest", "Priority must be specified for this version of Cross Region"),
        (
            [without("DeleteMarkerReplication")],
            "InvalidRequest",
            "DeleteMarkerReplication must be specified for this version of Cross Region Replication configuration schema",
        ),
        ([{**V1, "Priority": 1}], "InvalidRequest", "Priority cannot be used for this version of Cross Region"),
        ([{**V1, "Prefix": "a"}, {**V1, "Prefix": "ab"}], "InvalidRequest", "Found overlapping prefixes 'a' and 'ab'"),
        ([rule(), rule("others")], "InvalidRequest", "Found duplicate priority 0."),
        ([rule(Priority=-1)], "InvalidRequest", "Priority must be between 0 and 2147483647."),
        ([rule(Filter=TAG, markers=True)], "InvalidRequest", "Delete marker replication is not supported if any Tag"),
        ([rule(ID="a"), rule(ID="a", Priority=1)], "InvalidArgument", "Rule Id must be unique"),
        ([rule(ID="a" * 256)], "InvalidArgument", "Rule Id cannot be greater than 255"),
        ([rule(Destination={"Bucket": "copies"})], "InvalidArgument", "Invalid bucket ARN"),
        ([rule("photos")], "InvalidRequest", "Destination bucket cannot be the same as the source bucket."),
        ([rule("nowhere")], "InvalidRequest", "Destination bucket must have versioning enabled."),
        (
            [rule(Destination={"AccessControlTranslation": {"Owner": "Destination"}})],
            "InvalidRequest",
            "Account must be specified if the Owner in AccessControlTranslation has a value",
        ),
        ([rule(SourceSelectionCriteria={})], "InvalidRequest", "SourceSelectionCriteria cannot be empty."),
        ([rule(**BY_KMS)], "InvalidRequest", "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is"),
        (
            [rule(Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}})],
            "InvalidRequest",
            "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.",
        ),
        (
            [rule(**BY_KMS, Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY}})],
            "InvalidArgument",
            "Invalid ReplicaKmsKeyID ARN.",
        ),
        ([rule(Destination=TIMES)], "InvalidRequest", "Replication destination must contain both ReplicationTime and"),
        (
            [rule(Destination={**METRICS, "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 5}}})],
            "InvalidArgument",
            "Invalid time minute value",
        ),
        ([rule(Destination=METRICS)], "InvalidArgument", "Metrics cannot contain an event threshold when"),
    ],
)
async def test_what_rules_may_not_say_is_refused(s3: Any, rules: list[dict[str, Any]], code: str, message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await put_rules(s3, *rules)
    assert caught.value.code == code
    assert message in caught.value.message
    with s3.refused("ReplicationConfigurationNotFoundError"):
        await s3("GetBucketReplication", Bucket="photos")


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("replication", "InvalidArgument"),
        ("arn:aws:iam::111122223333:user/replication", "InvalidArgument"),
        ("arn:aws:iam::444455556666:role/replication", "AccessDenied"),
    ],
)
async def test_a_role_is_one_of_the_account(s3: Any, role: str, code: str) -> None:
    with s3.refused(code):
        await put_rules(s3, rule(), role=role)


async def test_only_who_may_pass_the_role_sets_rules(s3: Any) -> None:
    on_bucket = s3.allow("s3:PutReplicationConfiguration", on="arn:aws:s3:::photos")
    with s3.refused("AccessDenied"):
        await put_rules(s3, rule(), by=s3.user("one", on_bucket))
    with s3.refused("AccessDenied"):
        await put_rules(s3, rule(), by=s3.user("two", s3.allow("iam:PassRole", on=ROLE)))
    await put_rules(s3, rule(), by=s3.user("three", on_bucket, s3.allow("iam:PassRole", on=ROLE)))


async def test_both_buckets_must_keep_versions_and_the_source_goes_on_to(s3: Any) -> None:
    await s3("CreateBucket", Bucket="plain")
    with s3.refused("InvalidRequest", "Destination bucket must have versioning enabled."):
        await put_rules(s3, rule("plain"))
    with s3.refused(
        "InvalidRequest",
        "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
    ):
        await put_rules(s3, rule(), bucket="plain")
    await put_rules(s3, rule())
    with s3.refused("InvalidBucketState"):
        await versioned(s3, "photos", "Suspended")
    await s3("DeleteBucketReplication", Bucket="photos")
    await versioned(s3, "photos", "Suspended")
