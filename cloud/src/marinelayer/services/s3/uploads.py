"""An upload in parts as its rows say. Knows no requests but their names of bucket, key and upload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marinelayer.ports import Row, Transaction
from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest
from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.services.s3.digests import ALGORITHMS, Algorithm
from marinelayer.services.s3.encryption import Encryption, read_encryption
from marinelayer.services.s3.errors import NoSuchUpload
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.versions import Description, Version, read_description

MAX_PARTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An upload that is neither completed nor aborted. `algorithm` is None where the client named none; `encryption`
    is as it is stored; `replaces` says which object its key had when it was begun, None where that is not known."""

    upload_id: str
    key: bytes
    initiated: int
    initiator: str
    initiator_name: str
    owner: str
    acl_text: str | None
    description: Description
    algorithm: Algorithm | None
    checksum_type: str | None
    encryption: str | None = None
    replaces: str | None = None

    @property
    def encrypted(self) -> Encryption | None:
        """How its parts are encrypted; None for one that was begun before anything was."""
        return read_encryption(self.encryption)


def read_upload(row: Row) -> Upload:
    """An upload from its row."""
    return Upload(
        upload_id=row["upload_id"],
        key=row["key"],
        initiated=row["initiated"],
        initiator=row["initiator"],
        initiator_name=row["initiator_name"],
        owner=row["owner"],
        acl_text=row["acl"],
        description=read_description(row),
        algorithm=ALGORITHMS[row["checksum_algorithm"]] if row["checksum_algorithm"] else None,
        checksum_type=row["checksum_type"],
        encryption=row["encryption"],
        replaces=row["replaces"],
    )


def identity(version: Version | None) -> str:
    """Which object a key has, so that another one in its place can be told from it: "" for none."""
    return "" if version is None else f"{version.seq} {version.blob_id}"


def find_upload(tx: Transaction, request: Mapping[str, Any]) -> tuple[Bucket, Upload | None]:
    """The bucket and the upload that a request names."""
    bucket = the_bucket(tx, request)
    key = key_bytes(request["Key"])
    upload_id: str = request["UploadId"]
    if not upload_id.isalnum():
        return bucket, None
    row = tx.one(SQL.upload, bucket_id=bucket.bucket_id, key=key, upload_id=upload_id)
    return bucket, None if row is None else read_upload(row)


def the_upload(tx: Transaction, request: Mapping[str, Any]) -> Upload:
    """The upload that a request names.

    Raises:
        NoSuchUpload: there is none.
    """
    upload = find_upload(tx, request)[1]
    if upload is None:
        raise NoSuchUpload(UploadId=request["UploadId"])
    return upload


def check_part_number(number: int) -> None:
    """Raises InvalidArgument unless a part may have this number."""
    if not 1 <= number <= MAX_PARTS:
        raise InvalidArgument(
            f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive",
            ArgumentName="partNumber",
            ArgumentValue=str(number),
        )


def check_part_algorithm(upload: Upload, given: Algorithm | None) -> None:
    """Raises InvalidRequest unless a part comes with the checksum that its upload was begun with."""
    if upload.algorithm is not None and given is not upload.algorithm:
        raise InvalidRequest(
            f"Checksum Type mismatch occurred, expected checksum Type: {upload.algorithm.name.lower()}, "
            f"actual checksum Type: {given.name.lower() if given else 'null'}"
        )
