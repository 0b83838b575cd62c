"""What models, endpoints and jobs say about access to them: whose they are, their tags, and who may import a model."""

from __future__ import annotations

from collections.abc import Mapping

from marinelayer.ports import Tables
from marinelayer.security.requirement import NO_RESOURCE, Requirement, ResourceAccess
from marinelayer.services.comprehend.arns import read_arn
from marinelayer.services.comprehend.resource_policies import IMPORT_ACTION, policy_of
from marinelayer.services.comprehend.resources import find_resource


class ComprehendAccess:
    """Access of models, endpoints and jobs (ports.Access)."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def of(self, requirement: Requirement) -> ResourceAccess:
        """The account of the ARN that is asked about, and the tags of what has it; of an import the model's policy."""
        name = read_arn(requirement.resource)
        if name is None:
            return NO_RESOURCE
        resource = await self._tables.read(find_resource, requirement.resource)
        tags: Mapping[str, str] = {} if resource is None else resource.tags
        context = {f"aws:resourcetag/{key.lower()}": (value,) for key, value in tags.items()}
        policy = policy_of(resource) if requirement.action.lower() == IMPORT_ACTION.lower() else None
        return ResourceAccess(account=name.account, policy=policy, context=context)
