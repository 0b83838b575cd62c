"""The rules for names, paths, tags and pages, with IAM's sentences for those who break them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and the parameter sections of the
API reference. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.services.iam.errors import InvalidInput, ValidationError

NEW_USER_NAME = 64
NEW_ROLE_NAME = 64
NAME = 128
PATH = 512
TAGS = 50
PAGE = 100

_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/|/[!-~]+/")
_PATH_PREFIX = re.compile(r"/[!-~]*")
_ACCESS_KEY_ID = re.compile(r"\w{16,128}", re.ASCII)


def is_name(value: str) -> bool:
    """Whether anything can have this name."""
    return len(value) <= NAME and _NAME.fullmatch(value) is not None


def checked_name(value: str, member: str, longest: int = NAME) -> str:
    """`value` if it may be the name that the input's `member` (`userName`) holds.

    Raises:
        ValidationError: it is empty, too long, or has other letters than names may.
    """
    _check_length(value, member, longest)
    if not _NAME.fullmatch(value):
        raise ValidationError(
            f"The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the "
            "following: +=,.@_-"
        )
    return value


def checked_path(value: str) -> str:
    """`value` if it may be a user's path.

    Raises:
        ValidationError: it does not begin and end with a slash, is too long or has other than printable letters.
    """
    _check_length(value, "path", PATH)
    if not _PATH.fullmatch(value):
        raise ValidationError(
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
            "characters and/or / characters."
        )
    return value


def checked_path_prefix(value: str) -> str:
    """`value` if paths can begin with it.

    Raises:
        ValidationError: they can not.
    """
    _check_length(value, "pathPrefix", PATH)
    if not _PATH_PREFIX.fullmatch(value):
        raise ValidationError(
            "The specified value for pathPrefix is invalid. It must begin with / and contain only alphanumeric "
            "characters and/or / characters."
        )
    return value


def checked_access_key_id(value: str) -> str:
    """`value` if it may be the id of an access key.

    Raises:
        ValidationError: it may not.
    """
    if not _ACCESS_KEY_ID.fullmatch(value):
        raise ValidationError(
            "The specified value for accessKeyId is invalid. It must contain only alphanumeric characters, 16 to 128 "
            "of them."
        )
    return value


def checked_tags(tags: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """The tags as a mapping.

    Raises:
        InvalidInput: there are more than 50, a key stands twice (whatever its case), is too long or is AWS's own.
    """
    found: dict[str, str] = {}
    for tag in tags or ():
        key, value = tag["Key"], tag["Value"]
        if not 1 <= len(key) <= 128 or len(value) > 256:
            raise InvalidInput("Tag keys have 1 to 128 characters and tag values at most 256.")
        if key.lower().startswith("aws:"):
            raise InvalidInput("Tag keys beginning with aws: are reserved for system use.")
        if key.lower() in {other.lower() for other in found}:
            raise InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        found[key] = value
    if len(found) > TAGS:
        raise InvalidInput(f"The number of tags has reached the maximum limit of {TAGS}.")
    return found


def checked_page_size(value: int | None) -> int:
    """How many entries a page may have: 1 to 1,000, by default 100.

    Raises:
        ValidationError: `value` lies outside.
    """
    size = PAGE if value is None else value
    if not 1 <= size <= 1000:
        bound = "greater than or equal to 1" if size < 1 else "less than or equal to 1000"
        raise ValidationError(
            f"1 validation error detected: Value '{size}' at 'maxItems' failed to satisfy constraint: Member must have "
            f"value {bound}"
        )
    return size


def _check_length(value: str, member: str, longest: int) -> None:
    if not 1 <= len(value) <= longest:
        bound = f"less than or equal to {longest}" if value else "greater than or equal to 1"
        raise ValidationError(
            f"1 validation error detected: Value '{value[:longest]}' at '{member}' failed to satisfy constraint: "
            f"Member must have length {bound}"
        )
