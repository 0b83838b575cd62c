"""The rules for tags: of buckets, of objects, and of a bucket that is being made. Pure.

Tags are checked one after the other, and only then counted, as S3 does. Lengths are those of UTF-16, as S3's are.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html and .../CostAllocTagging.html
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from marinelayer.protocol.refusals import BadRequest, InvalidArgument
from marinelayer.services.s3.errors import InvalidTag

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import Tag

Tags = tuple[tuple[str, str], ...]
"""An object's tags, in the order of their keys."""

MOST_OF_A_BUCKET = 50
MOST_OF_AN_OBJECT = 10
LONGEST_KEY = 128
LONGEST_VALUE = 256

_SYSTEM = "aws:"
_SIGNS = frozenset("_.:/=+-@")


def check_bucket_tags(tags: Sequence[Tag]) -> None:
    """What PutBucketTagging takes.

    Raises:
        InvalidTag: a key is used twice, is AWS's own, or has what no key may have; so with values.
        BadRequest: there are more than 50.
    """
    _check(tags, "System tags cannot be added/updated by requester")
    demand_room(len(tags))


def check_tags_of_new_bucket(tags: Sequence[Tag]) -> None:
    """What CreateBucket takes. Raises as `check_bucket_tags`, in its own words where a key is AWS's own."""
    _refuse_system_keys(tags)
    check_bucket_tags(tags)


def check_tags_of_resource(tags: Sequence[Mapping[str, str]]) -> None:
    """What S3 Control's TagResource takes for a bucket, before they are counted with those that are there.

    Raises:
        InvalidTag: as `check_bucket_tags`, in the words that AWS has here.
    """
    _refuse_system_keys(tags)
    if len({tag["Key"] for tag in tags}) < len(tags):
        raise InvalidTag("There are duplicate tag keys in your request. Remove the duplicate tag keys and try again.")
    if not all(_is_key(tag["Key"]) and _fits(tag["Value"], LONGEST_VALUE) for tag in tags):
        raise InvalidTag(
            "This request contains a tag key or value that isn't valid. Valid characters include the following: "
            f"[a-zA-Z+-=._:/]. Tag keys can contain up to {LONGEST_KEY} characters. Tag values can contain up to "
            f"{LONGEST_VALUE} characters."
        )


def demand_room(count: int) -> None:
    """Raises BadRequest where a bucket can not have so many tags."""
    if count > MOST_OF_A_BUCKET:
        raise BadRequest(f"Bucket tag count cannot be greater than {MOST_OF_A_BUCKET}")


def check_object_tags(tags: Sequence[Tag]) -> None:
    """What PutObjectTagging and the header x-amz-tagging take.

    Raises:
        InvalidTag: as `check_bucket_tags`.
        BadRequest: there are more than 10.
    """
    _check(tags, "Your TagKey cannot be prefixed with aws:")
    if len(tags) > MOST_OF_AN_OBJECT:
        raise BadRequest(f"Object tags cannot be greater than {MOST_OF_AN_OBJECT}")


def object_tags(tags: Sequence[Tag]) -> Tags:
    """The tags of an object in the order of their keys. Raises as `check_object_tags`."""
    check_object_tags(tags)
    return tuple(sorted((tag["Key"], tag["Value"]) for tag in tags))


def tags_of_header(text: str) -> Tags:
    """The tags that the header x-amz-tagging gives to an object (`team=streets&urgent`).

    Raises:
        InvalidArgument: it can not be read, or uses a key twice.
        InvalidTag: as `check_object_tags`.
    """
    tags: list[Tag] = []
    pairs = [pair.partition("=") for pair in text.split("&") if pair]
    unread = any("=" in value for _, _, value in pairs)
    try:
        for key, _, value in pairs:
            tags.append({"Key": unquote_plus(key, errors="strict"), "Value": unquote_plus(value, errors="strict")})
    except UnicodeDecodeError:
        unread = True
    if unread or len({tag["Key"] for tag in tags}) < len(tags):
        raise InvalidArgument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
            "name duplicates.",
            ArgumentName="x-amz-tagging",
            ArgumentValue=text,
        )
    return object_tags(tags)


def shown_tags(tags: Tags) -> list[dict[str, str]]:
    """Tags as documents show them."""
    return [{"Key": key, "Value": value} for key, value in tags]


def _check(tags: Sequence[Tag], reserved: str) -> None:
    seen: set[str] = set()
    for tag in tags:
        key, value = tag["Key"], tag["Value"]
        if key in seen:
            raise InvalidTag("Cannot provide multiple Tags with the same key", TagKey=key)
        seen.add(key)
        if key.startswith(_SYSTEM):
            raise InvalidTag(reserved, TagKey=key)
        if key.lower().startswith(_SYSTEM):
            raise InvalidTag(
                'Invalid Tag. Tags cannot start with "aws:"(case insensitive) unless they are System Tags that start '
                'with "aws:"(case sensitive)',
                TagKey=key,
            )
        if not _is_key(key):
            raise InvalidTag("The TagKey you have provided is invalid", TagKey=key)
        if not _fits(value, LONGEST_VALUE):
            raise InvalidTag("The TagValue you have provided is invalid", TagKey=key, TagValue=value)


def _refuse_system_keys(tags: Sequence[Mapping[str, Any]]) -> None:
    if any(tag["Key"].lower().startswith(_SYSTEM) for tag in tags):
        raise InvalidTag(
            'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" '
            "from your tag keys and try again."
        )


def _is_key(text: str) -> bool:
    return bool(text) and _fits(text, LONGEST_KEY)


def _fits(text: str, longest: int) -> bool:
    """Whether it is short enough, of letters, numbers, blanks and a few signs (Unicode's L, N and Z)."""
    if len(text) + sum(character > "\uffff" for character in text) > longest:
        return False
    return all(character in _SIGNS or unicodedata.category(character)[0] in "LZN" for character in text)
