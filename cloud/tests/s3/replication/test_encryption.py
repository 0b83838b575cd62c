"""Replication of what is encrypted."""

import base64
import hashlib
import json
import logging
from typing import Any

import pytest

from marinelayer.outbox import Job
from marinelayer.services.s3 import replicas
from marinelayer.services.s3.replicating import REPLICATE

from .copying import (
    BY_KMS,
    JOBS,
    KEY,
    KEY_ARN,
    handlers,
    make_key,
    put,
    put_rules,
    rule,
    settle,
    status,
    versions,
)


async def test_a_customers_object_opens_with_the_same_key_in_the_copy(s3: Any) -> None:
    await put_rules(s3, rule())
    key = b"k" * 32
    customer = {
        "SSECustomerAlgorithm": "AES256",
        "SSECustomerKey": base64.b64encode(key).decode(),
        "SSECustomerKeyMD5": base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest()).decode(),
    }
    await put(s3, body=b"secret" * 20_000, **customer)
    await settle(s3)
    assert await s3.content("copies", "one", **customer) == b"secret" * 20_000
    with s3.refused("InvalidRequest"):
        await s3.content("copies", "one")


@pytest.mark.parametrize("algorithm", ["aws:kms", "aws:kms:dsse"])
async def test_what_a_kms_key_encrypts_is_copied_only_where_the_rule_says_so_and_under_its_key(
    s3: Any, algorithm: str
) -> None:
    await make_key(s3)
    replica_key = {"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}}
    await put_rules(s3, rule("others", Priority=1), rule(**BY_KMS, Destination=replica_key))
    bodies = {"small": b"hello", "large": b"x" * 100_000, "none": b""}
    for key, body in bodies.items():
        await put(s3, key, body, ServerSideEncryption=algorithm)
    await s3.upload("parts", b"y" * (5 << 20), b"end", ServerSideEncryption=algorithm)
    await settle(s3)
    assert await versions(s3, "others") == []
    for key, body in {**bodies, "parts": b"y" * (5 << 20) + b"end"}.items():
        source = await s3("HeadObject", Bucket="photos", Key=key, ChecksumMode="ENABLED")
        assert source.pop("ReplicationStatus") == "COMPLETED"
        copy = await s3("HeadObject", Bucket="copies", Key=key, ChecksumMode="ENABLED")
        assert (copy.pop("SSEKMSKeyId"), copy.pop("ReplicationStatus")) == (KEY_ARN, "REPLICA")
        assert source.pop("SSEKMSKeyId") != KEY_ARN
        assert copy == source
        assert await s3.content("copies", key) == body
    part = await s3("GetObject", Bucket="copies", Key="parts", PartNumber=2, ChecksumMode="ENABLED")
    assert (await s3.content("copies", "parts", PartNumber=2), part["PartsCount"]) == (b"end", 2)


async def test_a_killed_attempt_to_encrypt_parts_leaves_none_behind(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await make_key(s3)
    await put_rules(s3, rule(**BY_KMS, Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}}))
    await s3.upload("parts", b"y" * (5 << 20), b"z" * 100_000, ServerSideEncryption="aws:kms")
    row = await s3.tables.read(lambda tx: tx.one(JOBS))
    job = Job(id=row["job_id"], kind=REPLICATE, group=row["ordering"], payload=row["payload"], attempts=1)
    before = await s3.stored()

    def broken(*_: Any) -> bool:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(replicas, "put_replica", broken)
        with pytest.raises(ConnectionError):
            await handlers(s3)[REPLICATE](job)
    await handlers(s3)[REPLICATE](job)
    await s3.settle()
    assert len(await s3.stored()) == len(before) + 2
    assert await s3.content("copies", "parts") == b"y" * (5 << 20) + b"z" * 100_000


async def test_a_key_that_is_not_there_or_anothers_fails(s3: Any) -> None:
    await make_key(s3, account="444455556666")
    for account in ("111122223333", "444455556666"):
        key = KEY_ARN.replace("111122223333", account)
        await put_rules(s3, rule(**BY_KMS, Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": key}}))
        await put(s3, ServerSideEncryption="aws:kms")
        await settle(s3)
        assert (await status(s3), await versions(s3)) == ("FAILED", [])


@pytest.mark.parametrize(
    ("action", "reason"), [("kms:Decrypt", "SrcGetObjectNotPermitted"), ("kms:Encrypt", "DstPutObjectNotPermitted")]
)
async def test_a_role_must_be_allowed_to_use_the_keys(
    s3: Any, caplog: pytest.LogCaptureFixture, action: str, reason: str
) -> None:
    other = f"{KEY[:-1]}3"
    for key_id in (KEY, other):
        await make_key(s3, key_id)
    keys = {"kms:Decrypt": KEY_ARN.replace(KEY, other), "kms:Encrypt": KEY_ARN}
    await put_rules(s3, rule(**BY_KMS, Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}}))
    everything = [s3.allow("s3:*", on="*"), *[s3.allow(one, on=key) for one, key in keys.items()]]
    for lacking, result in ((action, "FAILED"), ("", "COMPLETED")):
        s3.roles.statements = [one for one in everything if lacking not in one["Action"]]
        await put(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=keys["kms:Decrypt"])
        with caplog.at_level(logging.WARNING):
            await settle(s3)
        assert await status(s3) == result
    assert f"{action} on {keys[action]} is not allowed to" in caplog.text
    assert f"({reason})" in caplog.text
    assert len(await versions(s3)) == 1


async def test_a_destination_may_hold_replicas_to_a_key(s3: Any) -> None:
    await make_key(s3)
    await put_rules(s3, rule(**BY_KMS, Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}}))
    name = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:ReplicateObject",
        "Resource": "arn:aws:s3:::copies/*",
        "Condition": {"StringNotEquals": {name: KEY_ARN}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    await s3("PutBucketPolicy", Bucket="copies", Policy=policy)
    await put(s3)
    await put(s3, "two", ServerSideEncryption="aws:kms")
    await settle(s3)
    assert [key for key, _ in await versions(s3)] == ["two"]
