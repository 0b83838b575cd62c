"""Subscriptions: subscribe, confirm, unsubscribe, list.

A phone is subscribed at once; an e-mail address is asked first, by a mail with a link that holds a token. The token is
random and compared in constant time; knowing it is the permission to confirm. The links in mails need no credentials,
but where the confirmation asked that ending a subscription be signed.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html and its neighbours.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marinelayer import outbox
from marinelayer.model.errors import AccessDenied, OperationNotImplemented
from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import NoPermission, need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.sns.arns import TopicName, subscription_arn, subscription_id, topic_name, uuid
from marinelayer.services.sns.endpoints import checked_endpoint, checked_protocol, to_e164
from marinelayer.services.sns.errors import InvalidParameter, NotFound
from marinelayer.services.sns.store import (
    SQL,
    Subscription,
    find_subscription,
    require_topic,
    subscription_of,
)
from marinelayer.services.sns.tokens import PAGE, after
from marinelayer.services.sns.topics import on_any_topic, on_topic

if TYPE_CHECKING:
    from marinelayer.model.types import sns as wire

CONFIRM = "sns.confirm"
TOKEN_LIFE = 48 * 3600 * 1_000_000
"""Microseconds for which a confirmation's link is good."""
_EXPIRED_AT_ONCE = 500
_TOKEN = re.compile(r"[0-9a-f]{128}")
_OF_AWS = frozenset(
    {"DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "SubscriptionRoleArn", "ReplayPolicy"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """A Subscribe on its way into the tables: all that a new row needs, and the mail that may go out."""

    topic: TopicName
    subscription_id: str
    owner: str
    subscriber: str
    protocol: str
    endpoint: str
    token: str = field(repr=False)
    mail_id: str
    now: int
    base_url: str


def _subscribe_context(request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return _endpoint_context(request["Protocol"].lower(), request.get("Endpoint", ""))


def _endpoint_context(protocol: str, endpoint: str) -> dict[str, tuple[str, ...]]:
    if protocol == "sms":
        endpoint = to_e164(endpoint, None) or endpoint
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
        wish = _Wish(
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
        found, confirmed = await self._tables.write(_subscribe, wish)
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
        topic = topic_name(request["TopicArn"], "")
        wish = request.get("AuthenticateOnUnsubscribe", "false").lower()
        if wish not in {"true", "false"}:
            raise InvalidParameter("Invalid parameter: AuthenticateOnUnsubscribe")
        signed = caller.principal.kind != "anonymous"
        if wish == "true" and not signed:
            raise AccessDenied("AuthenticateOnUnsubscribe needs a signed request.")
        confirmed = await self._tables.write(
            _confirm, topic, request["Token"], now=self._clock.now(), signed=signed, signed_end=wish == "true"
        )
        return {"SubscriptionArn": confirmed.arn}

    @operation("Unsubscribe", needs=_unsubscribe_needs, anonymous=True)
    async def unsubscribe(self, caller: Caller, request: wire.UnsubscribeInput) -> None:
        """End a subscription; nothing happens if there is none."""
        topic, identifier = subscription_id(request["SubscriptionArn"])
        await self._tables.write(_unsubscribe, topic, identifier, account=caller.account, now=self._clock.now())

    @operation("ListSubscriptions", needs=need("sns:ListSubscriptions", on=on_any_topic))
    async def list(self, caller: Caller, request: wire.ListSubscriptionsInput) -> wire.ListSubscriptionsResponse:
        """A page of 100 of the account's subscriptions, to whosever topics."""
        scope = f"sns.ListSubscriptions/{caller.account}/{caller.region}"
        start = after(self._pages, request.get("NextToken"), scope)
        found = await self._tables.read(
            _of_owner, caller.account, caller.region, after=start, now=self._clock.now(), size=PAGE + 1
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
        found = await self._tables.read(_of_topic, topic, after=start, now=self._clock.now(), size=PAGE + 1)
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


def _subscribe(tx: Transaction, wish: _Wish) -> tuple[str, bool]:
    topic = require_topic(tx, wish.topic)
    tx.run(SQL.delete_expired, topic_id=topic.topic_id, now=wish.now, size=_EXPIRED_AT_ONCE)
    row = tx.one(SQL.subscription_of, topic_id=topic.topic_id, protocol=wish.protocol, endpoint=wish.endpoint)
    found = subscription_of(row) if row else None
    if found is not None and found.confirmed:
        return found.subscription_id, True
    expires = wish.now + TOKEN_LIFE
    if found is not None:
        tx.run(SQL.prolong_token, subscription_id=found.subscription_id, token_expires=expires)
        _enqueue_mail(tx, wish, found.subscription_id)
        return found.subscription_id, False
    confirmed = wish.protocol == "sms"
    tx.run(
        SQL.put_subscription,
        subscription_id=wish.subscription_id,
        topic_id=topic.topic_id,
        owner=wish.owner,
        subscriber=wish.subscriber,
        region=wish.topic.region,
        protocol=wish.protocol,
        endpoint=wish.endpoint,
        state="confirmed" if confirmed else "pending",
        token=wish.token,
        token_expires=expires,
        signed=int(confirmed),
        signed_end=0,
        created=wish.now,
    )
    if not confirmed:
        _enqueue_mail(tx, wish, wish.subscription_id)
    return wish.subscription_id, confirmed


def _enqueue_mail(tx: Transaction, wish: _Wish, subscription_id: str) -> None:
    mail = {"mail_id": wish.mail_id, "subscription_id": subscription_id, "base_url": wish.base_url}
    outbox.enqueue(
        tx,
        job_id=f"{CONFIRM}:{wish.mail_id}",
        kind=CONFIRM,
        group=f"sns:{subscription_id}",
        payload=json.dumps(mail).encode(),
        due=wish.now,
    )


def _confirm(
    tx: Transaction, topic: TopicName, token: str, *, now: int, signed: bool, signed_end: bool
) -> Subscription:
    digits = token[:32]
    named = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    found = find_subscription(tx, named) if _TOKEN.fullmatch(token) else None
    if (
        found is None
        or found.topic != topic
        or not hmac.compare_digest(found.token.encode(), token.encode())
        or not found.stands(now)
    ):
        raise InvalidParameter("Invalid parameter: Token")
    if not found.confirmed:
        tx.run(
            SQL.confirm_subscription,
            subscription_id=found.subscription_id,
            signed=int(signed),
            signed_end=int(signed_end),
        )
    return found


def _unsubscribe(tx: Transaction, topic: TopicName, subscription_id: str, *, account: str, now: int) -> None:
    found = find_subscription(tx, subscription_id)
    if found is None or found.topic != topic or not found.stands(now):
        return
    if found.signed_end and account not in {found.owner, topic.account}:
        raise AccessDenied
    if not found.confirmed:
        raise InvalidParameter("Invalid parameter: SubscriptionArn Reason: This subscription is pending confirmation")
    tx.run(SQL.delete_subscription, subscription_id=subscription_id)
    tx.run(SQL.count_ended, topic_id=found.topic_id)


def _of_owner(tx: Transaction, owner: str, region: str, *, after: str, now: int, size: int) -> Sequence[Subscription]:
    rows = tx.all(SQL.subscriptions_of_owner, owner=owner, region=region, after=after, now=now, size=size)
    return [subscription_of(row) for row in rows]


def _of_topic(tx: Transaction, topic: TopicName, *, after: str, now: int, size: int) -> Sequence[Subscription]:
    topic_id = require_topic(tx, topic).topic_id
    rows = tx.all(SQL.subscriptions_of_topic, topic_id=topic_id, after=after, now=now, size=size)
    return [subscription_of(row) for row in rows]


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
