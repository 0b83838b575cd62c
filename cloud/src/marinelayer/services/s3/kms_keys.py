"""The local key ring: the KMS keys that SSE-KMS wraps the keys of objects with.

There is no KMS service. A key is its name: what it wraps with is derived from the folder's master key and its ARN
(`BlobKeys`). `alias/aws/s3`, AWS's own key for S3, is made at need in each account and region. Other keys are made by
`marinelayer kms-key add`, under the ids that AWS gave them; an id that AWS never gives (`testkey-1`: neither a UUID nor
`mrk-...`) is a name in this key ring, made at its first use, and shown as it was given.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from marinelayer.ports import Row, Transaction
from marinelayer.services.s3.errors import KmsNotFound
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.s3", "kms.sql")

MANAGED_ALIAS = "alias/aws/s3"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_MULTI_REGION = re.compile(r"mrk-[0-9a-f]{32}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):([0-9]{12}):(?:key/(.+)|(alias/.+))")


@dataclass(frozen=True, slots=True, kw_only=True)
class KmsKey:
    """A key of the ring. `managed` is AWS's own for S3; `shown` is how answers name the key."""

    account: str
    region: str
    key_id: str
    alias: str | None

    @property
    def arn(self) -> str:
        """Its ARN."""
        return key_arn(self.account, self.region, self.key_id)

    @property
    def managed(self) -> bool:
        """Whether it is AWS's own key for S3."""
        return self.alias == MANAGED_ALIAS

    @property
    def shown(self) -> str:
        """Its ARN, or the name by which only this key ring knows it."""
        return self.arn if is_an_id_of_aws(self.key_id) else self.key_id


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWanted:
    """A key that is not there and may be made at need: AWS's own for S3 (`managed`), or a name of this key ring."""

    account: str
    region: str
    key_id: str = ""

    @property
    def managed(self) -> bool:
        """Whether it is AWS's own key for S3."""
        return not self.key_id

    @property
    def refusal(self) -> KmsNotFound:
        """What is said where it may not be made."""
        return KmsNotFound(f"Invalid keyId '{self.key_id}'")


def key_arn(account: str, region: str, key_id: str) -> str:
    """The ARN of a key."""
    return f"arn:aws:kms:{region}:{account}:key/{key_id}"


def is_an_id_of_aws(key_id: str) -> bool:
    """Whether AWS could have given a key this id."""
    return bool(_UUID.fullmatch(key_id) or _MULTI_REGION.fullmatch(key_id))


def is_a_name(key_id: str) -> bool:
    """Whether this can be the id of a key at all."""
    return bool(_NAME.fullmatch(key_id))


def find_key(tx: Transaction, given: str, *, account: str, region: str) -> KmsKey | KeyWanted:
    """The key that a request or a bucket names, by id, alias or the ARN of either; AWS's own for S3 where it is "".
    `account` is whose key a name without an account means, `region` that of the bucket.

    Raises:
        KmsNotFound: there is none.
    """
    named = given or MANAGED_ALIAS
    arn = _ARN.fullmatch(named)
    if arn is not None:
        if arn[1] != region:
            raise KmsNotFound(f"Invalid arn {arn[1]}")
        account, named = arn[2], arn[3] or arn[4]
    if named == MANAGED_ALIAS or named.startswith("alias/"):
        row = tx.one(SQL.key_by_alias, account=account, region=region, alias=named)
        if row is None and named == MANAGED_ALIAS:
            return KeyWanted(account=account, region=region)
        if row is None:
            raise KmsNotFound(f"Alias arn:aws:kms:{region}:{account}:{named} is not found.")
        return read_key(row)
    row = tx.one(SQL.key, account=account, region=region, key_id=named)
    if row is not None:
        return read_key(row)
    if arn is not None or is_an_id_of_aws(named):
        raise KmsNotFound(f"Key '{key_arn(account, region, named)}' does not exist")
    if not is_a_name(named):
        raise KmsNotFound(f"Invalid keyId '{given}'")
    return KeyWanted(account=account, region=region, key_id=named)


def read_key(row: Row) -> KmsKey:
    """A key from its row."""
    return KmsKey(account=row["account"], region=row["region"], key_id=row["key_id"], alias=row["alias"])


def make_key(tx: Transaction, wanted: KeyWanted, entropy: str, now: int) -> None:
    """Make a key; nothing happens where it is there already. `entropy` are 32 random hexadecimal digits."""
    tx.run(
        SQL.insert_key,
        account=wanted.account,
        region=wanted.region,
        key_id=wanted.key_id or new_key_id(entropy),
        alias=MANAGED_ALIAS if wanted.managed else None,
        created=now,
    )


class KmsKeyExistsError(Exception):
    """There is a key of this id or alias already."""


def new_key_id(entropy: str) -> str:
    """The id of a new key, of 32 random hexadecimal digits."""
    return str(uuid.UUID(entropy, version=4))


def add_key(tx: Transaction, key: KmsKey, now: int) -> None:
    """Make a key under its name.

    Raises:
        KmsKeyExistsError: it, or its alias, is taken.
    """
    made = tx.run(
        SQL.insert_key, account=key.account, region=key.region, key_id=key.key_id, alias=key.alias, created=now
    )
    if made == 0:
        raise KmsKeyExistsError


def keys(tx: Transaction) -> list[KmsKey]:
    """Every key of the ring."""
    return [read_key(row) for row in tx.all(SQL.keys)]


def forget_keys(tx: Transaction, account: str) -> None:
    """Remove an account's keys. What they wrapped can be read on, as keys are derived from their names."""
    tx.run(SQL.forget_keys, account=account)
