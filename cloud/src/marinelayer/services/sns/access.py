"""What a topic says about access to itself: its owner and its policy.

A topic without a policy of its own has AWS's default one, which grants to the owner's account only: that is what the
identity's side decides anyway.
"""

from __future__ import annotations

from marinelayer.ports import Tables, Transaction
from marinelayer.security.requirement import NO_RESOURCE, Requirement, ResourceAccess, ResourcePolicy
from marinelayer.services.sns.arns import TopicName, find_topic_name
from marinelayer.services.sns.store import find_topic


class TopicAccess:
    """Access of topics (ports.Topics)."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def of(self, requirement: Requirement) -> ResourceAccess:
        """Owner, policy and tags. A topic that does not exist belongs to the account in its ARN, so that strangers do
        not learn whether it does."""
        name = find_topic_name(requirement.resource)
        if name is None:
            return NO_RESOURCE
        return await self._tables.read(_access, name)

    async def exists(self, arn: str) -> bool:
        """Whether there is a topic of this ARN."""
        name = find_topic_name(arn)
        return name is not None and await self._tables.read(find_topic, name) is not None


def _access(tx: Transaction, name: TopicName) -> ResourceAccess:
    topic = find_topic(tx, name)
    if topic is None:
        return ResourceAccess(account=name.account)
    return ResourceAccess(
        account=name.account,
        policy=ResourcePolicy(text=topic.policy, principals=topic.principals) if topic.policy else None,
        context={f"aws:resourcetag/{key.lower()}": (value,) for key, value in topic.tags.items()},
    )
