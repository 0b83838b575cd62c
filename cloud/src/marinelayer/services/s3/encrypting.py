"""How a new object is to be encrypted: as its request says, else as its bucket does, else with SSE-S3.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.security.requirement import Requirement
from marinelayer.services.s3.blob_keys import OURS, KeySource, new_salt, prove
from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.services.s3.configurations import configuration
from marinelayer.services.s3.customer_keys import HEADER, CustomerKey, customer_key
from marinelayer.services.s3.encryption import SSE_S3, Algorithm, Encryption
from marinelayer.services.s3.kms_keys import KeyWanted, KmsKey, find_key, make_key
from marinelayer.services.s3.known import Known
from marinelayer.services.s3.names import object_arn

CUSTOMER_KEYS_BLOCKED: Mapping[str, Any] = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
"""What a bucket's configuration says where it takes no customers' keys, and nothing else was configured."""
_ALGORITHMS: Mapping[str, Algorithm] = {"AES256": "AES256", "aws:kms": "aws:kms", "aws:kms:dsse": "aws:kms:dsse"}
_CONTEXT = "x-amz-server-side-encryption-context"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request says of encryption; None and "" where it says nothing. `bucket_key` None leaves it to the
    bucket."""

    algorithm: Algorithm | None = None
    key_id: str = ""
    context: str = ""
    bucket_key: bool | None = None
    customer: CustomerKey | None = None


NOTHING_ASKED = Asked()
_MEMBERS = (
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "SSEKMSEncryptionContext",
    "BucketKeyEnabled",
    "SSECustomerAlgorithm",
    "SSECustomerKey",
    "SSECustomerKeyMD5",
)


def asked_encryption(request: Mapping[str, Any], caller: Caller) -> Asked:
    """What a request says of encryption.

    Raises:
        InvalidArgument, InvalidRequest, InvalidEncryptionAlgorithmError: it contradicts itself, or asks for what S3 has
            not.
    """
    if not any(member in request for member in _MEMBERS):
        return NOTHING_ASKED
    method: str | None = request.get("ServerSideEncryption")
    if method is not None and any(member in request for member in _MEMBERS[4:]):
        raise InvalidArgument(
            "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
            ArgumentName=HEADER,
            ArgumentValue=method,
        )
    if method is not None and method not in _ALGORITHMS:
        raise InvalidArgument(
            "The encryption method specified is not supported", ArgumentName=HEADER, ArgumentValue=method
        )
    algorithm = None if method is None else _ALGORITHMS[method]
    key_id: str = request.get("SSEKMSKeyId") or ""
    context: str = request.get("SSEKMSEncryptionContext") or ""
    if (key_id or context) and algorithm not in ("aws:kms", "aws:kms:dsse"):
        raise InvalidArgument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : "
            "aws:kms",
            ArgumentName=HEADER,
            ArgumentValue=method or "null",
        )
    _check_context(context)
    return Asked(
        algorithm=algorithm,
        key_id=key_id,
        context=context,
        bucket_key=request.get("BucketKeyEnabled"),
        customer=customer_key(request, caller, writes=True),
    )


