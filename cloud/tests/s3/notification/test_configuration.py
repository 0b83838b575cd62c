"""Event notifications: what S3 takes of their configurations."""

import json
import re
from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied, Refusal

from .listening import CREATED, TOPIC, Topics, pairs, put


async def get(s3: Any) -> Any:
    return await s3("GetBucketNotificationConfiguration", Bucket="photos")


async def test_a_configuration_is_kept_and_shown_with_ids_and_an_empty_one_removes_it(s3: Any, sns: Topics) -> None:
    assert await get(s3) == {}
    rule = {"TopicArn": TOPIC, "Events": ["s3:ObjectRemoved:Delete"], "Filter": pairs("PREFIX=a/", "suffix=.jpg")}
    await put(s3, CREATED, rule)
    shown = (await get(s3))["TopicConfigurations"]
    assert shown[0] == CREATED
    assert shown[1] == {**rule, "Id": shown[1]["Id"], "Filter": pairs("Prefix=a/", "Suffix=.jpg")}
    assert re.fullmatch(r"[0-9a-f]{48}", shown[1]["Id"])
    await put(s3)
    assert await get(s3) == {}


async def test_a_topic_is_sent_a_test_message_before_the_configuration_counts(s3: Any, sns: Topics) -> None:
    await put(s3, CREATED, {**CREATED, "Id": "removed", "Events": ["s3:ObjectRemoved:*"]})
    await sns.rest()
    (told,) = sns.told
    assert told.subject == "Amazon S3 Notification"
    message = json.loads(told.text)
    assert list(message) == ["Service", "Event", "Time", "Bucket", "RequestId", "HostId"]
    assert (message["Service"], message["Event"], message["Bucket"]) == ("Amazon S3", "s3:TestEvent", "photos")
    assert message["Time"] == "2021-04-01T00:00:00.000Z"


async def test_a_topic_that_is_not_there_or_not_open_refuses_the_whole_configuration(s3: Any, sns: Topics) -> None:
    await sns.make("good")
    good, gone = TOPIC.replace("alerts", "good"), TOPIC.replace("alerts", "gone")
    closed = (await sns("CreateTopic", Name="closed"))["TopicArn"]
    removed = {"Id": "r", "TopicArn": gone, "Events": ["s3:ObjectRemoved:*"]}
    tagged = {"Id": "t", "TopicArn": closed, "Events": ["s3:ObjectTagging:*"]}
    with s3.refused(
        "InvalidArgument",
        "Unable to validate the following destination configurations",
        ArgumentName1=gone,
        ArgumentValue1="The destination topic does not exist",
        ArgumentName2=closed,
        ArgumentValue2="Permissions on the destination topic do not allow S3 to publish notifications from this bucket",
    ):
        await put(s3, {**CREATED, "TopicArn": good}, removed, tagged)
    assert await get(s3) == {}
    await sns.rest()
    assert sns.told == []


async def test_a_topics_policy_may_ask_whose_bucket_it_is(s3: Any, sns: Topics) -> None:
    for condition in (
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::photos"}, "StringEquals": {"aws:SourceAccount": "111122223333"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:photos"}},
    ):
        await sns.let_in(TOPIC, **condition)
        await put(s3, CREATED)
        await sns.let_in(TOPIC, principal={"AWS": "*"}, **condition)
        await put(s3, CREATED)
    for condition in (
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::films"}},
        {"StringEquals": {"aws:SourceAccount": "444455556666"}},
    ):
        await sns.let_in(TOPIC, **condition)
        with s3.refused("InvalidArgument", "Unable to validate the following destination configurations"):
            await put(s3, CREATED)


async def test_a_topic_of_another_account_is_a_destination_if_it_lets_the_bucket_in(s3: Any, sns: Topics) -> None:
    theirs = await sns.make("theirs", s3.bob, StringEquals={"aws:SourceAccount": "111122223333"})
    await put(s3, {**CREATED, "TopicArn": theirs})
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    assert await sns.names() == [("ObjectCreated:Put", "k")]


async def test_destinations_are_not_looked_at_where_the_request_skips_it(s3: Any, sns: Topics) -> None:
    gone = {**CREATED, "TopicArn": TOPIC.replace("alerts", "gone")}
    await put(s3, gone, SkipDestinationValidation=True)
    assert (await get(s3))["TopicConfigurations"] == [gone]
    with s3.refused("InvalidArgument", "The ARN could not be parsed", ArgumentName="Topic", ArgumentValue="invalid"):
        await put(s3, {**CREATED, "TopicArn": "invalid"}, SkipDestinationValidation=True)
    await sns.rest()
    assert sns.told == []


