"""Replication over a socket, and on each database."""

import json
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .copying import BY_KMS, KEY_ARN, ROLE, documented, make_key, put, put_rules, rule, settle, status, versioned

SERVICE = "s3.amazonaws.com"


def role_of(client: Any, service: str, *statements: dict[str, Any]) -> str:
    """A new role that trusts a service, and what it may."""
    iam, name = client("iam"), f"role-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=_policy(*statements))
    return str(arn)


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def copies_of(client: Any, bucket: str) -> str:
    """A new bucket beside `bucket`, both of which keep versions."""
    s3, copies = client("s3"), f"{bucket}-copies"
    s3.create_bucket(Bucket=copies)
    for name in (bucket, copies):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return copies


def test_boto3_sets_rules_and_finds_the_copies(client: Any, bucket: str) -> None:
    s3, copies = client("s3"), copies_of(client, bucket)
    role = role_of(client, SERVICE, *documented(bucket, copies))
    configuration = {"Role": role, "Rules": [rule(copies, markers=True, ID="all", Filter={"Prefix": ""})]}
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)
    assert s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"] == configuration
    version = s3.put_object(Bucket=bucket, Key="one", Body=b"hello", Tagging="a=b")["VersionId"]
    _wait(lambda: s3.head_object(Bucket=bucket, Key="one")["ReplicationStatus"] != "PENDING")
    assert s3.head_object(Bucket=bucket, Key="one")["ReplicationStatus"] == "COMPLETED"
    copy = s3.get_object(Bucket=copies, Key="one")
    assert (copy["Body"].read(), copy["VersionId"], copy["ReplicationStatus"]) == (b"hello", version, "REPLICA")
    s3.delete_object(Bucket=bucket, Key="one")
    _wait(lambda: "DeleteMarkers" in s3.list_object_versions(Bucket=copies))
    s3.delete_bucket_replication(Bucket=bucket)
    with pytest.raises(ClientError, match="ReplicationConfigurationNotFoundError"):
        s3.get_bucket_replication(Bucket=bucket)


@pytest.mark.parametrize(
    ("service", "lacking"),
    [
        (SERVICE, "s3:ReplicateObject"),
        (SERVICE, "s3:GetObjectVersionForReplication"),
        ("comprehend.amazonaws.com", ""),
        ("", ""),
    ],
)
def test_nothing_comes_by_a_role_that_may_not_or_does_not_trust_or_is_not_there(
    client: Any, bucket: str, service: str, lacking: str
) -> None:
    s3, copies = client("s3"), copies_of(client, bucket)
    role = ROLE
    if service:
        statements = documented(bucket, copies)
        for statement in statements:
            statement["Action"] = [one for one in statement["Action"] if one != lacking]
        role = role_of(client, service, *statements)
    configuration = {"Role": role, "Rules": [rule(copies)]}
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)
    s3.put_object(Bucket=bucket, Key="one", Body=b"hello")
    _wait(lambda: s3.head_object(Bucket=bucket, Key="one")["ReplicationStatus"] != "PENDING")
    assert s3.head_object(Bucket=bucket, Key="one")["ReplicationStatus"] == "FAILED"
    assert "Versions" not in s3.list_object_versions(Bucket=copies)


def _wait(done: Any) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


async def test_replication_is_the_same_on_each_database(anywhere: Any) -> None:
    s3 = anywhere
    await versioned(s3, "photos")
    await s3("CreateBucket", Bucket="copies")
    await versioned(s3, "copies")
    await make_key(s3)
    replica_key = {"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}}
    await put_rules(s3, rule(markers=True, **BY_KMS, Destination=replica_key))
    await put(s3)
    await s3.upload("parts", b"y" * (5 << 20), b"end", ServerSideEncryption="aws:kms")
    await s3("PutObjectTagging", Bucket="photos", Key="one", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    await settle(s3)
    await settle(s3)
    assert await s3.content("copies", "one") == b"hello"
    assert (await s3("HeadObject", Bucket="copies", Key="one"))["TagCount"] == 1
    assert await s3.content("copies", "parts", PartNumber=2) == b"end"
    assert await status(s3) == await status(s3, "parts") == "COMPLETED"
    await s3("DeleteObject", Bucket="photos", Key="one")
    await settle(s3)
    assert [one["Key"] for one in (await s3("ListObjectsV2", Bucket="copies"))["Contents"]] == ["parts"]
