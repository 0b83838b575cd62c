"""ARNs of users, groups and roots.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_GROUP = re.compile(r"arn:aws:iam::(?P<account>\d{12}):group/(?:.+/)?(?P<name>[^/]+)")
_USER = re.compile(r"arn:aws:iam::(?P<account>\d{12}):user(?P<path>/(?:.+/)?)(?P<name>[^/]+)")


@dataclass(frozen=True, slots=True)
class UserArn:
    """What a user's ARN says."""

    account: str
    path: str
    name: str


def user_arn(account: str, path: str, name: str) -> str:
    """`arn:aws:iam::ACCOUNT:user/PATH/NAME`; `path` begins and ends with a slash."""
    return f"arn:aws:iam::{account}:user{path}{name}"


def group_arn(account: str, path: str, name: str) -> str:
    """`arn:aws:iam::ACCOUNT:group/PATH/NAME`; `path` begins and ends with a slash."""
    return f"arn:aws:iam::{account}:group{path}{name}"


def root_arn(account: str) -> str:
    """`arn:aws:iam::ACCOUNT:root`."""
    return f"arn:aws:iam::{account}:root"


def parse_user_arn(arn: str) -> UserArn | None:
    """What the ARN says, None if it is none of a user."""
    match = _USER.fullmatch(arn)
    return UserArn(match["account"], match["path"], match["name"]) if match else None


def group_of_arn(arn: str) -> tuple[str, str] | None:
    """The account and name of the group that an ARN names, None if it is none of a group."""
    match = _GROUP.fullmatch(arn)
    return (match["account"], match["name"]) if match else None
