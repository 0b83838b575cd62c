"""How subscriptions change and are listed in the tables.

Write functions: pure statements, with the mail that a change asks for written in the same transaction.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from marinelayer import outbox
from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Transaction
from marinelayer.services.sns.arns import TopicName
from marinelayer.services.sns.errors import InvalidParameter
from marinelayer.services.sns.store import (
    SQL,
    Filter,
    Subscription,
    find_subscription,
    require_topic,
    subscription_of,
)

CONFIRM = "sns.confirm"
TOKEN_LIFE = 48 * 3600 * 1_000_000
"""Microseconds for which a confirmation's link is good."""
_EXPIRED_AT_ONCE = 500
_HEX = re.compile(r"[0-9A-Fa-f]+")
_TOKEN = re.compile(r"[0-9a-f]{128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
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
    filter: Filter
    given: frozenset[str]
    """The names of the attributes that were given; those of a subscription that is there must be the same."""


def subscribe(tx: Transaction, wish: Wish) -> tuple[str, bool]:
    """Subscribe, or find the subscription of that endpoint; its id and whether it is confirmed. While it is not, its
    mail is written again and its link is good for two more days.

    Raises:
        InvalidParameter: it is there with other attributes.
        NotFound: there is no such topic.
    """
    topic = require_topic(tx, wish.topic)
    tx.run(SQL.delete_expired, topic_id=topic.topic_id, now=wish.now, size=_EXPIRED_AT_ONCE)
    row = tx.one(SQL.subscription_of, topic_id=topic.topic_id, protocol=wish.protocol, endpoint=wish.endpoint)
    found = subscription_of(row) if row else None
    if found is not None:
        _refuse_differences(found.filter, wish)
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
        filter_policy=wish.filter.policy,
        filter_scope=wish.filter.scope,
    )
    if not confirmed:
        _enqueue_mail(tx, wish, wish.subscription_id)
    return wish.subscription_id, confirmed


def _refuse_differences(present: Filter, wish: Wish) -> None:
    if ("FilterPolicy" in wish.given and wish.filter.policy != present.policy) or (
        "FilterPolicyScope" in wish.given and wish.filter.scope != present.scope
    ):
        raise InvalidParameter(
            "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
        )


def _enqueue_mail(tx: Transaction, wish: Wish, subscription_id: str) -> None:
    mail = {"mail_id": wish.mail_id, "subscription_id": subscription_id, "base_url": wish.base_url}
    outbox.enqueue(
        tx,
        job_id=f"{CONFIRM}:{wish.mail_id}",
        kind=CONFIRM,
        group=f"sns:{subscription_id}",
        payload=json.dumps(mail).encode(),
        due=wish.now,
    )


def confirm(tx: Transaction, topic: TopicName, token: str, *, now: int, signed: bool, signed_end: bool) -> Subscription:
    """Confirm what the token names; nothing changes if that was done. `signed` tells that the request is, `signed_end`
    that only a signed one may end the subscription.

    Raises:
        InvalidParameter: the token is none, or none of this topic's, or has expired.
    """
    if not _HEX.fullmatch(token):
        raise InvalidParameter("Invalid token")
    digits = token[:32]
    named = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    found = find_subscription(tx, named) if _TOKEN.fullmatch(token) else None
    if found is not None and found.topic.region != topic.region:
        raise InvalidParameter("Invalid parameter: Topic")
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


def unsubscribe(tx: Transaction, topic: TopicName, subscription_id: str, *, account: str, now: int) -> None:
    """End a subscription on behalf of `account` ("" for someone with a link); nothing happens if there is none.

    Raises:
        AccessDenied: only a signed request of its owner's or its topic's account may.
        InvalidParameter: it is not confirmed yet.
    """
    found = find_subscription(tx, subscription_id)
    if found is None or found.topic != topic or not found.stands(now):
        return
    if found.signed_end and account not in {found.owner, topic.account}:
        raise AccessDenied
    if not found.confirmed:
        raise InvalidParameter("Invalid parameter: SubscriptionArn Reason: This subscription is pending confirmation")
    tx.run(SQL.delete_subscription, subscription_id=subscription_id)
    tx.run(SQL.count_ended, topic_id=found.topic_id)


def of_owner(tx: Transaction, owner: str, region: str, *, after: str, now: int, size: int) -> Sequence[Subscription]:
    """At most `size` subscriptions that the account `owner` made in `region`, by id, behind `after`."""
    rows = tx.all(SQL.subscriptions_of_owner, owner=owner, region=region, after=after, now=now, size=size)
    return [subscription_of(row) for row in rows]


def of_topic(tx: Transaction, topic: TopicName, *, after: str, now: int, size: int) -> Sequence[Subscription]:
    """At most `size` subscriptions of the topic, by id, behind `after`.

    Raises:
        NotFound: there is no such topic.
    """
    topic_id = require_topic(tx, topic).topic_id
    rows = tx.all(SQL.subscriptions_of_topic, topic_id=topic_id, after=after, now=now, size=size)
    return [subscription_of(row) for row in rows]
