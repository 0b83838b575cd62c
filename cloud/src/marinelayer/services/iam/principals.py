"""Roots and users as principals, from the rows that hold them."""

from __future__ import annotations

import json

from marinelayer.ports import Row
from marinelayer.security.identity import Principal
from marinelayer.services.iam.arns import root_arn, user_arn


def root_principal(row: Row) -> Principal:
    """The root user of the account in a row with the columns `account` and `canonical_id`."""
    account: str = row["account"]
    return Principal(
        kind="root",
        account=account,
        arn=root_arn(account),
        unique_id=account,
        canonical_id=row["canonical_id"],
        name="root",
    )


def user_principal(row: Row, user_id: str) -> Principal:
    """The user in a row with the columns `account`, `canonical_id`, `name`, `path` and `tags`."""
    return Principal(
        kind="user",
        account=row["account"],
        arn=user_arn(row["account"], row["path"], row["name"]),
        unique_id=user_id,
        canonical_id=row["canonical_id"],
        name=row["name"],
        path=row["path"],
        tags=json.loads(row["tags"]),
    )


def owner_principal(row: Row, owner: str) -> Principal:
    """Whom an owner's id stands for: the root of an account by its number, else a user."""
    return root_principal(row) if owner == row["account"] else user_principal(row, owner)
