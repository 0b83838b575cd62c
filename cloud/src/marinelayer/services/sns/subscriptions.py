"""Subscriptions: subscribe, confirm, unsubscribe, list.

A phone is subscribed at once; an e-mail address is asked first, by a mail with a link that holds a token. The token is
random and compared in constant time; knowing it is the permission to confirm. The links in mails need no credentials,
but where the confirmation asked that ending a subscription be signed.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import NoPermission, need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.sns.arns import (
    TopicName,
    find_topic_name,
    subscription_arn,
    subscription_id,
    topic_name,
    uuid,
)
from marinelayer.services.sns.endpoints import checked_endpoint, checked_protocol, sms_endpoint
from marinelayer.services.sns.errors import InvalidParameter, NotFound
from marinelayer.services.sns.store import SQL, Subscription, find_subscription
from marinelayer.services.sns.subscribing import Wish, confirm, of_owner, of_topic, subscribe, unsubscribe
from marinelayer.services.sns.subscription_attributes import read_attributes, with_attribute
from marinelayer.services.sns.tokens import PAGE, after
from marinelayer.services.sns.topics import on_any_topic, on_topic

if TYPE_CHECKING:
    from marinelayer.model.types import sns as wire


def _subscribe_context(request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return _endpoint_context(request["Protocol"].lower(), request.get("Endpoint", ""))


def _endpoint_context(protocol: str, endpoint: str) -> dict[str, tuple[str, ...]]:
    if protocol == "sms":
        endpoint = sms_endpoint(endpoint, None) or endpoint
    return {"sns:protocol": (protocol,), "sns:endpoint": (endpoint,)}


def _unsubscribe_needs(_: Mapping[str, Any], caller: Caller) -> Sequence[Requirement]:
    """Without credentials, the subscription's own unguessable ARN, which stands in every mail's link; with them, the
    permission as well."""
    if caller.principal.kind == "anonymous":
        return ()
    return (Requirement(action="sns:Unsubscribe", resource="*"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A subscription as an account names it."""

    topic: TopicName
    subscription_id: str
    account: str
    now: int


