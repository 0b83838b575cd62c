"""Confirming by a link of AWS's own form: an Action without a Version, on this cloud's host names."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from marinelayer.testing import LocalCloud


def token_for(cloud: LocalCloud, address: str) -> str | None:
    """The token in the mail that asks `address`."""
    request = AWSRequest("GET", f"{cloud.endpoint_url}/_marinelayer/inbox?limit=1000")
    SigV4Auth(Credentials(cloud.access_key_id, cloud.secret_access_key), "marinelayer", "us-east-1").add_auth(request)
    answer = requests.get(str(request.url), headers=dict(request.headers.items()), timeout=10)
    links = [link for mail in answer.json()["messages"] if mail["to"] == address for link in mail["links"]]
    return next((parse_qs(urlsplit(link).query)["Token"][0] for link in links if "Token=" in link), None)


@pytest.mark.parametrize("host", [None, "sns.us-east-1.amazonaws.com"])
def test_a_link_with_an_action_alone_confirms(
    client: Callable[..., Any], cloud: LocalCloud, eventually: Callable[..., Any], bucket: str, host: str | None
) -> None:
    sns = client("sns")
    arn = sns.create_topic(Name=bucket)["TopicArn"]
    address = f"{bucket}@example.com"
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint=address)
    token = eventually(lambda: token_for(cloud, address))
    headers = {} if host is None else {"Host": host}

    def visit(**changed: str) -> requests.Response:
        query = {"Action": "ConfirmSubscription", "TopicArn": arn, "Token": token, **changed}
        return requests.get(f"{cloud.endpoint_url}/?{urlencode(query)}", headers=headers, timeout=10)

    wrong = visit(Token="0" * len(token))
    assert (wrong.status_code, "<Code>InvalidParameter</Code>" in wrong.text) == (400, True)
    right = visit()
    assert right.status_code == 200
    subscription = ET.fromstring(right.content).findtext(".//{*}SubscriptionArn")
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert listed["SubscriptionArn"] == subscription
    left = requests.get(
        f"{cloud.endpoint_url}/?{urlencode({'Action': 'Unsubscribe', 'SubscriptionArn': subscription})}", timeout=10
    )
    assert left.status_code == 200
    assert sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] == []


def test_what_needs_credentials_is_refused_in_the_services_own_words(cloud: LocalCloud) -> None:
    answer = requests.get(f"{cloud.endpoint_url}/?Action=ListTopics", timeout=10)
    assert (answer.status_code, "<Code>MissingAuthenticationToken</Code>" in answer.text) == (403, True)