@pytest.mark.parametrize(
    ("changes", "message", "details"),
    [
        ({"TopicArn": "arn:aws:sqs:us-east-1:111122223333:q"}, "The ARN is not well formed", {"ArgumentName": "Topic"}),
        (
            {"TopicArn": "arn:aws:sns:eu-west-1:111122223333:alerts"},
            "The notification destination service region is not valid for the bucket location constraint",
            {},
        ),
        (
            {"Events": ["s3:ObjectCreated:*", "s3:Object*"]},
            "The event is not supported for notifications",
            {"ArgumentName": "Event", "ArgumentValue": "s3:Object*"},
        ),
        ({"Events": ["s3:ObjectAcl:*"]}, "The event is not supported for notifications", {}),
        ({"Events": ["s3:TestEvent"]}, "The event is not supported for notifications", {}),
        (
            {"Filter": pairs("infix=a")},
            "filter rule name must be either prefix or suffix",
            {"ArgumentName": "FilterRule.Name", "ArgumentValue": "infix"},
        ),
        ({"Filter": pairs("prefix=a", "Prefix=b")}, "Cannot specify more than one prefix rule in a filter.", {}),
        (
            {"Filter": pairs("prefix=" + "ü" * 513)},
            "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
            {"ArgumentName": "FilterRule.Value"},
        ),
    ],
)
async def test_a_configuration_that_can_not_be_is_refused(
    s3: Any, sns: Topics, changes: dict[str, Any], message: str, details: dict[str, str]
) -> None:
    with s3.refused("InvalidArgument", message, **details):
        await put(s3, {**CREATED, **changes})


async def test_what_lacks_a_topic_or_events_is_no_configuration(s3: Any) -> None:
    for member in ("TopicArn", "Events"):
        with s3.refused("MalformedXML"):
            await put(s3, {name: value for name, value in CREATED.items() if name != member})


async def test_ids_are_unique(s3: Any, sns: Topics) -> None:
    with s3.refused("InvalidArgument", "Same ID used for multiple configurations. IDs must be unique"):
        await put(s3, CREATED, {**CREATED, "Events": ["s3:ObjectRemoved:*"]})


async def test_a_bucket_has_no_more_than_100_configurations(s3: Any, sns: Topics) -> None:
    rules = [{**CREATED, "Id": str(n), "Filter": pairs(f"prefix={n:03}")} for n in range(101)]
    await put(s3, *rules[:100])
    with s3.refused("InvalidArgument"):
        await put(s3, *rules)


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (
            {"Events": ["s3:ObjectCreated:*"]},
            {"Events": ["s3:ObjectCreated:Put"]},
            "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
        ),
        ({}, {"Filter": pairs("prefix=images")}, "Configuration is ambiguously defined."),
        ({"Filter": pairs("suffix=jpg")}, {"Filter": pairs("suffix=pg")}, "Configuration is ambiguously defined."),
        (
            {"Filter": pairs("prefix=images", "suffix=jpg")},
            {"Filter": pairs("suffix=jpg")},
            "Configuration is ambiguously defined.",
        ),
    ],
)
async def test_configurations_that_overlap_are_refused(
    s3: Any, sns: Topics, one: dict[str, Any], other: dict[str, Any], message: str
) -> None:
    with pytest.raises(Refusal) as caught:
        await put(s3, {**CREATED, **one}, {**CREATED, "Id": "other", **other})
    assert caught.value.message.startswith(message)


async def test_configurations_that_do_not_overlap_stand_beside_each_other(s3: Any, sns: Topics) -> None:
    await put(
        s3,
        {**CREATED, "Id": "1", "Filter": pairs("prefix=images", "suffix=.jpg")},
        {**CREATED, "Id": "2", "Filter": pairs("prefix=images", "suffix=.png")},
        {**CREATED, "Id": "3", "Events": ["s3:ObjectRemoved:*"], "Filter": pairs("prefix=images")},
        {**CREATED, "Id": "4", "Filter": pairs("prefix=logs/")},
    )


@pytest.mark.parametrize(
    "elsewhere",
    [
        {
            "QueueConfigurations": [
                {"QueueArn": "arn:aws:sqs:us-east-1:111122223333:q", "Events": ["s3:ObjectCreated:*"]}
            ]
        },
        {
            "LambdaFunctionConfigurations": [
                {"LambdaFunctionArn": "arn:aws:lambda:us-east-1:111122223333:function:f", "Events": []}
            ]
        },
        {"EventBridgeConfiguration": {}},
    ],
)
async def test_other_destinations_are_honestly_not_there(s3: Any, elsewhere: dict[str, Any]) -> None:
    with s3.refused("OperationNotImplemented"):
        await s3("PutBucketNotificationConfiguration", Bucket="photos", NotificationConfiguration=elsewhere)


async def test_another_account_is_refused_as_the_expected_owner_says(s3: Any, sns: Topics) -> None:
    with pytest.raises(AccessDenied):
        await put(s3, CREATED, ExpectedBucketOwner="444455556666")
    with pytest.raises(AccessDenied):
        await s3("GetBucketNotificationConfiguration", Bucket="photos", ExpectedBucketOwner="444455556666")
