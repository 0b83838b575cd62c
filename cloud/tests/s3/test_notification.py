"""Event notifications: what S3 takes of their configurations, and what topics are told."""

import asyncio
import itertools
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.model.errors import AccessDenied, Refusal
from marinelayer.outbox import Job, Outbox
from marinelayer.ports import Statement
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.security.identity import ANONYMOUS, Principal
from marinelayer.services.s3 import RestoreJobs
from marinelayer.services.s3.lifecycle_rules import DAY, Days
from marinelayer.services.s3.lifecycle_sweep import LifecycleSweeps
from marinelayer.services.s3.notification_check import check_notification
from marinelayer.services.s3.notification_events import EVENT, EventPublishing
from marinelayer.services.s3.notification_record import customer_id, principal_id
from marinelayer.services.s3.notification_rules import TYPES, Filter, form_encoded, listening, rules_of, types_of
from marinelayer.services.sns.fanout import DELIVER, read_delivery

TOPIC = "arn:aws:sns:us-east-1:111122223333:alerts"
CREATED: dict[str, Any] = {"Id": "created", "TopicArn": TOPIC, "Events": ["s3:ObjectCreated:*"]}
EVERYTHING = [
    "s3:ObjectCreated:*",
    "s3:ObjectRemoved:*",
    "s3:ObjectTagging:*",
    "s3:ObjectAcl:Put",
    "s3:ObjectRetention:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleTransition",
]
_JOBS = Statement("jobs", "SELECT * FROM outbox WHERE kind = :kind ORDER BY seq")


class Topics:
    """SNS beside an S3, and what it was told to deliver."""

    def __init__(self, s3: Any) -> None:
        self.s3 = s3
        self.told: list[Any] = []
        self.publishing = EventPublishing(s3.calls, s3.topics, lambda: "http://cloud.test")

    async def __call__(self, operation: str, by: Any = None, **request: Any) -> Any:
        return await self.s3.sns.operations[operation].run(self.s3.caller(by or self.s3.alice), request)

    async def make(self, name: str = "alerts", by: Any = None, **condition: Any) -> str:
        """A topic with a subscriber, which lets S3 publish under a condition."""
        arn = (await self("CreateTopic", by, Name=name))["TopicArn"]
        await self("Subscribe", by, TopicArn=arn, Protocol="sms", Endpoint="+13125551188")
        await self.let_in(arn, by, **condition)
        return arn

    async def let_in(self, arn: str, by: Any = None, principal: Any = None, **condition: Any) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": principal or {"Service": "s3.amazonaws.com"},
            "Action": "SNS:Publish",
            "Resource": arn,
            **({"Condition": condition} if condition else {}),
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        await self("SetTopicAttributes", by, TopicArn=arn, AttributeName="Policy", AttributeValue=policy)

    async def deliver(self, job: Job) -> None:
        self.told.append(read_delivery(job.payload))

    async def rest(self) -> None:
        """Let everything be published and delivered."""
        outbox = Outbox(self.s3.tables, self.s3.clock)
        for kind, handler in {**self.publishing.handlers, DELIVER: self.deliver}.items():
            outbox.bind(kind, handler)
        running = asyncio.create_task(outbox.run())
        for kind in (EVENT, DELIVER):
            await outbox.drain(10, kinds=[kind])
        await outbox.stop()
        await running

    async def records(self) -> list[dict[str, Any]]:
        """The records that were told since the last time."""
        await self.rest()
        told, self.told = self.told, []
        assert {one.subject for one in told} <= {"Amazon S3 Notification"}
        messages = [json.loads(one.text) for one in told]
        return [record for message in messages for record in message.get("Records", ())]

    async def names(self) -> list[tuple[str, str]]:
        """Of these the event and the key."""
        return [(record["eventName"], record["s3"]["object"]["key"]) for record in await self.records()]


@pytest.fixture
async def sns(s3: Any) -> Topics:
    """SNS with a topic `alerts` of ALICE's that lets S3 publish."""
    topics = Topics(s3)
    await topics.make()
    return topics


async def put(s3: Any, *configurations: dict[str, Any], **request: Any) -> None:
    document = {"TopicConfigurations": list(configurations)}
    await s3("PutBucketNotificationConfiguration", Bucket="photos", NotificationConfiguration=document, **request)