def _check_context(text: str) -> None:
    """An encryption context is base64 of a JSON object of strings."""
    if not text:
        return
    try:
        context: Any = json.loads(base64.b64decode(text, validate=True).decode())
    except (binascii.Error, ValueError):
        context = None
    if not isinstance(context, dict) or not all(isinstance(value, str) for value in context.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        raise InvalidArgument(
            f"The header '{_CONTEXT}' shall be Base64-encoded UTF-8 string holding JSON which represents a "
            "string-string map",
            ArgumentName=_CONTEXT,
            ArgumentValue=text,
        )


def settle(tx: Transaction, bucket: Bucket, asked: Asked, account: str) -> Encryption | KeyWanted:
    """The encryption of an object that the account writes to a bucket, or the KMS key that must be made first. It comes
    without its salt and proof, which are chance.

    Raises:
        BlockedEncryption: the bucket takes no customers' keys.
        KmsNotFound: there is no such KMS key.
    """
    rule = configuration(tx, bucket, "encryption") or {}
    if asked.customer is not None:
        if "SSE-C" in rule.get("BlockedEncryptionTypes", {}).get("EncryptionType", ()):
            raise BlockedEncryption
        return Encryption(algorithm="SSE-C")
    default: Mapping[str, Any] = rule.get("ApplyServerSideEncryptionByDefault") or {}
    algorithm = asked.algorithm or _ALGORITHMS[default.get("SSEAlgorithm", "AES256")]
    if algorithm == "AES256":
        return SSE_S3
    key_id = asked.key_id if asked.algorithm else default.get("KMSMasterKeyID") or ""
    owner = account if asked.algorithm or key_id.startswith("alias/") else bucket.account
    key = find_key(tx, key_id, account=owner if key_id else account, region=bucket.region)
    if isinstance(key, KeyWanted):
        return key
    wants_bucket_key = rule.get("BucketKeyEnabled", False) if asked.bucket_key is None else asked.bucket_key
    return _by_kms(algorithm, key, asked.context, bucket_key=wants_bucket_key)


def _by_kms(algorithm: Algorithm, key: KmsKey, context: str, *, bucket_key: bool) -> Encryption:
    return Encryption(
        algorithm=algorithm,
        key_arn=key.arn,
        shown_key=key.shown,
        managed_key=key.managed,
        context=context,
        # "S3 Bucket Keys aren't supported for DSSE-KMS" (bucket-key.html).
        bucket_key=bucket_key and algorithm == "aws:kms",
    )


class BlockedEncryption(Exception):
    """The bucket blocks customers' keys (the refusal names who wanted to write what)."""


def _blocked(caller: Caller, request: Mapping[str, Any]) -> AccessDenied:
    return AccessDenied(
        f'User: {caller.principal.arn} is not authorized to perform: s3:PutObject on resource: "{object_arn(request)}" '
        "because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided "
        "keys (SSE-C). Please specify a different server-side encryption type"
    )


def _settle_request(tx: Transaction, request: Mapping[str, Any], asked: Asked, account: str) -> Encryption | KeyWanted:
    return settle(tx, the_bucket(tx, request), asked, account)


class Encrypting:
    """Decides how new objects are encrypted, and who may use which KMS key."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, known: Known) -> None:
        self._tables = tables
        self._known = known
        self._clock = clock
        self._ids = ids

    async def target(self, caller: Caller, request: Mapping[str, Any], asked: Asked) -> KeySource:
        """Where the keys of the object come from that the request writes.

        Raises:
            AccessDenied: the bucket takes no customers' keys, or the caller may not use the KMS key.
            KmsNotFound: there is no such KMS key.
            NoSuchBucket: there is no such bucket.
        """
        if asked.algorithm == "AES256":
            return OURS
        if asked is NOTHING_ASKED:
            known = await self._known.bucket(request["Bucket"])
            if known is not None and "encryption" not in known.bucket.configured:
                return OURS
        try:
            encryption = await self._tables.read(_settle_request, request, asked, caller.account)
            if isinstance(encryption, KeyWanted):
                await self._make(caller, encryption)
                encryption = await self._tables.read(_settle_request, request, asked, caller.account)
        except BlockedEncryption:
            raise _blocked(caller, request) from None
        if isinstance(encryption, KeyWanted):
            raise encryption.refusal
        await demand_key(caller, encryption, "kms:GenerateDataKey")
        if encryption is not SSE_S3:
            encryption = replace(encryption, salt=new_salt())
        if asked.customer is None:
            return KeySource(encryption=encryption)
        encryption = replace(encryption, proof=prove(asked.customer.key, encryption.salt))
        return KeySource(encryption=encryption, customer_key=asked.customer.key)

    async def _make(self, caller: Caller, wanted: KeyWanted) -> None:
        """Make a key at need: AWS's own for S3, or one that the folder's key ring knows by a name."""
        if caller.principal.kind == "anonymous":
            raise unsigned()
        if not wanted.managed:
            if wanted.account != caller.account:
                raise wanted.refusal
            await caller.demand(Requirement(action="kms:CreateKey", resource="*"))
        await self._tables.write(make_key, wanted, self._ids.token(32), self._clock.now())


def unsigned() -> InvalidArgument:
    """What a request without a signature is told that would use a KMS key."""
    return InvalidArgument(
        "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
        ArgumentName="Authorization",
        ArgumentValue="null",
    )


async def demand_key(caller: Caller, encryption: Encryption, *actions: str) -> None:
    """Whether the caller may use a KMS key. AWS's own key for S3 serves whoever may do the S3 operation, in its
    account; another key of the account takes permission of the caller's policies; keys of other accounts are closed,
    since no key has a policy of its own here.

    Raises:
        InvalidArgument: the request is not signed.
        AccessDenied: the caller may not.
    """
    if not encryption.is_kms:
        return
    if caller.principal.kind == "anonymous":
        raise unsigned()
    if encryption.key_arn.split(":")[4] != caller.account:
        raise AccessDenied
    if not encryption.managed_key:
        for action in actions:
            await caller.demand(Requirement(action=action, resource=encryption.key_arn))


def encryption_members(source: KeySource, customer: CustomerKey | None, *, context: bool = True) -> dict[str, Any]:
    """What the answer to a write says of the encryption of its object."""
    members: dict[str, Any] = {**source.encryption.members, **(customer.members if customer else {})}
    if context and source.encryption.context:
        members["SSEKMSEncryptionContext"] = source.encryption.context
    return members
