"""Topics and subscriptions as stored values, and the lookups that several nouns share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from marinelayer.ports import Row, Transaction
from marinelayer.services.sns.arns import TopicName, subscription_arn
from marinelayer.services.sns.errors import NotFound
from marinelayer.services.sns.filtering import Scope
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.sns", "sns.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic as stored. `policy` is "" for the default one; `principals` maps the ARNs in it to the unique ids that
    they had when it was set; `ended` counts the subscriptions that were ended; `created` in microseconds."""

    topic_id: str
    name: TopicName
    display_name: str
    policy: str
    principals: Mapping[str, str]
    tags: Mapping[str, str]
    ended: int = 0
    created: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages a subscription gets: a filter policy, "" for all of them, and what it is asked of."""

    policy: str = ""
    scope: Scope = "MessageAttributes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription as stored, with its topic's names. `owner` is the account that subscribed, `subscriber` the ARN
    of who did; `signed` tells that the confirmation was signed, `signed_end` that ending it must be."""

    subscription_id: str
    topic_id: str
    topic: TopicName
    topic_display_name: str
    owner: str
    subscriber: str
    protocol: str
    endpoint: str
    state: Literal["pending", "confirmed"]
    token: str = field(repr=False)
    token_expires: int
    signed: bool
    signed_end: bool
    filter: Filter

    @property
    def arn(self) -> str:
        """`TOPIC_ARN:UUID`."""
        return subscription_arn(self.topic, self.subscription_id)

    @property
    def confirmed(self) -> bool:
        """Whether it gets messages."""
        return self.state == "confirmed"

    def stands(self, now: int) -> bool:
        """Whether it is there for anyone who looks: a pending one is gone when its token has expired."""
        return self.confirmed or self.token_expires > now


def find_topic(tx: Transaction, name: TopicName) -> Topic | None:
    """The topic of that name."""
    row = tx.one(SQL.topic, account=name.account, region=name.region, name=name.name)
    return topic_of(row) if row else None


def require_topic(tx: Transaction, name: TopicName) -> Topic:
    """The topic of that name.

    Raises:
        NotFound: there is none.
    """
    topic = find_topic(tx, name)
    if topic is None:
        raise NotFound
    return topic


def find_subscription(tx: Transaction, subscription_id: str) -> Subscription | None:
    """The subscription, if its topic is still there."""
    row = tx.one(SQL.subscription, subscription_id=subscription_id)
    return subscription_of(row) if row else None


def has_topics(tx: Transaction, account: str) -> bool:
    """Whether the account has a topic, in whatever region."""
    return tx.one(SQL.any_topic, account=account) is not None


def has_subscriptions(tx: Transaction, account: str) -> bool:
    """Whether the account has a confirmed subscription, to whosever topic."""
    return tx.one(SQL.any_subscription, owner=account) is not None


def forget_account(tx: Transaction, account: str) -> None:
    """Remove what is left of an account that has neither topics nor confirmed subscriptions: the subscriptions that
    nobody confirmed, and what it said of its SMS."""
    tx.run(SQL.forget_subscriptions_of_owner, owner=account)
    tx.run(SQL.forget_sms_attributes, account=account)


def topic_of(row: Row) -> Topic:
    """A row of topics as a value."""
    return Topic(
        topic_id=row["topic_id"],
        name=TopicName(row["account"], row["region"], row["name"]),
        display_name=row["display_name"],
        policy=row["policy"],
        principals=json.loads(row["principals"]),
        tags=json.loads(row["tags"]),
        ended=row["ended"],
        created=row["created"],
    )


def filter_of(row: Row) -> Filter:
    """The filter in a row of subscriptions."""
    return Filter(row["filter_policy"], row["filter_scope"])


def subscription_of(row: Row) -> Subscription:
    """A row of subscriptions joined with topics as a value."""
    return Subscription(
        subscription_id=row["subscription_id"],
        topic_id=row["topic_id"],
        topic=TopicName(row["account"], row["region"], row["name"]),
        topic_display_name=row["display_name"],
        owner=row["owner"],
        subscriber=row["subscriber"],
        protocol=row["protocol"],
        endpoint=row["endpoint"],
        state=row["state"],
        token=row["token"],
        token_expires=row["token_expires"],
        signed=bool(row["signed"]),
        signed_end=bool(row["signed_end"]),
        filter=filter_of(row),
    )
