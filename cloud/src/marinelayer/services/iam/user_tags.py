"""Tags of users: TagUser, UntagUser, ListUserTags. As condition keys they count from the next request on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.tags import checked_new_tags, request_tag_context, tag_page, tagged, untagged
from marinelayer.services.iam.user_store import SQL, User, require_user
from marinelayer.services.iam.users import user_for
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


class UserTags:
    """The tags of an account's users."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("TagUser", needs=OnExisting("iam:TagUser"))
    async def tag(self, caller: Caller, request: wire.TagUserRequest) -> None:
        """Add tags, in place of those of the same keys."""
        context = request_tag_context(request)
        user = await user_for(self._tables, caller, "iam:TagUser", request["UserName"], context=context)
        await self._tables.write(_tag, user, checked_new_tags(request), ())

    @operation("UntagUser", needs=OnExisting("iam:UntagUser"))
    async def untag(self, caller: Caller, request: wire.UntagUserRequest) -> None:
        """Remove tags."""
        context = request_tag_context(request)
        user = await user_for(self._tables, caller, "iam:UntagUser", request["UserName"], context=context)
        await self._tables.write(_tag, user, {}, request["TagKeys"])

    @operation("ListUserTags", needs=OnExisting("iam:ListUserTags"))
    async def list(self, caller: Caller, request: wire.ListUserTagsRequest) -> wire.ListUserTagsResponse:
        """A page of a user's tags."""
        user = await user_for(self._tables, caller, "iam:ListUserTags", request["UserName"])
        return tag_page(user.tags, self._pages, f"iam.ListUserTags/{user.user_id}", request)


def _tag(tx: Transaction, user: User, added: Mapping[str, str], removed: Sequence[str]) -> None:
    tags = tagged(untagged(require_user(tx, user).tags, removed), added)
    tx.run(SQL.set_user_tags, user_id=user.user_id, tags=json.dumps(tags))
