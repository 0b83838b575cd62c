"""S3's events as they arrive at the subscribers of a topic, over a socket."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from marinelayer.testing import LocalCloud, local_cloud

Client = Callable[..., Any]
EVERYTHING = [
    "s3:ObjectCreated:*",
    "s3:ObjectRemoved:*",
    "s3:ObjectTagging:*",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
]


class Subscriber:
    """A topic that lets S3 publish, and the phone that is subscribed to it."""

    def __init__(self, cloud: LocalCloud, sns: Any, phone: str) -> None:
        self._cloud = cloud
        self._number = phone
        self.topic: str = sns.create_topic(Name=f"events-{uuid.uuid4().hex[:12]}")["TopicArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "SNS:Publish",
            "Resource": self.topic,
            "Condition": {"StringEquals": {"aws:SourceAccount": cloud.account}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
        sns.set_topic_attributes(TopicArn=self.topic, AttributeName="Policy", AttributeValue=policy)
        sns.subscribe(TopicArn=self.topic, Protocol="sms", Endpoint=self._number)

    def messages(self) -> list[dict[str, Any]]:
        """Everything that arrived, the first first."""
        request = AWSRequest("GET", f"{self._cloud.endpoint_url}/_marinelayer/inbox?limit=1000")
        key = Credentials(self._cloud.access_key_id, self._cloud.secret_access_key)
        SigV4Auth(key, "marinelayer", "us-east-1").add_auth(request)
        found = requests.get(request.url, headers=dict(request.headers), timeout=10).json()["messages"]
        return [json.loads(one["text"]) for one in reversed(found) if one["to"] == self._number]

    def records(self, count: int) -> list[dict[str, Any]]:
        """The first `count` records, as soon as they are there, and that there are no more."""
        deadline = time.monotonic() + 20
        while True:
            found = [record for one in self.messages() for record in one.get("Records", ())]
            if len(found) >= count:
                assert len(found) == count
                return sorted(found, key=lambda one: one["s3"]["object"].get("sequencer", ""))
            assert time.monotonic() < deadline, found
            time.sleep(0.02)


@pytest.fixture
def subscriber(cloud: LocalCloud, client: Client, phone: str) -> Subscriber:
    return Subscriber(cloud, client("sns"), phone)


@pytest.fixture
def told(client: Client, subscriber: Subscriber) -> str:
    """A bucket all of whose events are told to the subscriber."""
    s3, name = client("s3"), f"told-{uuid.uuid4().hex[:16]}"
    s3.create_bucket(Bucket=name)
    configure(s3, name, subscriber.topic)
    return name


def configure(s3: Any, bucket: str, topic: str) -> None:
    rule = {"Id": "all", "TopicArn": topic, "Events": EVERYTHING}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [rule]})


def test_a_put_is_told_with_the_ids_that_its_answer_had(
    cloud: LocalCloud, client: Client, subscriber: Subscriber, told: str
) -> None:
    put = client("s3").put_object(Bucket=told, Key="a b/é.txt", Body=b"hello")["ResponseMetadata"]
    (record,) = subscriber.records(1)
    assert record["eventVersion"] == "2.6"
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["awsRegion"] == "us-east-1"
    assert record["requestParameters"] == {"sourceIPAddress": "127.0.0.1"}
    assert record["responseElements"] == {
        "x-amz-request-id": put["HTTPHeaders"]["x-amz-request-id"],
        "x-amz-id-2": put["HTTPHeaders"]["x-amz-id-2"],
    }
    assert record["s3"]["configurationId"] == "all"
    assert record["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{told}"
    shown = record["s3"]["object"]
    assert (shown["key"], shown["size"], shown["eTag"]) == (
        "a+b/%C3%A9.txt",
        5,
        "5d41402abc4b2a76b9719d911017c592",
    )
    first = subscriber.messages()[0]
    assert (first["Service"], first["Event"], first["Bucket"]) == ("Amazon S3", "s3:TestEvent", told)


def test_everything_that_clients_do_to_objects_is_told(client: Client, subscriber: Subscriber, told: str) -> None:
    s3 = client("s3", config=Config(signature_version="s3v4"))
    s3.put_object(Bucket=told, Key="put", Body=b"x")
    form = s3.generate_presigned_post(told, "form")
    assert requests.post(form["url"], form["fields"], files={"file": b"xy"}, timeout=10).status_code == 204
    s3.copy_object(Bucket=told, Key="copy", CopySource={"Bucket": told, "Key": "put"})
    upload = s3.create_multipart_upload(Bucket=told, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=told, Key="parts", UploadId=upload, PartNumber=1, Body=b"xyz")["ETag"]
    s3.complete_multipart_upload(
        Bucket=told,
        Key="parts",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]},
    )
    s3.delete_object(Bucket=told, Key="put")
    s3.delete_objects(Bucket=told, Delete={"Objects": [{"Key": "copy"}, {"Key": "never"}]})
    s3.put_object_tagging(Bucket=told, Key="form", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.delete_object_tagging(Bucket=told, Key="form")
    s3.put_object_acl(Bucket=told, Key="form", ACL="public-read")
    records = subscriber.records(9)
    found = [(one["eventName"], one["s3"]["object"]["key"], one["s3"]["object"].get("size")) for one in records]
    assert sorted(found[:3]) == [
        ("ObjectAcl:Put", "form", None),
        ("ObjectTagging:Delete", "form", None),
        ("ObjectTagging:Put", "form", None),
    ]
    assert found[3:] == [
        ("ObjectCreated:Put", "put", 1),
        ("ObjectCreated:Post", "form", 2),
        ("ObjectCreated:Copy", "copy", 1),
        ("ObjectCreated:CompleteMultipartUpload", "parts", 3),
        ("ObjectRemoved:Delete", "put", None),
        ("ObjectRemoved:Delete", "copy", None),
    ]


def test_versions_are_told_by_their_ids(client: Client, subscriber: Subscriber, told: str) -> None:
    s3 = client("s3")
    s3.put_bucket_versioning(Bucket=told, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=told, Key="k", Body=b"x")["VersionId"]
    marker = s3.delete_object(Bucket=told, Key="k")["VersionId"]
    s3.delete_object(Bucket=told, Key="k", VersionId=version)
    assert [(one["eventName"], one["s3"]["object"]["versionId"]) for one in subscriber.records(3)] == [
        ("ObjectCreated:Put", version),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectRemoved:Delete", version),
    ]


def test_who_did_it_is_told_by_a_unique_id(client: Client, subscriber: Subscriber, told: str) -> None:
    iam = client("iam")
    user = iam.create_user(UserName=f"writer-{uuid.uuid4().hex[:8]}")["User"]
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    iam.put_user_policy(UserName=user["UserName"], PolicyName="all", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=user["UserName"])["AccessKey"]
    client("s3", key).put_object(Bucket=told, Key="theirs", Body=b"x")
    s3 = client("s3")
    s3.put_object_acl(Bucket=told, Key="theirs", ACL="public-read")
    s3.put_bucket_acl(Bucket=told, ACL="public-read-write")
    where = client("s3").meta.endpoint_url
    assert requests.put(f"{where}/{told}/nobodys", b"x", timeout=10).status_code == 200
    acl, theirs, nobodys = subscriber.records(3)
    assert theirs["userIdentity"]["principalId"] == f"AWS:{user['UserId']}"
    assert nobodys["userIdentity"]["principalId"] == "Anonymous"
    assert acl["userIdentity"] == acl["s3"]["bucket"]["ownerIdentity"]


def test_what_rules_remove_is_told(tmp_path: Any, phone: str) -> None:
    with local_cloud(tmp_path / "data", lifecycle_day=0.2) as cloud:
        s3: Any = boto3.client("s3", **cloud.client_arguments())
        subscriber = Subscriber(cloud, boto3.client("sns", **cloud.client_arguments()), phone)
        s3.create_bucket(Bucket="short")
        configure(s3, "short", subscriber.topic)
        s3.put_object(Bucket="short", Key="k", Body=b"x")
        rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
        s3.put_bucket_lifecycle_configuration(Bucket="short", LifecycleConfiguration={"Rules": [rule]})
        put, expired = subscriber.records(2)
        assert (put["eventName"], expired["eventName"]) == ("ObjectCreated:Put", "LifecycleExpiration:Delete")
        assert expired["requestParameters"] == {"sourceIPAddress": "s3.amazonaws.com"}
        s3.close()


def test_a_configuration_comes_back_as_boto3_sent_it(client: Client, subscriber: Subscriber, told: str) -> None:
    s3 = client("s3")
    rules: list[dict[str, Any]] = [
        {
            "Id": "images",
            "TopicArn": subscriber.topic,
            "Events": ["s3:ObjectCreated:Put", "s3:ObjectCreated:Post"],
            "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "a/"}, {"Name": "Suffix", "Value": ".b"}]}},
        },
        {"Id": "removed", "TopicArn": subscriber.topic, "Events": ["s3:ObjectRemoved:*"]},
    ]
    s3.put_bucket_notification_configuration(
        Bucket=told, NotificationConfiguration={"TopicConfigurations": rules}, ExpectedBucketOwner="111122223333"
    )
    shown = s3.get_bucket_notification_configuration(Bucket=told)
    assert shown["TopicConfigurations"] == rules
    s3.put_bucket_notification_configuration(Bucket=told, NotificationConfiguration={})
    assert set(s3.get_bucket_notification_configuration(Bucket=told)) == {"ResponseMetadata"}
    s3.put_bucket_notification_configuration(
        Bucket=told,
        NotificationConfiguration={"TopicConfigurations": [{**rules[1], "TopicArn": f"{subscriber.topic}-gone"}]},
        SkipDestinationValidation=True,
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"Events": ["s3:ObjectEaten:Put"]},
            {
                "Message": "The event is not supported for notifications",
                "ArgumentName": "Event",
                "ArgumentValue": "s3:ObjectEaten:Put",
            },
        ),
        (
            {"Filter": {"Key": {"FilterRules": [{"Name": "infix", "Value": "a"}]}}},
            {
                "Message": "filter rule name must be either prefix or suffix",
                "ArgumentName": "FilterRule.Name",
                "ArgumentValue": "infix",
            },
        ),
        (
            {"TopicArn": "arn:aws:sns:us-east-1:111122223333:gone"},
            {
                "Message": "Unable to validate the following destination configurations",
                "ArgumentName1": "arn:aws:sns:us-east-1:111122223333:gone",
                "ArgumentValue1": "The destination topic does not exist",
            },
        ),
    ],
)
def test_a_client_is_told_what_is_wrong(
    client: Client, subscriber: Subscriber, told: str, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    rule: dict[str, Any] = {"Id": "r", "TopicArn": subscriber.topic, "Events": ["s3:ObjectCreated:*"], **changes}
    with pytest.raises(ClientError) as refused:
        client("s3").put_bucket_notification_configuration(
            Bucket=told, NotificationConfiguration={"TopicConfigurations": [rule]}
        )
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert {"Code": "InvalidArgument", **expected}.items() <= refused.value.response["Error"].items()


def test_the_operations_of_old_configure_the_same(client: Client, subscriber: Subscriber, told: str) -> None:
    s3 = client("s3")
    old = {"Id": "old", "Topic": subscriber.topic, "Event": "s3:ObjectCreated:Put"}
    s3.put_bucket_notification(Bucket=told, NotificationConfiguration={"TopicConfiguration": old})
    shown = s3.get_bucket_notification(Bucket=told)["TopicConfiguration"]
    assert shown == {
        "Id": "old",
        "Topic": subscriber.topic,
        "Events": ["s3:ObjectCreated:Put"],
        "Event": shown["Event"],
    }
    new = s3.get_bucket_notification_configuration(Bucket=told)["TopicConfigurations"]
    assert new == [{"Id": "old", "TopicArn": subscriber.topic, "Events": ["s3:ObjectCreated:Put"]}]
