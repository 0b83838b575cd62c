"""ARNs of users, groups, roles, roots and sessions.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_GROUP = re.compile(r"arn:aws:iam::(?P<account>\d{12}):group/(?:.+/)?(?P<name>[^/]+)")
_USER = re.compile(r"arn:aws:iam::(?P<account>\d{12}):user(?P<path>/(?:.+/)?)(?P<name>[^/]+)")

_ROLE = re.compile(r"arn:aws:iam::(?P<account>\d{12}):role(?P<path>/(?:.+/)?)(?P<name>[^/]+)")
_SESSION = re.compile(r"arn:aws:sts::(?P<account>\d{12}):(?P<kind>assumed-role|federated-user)/(?P<names>.+)")


@dataclass(frozen=True, slots=True)
class NamedArn:
    """What a user's or role's ARN says."""

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


def parse_user_arn(arn: str) -> NamedArn | None:
    """What the ARN says, None if it is none of a user."""
    match = _USER.fullmatch(arn)
    return NamedArn(match["account"], match["path"], match["name"]) if match else None


def group_of_arn(arn: str) -> tuple[str, str] | None:
    """The account and name of the group that an ARN names, None if it is none of a group."""
    match = _GROUP.fullmatch(arn)
    return (match["account"], match["name"]) if match else None


def role_arn(account: str, path: str, name: str) -> str:
    """`arn:aws:iam::ACCOUNT:role/PATH/NAME`; `path` begins and ends with a slash."""
    return f"arn:aws:iam::{account}:role{path}{name}"


def parse_role_arn(arn: str) -> NamedArn | None:
    """What the ARN says, None if it is none of a role."""
    match = _ROLE.fullmatch(arn)
    return NamedArn(match["account"], match["path"], match["name"]) if match else None


def assumed_role_arn(account: str, role: str, session: str) -> str:
    """`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, without the role's path."""
    return f"arn:aws:sts::{account}:assumed-role/{role}/{session}"


def federated_user_arn(account: str, name: str) -> str:
    """`arn:aws:sts::ACCOUNT:federated-user/NAME`."""
    return f"arn:aws:sts::{account}:federated-user/{name}"


def parse_session_arn(arn: str) -> tuple[str, str, str] | None:
    """The account, kind (`assumed-role`, `federated-user`) and the role's or federated user's name of a session's ARN;
    None if it is none."""
    match = _SESSION.fullmatch(arn)
    if match is None:
        return None
    names = match["names"].split("/")
    if len(names) != (2 if match["kind"] == "assumed-role" else 1):
        return None
    return match["account"], match["kind"], names[0]


def instance_profile_arn(account: str, path: str, name: str) -> str:
    """`arn:aws:iam::ACCOUNT:instance-profile/PATH/NAME`; `path` begins and ends with a slash."""
    return f"arn:aws:iam::{account}:instance-profile{path}{name}"
