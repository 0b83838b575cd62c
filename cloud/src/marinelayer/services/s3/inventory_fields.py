"""What inventory reports tell of an object: each field's column, and its value. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from marinelayer.ports import ColumnKind, Row, Value
from marinelayer.security.requirement import Acl
from marinelayer.services.s3.bucket import Bucket, private_acl, version_acl
from marinelayer.services.s3.configurations import Document
from marinelayer.services.s3.encryption import read_encryption
from marinelayer.services.s3.lifecycle_rules import AWS_DAYS, SECOND, Rule, expiry, stored_tags

_STATUS = {"AES256": "SSE-S3", "aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS", "SSE-C": "SSE-C"}
_GROUP = "http://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A version, as a report tells it: its row, its bucket, and the lifecycle rules of that. `since` is when it became
    noncurrent (microseconds), None for the current one; `newer` counts the noncurrent versions above it."""

    row: Row
    bucket: Bucket
    rules: Sequence[Rule] = ()
    since: int | None = None
    newer: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a report: its column in Parquet, and its value, of which delete markers may have none. Flags are True
    and False, moments microseconds."""

    column: str
    kind: ColumnKind
    value: Callable[[Entry], Value]
    of_markers: bool = False

    def of(self, entry: Entry) -> Value:
        """The field's value of a version. Moments are whole seconds, as S3's are."""
        value = None if entry.row["is_marker"] and not self.of_markers else self.value(entry)
        return value - value % SECOND if self.kind == "moment" and isinstance(value, int) else value


def _flag(column: str, value: Callable[[Entry], bool], *, of_markers: bool = False) -> Field:
    return Field(column=column, kind="flag", value=value, of_markers=of_markers)


def _text(column: str, value: Callable[[Entry], str | None], *, of_markers: bool = False) -> Field:
    return Field(column=column, kind="text", value=value, of_markers=of_markers)


def _hold(entry: Entry) -> str | None:
    hold = entry.row["legal_hold"]
    return None if hold is None else ("On" if hold else "Off")


def _encryption(entry: Entry) -> str:
    encryption = read_encryption(entry.row["encryption"])
    return "NOT-SSE" if encryption is None else _STATUS[encryption.algorithm]


def _bucket_key(entry: Entry) -> str:
    encryption = read_encryption(entry.row["encryption"])
    return "ENABLED" if encryption is not None and encryption.bucket_key else "DISABLED"


def _tier(entry: Entry) -> str | None:
    # Nothing is moved into another tier here.
    return "FREQUENT" if entry.row["storage_class"] == "INTELLIGENT_TIERING" else None


def _acl(entry: Entry) -> str:
    """The access control list, as base64 of JSON (S3 User Guide, "Object ACL field")."""
    bucket, row = entry.bucket, entry.row
    acl = private_acl(bucket.owner) if bucket.acls_disabled else version_acl(row["owner"], row["acl"])
    told = {"version": "2022-11-10", "status": "AVAILABLE", "grants": _grants(acl)}
    return b64encode(json.dumps(told, separators=(",", ":")).encode()).decode()


def _expiration(entry: Entry) -> int | None:
    """When the bucket's lifecycle rules let the version expire, or remove it."""
    row, tags = entry.row, stored_tags(entry.row["tags"])
    if entry.since is None:
        found = expiry(entry.rules, row["key"], row["size"], tags, row["modified"])
        return None if found is None else found[0]
    dates = [
        AWS_DAYS.after(entry.since, rule.noncurrent.days)
        for rule in entry.rules
        if rule.noncurrent is not None
        and rule.noncurrent.days is not None
        and entry.newer >= rule.noncurrent.newer
        and rule.covers(row["key"], row["size"], tags)
    ]
    return min(dates, default=None)


def _grants(acl: Acl) -> list[dict[str, str]]:
    return [
        {"uri": grant.grantee, "type": "Group", "permission": grant.permission}
        if grant.grantee.startswith(_GROUP)
        else {"canonicalId": grant.grantee, "type": "CanonicalUser", "permission": grant.permission}
        for grant in acl.grants
    ]


