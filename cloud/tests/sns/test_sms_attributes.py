"""Who an SMS comes from, and of which type it is: as the message says, else as its account said for the region."""

from __future__ import annotations

from typing import Any

import pytest

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Message
from marinelayer.services.sns.errors import InvalidParameter

NUMBER = "+13125551123"


def attribute(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


class Gateway:
    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def send(self, message: Message) -> None:
        self.sent.append(message)


@pytest.fixture
def gateway(exchange: Any) -> Gateway:
    exchange.relays["sms"] = Gateway()
    return exchange.relays["sms"]


async def sent(exchange: Any, gateway: Gateway) -> list[tuple[str, str]]:
    await exchange.settle()
    found = [(message.sender_id, message.sms_type) for message in gateway.sent]
    gateway.sent.clear()
    return found


async def test_what_was_never_set_is_not_told_but_the_limit(exchange: Any) -> None:
    assert await exchange.ask("GetSMSAttributes") == {"attributes": {"MonthlySpendLimit": "1"}}


async def test_what_is_set_is_told_in_its_region_only_and_the_rest_stays(exchange: Any) -> None:
    await exchange.ask("SetSMSAttributes", attributes={"DefaultSenderID": "City", "DefaultSMSType": "Promotional"})
    await exchange.ask(
        "SetSMSAttributes", attributes={"DefaultSMSType": "Transactional", "DeliveryStatusSuccessSamplingRate": "100"}
    )
    answer = await exchange.ask("GetSMSAttributes")
    assert answer["attributes"] == {
        "DefaultSenderID": "City",
        "DefaultSMSType": "Transactional",
        "DeliveryStatusSuccessSamplingRate": "100",
        "MonthlySpendLimit": "1",
    }
    some = await exchange.ask("GetSMSAttributes", attributes=["DefaultSenderID", "UsageReportS3Bucket"])
    assert some == {"attributes": {"DefaultSenderID": "City"}}
    elsewhere = await exchange.ask("GetSMSAttributes", region="eu-west-1")
    assert elsewhere == {"attributes": {"MonthlySpendLimit": "1"}}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("InvalidAttribute", "invalid", "InvalidAttribute is not a valid attribute"),
        ("DefaultSMSType", "invalid", "DefaultSMSType is invalid"),
        ("DefaultSenderID", "a" * 12, "DefaultSenderID is invalid"),
        ("DefaultSenderID", "123456789", "DefaultSenderID is invalid"),
        ("DefaultSenderID", "Get it", "DefaultSenderID is invalid"),
        ("DeliveryStatusSuccessSamplingRate", "101", "DeliveryStatusSuccessSamplingRate is invalid"),
        ("MonthlySpendLimit", "much", "MonthlySpendLimit is invalid"),
    ],
)
async def test_one_wrong_attribute_is_refused_and_none_of_the_request_is_set(
    exchange: Any, name: str, value: str, message: str
) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        await exchange.ask("SetSMSAttributes", attributes={"DeliveryStatusSuccessSamplingRate": "7", name: value})
    assert refusal.value.message == message
    assert await exchange.ask("GetSMSAttributes") == {"attributes": {"MonthlySpendLimit": "1"}}


@pytest.mark.parametrize("name", ["DeliveryStatusIAMRole", "UsageReportS3Bucket"])
async def test_logs_and_reports_of_sms_are_not_there(exchange: Any, name: str) -> None:
    with pytest.raises(OperationNotImplemented, match=name):
        await exchange.ask("SetSMSAttributes", attributes={name: "x"})


async def test_an_sms_to_a_phone_says_sender_and_type(exchange: Any, gateway: Gateway) -> None:
    await exchange.ask("Publish", PhoneNumber=NUMBER, Message="nothing is set")
    assert await sent(exchange, gateway) == [("", "Promotional")]
    await exchange.ask("SetSMSAttributes", attributes={"DefaultSenderID": "City", "DefaultSMSType": "Transactional"})
    await exchange.ask("Publish", PhoneNumber=NUMBER, Message="as the account says")
    assert await sent(exchange, gateway) == [("City", "Transactional")]
    own = {"AWS.SNS.SMS.SenderID": attribute("Parks"), "AWS.SNS.SMS.SMSType": attribute("Promotional")}
    await exchange.ask("Publish", PhoneNumber=NUMBER, Message="as it says itself", MessageAttributes=own)
    assert await sent(exchange, gateway) == [("Parks", "Promotional")]
    assert next(message.sender for message in await exchange.inbox.messages()) == "Parks"


async def test_a_topics_sms_say_what_the_topics_account_said(exchange: Any, gateway: Gateway) -> None:
    topic = await exchange.topic(Attributes={"DisplayName": "Streets"})
    await exchange.phone(topic)
    await exchange.ask("SetSMSAttributes", attributes={"DefaultSenderID": "City"})
    await exchange.ask("Publish", TopicArn=topic, Message="pothole")
    await exchange.settle()
    (message,) = gateway.sent
    assert (message.sender_id, message.sms_type, message.sender) == ("City", "Promotional", "City")
    assert message.text == "Streets> pothole"
