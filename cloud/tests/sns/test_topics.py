"""Topics: made once however often they are asked for, listed by pages, gone with their subscriptions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.model.errors import AccessDenied, OperationNotImplemented
from marinelayer.services.sns.arns import checked_topic_name, uuid
from marinelayer.services.sns.errors import InvalidParameter, NotFound, TagLimitExceeded


async def test_a_topic_is_made_once_however_often_it_is_asked_for(exchange: Any) -> None:
    arn = await exchange.topic("city_alerts")
    assert arn == "arn:aws:sns:us-east-1:320333787981:city_alerts"
    assert await exchange.topic("city_alerts") == arn
    assert await exchange.topic("city_alerts", Attributes={"FifoTopic": "false"}) == arn
    assert await exchange.ask("ListTopics") == {"Topics": [{"TopicArn": arn}]}


async def test_a_topic_asked_for_with_other_attributes_or_tags_is_refused(exchange: Any) -> None:
    tags = [{"Key": "dept", "Value": "streets"}]
    arn = await exchange.topic(Attributes={"DisplayName": "City"}, Tags=tags)
    assert await exchange.topic(Attributes={"DisplayName": "City"}, Tags=tags) == arn
    with pytest.raises(InvalidParameter, match="Topic already exists with different attributes"):
        await exchange.topic(Attributes={"DisplayName": "Town"})
    for other in ([{"Key": "dept", "Value": "parks"}], [{"Key": "more", "Value": ""}]):
        with pytest.raises(InvalidParameter, match="Topic already exists with different tags"):
            await exchange.topic(Tags=other)


@pytest.mark.parametrize("name", ["a", "a b.fifo", ".fifo", "a.fifo.fifo", "x" * 252 + ".fifo"])
async def test_a_fifo_topics_name_ends_in_fifo(exchange: Any, name: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid parameter: Topic Name"):
        await exchange.topic(name, Attributes={"FifoTopic": "true"})


@pytest.mark.parametrize("name", ["", "x" * 257, "a b", "a.b", "a.fifo", "ä", "a/b", "a:b", "a\n", "*"])
async def test_a_name_that_breaks_the_rules_is_refused(exchange: Any, name: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid parameter: Topic Name"):
        await exchange.topic(name)


@given(st.from_regex(r"[A-Za-z0-9_-]{1,256}", fullmatch=True))
def test_every_name_of_snss_letters_is_accepted(name: str) -> None:
    assert checked_topic_name(name) == name


@given(st.integers(min_value=0, max_value=16**32 - 1))
def test_any_digits_make_a_uuid_of_version_4(number: int) -> None:
    from uuid import UUID

    made = UUID(uuid(f"{number:032x}"))
    assert made.version == 4


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("a.fifo", {"FifoTopic": "true"}),
        ("a", {"KmsMasterKeyId": "alias/aws/sns"}),
        ("a", {"LambdaFailureFeedbackRoleArn": "arn:aws:iam::1:role/r"}),
    ],
)
async def test_what_is_not_here_is_honestly_not_implemented(
    exchange: Any, name: str, attributes: dict[str, str]
) -> None:
    with pytest.raises(OperationNotImplemented):
        await exchange.topic(name, Attributes=attributes)


async def test_an_attribute_that_no_topic_has_is_refused(exchange: Any) -> None:
    with pytest.raises(InvalidParameter, match="Unknown attribute name"):
        await exchange.topic(Attributes={"Colour": "red"})
    arn = await exchange.topic()
    with pytest.raises(InvalidParameter, match="AttributeName"):
        await exchange.ask("SetTopicAttributes", TopicArn=arn, AttributeName="Colour", AttributeValue="red")
    with pytest.raises(InvalidParameter, match="AttributeName"):
        await exchange.ask("SetTopicAttributes", TopicArn=arn, AttributeName="FifoTopic", AttributeValue="false")


async def test_tags_have_limits(exchange: Any) -> None:
    with pytest.raises(TagLimitExceeded):
        await exchange.topic(Tags=[{"Key": str(number), "Value": ""} for number in range(51)])
    with pytest.raises(InvalidParameter, match="Duplicated keys"):
        await exchange.topic(Tags=[{"Key": "a", "Value": ""}, {"Key": "a", "Value": ""}])
    with pytest.raises(InvalidParameter):
        await exchange.topic(Tags=[{"Key": "aws:a", "Value": ""}])


async def test_topics_page_by_100(exchange: Any) -> None:
    for number in range(101):
        await exchange.topic(f"t-{number:03}")
    await exchange.ask("CreateTopic", Name="elsewhere", region="us-west-2")
    first = await exchange.ask("ListTopics")
    rest = await exchange.ask("ListTopics", NextToken=first["NextToken"])
    arns = [topic["TopicArn"] for topic in first["Topics"] + rest["Topics"]]
    assert arns == [f"arn:aws:sns:us-east-1:320333787981:t-{number:03}" for number in range(101)]
    assert len(first["Topics"]) == 100
    assert "NextToken" not in rest
    for forged in ("t-099", "", first["NextToken"][:-1], first["NextToken"] + "A", "ä"):
        with pytest.raises(InvalidParameter, match="NextToken"):
            await exchange.ask("ListTopics", NextToken=forged)
    with pytest.raises(InvalidParameter, match="NextToken"):
        await exchange.ask("ListTopics", NextToken=first["NextToken"], region="us-west-2")


async def test_a_topic_tells_its_owner_its_policy_and_its_numbers(exchange: Any) -> None:
    arn = await exchange.topic(Attributes={"DisplayName": "City"})
    await exchange.ask("Unsubscribe", SubscriptionArn=await exchange.phone(arn, "+13125551124"))
    await exchange.phone(arn)
    await exchange.ask("Subscribe", TopicArn=arn, Protocol="email", Endpoint="ann@example.org")
    attributes = (await exchange.ask("GetTopicAttributes", TopicArn=arn))["Attributes"]
    policy = json.loads(attributes.pop("Policy"))
    delivery = json.loads(attributes.pop("EffectiveDeliveryPolicy"))
    assert delivery["http"]["defaultHealthyRetryPolicy"]["numRetries"] == 3
    assert attributes == {
        "TopicArn": arn,
        "Owner": "320333787981",
        "DisplayName": "City",
        "SubscriptionsConfirmed": "1",
        "SubscriptionsPending": "1",
        "SubscriptionsDeleted": "1",
    }
    assert policy["Statement"][0]["Condition"] == {"StringEquals": {"AWS:SourceOwner": "320333787981"}}
    assert policy["Statement"][0]["Resource"] == arn


async def test_a_display_name_is_one_line_of_100_letters(exchange: Any) -> None:
    arn = await exchange.topic()
    await exchange.ask("SetTopicAttributes", TopicArn=arn, AttributeName="DisplayName", AttributeValue="Städte")
    assert (await exchange.ask("GetTopicAttributes", TopicArn=arn))["Attributes"]["DisplayName"] == "Städte"
    for value in ("x" * 101, "a\r\nBcc: b", "a\0"):
        with pytest.raises(InvalidParameter, match="DisplayName"):
            await exchange.ask("SetTopicAttributes", TopicArn=arn, AttributeName="DisplayName", AttributeValue=value)


@pytest.mark.parametrize(
    "arn",
    ["", "city", "arn:aws:sns:us-east-1:320333787981", "arn:aws:sqs:us-east-1:320333787981:t",
     "arn:aws:sns:us-west-2:320333787981:t", "arn:aws:sns:us-east-1:32:t", "arn:aws:sns:us-east-1:320333787981:t\0"],
)  # fmt: skip
async def test_what_is_no_topics_arn_here_is_refused(exchange: Any, arn: str) -> None:
    for operation, more in (
        ("DeleteTopic", {}),
        ("GetTopicAttributes", {}),
        ("SetTopicAttributes", {"AttributeName": "DisplayName"}),
        ("ListSubscriptionsByTopic", {}),
        ("Subscribe", {"Protocol": "sms", "Endpoint": "+13125551123"}),
        ("Publish", {"Message": "m"}),
    ):
        with pytest.raises(InvalidParameter, match="Invalid parameter: TopicArn"):
            await exchange.ask(operation, TopicArn=arn, **more)


async def test_a_topic_that_is_not_there_is_not_found(exchange: Any) -> None:
    arn = "arn:aws:sns:us-east-1:320333787981:absent"
    for operation, more in (
        ("GetTopicAttributes", {}),
        ("SetTopicAttributes", {"AttributeName": "DisplayName", "AttributeValue": "x"}),
        ("ListSubscriptionsByTopic", {}),
        ("Subscribe", {"Protocol": "sms", "Endpoint": "+13125551123"}),
        ("Publish", {"Message": "m"}),
    ):
        with pytest.raises(NotFound, match="Topic does not exist"):
            await exchange.ask(operation, TopicArn=arn, **more)


async def test_deleting_is_idempotent_and_takes_the_subscriptions_along(exchange: Any) -> None:
    arn = await exchange.topic()
    subscription = await exchange.phone(arn)
    await exchange.ask("DeleteTopic", TopicArn=arn)
    await exchange.ask("DeleteTopic", TopicArn=arn)
    assert (await exchange.ask("ListTopics"))["Topics"] == []
    assert (await exchange.ask("ListSubscriptions"))["Subscriptions"] == []
    with pytest.raises(NotFound, match="Subscription does not exist"):
        await exchange.ask("GetSubscriptionAttributes", SubscriptionArn=subscription)
    await exchange.topic()
    assert (await exchange.ask("ListSubscriptionsByTopic", TopicArn=arn))["Subscriptions"] == []
    await exchange.settle()

    def rows(tx: Any) -> int:
        from marinelayer.ports import Statement

        return tx.one(Statement("count", "SELECT COUNT(*) AS n FROM sns_subscriptions"))["n"]

    assert await exchange.tables.read(rows) == 0


async def test_a_user_needs_permission_for_each_operation(exchange: Any) -> None:
    arn = await exchange.topic()
    subscription = await exchange.phone(arn)
    inputs: dict[str, dict[str, Any]] = {
        "CreateTopic": {"Name": "another"},
        "DeleteTopic": {"TopicArn": arn},
        "ListTopics": {},
        "GetTopicAttributes": {"TopicArn": arn},
        "SetTopicAttributes": {"TopicArn": arn, "AttributeName": "DisplayName", "AttributeValue": "x"},
        "Subscribe": {"TopicArn": arn, "Protocol": "sms", "Endpoint": "+13125551124"},
        "Unsubscribe": {"SubscriptionArn": subscription},
        "SetSubscriptionAttributes": {
            "SubscriptionArn": subscription,
            "AttributeName": "FilterPolicy",
            "AttributeValue": "",
        },
        "ListSubscriptions": {},
        "ListSubscriptionsByTopic": {"TopicArn": arn},
        "GetSubscriptionAttributes": {"SubscriptionArn": subscription},
        "GetSMSAttributes": {},
        "SetSMSAttributes": {"attributes": {"DefaultSMSType": "Promotional"}},
        "Publish": {"TopicArn": arn, "Message": "m"},
        "PublishBatch": {"TopicArn": arn, "PublishBatchRequestEntries": [{"Id": "a", "Message": "m"}]},
        "AddPermission": {
            "TopicArn": arn,
            "Label": "l",
            "AWSAccountId": ["111122223333"],
            "ActionName": ["Publish"],
        },
        "RemovePermission": {"TopicArn": arn, "Label": "l"},
        "TagResource": {"ResourceArn": arn, "Tags": [{"Key": "dept", "Value": "streets"}]},
        "UntagResource": {"ResourceArn": arn, "TagKeys": ["dept"]},
        "ListTagsForResource": {"ResourceArn": arn},
        "CheckIfPhoneNumberIsOptedOut": {"phoneNumber": "+13125551123"},
        "ListPhoneNumbersOptedOut": {},
        "OptInPhoneNumber": {"phoneNumber": "+13125551123"},
    }
    actions = {operation: operation for operation in inputs} | {"PublishBatch": "Publish"}
    assert inputs.keys() | {"ConfirmSubscription"} == exchange.service.operations.keys()
    for operation, request in inputs.items():
        with pytest.raises(AccessDenied, match=rf"(?i)sns:{actions[operation]} "):
            await exchange.ask(operation, by=exchange.user(), **request)
    assert (await exchange.inbox.messages()) == []
    for operation in sorted(inputs, key=lambda name: name in {"DeleteTopic", "Unsubscribe"}):
        statement = {"Effect": "Allow", "Action": f"sns:{actions[operation]}", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
        await exchange.ask(operation, by=exchange.user(policy), **inputs[operation])


def policy_of(arn: str, principal: Any, action: str = "sns:Publish") -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


async def test_a_topics_policy_lets_a_user_of_another_account_in(exchange: Any) -> None:
    arn = await exchange.topic()
    identity_policy = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sns:*", "Resource": "*"}}
    )
    stranger = exchange.user(identity_policy, name="eve", account="111122223333")
    with pytest.raises(AccessDenied):
        await exchange.ask("Publish", by=stranger, TopicArn=arn, Message="m")
    policy = policy_of(arn, {"AWS": stranger.principal.arn})
    await exchange.ask("SetTopicAttributes", TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    await exchange.ask("Publish", by=stranger, TopicArn=arn, Message="m")
    with pytest.raises(AccessDenied):
        await exchange.ask("DeleteTopic", by=stranger, TopicArn=arn)
    assert (await exchange.ask("GetTopicAttributes", TopicArn=arn))["Attributes"]["Policy"] == policy


async def test_a_user_made_again_inherits_nothing_of_a_topics_policy(exchange: Any) -> None:
    arn = await exchange.topic()
    ann = exchange.user()
    await exchange.ask(
        "SetTopicAttributes",
        TopicArn=arn,
        AttributeName="Policy",
        AttributeValue=policy_of(arn, {"AWS": ann.principal.arn}),
    )
    await exchange.ask("Publish", by=ann, TopicArn=arn, Message="m")
    exchange.principals.ids[ann.principal.arn] = "AIDAANOTHER"
    with pytest.raises(AccessDenied):
        await exchange.ask("Publish", by=exchange.user(), TopicArn=arn, Message="m")


async def test_a_stranger_does_not_learn_whether_a_topic_exists(exchange: Any) -> None:
    await exchange.topic("there")
    stranger = exchange.user(
        json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
        account="111122223333",
    )
    for name in ("there", "absent"):
        with pytest.raises(AccessDenied):
            await exchange.ask("GetTopicAttributes", by=stranger, TopicArn=f"arn:aws:sns:us-east-1:320333787981:{name}")


@pytest.mark.parametrize(
    "policy",
    ["{", "[]", policy_of("*", {"AWS": "arn:aws:iam::320333787981:user/absent"}), policy_of("*", {"AWS": "nobody"}),
     json.dumps({"Statement": {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}}),
     policy_of("*", "*") + " " * 31_000],
)  # fmt: skip
async def test_a_policy_that_can_not_be_enforced_is_refused(exchange: Any, policy: str) -> None:
    arn = await exchange.topic()
    with pytest.raises(InvalidParameter, match="Invalid parameter: Policy Error"):
        await exchange.ask("SetTopicAttributes", TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    with pytest.raises(InvalidParameter, match="Invalid parameter: Policy Error"):
        await exchange.topic("another", Attributes={"Policy": policy})


async def test_an_empty_policy_brings_back_the_default_one(exchange: Any) -> None:
    arn = await exchange.topic(Attributes={"Policy": policy_of("*", "*")})
    await exchange.ask("Publish", by=exchange.user(), TopicArn=arn, Message="m")
    await exchange.ask("SetTopicAttributes", TopicArn=arn, AttributeName="Policy", AttributeValue="")
    with pytest.raises(AccessDenied):
        await exchange.ask("Publish", by=exchange.user(), TopicArn=arn, Message="m")
