"""What the tests of notifications do again and again: a topic that listens, and what it was told."""

import asyncio
import json
from typing import Any

from marinelayer.outbox import Job, Outbox
from marinelayer.services.s3.notification_events import EVENT, EventPublishing
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


async def put(s3: Any, *configurations: dict[str, Any], **request: Any) -> None:
    document = {"TopicConfigurations": list(configurations)}
    await s3("PutBucketNotificationConfiguration", Bucket="photos", NotificationConfiguration=document, **request)


async def listen(s3: Any, sns: Topics, *events: str) -> None:
    """Have the topic told of these events (default: of all), and forget the test message."""
    await put(s3, {**CREATED, "Id": "all", "Events": list(events) or EVERYTHING})
    assert await sns.records() == []


def pairs(*rules: str) -> dict[str, Any]:
    """A filter of rules like `prefix=a`."""
    names = [rule.partition("=")[::2] for rule in rules]
    return {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in names]}}
