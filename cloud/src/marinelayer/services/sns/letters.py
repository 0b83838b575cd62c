"""The letters that SNS writes: a notification by mail or SMS, and the mail that asks for confirmation.

Their form is AWS's, which filters and people know; the links lead to this cloud. Pure.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import quote

from marinelayer.ports import Message
from marinelayer.services.sns.content import SMS_LETTERS
from marinelayer.services.sns.fanout import Delivery
from marinelayer.services.sns.store import Subscription

SENDER = "AWS Notifications"
SUBJECT = "AWS Notification Message"
CONFIRM_SUBJECT = "AWS Notification - Subscription Confirmation"
SMS_SENDER_LETTERS = 10


def notification(delivery: Delivery) -> Message:
    """The letter of one delivery, in its protocol's form."""
    if delivery.protocol == "sms":
        return _sms(delivery)
    link = unsubscribe_link(delivery.base_url, f"{delivery.topic_arn}:{delivery.subscription_id}")
    return Message(
        id=delivery.id,
        channel="email",
        to=delivery.endpoint,
        subject=delivery.subject or SUBJECT,
        text=_json(delivery, link) if delivery.protocol == "email-json" else _text(delivery, link),
        links=(link,),
        sender=delivery.sender or SENDER,
        account=delivery.account,
        unsubscribe=link,
    )


def confirmation(subscription: Subscription, *, mail_id: str, base_url: str) -> Message:
    """The letter that asks an e-mail address whether it wants a topic's messages."""
    link = confirm_link(base_url, subscription.topic.arn, subscription.token)
    text = (
        f"You have chosen to subscribe to the topic:\n{subscription.topic.arn}\n\n"
        "To confirm this subscription, click or visit the link below (if this was in error, no action is needed):\n"
        f"{link}\n\n"
        "The link is good for two days. Please do not reply to this mail.\n"
    )
    return Message(
        id=mail_id,
        channel="email",
        to=subscription.endpoint,
        subject=CONFIRM_SUBJECT,
        text=text,
        links=(link,),
        sender=subscription.topic_display_name or SENDER,
        account=subscription.topic.account,
    )


def confirm_link(base_url: str, topic_arn: str, token: str) -> str:
    """The page that confirms a subscription."""
    return f"{base_url}/_marinelayer/confirm?TopicArn={quote(topic_arn, safe='')}&Token={quote(token, safe='')}"


def unsubscribe_link(base_url: str, subscription_arn: str) -> str:
    """The page that ends a subscription."""
    return f"{base_url}/_marinelayer/unsubscribe?SubscriptionArn={quote(subscription_arn, safe='')}"


def _sms(delivery: Delivery) -> Message:
    # AWS writes the topic's display name before the text, and no subject.
    head = f"{delivery.sender[:SMS_SENDER_LETTERS]}> " if delivery.sender else ""
    return Message(
        id=delivery.id,
        channel="sms",
        to=delivery.endpoint,
        subject="",
        text=(head + delivery.text)[:SMS_LETTERS],
        sender=delivery.sender_id or delivery.sender,
        account=delivery.account,
        sender_id=delivery.sender_id,
        sms_type=delivery.sms_type,
    )


def _text(delivery: Delivery, link: str) -> str:
    return (
        f"{delivery.text}\n\n--\n"
        "If you wish to stop receiving notifications from this topic, please click or visit the link below to "
        f"unsubscribe:\n{link}\n\n"
        "Please do not reply directly to this email.\n"
    )


def _json(delivery: Delivery, link: str) -> str:
    published = datetime.fromtimestamp(delivery.published / 1_000_000, UTC)
    subject = {"Subject": delivery.subject} if delivery.subject else {}
    attributes = {"MessageAttributes": delivery.attributes} if delivery.attributes else {}
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": delivery.message_id,
            "TopicArn": delivery.topic_arn,
            **subject,
            "Message": delivery.text,
            "Timestamp": published.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "UnsubscribeURL": link,
            **attributes,
        },
        indent=2,
        ensure_ascii=False,
    )
