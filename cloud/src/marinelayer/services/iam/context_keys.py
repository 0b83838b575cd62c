"""Which condition keys policies ask for: GetContextKeysForCustomPolicy, GetContextKeysForPrincipalPolicy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Tables
from marinelayer.security.policy.document import MalformedPolicyError, parse_document
from marinelayer.security.policy.variables import variable_names
from marinelayer.security.requirement import Requirement
from marinelayer.services.iam.arns import group_of_arn, parse_role_arn, parse_user_arn
from marinelayer.services.iam.attachments import held
from marinelayer.services.iam.errors import InvalidInput, NoSuchEntity
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.groups import group_for
from marinelayer.services.iam.roles import role_for
from marinelayer.services.iam.users import user_for
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

_OF_PRINCIPAL = "iam:GetContextKeysForPrincipalPolicy"


class ContextKeyNames:
    """The names of the condition keys in policies, given or held."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("GetContextKeysForCustomPolicy", needs=need("iam:GetContextKeysForCustomPolicy"))
    async def of_custom(
        self, caller: Caller, request: wire.GetContextKeysForCustomPolicyRequest
    ) -> wire.GetContextKeysForPolicyResponse:
        """Those of the policies given."""
        del caller
        return {"ContextKeyNames": context_keys(request["PolicyInputList"])}

    @operation("GetContextKeysForPrincipalPolicy", needs=OnExisting(_OF_PRINCIPAL))
    async def of_principal(
        self, caller: Caller, request: wire.GetContextKeysForPrincipalPolicyRequest
    ) -> wire.GetContextKeysForPolicyResponse:
        """Those of the policies that a user, with its groups, a group or a role acts by, and of the policies given."""
        arn = request["PolicySourceArn"]
        found = await self._tables.read(held, await self._owner(caller, arn))
        bounds = (found.boundary,) if found.boundary else ()
        texts = [policy.text for policy in (*found.policies, *bounds)]
        return {"ContextKeyNames": context_keys([*texts, *request.get("PolicyInputList", ())])}

    async def _owner(self, caller: Caller, arn: str) -> str:
        """The id of the user, group or role whose ARN it is."""
        user, group, role = parse_user_arn(arn), group_of_arn(arn), parse_role_arn(arn)
        if user is not None and user.account == caller.account:
            found = await user_for(self._tables, caller, _OF_PRINCIPAL, user.name)
            owner, named = found.user_id, found.arn
        elif group is not None and group[0] == caller.account:
            of_group = await group_for(self._tables, caller, _OF_PRINCIPAL, group[1])
            owner, named = of_group.group_id, of_group.arn
        elif role is not None and role.account == caller.account:
            of_role = await role_for(self._tables, caller, _OF_PRINCIPAL, role.name)
            owner, named = of_role.role_id, of_role.arn
        else:
            await caller.demand(Requirement(action=_OF_PRINCIPAL, resource=arn))
            raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
        if named != arn:
            raise NoSuchEntity(f"The entity with ARN {arn} cannot be found.")
        return owner


def context_keys(policies: Iterable[str]) -> list[str]:
    """The condition keys that policies ask for, and their variables, each once, as first written, in order.

    Raises:
        InvalidInput: one is no policy.
    """
    found: dict[str, str] = {}
    for text in policies:
        try:
            document = parse_document(text)
        except MalformedPolicyError:
            raise InvalidInput("Syntax errors in policy.") from None
        for statement in document.statements:
            names = [line.key for line in statement.conditions]
            if document.version == "2012-10-17":
                texts = [
                    *(statement.resources or ()),
                    *(value for line in statement.conditions for value in line.values),
                ]
                names += [name for one in texts for name in variable_names(one)]
            for name in names:
                found.setdefault(name.lower(), name)
    return sorted(found.values(), key=str.lower)