class Subscriptions:
    """Who gets a topic's messages. `poke` is called when there is a mail to send."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
        poke: Callable[[], None],
        sms_country: str,
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages
        self._poke = poke
        self._country = sms_country

    @operation("Subscribe", needs=need("sns:Subscribe", on=on_topic, context=_subscribe_context))
    async def subscribe(self, caller: Caller, request: wire.SubscribeInput) -> wire.SubscribeResponse:
        """Subscribe an endpoint; the same one again is the same subscription, and while it is pending gets its mail
        again."""
        topic = topic_name(request["TopicArn"], caller.region)
        protocol = checked_protocol(request["Protocol"])
        endpoint = checked_endpoint(protocol, request.get("Endpoint", ""), self._country)
        attributes = request.get("Attributes") or {}
        wanted = read_attributes(attributes, protocol)
        if _endpoint_context(protocol, endpoint) != _subscribe_context(request):
            # Only here is it known which number ten bare digits mean: policies judge by that.
            await caller.demand(
                Requirement(action="sns:Subscribe", resource=topic.arn, context=_endpoint_context(protocol, endpoint))
            )
        identifier = self._ids.token(32)
        wish = Wish(
            topic=topic,
            subscription_id=uuid(identifier),
            owner=caller.account,
            subscriber=caller.principal.arn,
            protocol=protocol,
            endpoint=endpoint,
            token=uuid(identifier).replace("-", "") + self._ids.token(96),
            mail_id=uuid(self._ids.token(32)),
            now=self._clock.now(),
            base_url=caller.base_url,
            filter=wanted,
            given=frozenset(attributes),
        )
        found, confirmed = await self._tables.write(subscribe, wish)
        self._poke()
        told = confirmed or request.get("ReturnSubscriptionArn", False)
        return {"SubscriptionArn": subscription_arn(topic, found) if told else "pending confirmation"}

    @operation(
        "ConfirmSubscription",
        needs=NoPermission("The token, which only the endpoint's owner was sent, is the permission."),
        anonymous=True,
    )
    async def confirm(self, caller: Caller, request: wire.ConfirmSubscriptionInput) -> wire.ConfirmSubscriptionResponse:
        """Confirm by the token of a mail. Doing it again answers the same."""
        topic = find_topic_name(request["TopicArn"])
        if topic is None:
            raise InvalidParameter("Invalid parameter: Topic")
        wish = request.get("AuthenticateOnUnsubscribe", "false").lower()
        if wish not in {"true", "false"}:
            raise InvalidParameter("Invalid parameter: AuthenticateOnUnsubscribe")
        signed = caller.principal.kind != "anonymous"
        if wish == "true" and not signed:
            raise AccessDenied("AuthenticateOnUnsubscribe needs a signed request.")
        confirmed = await self._tables.write(
            confirm, topic, request["Token"], now=self._clock.now(), signed=signed, signed_end=wish == "true"
        )
        return {"SubscriptionArn": confirmed.arn}

    @operation("Unsubscribe", needs=_unsubscribe_needs, anonymous=True)
    async def unsubscribe(self, caller: Caller, request: wire.UnsubscribeInput) -> None:
        """End a subscription; nothing happens if there is none."""
        topic, identifier = subscription_id(request["SubscriptionArn"])
        await self._tables.write(unsubscribe, topic, identifier, account=caller.account, now=self._clock.now())

    @operation("ListSubscriptions", needs=need("sns:ListSubscriptions", on=on_any_topic))
    async def list(self, caller: Caller, request: wire.ListSubscriptionsInput) -> wire.ListSubscriptionsResponse:
        """A page of 100 of the account's subscriptions, to whosever topics."""
        scope = f"sns.ListSubscriptions/{caller.account}/{caller.region}"
        start = after(self._pages, request.get("NextToken"), scope)
        found = await self._tables.read(
            of_owner, caller.account, caller.region, after=start, now=self._clock.now(), size=PAGE + 1
        )
        answer: wire.ListSubscriptionsResponse = {"Subscriptions": [_shown(one) for one in found[:PAGE]]}
        if len(found) > PAGE:
            answer["NextToken"] = self._pages.seal(found[PAGE - 1].subscription_id, scope)
        return answer

    @operation("ListSubscriptionsByTopic", needs=need("sns:ListSubscriptionsByTopic", on=on_topic))
    async def list_by_topic(
        self, caller: Caller, request: wire.ListSubscriptionsByTopicInput
    ) -> wire.ListSubscriptionsByTopicResponse:
        """A page of 100 of the topic's subscriptions, whoever owns them."""
        topic = topic_name(request["TopicArn"], caller.region)
        scope = f"sns.ListSubscriptionsByTopic/{topic.arn}"
        start = after(self._pages, request.get("NextToken"), scope)
        found = await self._tables.read(of_topic, topic, after=start, now=self._clock.now(), size=PAGE + 1)
        answer: wire.ListSubscriptionsByTopicResponse = {"Subscriptions": [_shown(one) for one in found[:PAGE]]}
        if len(found) > PAGE:
            answer["NextToken"] = self._pages.seal(found[PAGE - 1].subscription_id, scope)
        return answer

    @operation("GetSubscriptionAttributes", needs=need("sns:GetSubscriptionAttributes"))
    async def attributes(
        self, caller: Caller, request: wire.GetSubscriptionAttributesInput
    ) -> wire.GetSubscriptionAttributesResponse:
        """One subscription, for its owner and for the topic's."""
        found = await self._tables.read(_require, self._named(caller, request["SubscriptionArn"]))
        attributes = {
            "SubscriptionArn": found.arn,
            "TopicArn": found.topic.arn,
            "Owner": found.owner,
            "Protocol": found.protocol,
            "Endpoint": found.endpoint,
            "PendingConfirmation": _word(not found.confirmed),
            "ConfirmationWasAuthenticated": _word(found.signed),
            "RawMessageDelivery": "false",
            "SubscriptionPrincipal": found.subscriber,
        }
        if found.filter.policy:
            attributes |= {"FilterPolicy": found.filter.policy, "FilterPolicyScope": found.filter.scope}
        return {"Attributes": attributes}

    @operation("SetSubscriptionAttributes", needs=need("sns:SetSubscriptionAttributes"))
    async def set_attribute(self, caller: Caller, request: wire.SetSubscriptionAttributesInput) -> None:
        """Set FilterPolicy or FilterPolicyScope, by its owner or by the topic's; an empty policy lets all messages
        through again."""
        named = self._named(caller, request["SubscriptionArn"])
        await self._tables.write(
            _set_attribute, named, name=request["AttributeName"], value=request.get("AttributeValue", "")
        )

    def _named(self, caller: Caller, arn: str) -> _Named:
        topic, identifier = subscription_id(arn)
        if topic.region != caller.region:
            raise InvalidParameter("Invalid parameter: SubscriptionArn")
        return _Named(topic=topic, subscription_id=identifier, account=caller.account, now=self._clock.now())


def _require(tx: Transaction, named: _Named) -> Subscription:
    found = find_subscription(tx, named.subscription_id)
    if found is None or found.topic != named.topic or not found.stands(named.now):
        raise NotFound("Subscription does not exist")
    if named.account not in {found.owner, named.topic.account}:
        raise AccessDenied
    return found


def _set_attribute(tx: Transaction, named: _Named, *, name: str, value: str) -> None:
    found = _require(tx, named)
    changed = with_attribute(found.filter, name, value, found.protocol)
    tx.run(
        SQL.set_filter,
        subscription_id=found.subscription_id,
        filter_policy=changed.policy,
        filter_scope=changed.scope,
    )


def _shown(found: Subscription) -> wire.Subscription:
    return {
        "SubscriptionArn": found.arn if found.confirmed else "PendingConfirmation",
        "Owner": found.owner,
        "Protocol": found.protocol,
        "Endpoint": found.endpoint,
        "TopicArn": found.topic.arn,
    }


def _word(value: bool) -> str:
    return "true" if value else "false"
