"""Topics: create, delete, list, and their attributes.

Source: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html and its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marinelayer import outbox
from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, Clock, Ids, Principals, Tables, Transaction
from marinelayer.security.requirement import ResourcePolicy
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.sns.arns import TopicName, checked_topic_name, topic_name
from marinelayer.services.sns.errors import InvalidParameter
from marinelayer.services.sns.policies import default_policy, read_policy
from marinelayer.services.sns.store import SQL, Topic, find_topic, require_topic
from marinelayer.services.sns.tags import checked_tags, tag_context
from marinelayer.services.sns.tokens import PAGE, after

if TYPE_CHECKING:
    from marinelayer.model.types import sns as wire

FORGET = "sns.forget"
DELIVERY_POLICY = json.dumps(
    {
        "http": {
            "defaultHealthyRetryPolicy": {
                "minDelayTarget": 20,
                "maxDelayTarget": 20,
                "numRetries": 3,
                "numMaxDelayRetries": 0,
                "numNoDelayRetries": 0,
                "numMinDelayRetries": 0,
                "backoffFunction": "linear",
            },
            "disableSubscriptionOverrides": False,
            "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
        }
    },
    separators=(",", ":"),
)
"""AWS's delivery policy of a topic that was given none, in its order. It is about HTTP only."""
_OF_AWS = frozenset(
    {
        "ArchivePolicy",
        "ContentBasedDeduplication",
        "DataProtectionPolicy",
        "DeliveryPolicy",
        "FifoThroughputScope",
        "KmsMasterKeyId",
        "SignatureVersion",
        "TracingConfig",
    }
)
_FEEDBACK = ("FeedbackRoleArn", "FeedbackSampleRate")


def on_topic(request: Mapping[str, Any], _: Caller) -> str:
    """The ARN of the topic that the input names."""
    return request["TopicArn"]


def on_any_topic(_: Mapping[str, Any], caller: Caller) -> str:
    """Every topic of the caller's account and region, as AWS names the resource of its lists."""
    return TopicName(caller.account, caller.region, "*").arn


def _on_new_topic(request: Mapping[str, Any], caller: Caller) -> str:
    return TopicName(caller.account, caller.region, request["Name"]).arn


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A topic as CreateTopic asks for it; None is what it does not say."""

    display_name: str | None
    policy: ResourcePolicy | None
    tags: Mapping[str, str]


class Topics:
    """The topics of an account and region. `poke` is called when there is something to do later."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
        principals: Principals,
        poke: Callable[[], None],
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages
        self._principals = principals
        self._poke = poke

    @operation("CreateTopic", needs=need("sns:CreateTopic", on=_on_new_topic, context=tag_context))
    async def create(self, caller: Caller, request: wire.CreateTopicInput) -> wire.CreateTopicResponse:
        """The topic of that name, new or as it is."""
        attributes = dict(request.get("Attributes") or {})
        fifo = attributes.pop("FifoTopic", "false") != "false"
        name = TopicName(caller.account, caller.region, checked_topic_name(request["Name"], fifo=fifo))
        if fifo:
            raise OperationNotImplemented("sns.CreateTopic of FIFO topics is not implemented here.")
        if request.get("DataProtectionPolicy"):
            raise OperationNotImplemented("sns.CreateTopic with DataProtectionPolicy is not implemented here.")
        wanted = _Wanted(
            display_name=_checked_display_name(attributes.pop("DisplayName")) if "DisplayName" in attributes else None,
            policy=await read_policy(attributes.pop("Policy"), self._principals) if "Policy" in attributes else None,
            tags=checked_tags(request.get("Tags") or ()),
        )
        for attribute in attributes:
            raise _unknown_attribute(attribute, "Invalid parameter: Attributes Reason: Unknown attribute name")
        topic = Topic(
            topic_id=self._ids.token(32),
            name=name,
            display_name=wanted.display_name or "",
            policy=wanted.policy.text if wanted.policy else "",
            principals=wanted.policy.principals if wanted.policy else {},
            tags=wanted.tags,
            created=self._clock.now(),
        )
        await self._tables.write(_create, topic, wanted)
        return {"TopicArn": name.arn}

    @operation("DeleteTopic", needs=need("sns:DeleteTopic", on=on_topic))
    async def delete(self, caller: Caller, request: wire.DeleteTopicInput) -> None:
        """Remove the topic, if it is there, and with it its subscriptions."""
        name = topic_name(request["TopicArn"], caller.region)
        await self._tables.write(_delete, name, self._clock.now())
        self._poke()

    @operation("ListTopics", needs=need("sns:ListTopics", on=on_any_topic))
    async def list(self, caller: Caller, request: wire.ListTopicsInput) -> wire.ListTopicsResponse:
        """A page of 100 topics, by name."""
        scope = f"sns.ListTopics/{caller.account}/{caller.region}"
        start = after(self._pages, request.get("NextToken"), scope)
        names = await self._tables.read(_names, caller.account, caller.region, start, PAGE + 1)
        answer: wire.ListTopicsResponse = {
            "Topics": [{"TopicArn": TopicName(caller.account, caller.region, name).arn} for name in names[:PAGE]]
        }
        if len(names) > PAGE:
            answer["NextToken"] = self._pages.seal(names[PAGE - 1], scope)
        return answer

    @operation("GetTopicAttributes", needs=need("sns:GetTopicAttributes", on=on_topic))
    async def attributes(
        self, caller: Caller, request: wire.GetTopicAttributesInput
    ) -> wire.GetTopicAttributesResponse:
        """Owner, policy, display name and the numbers of subscriptions."""
        name = topic_name(request["TopicArn"], caller.region)
        topic, counts = await self._tables.read(_topic_and_counts, name, self._clock.now())
        return {
            "Attributes": {
                "TopicArn": name.arn,
                "Owner": name.account,
                "DisplayName": topic.display_name,
                "Policy": topic.policy or default_policy(name),
                "EffectiveDeliveryPolicy": DELIVERY_POLICY,
                "SubscriptionsConfirmed": str(counts.get("confirmed", 0)),
                "SubscriptionsPending": str(counts.get("pending", 0)),
                "SubscriptionsDeleted": str(topic.ended),
            }
        }

    @operation("SetTopicAttributes", needs=need("sns:SetTopicAttributes", on=on_topic))
    async def set_attribute(self, caller: Caller, request: wire.SetTopicAttributesInput) -> None:
        """Set DisplayName or Policy; an empty policy brings back the default one."""
        name = topic_name(request["TopicArn"], caller.region)
        value = request.get("AttributeValue", "")
        match request["AttributeName"]:
            case "DisplayName":
                await self._tables.write(_set_display_name, name, _checked_display_name(value))
            case "Policy":
                policy = await read_policy(value, self._principals) if value else ResourcePolicy(text="")
                await self._tables.write(_set_policy, name, policy)
            case attribute:
                raise _unknown_attribute(attribute, "Invalid parameter: AttributeName")


