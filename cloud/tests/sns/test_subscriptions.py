"""Subscriptions: a phone at once, a mail address when its owner says so, and out again by a link."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from marinelayer.model.errors import AccessDenied, OperationNotImplemented
from marinelayer.services.sns import confirm_link, unsubscribe_link
from marinelayer.services.sns.errors import InvalidParameter, NotFound

DAY = 24 * 3600 * 1_000_000


async def test_a_phone_is_subscribed_at_once(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = await exchange.phone(topic)
    assert re.fullmatch(rf"{topic}:[0-9a-f-]{{36}}", arn)
    assert (await exchange.ask("ListSubscriptionsByTopic", TopicArn=topic))["Subscriptions"] == [
        {
            "SubscriptionArn": arn,
            "Owner": "320333787981",
            "Protocol": "sms",
            "Endpoint": "+13125551123",
            "TopicArn": topic,
        }
    ]
    assert await exchange.caught() == []


async def test_the_same_phone_again_is_the_same_subscription_however_it_is_written(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = await exchange.phone(topic)
    for written in ("13125551123", "13125551123.0", "3125551123", "+1 312 555 1123"):
        assert await exchange.phone(topic, written) == arn
    again = await exchange.ask("Subscribe", TopicArn=topic, Protocol="SMS", Endpoint="3125551123")
    assert again == {"SubscriptionArn": arn}
    assert len((await exchange.ask("ListSubscriptions"))["Subscriptions"]) == 1


async def test_a_mail_address_is_pending_until_its_owner_confirms(exchange: Any) -> None:
    topic = await exchange.topic()
    subscribe = {"TopicArn": topic, "Protocol": "email", "Endpoint": "ann@example.org"}
    assert await exchange.ask("Subscribe", **subscribe) == {"SubscriptionArn": "pending confirmation"}
    (listed,) = (await exchange.ask("ListSubscriptions"))["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    (letter,) = await exchange.caught()
    assert (letter.channel, letter.to, letter.state) == ("email", "ann@example.org", "caught")
    assert letter.subject == "AWS Notification - Subscription Confirmation"
    assert letter.account == "320333787981"
    (link,) = letter.links
    assert link in letter.text
    assert topic in letter.text
    parts = urlsplit(link)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "http://127.0.0.1:4566/_marinelayer/confirm"
    query = dict(parse_qsl(parts.query))
    assert query.keys() == {"TopicArn", "Token"}
    assert re.fullmatch("[0-9a-f]{128}", query["Token"])
    confirmed = await exchange.ask_anonymously("ConfirmSubscription", **query)
    (listed,) = (await exchange.ask("ListSubscriptions"))["Subscriptions"]
    assert listed["SubscriptionArn"] == confirmed["SubscriptionArn"]
    assert await exchange.ask("Subscribe", **subscribe) == confirmed
    assert len(await exchange.caught()) == 1


async def test_confirming_again_answers_the_same(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = await exchange.mail(topic)
    (letter,) = await exchange.caught()
    query = dict(parse_qsl(urlsplit(letter.links[0]).query))
    exchange.clock.time += 3 * DAY
    assert await exchange.ask_anonymously("ConfirmSubscription", **query) == {"SubscriptionArn": arn}
    assert await exchange.ask("ConfirmSubscription", **query) == {"SubscriptionArn": arn}


async def test_subscribing_again_while_pending_sends_the_mail_again(exchange: Any) -> None:
    topic = await exchange.topic()
    for _ in range(2):
        await exchange.ask("Subscribe", TopicArn=topic, Protocol="email", Endpoint="ann@example.org")
        await exchange.settle()
    first, second = await exchange.caught()
    assert first.id != second.id
    # Either letter's link will do.
    assert first.links == second.links
    assert len((await exchange.ask("ListSubscriptions"))["Subscriptions"]) == 1


async def test_a_mail_that_is_overtaken_by_the_confirmation_is_not_sent(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.mail(topic)
    await exchange.ask("Subscribe", TopicArn=topic, Protocol="email", Endpoint="ann@example.org")
    assert len(await exchange.caught()) == 1


async def test_the_arn_is_told_early_to_those_who_ask(exchange: Any) -> None:
    topic = await exchange.topic()
    made = await exchange.ask(
        "Subscribe", TopicArn=topic, Protocol="email", Endpoint="ann@example.org", ReturnSubscriptionArn=True
    )
    arn = made["SubscriptionArn"]
    attributes = (await exchange.ask("GetSubscriptionAttributes", SubscriptionArn=arn))["Attributes"]
    assert attributes["PendingConfirmation"] == "true"
    with pytest.raises(InvalidParameter, match="pending confirmation"):
        await exchange.ask("Unsubscribe", SubscriptionArn=arn)


async def test_a_confirmation_link_is_good_for_two_days(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.ask("Subscribe", TopicArn=topic, Protocol="email", Endpoint="ann@example.org")
    (letter,) = await exchange.caught()
    exchange.clock.time += 2 * DAY
    with pytest.raises(InvalidParameter, match="Invalid parameter: Token"):
        await exchange.ask_anonymously("ConfirmSubscription", **dict(parse_qsl(urlsplit(letter.links[0]).query)))
    assert (await exchange.ask("ListSubscriptions"))["Subscriptions"] == []
    attributes = (await exchange.ask("GetTopicAttributes", TopicArn=topic))["Attributes"]
    assert attributes["SubscriptionsPending"] == "0"
    # The address can be subscribed again, by a new link.
    await exchange.mail(topic)
    assert len((await exchange.ask("ListSubscriptions"))["Subscriptions"]) == 1


async def test_only_the_right_token_confirms(exchange: Any) -> None:
    topic = await exchange.topic()
    other = await exchange.topic("other")
    await exchange.ask("Subscribe", TopicArn=topic, Protocol="email", Endpoint="ann@example.org")
    (letter,) = await exchange.caught()
    token = dict(parse_qsl(urlsplit(letter.links[0]).query))["Token"]
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    for forged in ("", "x", "\0" * 128, "ä" * 128, token[:127] + "\n"):
        with pytest.raises(InvalidParameter) as refusal:
            await exchange.ask_anonymously("ConfirmSubscription", TopicArn=topic, Token=forged)
        assert refusal.value.message == "Invalid token"
    for forged in (wrong, token[:32], token + "0", token.upper()):
        if forged != token:
            with pytest.raises(InvalidParameter, match="Invalid parameter: Token"):
                await exchange.ask_anonymously("ConfirmSubscription", TopicArn=topic, Token=forged)
    with pytest.raises(InvalidParameter, match="Invalid parameter: Token"):
        await exchange.ask_anonymously("ConfirmSubscription", TopicArn=other, Token=token)
    for elsewhere in ("not-an-arn", topic.replace("us-east-1", "eu-central-1")):
        with pytest.raises(InvalidParameter) as refusal:
            await exchange.ask_anonymously("ConfirmSubscription", TopicArn=elsewhere, Token=token)
        assert refusal.value.message == "Invalid parameter: Topic"
    await exchange.ask_anonymously("ConfirmSubscription", TopicArn=topic, Token=token)


async def test_a_subscription_ends_by_its_mails_link_without_credentials(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = await exchange.mail(topic)
    query = dict(parse_qsl(urlsplit(unsubscribe_link("http://127.0.0.1:4566", arn)).query))
    for _ in range(2):
        await exchange.ask_anonymously("Unsubscribe", **query)
    assert (await exchange.ask("ListSubscriptions"))["Subscriptions"] == []


async def test_ending_can_be_made_to_need_a_signature(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.ask("Subscribe", TopicArn=topic, Protocol="email", Endpoint="ann@example.org")
    (letter,) = await exchange.caught()
    query = dict(parse_qsl(urlsplit(letter.links[0]).query)) | {"AuthenticateOnUnsubscribe": "true"}
    with pytest.raises(AccessDenied):
        await exchange.ask_anonymously("ConfirmSubscription", **query)
    arn = (await exchange.ask("ConfirmSubscription", **query))["SubscriptionArn"]
    with pytest.raises(AccessDenied):
        await exchange.ask_anonymously("Unsubscribe", SubscriptionArn=arn)
    anyone = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    with pytest.raises(AccessDenied):
        await exchange.ask("Unsubscribe", by=exchange.user(anyone, account="111122223333"), SubscriptionArn=arn)
    attributes = (await exchange.ask("GetSubscriptionAttributes", SubscriptionArn=arn))["Attributes"]
    assert attributes["ConfirmationWasAuthenticated"] == "true"
    await exchange.ask("Unsubscribe", SubscriptionArn=arn)
    assert (await exchange.ask("ListSubscriptions"))["Subscriptions"] == []


SHORT = "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not {}"


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("PendingConfirmation", SHORT.format(1)),
        ("pending confirmation", SHORT.format(1)),
        ("", SHORT.format(1)),
        ("arn:aws:sns:us-east-1:t", SHORT.format(5)),
        ("arn:aws:sns:us-east-1:320333787981:t", "Invalid parameter: SubscriptionId"),
        ("a:b:c:d:e:f:g", "Invalid parameter: SubscriptionArn"),
    ],
)
async def test_what_is_no_subscriptions_arn_is_refused(exchange: Any, arn: str, message: str) -> None:
    for operation in ("Unsubscribe", "GetSubscriptionAttributes"):
        with pytest.raises(InvalidParameter) as refusal:
            await exchange.ask(operation, SubscriptionArn=arn)
        assert refusal.value.message == message


async def test_a_subscription_that_is_not_there_is_not_found_but_ended(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = f"{topic}:00000000-0000-4000-8000-000000000000"
    await exchange.ask("Unsubscribe", SubscriptionArn=arn)
    with pytest.raises(NotFound, match="Subscription does not exist"):
        await exchange.ask("GetSubscriptionAttributes", SubscriptionArn=arn)


async def test_a_subscription_is_named_by_its_own_topic_only(exchange: Any) -> None:
    topic = await exchange.topic()
    other = await exchange.topic("other")
    arn = (await exchange.phone(topic)).replace(topic, other)
    with pytest.raises(NotFound):
        await exchange.ask("GetSubscriptionAttributes", SubscriptionArn=arn)
    await exchange.ask("Unsubscribe", SubscriptionArn=arn)
    assert len((await exchange.ask("ListSubscriptions"))["Subscriptions"]) == 1


async def test_a_subscription_tells_its_attributes(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = await exchange.phone(topic)
    assert (await exchange.ask("GetSubscriptionAttributes", SubscriptionArn=arn))["Attributes"] == {
        "SubscriptionArn": arn,
        "TopicArn": topic,
        "Owner": "320333787981",
        "Protocol": "sms",
        "Endpoint": "+13125551123",
        "PendingConfirmation": "false",
        "ConfirmationWasAuthenticated": "true",
        "RawMessageDelivery": "false",
        "SubscriptionPrincipal": "arn:aws:iam::320333787981:root",
    }
    stranger = exchange.user(
        json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
        account="111122223333",
    )
    with pytest.raises(AccessDenied):
        await exchange.ask("GetSubscriptionAttributes", by=stranger, SubscriptionArn=arn)


async def test_subscriptions_page_by_100(exchange: Any) -> None:
    topic = await exchange.topic()
    arns = {await exchange.phone(topic, f"+1312555{number:04}") for number in range(101)}
    for operation, request in (("ListSubscriptions", {}), ("ListSubscriptionsByTopic", {"TopicArn": topic})):
        first = await exchange.ask(operation, **request)
        rest = await exchange.ask(operation, NextToken=first["NextToken"], **request)
        assert len(first["Subscriptions"]) == 100
        assert {one["SubscriptionArn"] for one in first["Subscriptions"] + rest["Subscriptions"]} == arns
        assert "NextToken" not in rest
        with pytest.raises(InvalidParameter, match="NextToken"):
            await exchange.ask(operation, NextToken="forged", **request)


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({"FilterPolicy": "{}"}, InvalidParameter),
        ({"RedrivePolicy": "{}"}, OperationNotImplemented),
        ({"RawMessageDelivery": "true"}, InvalidParameter),
        ({"Colour": "red"}, InvalidParameter),
    ],
)
async def test_attributes_that_would_be_ignored_are_refused(
    exchange: Any, attributes: dict[str, str], error: type[Exception]
) -> None:
    topic = await exchange.topic()
    with pytest.raises(error):
        await exchange.ask("Subscribe", TopicArn=topic, Protocol="sms", Endpoint="+13125551123", Attributes=attributes)
    assert (await exchange.ask("ListSubscriptions"))["Subscriptions"] == []


@pytest.mark.parametrize("written", ["+13125551123", "13125551123", "3125551123", "3125551123.0"])
async def test_a_policy_on_endpoints_sees_the_number_that_is_meant(exchange: Any, written: str) -> None:
    topic = await exchange.topic()

    def policy(effect: str) -> str:
        condition = {"StringEquals": {"sns:Protocol": "sms"}, "StringLike": {"sns:Endpoint": "+1312*"}}
        statement = {"Effect": effect, "Action": "sns:Subscribe", "Resource": topic, "Condition": condition}
        return json.dumps({"Version": "2012-10-17", "Statement": statement})

    everything = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sns:*", "Resource": "*"}}
    )
    request = {"TopicArn": topic, "Protocol": "sms", "Endpoint": written}
    with pytest.raises(AccessDenied):
        await exchange.ask("Subscribe", by=exchange.user(everything, policy("Deny")), **request)
    if len(written) > 12 or written.startswith("1"):
        await exchange.ask("Subscribe", by=exchange.user(policy("Allow")), **request)


def test_links_carry_their_values_safely() -> None:
    link = confirm_link("https://cloud.example", "arn:aws:sns:us-east-1:1:t", "a&b=c d")
    assert dict(parse_qsl(urlsplit(link).query)) == {"TopicArn": "arn:aws:sns:us-east-1:1:t", "Token": "a&b=c d"}
