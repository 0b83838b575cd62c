"""SNS as the lesson uses it, through boto3, and the inbox and its links as a person would."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError


@pytest.fixture
def sns(client: Any) -> Any:
    return client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return sns.create_topic(Name=f"city-{uuid.uuid4().hex[:12]}")["TopicArn"]


@pytest.fixture
def address() -> str:
    """A mail address that no other test has."""
    return f"{uuid.uuid4().hex[:12]}@example.org"


@pytest.fixture
def inbox(cloud: Any) -> Callable[..., list[dict[str, Any]]]:
    """`inbox(to, count)`: the messages to someone, oldest first, once there are that many."""

    def look(to: str, count: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 10
        while True:
            found = [message for message in _messages(cloud) if message["to"] == to][::-1]
            if len(found) >= count or time.monotonic() > deadline:
                assert len(found) == count
                return found
            time.sleep(0.02)

    return look


def _messages(cloud: Any) -> list[dict[str, Any]]:
    request = AWSRequest("GET", f"{cloud.endpoint_url}/_marinelayer/inbox?limit=1000")
    key = Credentials(cloud.access_key_id, cloud.secret_access_key)
    SigV4Auth(key, "marinelayer", cloud.region).add_auth(request)
    return json.loads(_get(request.url, dict(request.headers)))["messages"]


def _get(url: str, headers: dict[str, str] | None = None) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=10) as answer:
        return answer.read().decode()


def _refused(call: Callable[..., Any], *, code: str, status: int, **request: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**request)
    response = refusal.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    return response["Error"]["Message"]


def test_a_phone_without_its_plus_gets_the_message(sns: Any, topic: str, inbox: Any, phone: str) -> None:
    made = sns.subscribe(TopicArn=topic, Protocol="SMS", Endpoint=f"{phone[1:]}.0")
    assert made["SubscriptionArn"].startswith(f"{topic}:")
    message_id = sns.publish(TopicArn=topic, Message="Body text of SMS or e-mail")["MessageId"]
    (sms,) = inbox(phone, 1)
    assert (sms["channel"], sms["text"], sms["state"]) == ("sms", "Body text of SMS or e-mail", "caught")
    assert sms["id"].startswith(message_id)


def test_a_mail_address_confirms_reads_and_leaves(sns: Any, topic: str, address: str, inbox: Any) -> None:
    made = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    assert made["SubscriptionArn"] == "pending confirmation"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    _refused(sns.unsubscribe, code="InvalidParameter", status=400, SubscriptionArn="PendingConfirmation")
    (letter,) = inbox(address, 1)
    assert "confirmed" in _get(letter["links"][0])
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"].startswith(f"{topic}:")
    sns.publish(TopicArn=topic, Message="RUN!", Subject="THIS IS BAD.  WE ARE FLOODING!")
    letter = inbox(address, 2)[1]
    assert letter["subject"] == "THIS IS BAD.  WE ARE FLOODING!"
    assert letter["text"].startswith("RUN!\n")
    assert "removed" in _get(letter["links"][0])
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_a_subscription_is_confirmed_by_the_apis_own_link_too(
    cloud: Any, sns: Any, topic: str, address: str, inbox: Any
) -> None:
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    (letter,) = inbox(address, 1)
    query = letter["links"][0].partition("?")[2]
    document = _get(f"{cloud.endpoint_url}/?Action=ConfirmSubscription&Version=2010-03-31&{query}")
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert f"<SubscriptionArn>{listed['SubscriptionArn']}</SubscriptionArn>" in document
    # As AWS's mails have it: the host says which service.
    host = {"Host": "sns.us-east-1.amazonaws.com"}
    _get(f"{cloud.endpoint_url}/?Action=Unsubscribe&SubscriptionArn={listed['SubscriptionArn']}", host)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_an_invented_link_confirms_nothing(cloud: Any, topic: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        _get(f"{cloud.endpoint_url}/_marinelayer/confirm?TopicArn={topic}&Token={'0' * 128}")
    with refusal.value as answer:
        assert answer.code == 400


def test_nothing_else_is_reached_without_credentials(cloud: Any, topic: str) -> None:
    for action in (f"Publish&TopicArn={topic}&Message=m", "ListTopics", f"DeleteTopic&TopicArn={topic}"):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            _get(f"{cloud.endpoint_url}/?Action={action}&Version=2010-03-31")
        with refusal.value as answer:
            assert answer.code == 403


def test_refusals_have_awss_codes_and_statuses(sns: Any, topic: str) -> None:
    absent = f"{topic}-absent"
    assert _refused(sns.publish, code="NotFound", status=404, TopicArn=absent, Message="m") == "Topic does not exist"
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.get_topic_attributes(TopicArn=absent)
    with pytest.raises(sns.exceptions.InvalidParameterException):
        sns.create_topic(Name="a b")
    message = _refused(
        sns.subscribe, code="InvalidParameter", status=400, TopicArn=topic, Protocol="sms", Endpoint="call me"
    )
    assert message == "Invalid SMS endpoint: call me"
    _refused(sns.publish, code="InvalidParameter", status=400, TopicArn=topic, Message="m", Subject="a\nb")
    _refused(
        sns.subscribe,
        code="NotImplemented",
        status=501,
        TopicArn=topic,
        Protocol="lambda",
        Endpoint="arn:aws:lambda:us-east-1:111122223333:function:f",
    )


def test_attributes_and_lists_come_back(sns: Any, topic: str) -> None:
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="City Alerts")
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (attributes["DisplayName"], attributes["Owner"]) == ("City Alerts", "111122223333")
    assert topic in [one["TopicArn"] for one in _all(sns, "list_topics", "Topics")]
    arn = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+13125551123")["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["Endpoint"] == "+13125551123"
    assert arn in [one["SubscriptionArn"] for one in _all(sns, "list_subscriptions", "Subscriptions")]
    sns.unsubscribe(SubscriptionArn=arn)
    sns.delete_topic(TopicArn=topic)
    assert topic not in [one["TopicArn"] for one in _all(sns, "list_topics", "Topics")]


def _all(sns: Any, operation: str, member: str) -> list[dict[str, Any]]:
    return [one for page in sns.get_paginator(operation).paginate() for one in page[member]]


def test_a_message_to_one_phone_arrives(sns: Any, inbox: Any, phone: str) -> None:
    attributes = {"AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "City"}}
    sent = sns.publish(PhoneNumber=phone[1:], Message="Water main break", MessageAttributes=attributes)
    (sms,) = inbox(phone, 1)
    assert (sms["id"], sms["text"]) == (sent["MessageId"], "Water main break")
