"""Services in the name of roles: the trust policy is asked as for anybody who assumes a role, and what the session then
does is decided like any request, only that nobody sent one.

Source: IAM User Guide, "Create a role to delegate permissions to an AWS service", "The confused deputy problem".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from marinelayer.model.errors import AccessDenied
from marinelayer.pipeline.authorise import RequestAuthoriser
from marinelayer.ports import Access, Caller, Clock, Errand
from marinelayer.security import timestamps
from marinelayer.security.facts import RequestFacts, identity_facts, principal_facts
from marinelayer.security.identity import Identity, Principal
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.operation import ServiceTable


class RoleIdentities(Protocol):
    """Sessions of roles, by what they may now."""

    async def of_role(self, arn: str, session: str) -> Identity | None:
        """A session of the role of an ARN, without credentials; None where there is no such role."""
        ...


class AssumedByServices:
    """ports.ServiceRoles. `roles` is what roles say about who may assume them; `services`, which may be filled after
    construction, are asked about their resources."""

    def __init__(
        self,
        services: Mapping[str, ServiceTable],
        identities: RoleIdentities,
        roles: Access,
        clock: Clock,
        base_url: Callable[[], str],
    ) -> None:
        self._services = services
        self._identities = identities
        self._roles = roles
        self._clock = clock
        self._base_url = base_url

    async def assume(self, role: str, errand: Errand) -> Caller:
        """The service as a session of the role. Raises AccessDenied where it is not trusted."""
        await self._demand_trust(role, errand)
        identity = await self._identities.of_role(role, errand.service.partition(".")[0])
        if identity is None:
            raise AccessDenied
        access = {name: table.access for name, table in self._services.items() if table.access is not None}
        return Caller(
            identity=identity,
            account=identity.principal.account,
            region=errand.region,
            request_id=errand.id,
            authoriser=RequestAuthoriser(identity, RequestFacts(lambda: self._facts(identity, errand)), access),
            base_url=self._base_url(),
        )

    async def _demand_trust(self, role: str, errand: Errand) -> None:
        requirement = Requirement(action="sts:AssumeRole", resource=role)
        resource = await self._roles.of(requirement)
        service = Identity(principal=Principal(kind="service", arn=errand.service))
        facts = principal_facts(service.principal) | {"aws:sourceaccount": (errand.account,)}
        if errand.source:
            facts["aws:sourcearn"] = (errand.source,)
        if resource.account != errand.account or not decide(service, requirement, resource, facts).allowed:
            raise AccessDenied(
                f"{errand.service} is not authorized to perform: sts:AssumeRole on resource: {role}, as no such role "
                "of this account trusts it"
            )

    def _facts(self, identity: Identity, errand: Errand) -> ContextKeys:
        now = self._clock.now()
        return identity_facts(identity) | {
            "aws:currenttime": (timestamps.to_extended(now),),
            "aws:epochtime": (str(now // timestamps.SECOND),),
            "aws:requestedregion": (errand.region,),
            "aws:securetransport": ("true",),
            "aws:viaawsservice": ("false",),
        }
