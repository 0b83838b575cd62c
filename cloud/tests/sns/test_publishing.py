"""What is published reaches every confirmed subscriber once, and is shown in the inbox."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import RelayError, Statement
from marinelayer.services.sns import fanout
from marinelayer.services.sns.errors import InvalidParameter


async def test_a_message_reaches_phones_and_mail_boxes(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.phone(topic)
    arn = await exchange.mail(topic)
    before = len(await exchange.caught())
    sent = await exchange.ask("Publish", TopicArn=topic, Message="RUN!", Subject="THIS IS BAD.")
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", sent["MessageId"])
    sms, mail = sorted((await exchange.caught())[before:], key=lambda one: one.channel == "email")
    assert (sms.channel, sms.to, sms.subject, sms.text, sms.links) == ("sms", "+13125551123", "", "RUN!", ())
    assert (mail.channel, mail.to, mail.subject, mail.sender) == (
        "email",
        "ann@example.org",
        "THIS IS BAD.",
        "AWS Notifications",
    )
    (link,) = mail.links
    assert mail.text.startswith(
        "RUN!\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below "
        f"to unsubscribe:\n{link}\n"
    )
    assert link.endswith(arn.replace(":", "%3A"))
    assert sms.id.startswith(f"{sent['MessageId']}.")
    assert sms.id != mail.id


async def test_a_messages_id_does_not_tell_its_subscription(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = await exchange.phone(topic)
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    (sms,) = await exchange.caught()
    assert arn.rpartition(":")[2] not in sms.id


async def test_a_message_without_a_subject_gets_awss(exchange: Any) -> None:
    topic = await exchange.topic(Attributes={"DisplayName": "City of Fog Alerts"})
    await exchange.mail(topic)
    await exchange.phone(topic)
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    messages = {one.channel: one for one in await exchange.caught()}
    assert messages["email"].subject == "AWS Notification Message"
    assert messages["email"].sender == "City of Fog Alerts"
    assert messages["sms"].text == "City of Fo> RUN!"


async def test_pending_subscribers_get_nothing(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.ask("Subscribe", TopicArn=topic, Protocol="email", Endpoint="ann@example.org")
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    assert [one.subject for one in await exchange.caught()] == ["AWS Notification - Subscription Confirmation"]


async def test_each_protocol_gets_its_own_text(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.phone(topic)
    await exchange.mail(topic)
    await exchange.ask(
        "Publish",
        TopicArn=topic,
        MessageStructure="json",
        Message=json.dumps({"default": "d", "sms": "short", "email": "long"}),
    )
    texts = [one.text for one in await exchange.caught()]
    assert "short" in texts
    assert any(text.startswith("long\n") for text in texts)


async def test_email_json_is_a_json_document(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.ask("Subscribe", TopicArn=topic, Protocol="email-json", Endpoint="bot@example.org")
    await exchange.settle()
    (letter,) = await exchange.inbox.messages()
    from urllib.parse import parse_qsl, urlsplit

    await exchange.ask_anonymously("ConfirmSubscription", **dict(parse_qsl(urlsplit(letter.links[0]).query)))
    published = exchange.clock.time
    attributes = {
        "dept": {"DataType": "String.Array", "StringValue": '["streets"]'},
        "key": {"DataType": "Binary", "BinaryValue": b"\0\xff"},
    }
    sent = await exchange.ask("Publish", TopicArn=topic, Message="Grüße", Subject="Hi", MessageAttributes=attributes)
    document = json.loads((await exchange.caught())[-1].text)
    assert document.pop("UnsubscribeURL").startswith("http://127.0.0.1:4566/_marinelayer/unsubscribe?")
    assert document.pop("Timestamp").endswith("Z")
    assert published
    assert document == {
        "Type": "Notification",
        "MessageId": sent["MessageId"],
        "TopicArn": topic,
        "Subject": "Hi",
        "Message": "Grüße",
        "MessageAttributes": {
            "dept": {"Type": "String.Array", "Value": '["streets"]'},
            "key": {"Type": "Binary", "Value": "AP8="},
        },
    }
    await exchange.ask("Publish", TopicArn=topic, Message="plain")
    assert "MessageAttributes" not in json.loads((await exchange.caught())[-1].text)


@pytest.mark.parametrize("written", ["+13125551123", "13125551123.0", "3125551123"])
async def test_a_message_can_go_to_one_phone(exchange: Any, written: str) -> None:
    sent = await exchange.ask("Publish", PhoneNumber=written, Message="RUN!")
    (sms,) = await exchange.caught()
    assert (sms.id, sms.channel, sms.to, sms.text) == (sent["MessageId"], "sms", "+13125551123", "RUN!")
    assert sms.account == "320333787981"


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"PhoneNumber": "5"}, "PhoneNumber Reason: 5 is not valid to publish to"),
        ({"PhoneNumber": "+13125551123", "Message": "x" * 1601}, "Message too long"),
        ({}, "TopicArn or TargetArn Reason: no value for required parameter"),
        ({"TargetArn": "arn:aws:sns:us-east-1:320333787981:endpoint/GCM/x/y"}, "TargetArn"),
        ({"PhoneNumber": "+13125551123", "TopicArn": "arn:aws:sns:us-east-1:320333787981:t"}, "only one of them"),
    ],
)
async def test_a_target_that_is_none_is_refused(exchange: Any, request_: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidParameter, match=re.escape(reason)):
        await exchange.ask("Publish", **({"Message": "m"} | request_))
    assert await exchange.caught() == []


async def test_a_target_arn_may_be_a_topics(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.phone(topic)
    await exchange.ask("Publish", TargetArn=topic, Message="RUN!")
    assert len(await exchange.caught()) == 1


async def test_publishing_to_a_phone_needs_permission_on_everything(exchange: Any) -> None:
    def policy(resource: str) -> str:
        statement = {"Effect": "Allow", "Action": "sns:Publish", "Resource": resource}
        return json.dumps({"Version": "2012-10-17", "Statement": statement})

    topics = exchange.user(policy("arn:aws:sns:*:*:*"))
    with pytest.raises(AccessDenied):
        await exchange.ask("Publish", by=topics, PhoneNumber="+13125551123", Message="m")
    await exchange.ask("Publish", by=exchange.user(policy("*")), PhoneNumber="+13125551123", Message="m")


async def test_a_long_text_is_cut_for_phones_only(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.phone(topic)
    await exchange.ask("Publish", TopicArn=topic, Message="x" * 2000)
    (sms,) = await exchange.caught()
    assert sms.text == "x" * 1600


async def test_who_left_since_gets_nothing(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = await exchange.phone(topic)
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    await exchange.ask("Unsubscribe", SubscriptionArn=arn)
    assert await exchange.caught() == []


async def test_a_topic_may_have_more_subscribers_than_fit_one_transaction(
    exchange: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "PAGE_ROWS", 7)
    topic = await exchange.topic()
    numbers = [f"+1312555{number:04}" for number in range(21)]
    for number in numbers:
        await exchange.phone(topic, number)
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    assert sorted(one.to for one in await exchange.caught()) == numbers


async def test_large_messages_take_smaller_transactions(exchange: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "PAGE_BYTES", 1000)
    topic = await exchange.topic()
    numbers = [f"+1312555{number:04}" for number in range(5)]
    for number in numbers:
        await exchange.phone(topic, number)
    await exchange.ask("Publish", TopicArn=topic, Message="x" * 500)
    assert sorted(one.to for one in await exchange.caught()) == numbers


async def test_large_attributes_take_smaller_transactions_too(exchange: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "PAGE_BYTES", 3_000)
    topic = await exchange.topic()
    for number in range(5):
        await exchange.phone(topic, f"+1312555{number:04}")
    attributes = {"a": {"DataType": "String", "StringValue": "x" * 1_000}}
    await exchange.ask("Publish", TopicArn=topic, Message="m", MessageAttributes=attributes)

    def written(tx: Any) -> int:
        return tx.one(Statement("count", "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'sns.deliver'"))["n"]

    assert await exchange.tables.read(written) == 2
    assert len({one.to for one in await exchange.caught()}) == 5


async def test_a_fan_out_that_a_kill_repeats_delivers_once(
    exchange: Any, monkeypatch: pytest.MonkeyPatch, held_relay: Any
) -> None:
    monkeypatch.setattr(fanout, "PAGE_ROWS", 2)
    relay = exchange.relays["sms"] = held_relay()
    topic = await exchange.topic()
    for number in range(5):
        await exchange.phone(topic, f"+1312555{number:04}")
    rest: list[Any] = []
    run = exchange.deliveries.fan_out

    async def remember(job: Any) -> None:
        rest.append(job)
        await run(job)

    exchange.deliveries.fan_out = remember
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    assert len(await exchange.caught()) == 5
    assert rest
    for job in rest:
        await run(job)
    await exchange.settle()
    assert len(relay.sent) == 5


async def test_a_relayed_message_is_in_the_inbox_too(exchange: Any, held_relay: Any) -> None:
    relay = exchange.relays["sms"] = held_relay()
    topic = await exchange.topic()
    await exchange.phone(topic)
    await exchange.mail(topic)
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    states = {one.channel: one.state for one in await exchange.caught()}
    assert states == {"sms": "relayed", "email": "caught"}
    assert [one.to for one in relay.sent] == ["+13125551123"]


async def test_a_relay_that_fails_for_now_is_tried_again(exchange: Any, held_relay: Any) -> None:
    relay = exchange.relays["sms"] = held_relay(RelayError("451 later"))
    topic = await exchange.topic()
    await exchange.phone(topic)
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    (sms,) = await exchange.caught()
    assert (sms.state, sms.error) == ("relayed", "")
    assert len(relay.sent) == 1


@pytest.mark.parametrize(
    "failures", [[RelayError("550 no such user", permanent=True)], [RelayError("451 later") for _ in range(3)]]
)
async def test_a_relay_that_fails_for_good_is_given_up_visibly(
    exchange: Any, held_relay: Any, failures: list[RelayError]
) -> None:
    relay = exchange.relays["sms"] = held_relay(*failures)
    topic = await exchange.topic()
    await exchange.phone(topic)
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    (sms,) = await exchange.caught()
    assert (sms.state, sms.error) == ("failed", str(failures[0]))
    assert relay.sent == []
    async with exchange.running() as outbox:
        (dead,) = await outbox.dead()
    assert dead.last_error == str(failures[0])
    # The next message to the same phone is not held up.
    await exchange.ask("Publish", TopicArn=topic, Message="again")
    assert [one.state for one in await exchange.caught()] == ["failed", "relayed"]


async def test_a_confirmation_is_relayed_like_any_mail(exchange: Any, held_relay: Any) -> None:
    relay = exchange.relays["email"] = held_relay()
    await exchange.ask("Subscribe", TopicArn=await exchange.topic(), Protocol="email", Endpoint="ann@example.org")
    (letter,) = await exchange.caught()
    assert letter.state == "relayed"
    assert relay.sent[0].links == letter.links


async def test_the_outbox_is_woken_for_what_is_to_be_done(exchange: Any) -> None:
    topic = await exchange.topic()
    assert exchange.pokes == 0
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    assert exchange.pokes == 1
