"""Tags of roles: TagRole, UntagRole, ListRoleTags. They are session tags of whoever assumes the role, too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.role_store import SQL, Role, require_role
from marinelayer.services.iam.roles import role_for
from marinelayer.services.iam.tags import checked_new_tags, request_tag_context, tag_page, tagged, untagged
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


class RoleTags:
    """The tags of an account's roles."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("TagRole", needs=OnExisting("iam:TagRole"))
    async def tag(self, caller: Caller, request: wire.TagRoleRequest) -> None:
        """Add tags, in place of those with the same keys."""
        role = await role_for(self._tables, caller, "iam:TagRole", request["RoleName"], request_tag_context(request))
        await self._tables.write(_tag, role, checked_new_tags(request), ())

    @operation("UntagRole", needs=OnExisting("iam:UntagRole"))
    async def untag(self, caller: Caller, request: wire.UntagRoleRequest) -> None:
        """Take tags away; keys that it has not are no matter."""
        role = await role_for(self._tables, caller, "iam:UntagRole", request["RoleName"], request_tag_context(request))
        await self._tables.write(_tag, role, {}, request["TagKeys"])

    @operation("ListRoleTags", needs=OnExisting("iam:ListRoleTags"))
    async def list(self, caller: Caller, request: wire.ListRoleTagsRequest) -> wire.ListRoleTagsResponse:
        """A page of the role's tags, by key."""
        role = await role_for(self._tables, caller, "iam:ListRoleTags", request["RoleName"])
        return {**tag_page(role.tags, self._pages, f"iam.ListRoleTags/{role.role_id}", request)}


def _tag(tx: Transaction, role: Role, added: Mapping[str, str], removed: Sequence[str]) -> None:
    tags = tagged(untagged(require_role(tx, role).tags, removed), added)
    tx.run(SQL.set_role_tags, role_id=role.role_id, tags=json.dumps(tags))