ALWAYS: Mapping[str, Field] = {
    "Bucket": _text("bucket", lambda entry: entry.bucket.name, of_markers=True),
    "Key": _text("key", lambda entry: entry.row["key"].decode(), of_markers=True),
}
OF_VERSIONS: Mapping[str, Field] = {
    "VersionId": _text(
        "version_id", lambda entry: None if entry.row["is_null"] else entry.row["version_id"], of_markers=True
    ),
    "IsLatest": _flag("is_latest", lambda entry: entry.since is None, of_markers=True),
    "IsDeleteMarker": _flag("is_delete_marker", lambda entry: bool(entry.row["is_marker"]), of_markers=True),
}
"""The fields of reports of all versions."""
FIELDS: Mapping[str, Field] = {
    "Size": Field(column="size", kind="number", value=lambda entry: entry.row["size"]),
    "LastModifiedDate": Field(
        column="last_modified_date", kind="moment", value=lambda entry: entry.row["modified"], of_markers=True
    ),
    "ETag": _text("e_tag", lambda entry: entry.row["etag"]),
    "StorageClass": _text("storage_class", lambda entry: entry.row["storage_class"]),
    "IsMultipartUploaded": _flag("is_multipart_uploaded", lambda entry: "-" in entry.row["etag"]),
    "ReplicationStatus": _text("replication_status", lambda entry: entry.row["replication"]),
    "EncryptionStatus": _text("encryption_status", _encryption),
    "ObjectLockRetainUntilDate": Field(
        column="object_lock_retain_until_date", kind="moment", value=lambda entry: entry.row["retain_until"]
    ),
    "ObjectLockMode": _text("object_lock_mode", lambda entry: entry.row["retention_mode"]),
    "ObjectLockLegalHoldStatus": _text("object_lock_legal_hold_status", _hold),
    "IntelligentTieringAccessTier": _text("intelligent_tiering_access_tier", _tier),
    "BucketKeyStatus": _text("bucket_key_status", _bucket_key),
    "ChecksumAlgorithm": _text("checksum_algorithm", lambda entry: entry.row["checksum_algorithm"]),
    "ObjectAccessControlList": _text("object_access_control_list", _acl),
    "ObjectOwner": _text("object_owner", lambda entry: entry.row["owner"], of_markers=True),
    "LifecycleExpirationDate": Field(column="lifecycle_expiration_date", kind="moment", value=_expiration),
}
"""The optional fields of a report, in the order in which they stand in it."""

_PARQUET: Mapping[ColumnKind, str] = {
    "text": "binary {} (UTF8)",
    "flag": "boolean {}",
    "number": "int64 {}",
    "moment": "int64 {} (TIMESTAMP_MILLIS)",
}


def fields_of(document: Document) -> Mapping[str, Field]:
    """The fields of a configuration's reports, by AWS's names."""
    versions: Mapping[str, Field] = OF_VERSIONS if document["IncludedObjectVersions"] == "All" else {}
    asked = document.get("OptionalFields") or ()
    return {**ALWAYS, **versions, **{name: field for name, field in FIELDS.items() if name in asked}}


def parquet_schema(fields: Mapping[str, Field]) -> str:
    """The schema of a report in Parquet, as its manifest says it."""
    columns = [
        f"{'required' if name in ALWAYS else 'optional'} {_PARQUET[field.kind].format(field.column)};"
        for name, field in fields.items()
    ]
    return f"message s3.inventory {{ {' '.join(columns)} }}"


def csv_line(fields: Mapping[str, Field], entry: Entry) -> str:
    """A version's line: every value in quotes, the key percent-encoded."""
    values: Sequence[str] = [
        quote(str(field.of(entry))) if name == "Key" else _shown(field.kind, field.of(entry))
        for name, field in fields.items()
    ]
    return ",".join(f'"{value}"' for value in values) + "\n"


def _shown(kind: ColumnKind, value: Value) -> str:
    if value is None:
        return ""
    if kind == "flag":
        return "true" if value else "false"
    if kind == "moment" and isinstance(value, int):
        return f"{datetime.fromtimestamp(value // 1_000_000, UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    return str(value)
