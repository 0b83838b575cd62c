"""Objects and buckets as the application needs them: read, written (also on a condition), listed, linked.

Knows S3 and nothing of requests, reports or alerts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from getitdone.aws import DEFAULT_REGION, Aws, domain_errors
from getitdone.errors import AccessRefused, FinalError, NotFound
from getitdone.meter import Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An object as a listing shows it; `size` in bytes, `etag` without quotes."""

    key: str
    size: int
    modified: dt.datetime
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object as it was read."""

    body: bytes
    etag: str


class Objects:
    """S3's objects, by bucket and key."""

    def __init__(self, aws: Aws, meter: Meter) -> None:
        self._aws = aws
        self._s3 = aws.s3
        self._meter = meter

    @property
    def partition(self) -> str:
        """The first part of this region's ARNs."""
        return self._aws.partition

    def get(self, bucket: str, key: str) -> Stored:
        """The whole object.

        Raises:
            NotFound: bucket or object is not there (AccessRefused, where the caller may not list the bucket).
        """
        with domain_errors():
            self._meter.add("s3.get")
            answer = self._s3.get_object(Bucket=bucket, Key=key)
            return Stored(body=answer["Body"].read(), etag=answer["ETag"].strip('"'))

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str] | None = None,
        public_by_acl: bool = False,
        cache_control: str = "",
    ) -> str:
        """Write it, in place of what was there; its ETag."""
        return self._put(
            bucket,
            key,
            body,
            ContentType=content_type,
            **({"Metadata": dict(metadata)} if metadata else {}),
            **({"ACL": "public-read"} if public_by_acl else {}),
            **({"CacheControl": cache_control} if cache_control else {}),
        )

    def put_if(self, bucket: str, key: str, body: bytes, *, content_type: str, etag: str | None) -> str:
        """Write it only where the object still has `etag`, or, with None, where there is no object.

        Raises:
            ConditionFailed: that is not so.
        """
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": f'"{etag}"'}
        return self._put(bucket, key, body, ContentType=content_type, **condition)

    def _put(self, bucket: str, key: str, body: bytes, **more: Any) -> str:
        with domain_errors():
            self._meter.add("s3.put")
            return self._s3.put_object(Bucket=bucket, Key=key, Body=body, **more)["ETag"].strip('"')

    def head(self, bucket: str, key: str) -> Listed:
        """What a listing would show of one object.

        Raises:
            NotFound: it is not there.
        """
        with domain_errors():
            self._meter.add("s3.get")
            found = self._s3.head_object(Bucket=bucket, Key=key)
        return Listed(
            key=key, size=found["ContentLength"], modified=found["LastModified"], etag=found["ETag"].strip('"')
        )

    def listing(self, bucket: str, prefix: str = "") -> Iterator[Listed]:
        """Every object whose key begins with `prefix`, in the order of their keys."""
        with domain_errors():
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                self._meter.add("s3.list")
                for item in page.get("Contents", []):
                    yield Listed(
                        key=item.get("Key", ""),
                        size=item.get("Size", 0),
                        modified=item.get("LastModified", dt.datetime.fromtimestamp(0, dt.UTC)),
                        etag=item.get("ETag", "").strip('"'),
                    )

    def private_link(self, bucket: str, key: str, seconds: int) -> str:
        """An address that anyone may read the object by for `seconds`, and no longer than our credentials live."""
        with domain_errors():
            return self._s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=seconds)

    def public_link(self, bucket: str, key: str) -> str:
        """Where the object stands, for those who may read it without a signature."""
        with domain_errors():
            return self._aws.stranger.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}).partition(
                "?"
            )[0]

    def exists(self, bucket: str) -> bool:
        """Whether the bucket is there.

        Raises:
            AccessRefused: it is, or is not, but we may not know.
        """
        try:
            with domain_errors():
                self._s3.head_bucket(Bucket=bucket)
        except NotFound:
            return False
        return True

    def create(self, bucket: str) -> bool:
        """Make the bucket where it is missing; whether it was.

        Raises:
            NameTaken: another account owns a bucket of this name.
        """
        if self.exists(bucket):
            return False
        place = {} if self._aws.region == DEFAULT_REGION else {"LocationConstraint": self._aws.region}
        try:
            with domain_errors():
                more: dict[str, Any] = {"CreateBucketConfiguration": place} if place else {}
                self._s3.create_bucket(Bucket=bucket, **more)
        except FinalError as error:
            if error.code != "BucketAlreadyOwnedByYou":
                raise
            return False
        return True

    def block_public_access(self, bucket: str, *, policies: bool, acls: bool) -> None:
        """Set the bucket's public access block: whether public policies and public ACLs are refused and ignored.

        Raises:
            NotOffered: this cloud knows no such block.
        """
        with domain_errors():
            self._s3.put_public_access_block(
                Bucket=bucket,
                PublicAccessBlockConfiguration={
                    "BlockPublicAcls": acls,
                    "IgnorePublicAcls": acls,
                    "BlockPublicPolicy": policies,
                    "RestrictPublicBuckets": policies,
                },
            )

    def accept_acls(self, bucket: str) -> None:
        """Let objects of this bucket have ACLs, which today's new buckets refuse."""
        with domain_errors():
            self._s3.put_bucket_ownership_controls(
                Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
            )

    def policy(self, bucket: str) -> str | None:
        """The bucket's policy, None where it has none."""
        try:
            with domain_errors():
                return self._s3.get_bucket_policy(Bucket=bucket)["Policy"]
        except NotFound as error:
            if error.code == "NoSuchBucket":
                raise
            return None

    def set_policy(self, bucket: str, policy: str) -> None:
        """Replace the bucket's policy."""
        with domain_errors():
            self._s3.put_bucket_policy(Bucket=bucket, Policy=policy)

    def delete_policy(self, bucket: str) -> None:
        """Take the bucket's policy away."""
        with domain_errors():
            self._s3.delete_bucket_policy(Bucket=bucket)

    def policy_is_public(self, bucket: str) -> bool:
        """Whether AWS calls the bucket's policy public (to anyone, or to everyone in AWS)."""
        try:
            with domain_errors():
                return self._s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"].get("IsPublic", False)
        except NotFound as error:
            if error.code == "NoSuchBucket":
                raise
            return False

    def stranger_may_read(self, bucket: str, key: str) -> bool:
        """Whether anyone in the world can read the object, found out by trying it without credentials."""
        return self._stranger_may(lambda: self._aws.stranger.head_object(Bucket=bucket, Key=key))

    def stranger_may_list(self, bucket: str) -> bool:
        """Whether anyone in the world can list the bucket, found out by trying it without credentials."""
        return self._stranger_may(lambda: self._aws.stranger.list_objects_v2(Bucket=bucket, MaxKeys=1))

    @staticmethod
    def _stranger_may(attempt: Any) -> bool:
        try:
            with domain_errors():
                attempt()
        except (AccessRefused, NotFound):
            return False
        return True

    def grants_to_groups(self, bucket: str, key: str | None = None) -> list[str]:
        """The groups (`AllUsers`, `AuthenticatedUsers`) to which the ACL of the bucket, or of an object, grants
        something: the second of them a stranger's attempt can not find out."""
        with domain_errors():
            answer: Any = (
                self._s3.get_bucket_acl(Bucket=bucket)
                if key is None
                else self._s3.get_object_acl(Bucket=bucket, Key=key)
            )
        uris = [grant.get("Grantee", {}).get("URI", "") for grant in answer.get("Grants", [])]
        return sorted({uri.rsplit("/", 1)[-1] for uri in uris if uri.endswith(("/AllUsers", "/AuthenticatedUsers"))})
