"""PutBucketLogging and GetBucketLogging. What is logged is gathered and delivered by `access_log`.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument, MalformedACLError, MalformedXML
from marinelayer.security.acl import GROUPS
from marinelayer.security.refusals import UnresolvableGrantByEmailAddress
from marinelayer.services.operation import operation
from marinelayer.services.s3.access_log import LOG_GRANTS, AccessLogs
from marinelayer.services.s3.bucket import Bucket, bucket_of, the_bucket
from marinelayer.services.s3.configurations import configuration, delete_configuration, put_configuration
from marinelayer.services.s3.errors import (
    CrossLocationLoggingProhibited,
    InvalidTargetBucketForLogging,
    NoSuchBucket,
)
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.regions import HOME

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import GetBucketLoggingRequest, PutBucketLoggingRequest


def put_logging(tx: Transaction, request: PutBucketLoggingRequest, now: int) -> None:
    """Set where the bucket's log is delivered; nowhere, where the request says nothing."""
    bucket = the_bucket(tx, request)
    enabled = request["BucketLoggingStatus"].get("LoggingEnabled")
    if enabled is None:
        delete_configuration(tx, bucket, "logging")
        return
    target = _target(tx, enabled["TargetBucket"])
    check_target(bucket, target)
    put_configuration(tx, bucket, "logging", enabled, now)


def get_logging(tx: Transaction, request: GetBucketLoggingRequest) -> dict[str, Any]:
    """Where the bucket's log is delivered; nothing where it is not logged."""
    document = configuration(tx, the_bucket(tx, request), "logging")
    return {} if document is None else {"LoggingEnabled": document}


def _target(tx: Transaction, name: str) -> Bucket:
    try:
        return bucket_of(tx, name, None)
    except NoSuchBucket:
        raise InvalidTargetBucketForLogging("The target bucket for logging does not exist", TargetBucket=name) from None


def check_target(source: Bucket, target: Bucket) -> None:
    """Refuse a target that belongs to someone else, or lies elsewhere.

    Raises:
        InvalidTargetBucketForLogging, CrossLocationLoggingProhibited: it does.
    """
    if target.account != source.account:
        raise InvalidTargetBucketForLogging(
            "The owner for the bucket to be logged and the target bucket must be the same.", TargetBucket=target.name
        )
    if target.region != source.region:
        located = {} if source.region == HOME else {"SourceBucketLocation": source.region}
        # The blank at its end is S3's.
        message = "Cross S3 location logging not allowed. "
        raise CrossLocationLoggingProhibited(message, TargetBucketLocation=target.region, **located)


def check_logging(enabled: Mapping[str, Any]) -> None:
    """Refuse a document without its form.

    Raises:
        MalformedXML: the form of keys is none, or two at once, or a permission is none.
        MalformedACLError, InvalidArgument, UnresolvableGrantByEmailAddress: a grant can not be.
    """
    if "TargetObjectKeyFormat" in enabled:
        form: Mapping[str, Any] = enabled["TargetObjectKeyFormat"]
        if len(form) != 1:
            raise MalformedXML
    for grant in enabled.get("TargetGrants", ()):
        grantee: Mapping[str, str] = grant.get("Grantee", {})
        if grant.get("Permission", "READ") not in LOG_GRANTS:
            raise MalformedXML
        match grantee.get("Type"):
            case "CanonicalUser" if "ID" in grantee and "Permission" in grant:
                continue
            case "Group" if "Permission" in grant:
                if grantee.get("URI") not in GROUPS:
                    raise InvalidArgument(
                        "Invalid group uri", ArgumentName="Group/URI", ArgumentValue=grantee.get("URI", "")
                    )
            case "AmazonCustomerByEmail":
                raise UnresolvableGrantByEmailAddress
            case _:
                raise MalformedACLError


class BucketLogging:
    """Which buckets are logged, and where to."""

    def __init__(self, tables: Tables, clock: Clock, logs: AccessLogs) -> None:
        self._tables = tables
        self._clock = clock
        self._logs = logs

    @operation("PutBucketLogging", needs=on_bucket("s3:PutBucketLogging"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketLoggingRequest) -> None:
        """Have a bucket logged, or no more.

        Raises:
            InvalidTargetBucketForLogging: the target does not exist, or is someone else's. Whether it lets the log
                delivery write is seen when a log is delivered, as at S3.
            CrossLocationLoggingProhibited: it lies in another region.
        """
        enabled = request["BucketLoggingStatus"].get("LoggingEnabled")
        if enabled is not None:
            check_logging(enabled)
            source, target = await self._tables.read(_both, request, enabled["TargetBucket"])
            check_target(source, target)
            if target.acls_disabled and enabled.get("TargetGrants"):
                raise InvalidArgument(
                    "You cannot use TargetGrants when the target bucket has Bucket owner enforced set for S3 Object"
                    " Ownership.",
                    ArgumentName="TargetGrants",
                )
        await self._tables.write(put_logging, request, self._clock.now())
        await self._logs.refresh()

    @operation("GetBucketLogging", needs=on_bucket("s3:GetBucketLogging"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketLoggingRequest) -> dict[str, Any]:
        """Where a bucket's log is delivered."""
        return await self._tables.read(get_logging, request)


def _both(tx: Transaction, request: PutBucketLoggingRequest, target: str) -> tuple[Bucket, Bucket]:
    return the_bucket(tx, request), _target(tx, target)
