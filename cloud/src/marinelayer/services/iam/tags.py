"""Tags of users, roles and policies: added, removed, shown, and as condition keys.

Keys are the same whatever their case, and keep the case in which they were set. Pure.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.iam.errors import LimitExceeded
from marinelayer.services.iam.names import TAGS, checked_tags
from marinelayer.services.iam.pages import Listing
from marinelayer.services.operation import Needs
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire
    from marinelayer.ports import Caller


def tagged(tags: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """`tags` with `added`, which replace those of the same key.

    Raises:
        LimitExceeded: there would be more than 50.
    """
    found = {**untagged(tags, added), **added}
    if len(found) > TAGS:
        raise LimitExceeded(f"The number of tags has reached the maximum limit of {TAGS}.")
    return found


def untagged(tags: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """`tags` without those of `keys`; keys that no tag has are no matter."""
    gone = {key.lower() for key in keys}
    return {key: value for key, value in tags.items() if key.lower() not in gone}


def shown_tags(tags: Mapping[str, str]) -> list[wire.Tag]:
    """The tags in the model's shape."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_page(
    tags: Mapping[str, str], pages: PageTokens, scope: str, request: Mapping[str, Any]
) -> wire.ListUserTagsResponse:
    """A page of tags, by key.

    Raises:
        ValidationError: the marker or the page's size is none.
    """
    listing = Listing(pages, scope, request)
    entries = [entry for entry in sorted(tags.items()) if entry[0] > listing.after]
    shown, end = listing.cut(entries, lambda entry: entry[0])
    return {"Tags": shown_tags(dict(shown)), **end}


def resource_tag_context(tags: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The condition keys that say how a resource of IAM is tagged."""
    return {f"{kind}:resourcetag/{key.lower()}": (value,) for kind in ("aws", "iam") for key, value in tags.items()}


def request_tag_context(request: Mapping[str, Any]) -> ContextKeys:
    """The condition keys that say which tags (or, for removal, keys) a request names."""
    tags: Sequence[Mapping[str, Any]] = request.get("Tags") or ()
    keys = tuple(tag["Key"] for tag in tags) or tuple(request.get("TagKeys") or ())
    context = {f"aws:requesttag/{tag['Key'].lower()}": (tag["Value"],) for tag in tags}
    return context | ({"aws:tagkeys": keys} if keys else {})


def creation_needs(
    create: str,
    tag: str,
    arn: Callable[[Mapping[str, Any], Caller], str],
    context: Callable[[Mapping[str, Any]], ContextKeys] = request_tag_context,
) -> Needs:
    """The needs of creating something that may be tagged at once: `create`, and with tags `tag` too, both on
    `arn(request, caller)`."""

    def needs(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
        actions = (create, tag) if request.get("Tags") else (create,)
        return tuple(
            Requirement(action=action, resource=arn(request, caller), context=context(request)) for action in actions
        )

    return needs


def checked_new_tags(request: Mapping[str, Any]) -> dict[str, str]:
    """The tags that a request sets.

    Raises:
        InvalidInput: they break the rules.
    """
    return checked_tags(request["Tags"])
