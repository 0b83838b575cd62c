"""What tags a topic may have, and what policies see of those in a request.

Source: https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.services.sns.errors import InvalidParameter, TagLimitExceeded

TAGS = 50


def checked_tags(tags: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The tags of a request as a mapping.

    Raises:
        InvalidParameter: a key is there twice, or a tag is too long or AWS's own.
        TagLimitExceeded: they are more than a topic may have.
    """
    found = {tag["Key"]: tag["Value"] for tag in tags}
    if len(found) < len(tags):
        raise InvalidParameter("Invalid parameter: Duplicated keys are not allowed.")
    check_number(found)
    if any(
        not 1 <= len(key) <= 128 or len(value) > 256 or key.lower().startswith("aws:") for key, value in found.items()
    ):
        raise InvalidParameter("Invalid parameter: Tags")
    return found


def check_number(tags: Mapping[str, str]) -> None:
    """Refuse more tags than a topic may have.

    Raises:
        TagLimitExceeded: they are.
    """
    if len(tags) > TAGS:
        raise TagLimitExceeded


def tag_context(request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The condition keys of the tags that a request brings."""
    tags = request.get("Tags") or ()
    context = {f"aws:requesttag/{tag['Key'].lower()}": (tag["Value"],) for tag in tags}
    return context | ({"aws:tagkeys": tuple(tag["Key"] for tag in tags)} if tags else {})