def _create(tx: Transaction, topic: Topic, wanted: _Wanted) -> None:
    existing = find_topic(tx, topic.name)
    if existing is not None:
        _refuse_differences(existing, wanted)
        return
    tx.run(
        SQL.put_topic,
        topic_id=topic.topic_id,
        account=topic.name.account,
        region=topic.name.region,
        name=topic.name.name,
        display_name=topic.display_name,
        policy=topic.policy,
        principals=json.dumps(dict(topic.principals)),
        tags=json.dumps(dict(topic.tags)),
        created=topic.created,
    )


def _refuse_differences(existing: Topic, wanted: _Wanted) -> None:
    if wanted.display_name not in {None, existing.display_name} or (
        wanted.policy is not None and wanted.policy.text != existing.policy
    ):
        raise InvalidParameter("Invalid parameter: Attributes Reason: Topic already exists with different attributes")
    if any(existing.tags.get(key) != value for key, value in wanted.tags.items()):
        raise InvalidParameter("Invalid parameter: Tags Reason: Topic already exists with different tags")


def _delete(tx: Transaction, name: TopicName, now: int) -> None:
    topic = find_topic(tx, name)
    if topic is None:
        return
    tx.run(SQL.delete_topic, topic_id=topic.topic_id)
    # No list shows a subscription without its topic; the rows, however many, go later.
    outbox.enqueue(
        tx,
        job_id=f"{FORGET}:{topic.topic_id}",
        kind=FORGET,
        group=f"{FORGET}:{topic.topic_id}",
        payload=topic.topic_id.encode(),
        due=now,
    )


def _names(tx: Transaction, account: str, region: str, after: str, size: int) -> list[str]:
    return [row["name"] for row in tx.all(SQL.topics, account=account, region=region, after=after, size=size)]


def _topic_and_counts(tx: Transaction, name: TopicName, now: int) -> tuple[Topic, Mapping[str, int]]:
    topic = require_topic(tx, name)
    rows = tx.all(SQL.count_subscriptions, topic_id=topic.topic_id, now=now)
    return topic, {row["state"]: row["n"] for row in rows}


def _set_display_name(tx: Transaction, name: TopicName, display_name: str) -> None:
    tx.run(SQL.set_display_name, topic_id=require_topic(tx, name).topic_id, display_name=display_name)


def _set_policy(tx: Transaction, name: TopicName, policy: ResourcePolicy) -> None:
    tx.run(
        SQL.set_policy,
        topic_id=require_topic(tx, name).topic_id,
        policy=policy.text,
        principals=json.dumps(dict(policy.principals)),
    )


def _checked_display_name(value: str) -> str:
    if len(value) > 100 or not value.isprintable():
        raise InvalidParameter("Invalid parameter: DisplayName")
    return value


def _unknown_attribute(attribute: str, message: str) -> Exception:
    if attribute in _OF_AWS or attribute.endswith(_FEEDBACK):
        return OperationNotImplemented(f"The topic attribute {attribute} is not implemented here.")
    return InvalidParameter(message)