async def get(s3: Any) -> Any:
    return await s3("GetBucketNotificationConfiguration", Bucket="photos")


async def listen(s3: Any, sns: Topics, *events: str) -> None:
    """Have the topic told of these events (default: of all), and forget the test message."""
    await put(s3, {**CREATED, "Id": "all", "Events": list(events) or EVERYTHING})
    assert await sns.records() == []


def pairs(*rules: str) -> dict[str, Any]:
    """A filter of rules like `prefix=a`."""
    names = [rule.partition("=")[::2] for rule in rules]
    return {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in names]}}


# --- the configuration ----------------------------------------------------------------------------------------


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


# --- the events -----------------------------------------------------------------------------------------------


async def test_a_record_is_aws_to_the_letter(s3: Any, sns: Topics) -> None:
    await put(s3, CREATED)
    await sns.records()
    s3.clock.forward(1.2345)
    zoe = s3.user("zoe", s3.allow("s3:PutObject", on="*"))
    await s3("PutObject", by=zoe, Bucket="photos", Key="a b/ü@+~.txt", Body=b"hello")
    (job,) = await s3.tables.read(lambda tx: tx.all(_JOBS, kind=EVENT))
    request_id = job["job_id"].split("/")[1]
    (record,) = await sns.records()
    assert record == {
        "eventVersion": "2.6",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2021-04-01T00:00:01.234Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDAZOEAAAAAAAAAAAAAA"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": request_id, "x-amz-id-2": record["responseElements"]["x-amz-id-2"]},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "created",
            "bucket": {
                "name": "photos",
                "ownerIdentity": {"principalId": customer_id(s3.alice.principal.canonical_id)},
                "arn": "arn:aws:s3:::photos",
            },
            "object": {
                "key": "a+b/%C3%BC%40%2B~.txt",
                "size": 5,
                "eTag": "5d41402abc4b2a76b9719d911017c592",
                "sequencer": f"{job['seq']:018X}",
            },
        },
    }
    assert re.fullmatch(r"A[A-Z2-7]{13}", record["s3"]["bucket"]["ownerIdentity"]["principalId"])


async def test_each_way_to_make_an_object_has_its_event(s3: Any, sns: Topics) -> None:
    await listen(s3, sns)
    await s3("PutObject", Bucket="photos", Key="put", Body=b"x")
    await s3("CopyObject", Bucket="photos", Key="copy", CopySource="photos/put")
    await s3.upload("parts", b"whole")
    records = await sns.records()
    assert [(one["eventName"], one["s3"]["object"]["key"], one["s3"]["object"]["size"]) for one in records] == [
        ("ObjectCreated:Put", "put", 1),
        ("ObjectCreated:Copy", "copy", 1),
        ("ObjectCreated:CompleteMultipartUpload", "parts", 5),
    ]
    assert records[2]["s3"]["object"]["eTag"].endswith("-1")
    assert [one["s3"]["object"].get("hasObjectAnnotation") for one in records] == [None, False, None]
    assert all("versionId" not in one["s3"]["object"] for one in records)
    assert {one["userIdentity"]["principalId"] for one in records} == {customer_id(s3.alice.principal.canonical_id)}


async def test_a_completion_that_is_asked_for_again_is_told_once(s3: Any, sns: Topics) -> None:
    await listen(s3, sns)
    begun = await s3("CreateMultipartUpload", Bucket="photos", Key="k")
    part = await s3.part("k", begun["UploadId"], 1, b"x")
    for _ in range(2):
        await s3.complete("k", begun["UploadId"], part)
    assert await sns.names() == [("ObjectCreated:CompleteMultipartUpload", "k")]


async def test_what_is_deleted_is_told_and_what_was_not_there_is_not(s3: Any, sns: Topics) -> None:
    for key in "abc":
        await s3("PutObject", Bucket="photos", Key=key, Body=b"x")
    await listen(s3, sns)
    await s3("DeleteObject", Bucket="photos", Key="a")
    await s3("DeleteObject", Bucket="photos", Key="a")
    await s3("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": key} for key in ("b", "b", "c", "d")]})
    records = await sns.records()
    assert [(one["eventName"], sorted(one["s3"]["object"])) for one in records] == [
        ("ObjectRemoved:Delete", ["key", "sequencer"])
    ] * 3
    assert [one["s3"]["object"]["key"] for one in records] == ["a", "b", "c"]


