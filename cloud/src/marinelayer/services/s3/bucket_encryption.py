"""PutBucketEncryption, GetBucketEncryption and DeleteBucketEncryption.

Every bucket has a default encryption; one that was never configured encrypts by SSE-S3. Which types of encryption are
blocked stays as it is where a new configuration does not say.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument, MalformedXML
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.configurations import configuration, delete_configuration, put_configuration
from marinelayer.services.s3.needs import on_bucket

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketEncryptionRequest,
        GetBucketEncryptionRequest,
        PutBucketEncryptionRequest,
        ServerSideEncryptionRule,
    )

ALGORITHMS = frozenset({"AES256", "aws:kms", "aws:kms:dsse"})
BLOCKABLE = frozenset({"NONE", "SSE-C"})
_BLOCKED = "BlockedEncryptionTypes"


def check_rules(rules: list[ServerSideEncryptionRule]) -> ServerSideEncryptionRule:
    """The one rule that a configuration has.

    Raises:
        MalformedXML: there is not exactly one, or it says what S3 does not know.
        InvalidArgument: it names a KMS key for another encryption.
    """
    if len(rules) != 1:
        raise MalformedXML
    (rule,) = rules
    blocked = rule.get("BlockedEncryptionTypes", {}).get("EncryptionType", [])
    if not BLOCKABLE.issuperset(blocked) or not rule.keys() & {"ApplyServerSideEncryptionByDefault", _BLOCKED}:
        raise MalformedXML
    default = rule.get("ApplyServerSideEncryptionByDefault")
    if default is None:
        return rule
    if default["SSEAlgorithm"] not in ALGORITHMS:
        raise MalformedXML
    if default["SSEAlgorithm"] == "AES256" and "KMSMasterKeyID" in default:
        raise InvalidArgument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
            ArgumentName="ApplyServerSideEncryptionByDefault",
        )
    return rule


def put_encryption(tx: Transaction, request: PutBucketEncryptionRequest, now: int) -> None:
    """Replace the bucket's default encryption."""
    bucket = the_bucket(tx, request)
    rule = check_rules(request["ServerSideEncryptionConfiguration"]["Rules"])
    before = configuration(tx, bucket, "encryption") or {}
    kept = {_BLOCKED: before[_BLOCKED]} if _BLOCKED in before else {}
    put_configuration(tx, bucket, "encryption", {**kept, **rule}, now)


def get_encryption(tx: Transaction, request: GetBucketEncryptionRequest) -> dict[str, Any]:
    """The bucket's default encryption."""
    rule = configuration(tx, the_bucket(tx, request), "encryption") or {}
    shown = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False, **rule}
    return {"ServerSideEncryptionConfiguration": {"Rules": [shown]}}


def delete_encryption(tx: Transaction, request: DeleteBucketEncryptionRequest, now: int) -> None:
    """Set the bucket's default encryption back to SSE-S3."""
    bucket = the_bucket(tx, request)
    before = configuration(tx, bucket, "encryption") or {}
    if _BLOCKED in before:
        put_configuration(tx, bucket, "encryption", {_BLOCKED: before[_BLOCKED]}, now)
    else:
        delete_configuration(tx, bucket, "encryption")


class BucketEncryption:
    """The default encryption of buckets."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    @operation("PutBucketEncryption", needs=on_bucket("s3:PutEncryptionConfiguration"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketEncryptionRequest) -> None:
        """Set what new objects are encrypted with where their request does not say, and which encryptions are refused.
        A KMS key is not looked for before it is used ("Amazon S3 doesn't validate the KMS key ID")."""
        await self._tables.write(put_encryption, request, self._clock.now())

    @operation("GetBucketEncryption", needs=on_bucket("s3:GetEncryptionConfiguration"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketEncryptionRequest) -> dict[str, Any]:
        """The default encryption; every bucket has one."""
        return await self._tables.read(get_encryption, request)

    @operation("DeleteBucketEncryption", needs=on_bucket("s3:PutEncryptionConfiguration"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketEncryptionRequest) -> None:
        """Set it back to SSE-S3."""
        await self._tables.write(delete_encryption, request, self._clock.now())
