"""Subscriptions: subscribe, confirm, unsubscribe, list.

A phone is subscribed at once; an e-mail address is asked first, by a mail with a link that holds a token. The token is
random and compared in constant time; knowing it is the permission to confirm. The links in mails need no credentials,
but where the confirmation asked that ending a subscription be signed.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied, OperationNotImplemented
from marinelayer.ports import Caller, Clock, Ids, Tables
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import NoPermission, need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.sns.arns import find_topic_name, subscription_arn, subscription_id, topic_name, uuid
from marinelayer.services.sns.endpoints import checked_endpoint, checked_protocol, sms_endpoint
from marinelayer.services.sns.errors import InvalidParameter, NotFound
from marinelayer.services.sns.store import Subscription, find_subscription
from marinelayer.services.sns.subscribing import Wish, confirm, of_owner, of_topic, subscribe, unsubscribe
from marinelayer.services.sns.tokens import PAGE, after
from marinelayer.services.sns.topics import on_any_topic, on_topic

if TYPE_CHECKING:
    from marinelayer.model.types import sns as wire

_OF_AWS = frozenset(
    {"DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "SubscriptionRoleArn", "ReplayPolicy"}
)


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
        _check_attributes(request.get("Attributes") or {}, protocol)
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
        topic, identifier = subscription_id(request["SubscriptionArn"])
        if topic.region != caller.region:
            raise InvalidParameter("Invalid parameter: SubscriptionArn")
        found = await self._tables.read(find_subscription, identifier)
        if found is None or found.topic != topic or not found.stands(self._clock.now()):
            raise NotFound("Subscription does not exist")
        if caller.account not in {found.owner, topic.account}:
            raise AccessDenied
        return {
            "Attributes": {
                "SubscriptionArn": found.arn,
                "TopicArn": topic.arn,
                "Owner": found.owner,
                "Protocol": found.protocol,
                "Endpoint": found.endpoint,
                "PendingConfirmation": _word(not found.confirmed),
                "ConfirmationWasAuthenticated": _word(found.signed),
                "RawMessageDelivery": "false",
                "SubscriptionPrincipal": found.subscriber,
            }
        }


def _check_attributes(attributes: Mapping[str, str], protocol: str) -> None:
    for name, value in attributes.items():
        if name == "RawMessageDelivery":
            if value.lower() != "false":
                raise InvalidParameter(
                    f"Invalid parameter: Attributes Reason: Delivery protocol [{protocol}] does not support raw "
                    "message delivery."
                )
        elif name in _OF_AWS:
            raise OperationNotImplemented(f"The subscription attribute {name} is not implemented here.")
        else:
            raise InvalidParameter("Invalid parameter: Attributes Reason: Unknown attribute name")


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
