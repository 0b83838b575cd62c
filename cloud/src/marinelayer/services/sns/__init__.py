"""SNS: topics, subscriptions by SMS and mail, publishing, and the deliveries that follow.

Source: https://docs.aws.amazon.com/sns/latest/api/. Knows no protocol, no relay and no other service.
"""

from __future__ import annotations

from collections.abc import Callable

from marinelayer.ports import Clock, Ids, Keyring, Principals, Tables
from marinelayer.services.operation import ServiceTable, service_table
from marinelayer.services.paging import PageTokens
from marinelayer.services.sns.access import TopicAccess
from marinelayer.services.sns.deliveries import Deliveries
from marinelayer.services.sns.letters import confirm_link, unsubscribe_link
from marinelayer.services.sns.opt_outs import OptOuts
from marinelayer.services.sns.permissions import Permissions
from marinelayer.services.sns.publishing import Publishing
from marinelayer.services.sns.sms_attributes import SmsAttributes
from marinelayer.services.sns.subscriptions import Subscriptions
from marinelayer.services.sns.topic_tags import TopicTags
from marinelayer.services.sns.topics import Topics

__all__ = ["Deliveries", "confirm_link", "sns_service", "unsubscribe_link"]


def sns_service(
    *,
    tables: Tables,
    clock: Clock,
    ids: Ids,
    keyring: Keyring,
    principals: Principals,
    poke: Callable[[], None],
    sms_country: str = "US",
) -> ServiceTable:
    """SNS's operations. `poke` is called when an outbox job was written; `Deliveries` has the jobs' handlers;
    `sms_country` is the country of phone numbers without a country code."""
    pages = PageTokens(keyring)
    return service_table(
        "sns",
        (
            Topics(tables, clock, ids, pages, principals, poke),
            TopicTags(tables),
            Permissions(tables),
            OptOuts(pages),
            SmsAttributes(tables),
            Subscriptions(tables, clock, ids, pages, poke, sms_country),
            Publishing(tables, clock, ids, poke, sms_country),
        ),
        access=TopicAccess(tables),
    )