async def test_versions_and_delete_markers_are_told_by_their_ids(s3: Any, sns: Topics) -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    await listen(s3, sns)
    first = (await s3("PutObject", Bucket="photos", Key="k", Body=b"x"))["VersionId"]
    marker = (await s3("DeleteObject", Bucket="photos", Key="k"))["VersionId"]
    await s3("DeleteObject", Bucket="photos", Key="k", VersionId=marker)
    await s3("DeleteObject", Bucket="photos", Key="k", VersionId=first)
    records = await sns.records()
    assert [(one["eventName"], one["s3"]["object"]["versionId"]) for one in records] == [
        ("ObjectCreated:Put", first),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectRemoved:Delete", marker),
        ("ObjectRemoved:Delete", first),
    ]
    assert [sorted(one["s3"]["object"]) for one in records[1:3]] == [
        ["eTag", "key", "sequencer", "versionId"],
        ["key", "sequencer", "versionId"],
    ]
    assert records[1]["s3"]["object"]["eTag"] == "d41d8cd98f00b204e9800998ecf8427e"
    sequencers = [one["s3"]["object"]["sequencer"] for one in records]
    assert sequencers == sorted(set(sequencers))


async def test_tags_acls_and_retention_are_told_without_a_sequencer(s3: Any, sns: Topics) -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    lock = {"ObjectLockEnabled": "Enabled"}
    await s3("PutObjectLockConfiguration", Bucket="photos", ObjectLockConfiguration=lock)
    version = (await s3("PutObject", Bucket="photos", Key="k", Body=b"x"))["VersionId"]
    await listen(s3, sns)
    await s3("PutObjectTagging", Bucket="photos", Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    await s3("DeleteObjectTagging", Bucket="photos", Key="k")
    await s3("PutObjectAcl", Bucket="photos", Key="k", ACL="public-read")
    until = datetime(2100, 1, 1, tzinfo=UTC)
    await s3("PutObjectRetention", Bucket="photos", Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    records = await sns.records()
    assert [one["eventName"] for one in records] == [
        "ObjectTagging:Put",
        "ObjectTagging:Delete",
        "ObjectAcl:Put",
        "ObjectRetention:Put",
    ]
    shown = {"key": "k", "eTag": "9dd4e461268c8034f5c8564e155c67a6", "versionId": version}
    assert [one["s3"]["object"] for one in records] == [*[shown] * 3, {**shown, "size": 1}]
    retention = {"mode": "GOVERNANCE", "retainUntilDate": "2100-01-01T00:00:00.000Z"}
    assert [one.get("objectRetentionEventData") for one in records] == [*[None] * 3, retention]


async def test_what_lifecycle_does_is_told_in_s3s_own_name(s3: Any, sns: Topics) -> None:
    await listen(s3, sns)
    for key in ("old/1", "cold/1"):
        await s3("PutObject", Bucket="photos", Key=key, Body=b"x")
    await sns.records()
    await sweep(s3)
    records = await sns.records()
    assert [(one["eventName"], one["s3"]["object"]["key"]) for one in records] == [
        ("LifecycleTransition", "cold/1"),
        ("LifecycleExpiration:Delete", "old/1"),
    ]
    assert sorted(records[0]["s3"]["object"]) == ["eTag", "key", "size"]
    assert records[0]["lifecycleEventData"] == {"transitionEventData": {"destinationStorageClass": "GLACIER"}}
    assert sorted(records[1]["s3"]["object"]) == ["key", "sequencer"]
    assert all(one["userIdentity"] == {"principalId": "s3.amazonaws.com"} for one in records)
    assert all(one["requestParameters"] == {"sourceIPAddress": "s3.amazonaws.com"} for one in records)
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    await s3("PutObject", Bucket="photos", Key="old/2", Body=b"x")
    await sns.records()
    await sweep(s3)
    (record,) = await sns.records()
    assert record["eventName"] == "LifecycleExpiration:DeleteMarkerCreated"
    assert record["s3"]["object"]["versionId"]


async def sweep(s3: Any) -> None:
    """Have lifecycle rules carried out, days later."""
    rules = [
        {"ID": "e", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}},
        {
            "ID": "t",
            "Status": "Enabled",
            "Filter": {"Prefix": "cold/"},
            "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
        },
    ]
    s3.clock.forward(3 * DAY / 1_000_000)
    await s3(
        "PutBucketLifecycleConfiguration",
        Bucket="photos",
        LifecycleConfiguration={"Rules": rules},
        TransitionDefaultMinimumObjectSize="varies_by_storage_class",
    )
    sweeps = LifecycleSweeps(s3.tables, s3.clock, s3.ids, Days(), s3.logs)
    await s3.run_due(sweeps.handlers)


async def test_a_restore_is_told_when_it_begins_ends_and_is_over(s3: Any, sns: Topics) -> None:
    await s3("PutObject", Bucket="photos", Key="cold", Body=b"x", StorageClass="GLACIER")
    await listen(s3, sns, "s3:ObjectRestore:*")
    jobs = RestoreJobs(s3.tables, s3.clock, Days())
    for days in (1, 2):
        await s3("RestoreObject", Bucket="photos", Key="cold", RestoreRequest={"Days": days})
        s3.clock.forward(6)
        await s3.run_due(jobs.handlers)
    s3.clock.forward(4 * DAY / 1_000_000)
    await s3.run_due(jobs.handlers)
    begun, ended, over = await sns.records()
    assert [one["eventName"] for one in (begun, ended, over)] == [
        "ObjectRestore:Post",
        "ObjectRestore:Completed",
        "ObjectRestore:Delete",
    ]
    for one in (begun, ended, over):
        assert sorted(one["s3"]["object"]) == ["eTag", "key", "sequencer", "size"]
    owner = customer_id(s3.alice.principal.canonical_id)
    assert [one["userIdentity"]["principalId"] for one in (begun, ended, over)] == [
        owner,
        f"AmazonCustomer:{owner}",
        f"AmazonCustomer:{owner}",
    ]
    assert ended["glacierEventData"] == {
        "restoreEventData": {
            "lifecycleRestorationExpiryTime": "2021-04-03T00:00:00.000Z",
            "lifecycleRestoreStorageClass": "GLACIER",
        }
    }
    assert "glacierEventData" not in over


async def test_a_write_that_fails_is_not_told(s3: Any, sns: Topics) -> None:
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    await listen(s3, sns)
    with s3.refused("PreconditionFailed"):
        await s3("PutObject", Bucket="photos", Key="k", Body=b"y", IfNoneMatch="*")
    with s3.refused("NoSuchKey"):
        await s3("PutObjectTagging", Bucket="photos", Key="gone", Tagging={"TagSet": []})
    with s3.refused("BadDigest"):
        await s3("PutObject", Bucket="photos", Key="k", Body=b"y", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    assert await sns.records() == []


async def test_only_what_a_filter_passes_and_an_event_names_is_told(s3: Any, sns: Topics) -> None:
    await put(
        s3,
        {**CREATED, "Id": "images", "Filter": pairs("prefix=images/", "suffix=.jpg")},
        {**CREATED, "Id": "year", "Filter": pairs("prefix=year%3D2024/a+b")},
        {**CREATED, "Id": "plain", "Filter": pairs("prefix=day=1/")},
    )
    await sns.records()
    for key in ("images/a.jpg", "images/a.png", "image.jpg", "year=2024/a b", "day=1/x"):
        await s3("PutObject", Bucket="photos", Key=key, Body=b"x")
        await s3("DeleteObject", Bucket="photos", Key=key)
    found = [(one["s3"]["configurationId"], one["s3"]["object"]["key"]) for one in await sns.records()]
    assert found == [("images", "images/a.jpg"), ("year", "year%3D2024/a+b")]


async def test_events_of_one_key_come_in_the_order_in_which_they_happened(s3: Any, sns: Topics) -> None:
    await listen(s3, sns, "s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    for size in range(1, 8):
        await s3("PutObject", Bucket="photos", Key="k", Body=b"x" * size)
        await s3("DeleteObject", Bucket="photos", Key="k")
    records = await sns.records()
    assert [one["s3"]["object"].get("size") for one in records] == [n for size in range(1, 8) for n in (size, None)]
    sequencers = [one["s3"]["object"]["sequencer"] for one in records]
    assert sequencers == sorted(set(sequencers))


async def test_an_event_that_a_kill_repeats_is_the_same_message(s3: Any, sns: Topics) -> None:
    await listen(s3, sns)
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    (row,) = await s3.tables.read(lambda tx: tx.all(_JOBS, kind=EVENT))
    job = Job(id=row["job_id"], kind=EVENT, group=row["ordering"], payload=row["payload"], attempts=1, seq=row["seq"])
    for _ in range(2):
        await sns.publishing.publish(job)
    (delivery,) = await s3.tables.read(lambda tx: tx.all(_JOBS, kind=DELIVER))
    first = read_delivery(delivery["payload"])
    await sns.records()
    await sns.publishing.publish(job)
    await sns.rest()
    assert [(one.id, one.text) for one in sns.told] == [(first.id, first.text)]


@pytest.mark.parametrize("change", ["gone", "closed"])
async def test_a_topic_that_is_gone_or_closed_since_is_told_nothing_and_the_log_says_so(
    s3: Any, sns: Topics, caplog: pytest.LogCaptureFixture, change: str
) -> None:
    await listen(s3, sns)
    await s3("PutObject", Bucket="photos", Key="before", Body=b"x")
    if change == "gone":
        await sns("DeleteTopic", TopicArn=TOPIC)
    else:
        await sns.let_in(TOPIC, principal={"AWS": "111122223333"})
    assert await sns.records() == []
    assert f"an event of photos could not be published to {TOPIC}" in caplog.text
    assert await s3.tables.read(lambda tx: tx.all(_JOBS, kind=EVENT)) == []


async def test_an_event_is_told_though_its_bucket_is_gone_since(s3: Any, sns: Topics) -> None:
    await listen(s3, sns)
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    await s3("DeleteObject", Bucket="photos", Key="k")
    await s3("DeleteBucket", Bucket="photos")
    assert [name for name, _ in await sns.names()] == ["ObjectCreated:Put", "ObjectRemoved:Delete"]


async def test_the_outbox_is_woken_only_where_someone_is_told(s3: Any, sns: Topics) -> None:
    before = s3.pokes
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    assert s3.pokes == before
    await listen(s3, sns, "s3:ObjectRemoved:*")
    before = s3.pokes
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    assert s3.pokes == before
    await s3("DeleteObject", Bucket="photos", Key="k")
    assert s3.pokes == before + 1


async def test_a_bucket_without_notifications_pays_no_statement(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    counted: list[str] = []
    write = s3.tables.write

    async def counting(function: Any, /, *args: Any, **kwargs: Any) -> Any:
        def run(tx: Any) -> Any:
            class Counting:
                changed = tx.changed

                def __getattr__(self, name: str) -> Any:
                    def call(statement: Statement, **values: Any) -> Any:
                        counted.append(statement.name.rpartition(".")[2])
                        return getattr(tx, name)(statement, **values)

                    return call

            return function(Counting(), *args, **kwargs)

        return await write(run)

    monkeypatch.setattr(s3.tables, "write", counting)
    await s3("PutObject", Bucket="photos", Key="new", Body=b"x")
    assert counted == [
        "newest_version",
        "insert_blob",
        "insert_inline_bytes",
        "insert_version",
        "put_object",
    ]


# --- the rules, whatever they are -----------------------------------------------------------------------------

TEXTS = st.text("ab/", max_size=4)
FILTERS = st.builds(Filter, TEXTS, TEXTS)


@given(FILTERS, FILTERS, TEXTS)
def test_filters_that_pass_one_key_overlap(one: Filter, other: Filter, middle: str) -> None:
    for key in (
        middle,
        one.prefix + middle + other.suffix,
        max(one.prefix, other.prefix, key=len) + middle + max(one.suffix, other.suffix, key=len),
    ):
        if one.passes(key) and other.passes(key):
            assert one.overlaps(other)


@given(FILTERS, FILTERS)
def test_filters_that_overlap_pass_some_key_and_it_does_not_matter_which_is_first(one: Filter, other: Filter) -> None:
    assert one.overlaps(other) == other.overlaps(one)
    key = max(one.prefix, other.prefix, key=len) + max(one.suffix, other.suffix, key=len)
    assert (one.passes(key) and other.passes(key)) == one.overlaps(other)


@given(st.text(max_size=20))
def test_a_key_passes_the_filters_of_its_own_encoding(key: str) -> None:
    encoded = form_encoded(key.encode("utf-8", "ignore"))
    assert re.fullmatch(r"[A-Za-z0-9_.~/+%-]*", encoded)
    assert all(Filter(encoded[:cut], encoded[cut:]).passes(encoded) for cut in range(len(encoded) + 1))


@given(st.sampled_from(TYPES) | st.text(max_size=20).map("s3:{}".format) | st.sampled_from(TYPES).map(lambda t: t[:-1]))
def test_an_event_stands_for_itself_or_for_nothing(event: str) -> None:
    assert types_of(event) == ({event} if event in TYPES else set())


RULES = st.builds(
    lambda one, events: {
        "TopicArn": TOPIC,
        "Events": events,
        "Filter": pairs(f"prefix={one.prefix}", f"suffix={one.suffix}"),
    },
    st.builds(Filter, st.text("ab", max_size=2), st.text("ab", max_size=2)),
    st.lists(
        st.sampled_from(["s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectRemoved:*", "s3:ObjectTagging:Put"]),
        min_size=1,
        max_size=3,
        unique=True,
    ),
)
KEYS = ["".join(letters) for size in range(5) for letters in itertools.product("ab", repeat=size)]


@given(st.lists(RULES, max_size=4))
def test_rules_are_refused_exactly_where_some_event_would_be_told_twice(configurations: list[dict[str, Any]]) -> None:
    document = {"TopicConfigurations": [{**one, "Id": str(n)} for n, one in enumerate(configurations)]}
    rules = rules_of(document)
    told = [len(list(listening(rules, event.removeprefix("s3:"), key))) for event in sorted(TYPES) for key in KEYS]
    try:
        check_notification(document, "us-east-1")
    except InvalidArgument:
        assert max(told) > 1
    else:
        assert max(told) <= 1


def test_principals_are_named_as_events_name_them() -> None:
    role = Principal(kind="role-session", account="111122223333", arn="arn:...", unique_id="AROAEXAMPLE:night-shift")
    root = Principal(kind="root", account="111122223333", canonical_id="c" * 64)
    assert principal_id(role) == "AWS:AROAEXAMPLE:night-shift"
    assert principal_id(root) == customer_id("c" * 64) != customer_id("d" * 64)
    assert principal_id(Principal(kind="service", arn="logging.s3.amazonaws.com")) == "logging.s3.amazonaws.com"
    assert principal_id(ANONYMOUS) == "Anonymous"


def test_every_event_of_the_model_is_known() -> None:
    from marinelayer.model.service import load_service

    shape = load_service("s3").operations["PutBucketNotificationConfiguration"].input_shape
    assert shape is not None
    events: Any = shape
    for member in ("NotificationConfiguration", "TopicConfigurations"):
        events = events.members[member].shape
    names = events.member.shape.members["Events"].shape.member.shape.enum
    assert {name for name in names if not types_of(name)} == set()
    assert set(TYPES) == {name for name in names if not name.endswith("*")}


# --- on every database ----------------------------------------------------------------------------------------


async def test_events_are_told_in_order_on_every_database(anywhere: Any) -> None:
    sns = Topics(anywhere)
    await sns.make()
    await listen(anywhere, sns)
    await asyncio.gather(
        *(anywhere("PutObject", Bucket="photos", Key="k", Body=b"x" * size) for size in range(1, 9)),
        anywhere("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "k"}, {"Key": "k"}]}),
    )
    records = await sns.records()
    last = (await anywhere("ListObjectsV2", Bucket="photos")).get("Contents", [])
    assert [one["Size"] for one in last] == [one["s3"]["object"]["size"] for one in records[-1:] if len(last)]
    sequencers = [one["s3"]["object"]["sequencer"] for one in records]
    assert sequencers == sorted(set(sequencers))
    assert {one["eventName"] for one in records} <= {"ObjectCreated:Put", "ObjectRemoved:Delete"}
    assert [one["eventName"] for one in records].count("ObjectCreated:Put") == 8
