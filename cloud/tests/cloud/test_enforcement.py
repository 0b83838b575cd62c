"""`--explain-denials` and `--enforce soft`: what they tell and let through, and what they do not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from marinelayer.app.banner import banner
from marinelayer.config import Settings
from marinelayer.testing import local_cloud

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))


class Place:
    """A cloud with a bucket, an object, a topic, and a user who may nothing."""

    def __init__(self, cloud):
        self.cloud = cloud
        self._made: list[Any] = []
        s3, iam, sns = self.client("s3"), self.client("iam"), self.client("sns")
        s3.create_bucket(Bucket="gid-requests")
        s3.put_object(Bucket="gid-requests", Key="k", Body=b"x")
        self.topic = sns.create_topic(Name="city_alerts")["TopicArn"]
        iam.create_user(UserName="intern")
        key = iam.create_access_key(UserName="intern")["AccessKey"]
        self.key = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def client(self, service, **more):
        self._made.append(cast("Any", boto3).client(service, **(self.cloud.client_arguments() | more)))
        return self._made[-1]

    def intern(self, service, **more):
        return self.client(service, **self.key, **more)

    def close(self):
        for one in self._made:
            one.close()


def settings(**given) -> Settings:
    return cast("Any", Settings)(**given)


def place(path, **given):
    with local_cloud(path, **given) as cloud:
        made = Place(cloud)
        yield made
        made.close()


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    yield from place(tmp_path_factory.mktemp("explained"), explain_denials=True)


@pytest.fixture(scope="module")
def soft(tmp_path_factory):
    yield from place(tmp_path_factory.mktemp("soft"), enforce="soft")


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response


# --- --explain-denials ----------------------------------------------------------------------------------------


def test_a_refusal_carries_the_tree_behind_awss_sentence(explained):
    told = refusal(explained.intern("s3").get_object, Bucket="gid-requests", Key="k")["Error"]
    sentence, _, tree = told["Message"].partition("\n\n")
    assert told["Code"] == "AccessDenied"
    assert sentence.endswith("because no identity-based policy allows the s3:GetObject action")
    assert tree.startswith("DENIED (nothing allows it): ")
    assert "To allow it: give arn:aws:iam::123456789012:user/intern a policy that allows s3:GetObject" in tree


def test_what_credentials_can_not_do_at_all_is_told_too(explained):
    made = explained.client("sts").get_session_token()["Credentials"]
    held = {
        "aws_access_key_id": made["AccessKeyId"],
        "aws_secret_access_key": made["SecretAccessKey"],
        "aws_session_token": made["SessionToken"],
    }
    for service, operation, code in (
        ("iam", "list_users", "InvalidClientTokenId"),
        ("sts", "get_session_token", "AccessDenied"),
    ):
        told = refusal(getattr(explained.client(service, **held), operation))["Error"]
        assert told["Code"] == code
        assert "the credentials of GetSessionToken can call nothing of IAM without MFA" in told["Message"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("sns", "list_topics", {}),
        ("iam", "list_users", {}),
        ("comprehend", "detect_sentiment", {"Text": "fine", "LanguageCode": "en"}),
    ],
)
def test_it_does_so_in_every_protocol(explained, service, operation, arguments):
    told = refusal(getattr(explained.intern(service), operation), **arguments)["Error"]["Message"]
    assert "Identity policies: there are none" in told


def test_nothing_more_is_told_where_nobody_asked_for_it(client, bucket, cloud):
    answer = requests.get(f"{cloud.endpoint_url}/{bucket}/k", timeout=20)
    assert answer.status_code == 403
    assert "To allow it" not in answer.text
    assert settings().explain_denials is False
    assert settings().enforce == "strict"


# --- --enforce soft -------------------------------------------------------------------------------------------


def test_what_nothing_allows_is_let_through(soft):
    s3, sns = soft.intern("s3"), soft.intern("sns")
    assert s3.get_object(Bucket="gid-requests", Key="k")["Body"].read() == b"x"
    s3.put_object(Bucket="gid-requests", Key="mine", Body=b"y")
    assert s3.delete_objects(Bucket="gid-requests", Delete={"Objects": [{"Key": "mine"}]})["Deleted"]
    assert sns.publish(TopicArn=soft.topic, Message="m")["MessageId"]


def test_what_is_no_question_of_permission_is_refused_as_ever(soft):
    cloud = soft.cloud
    forged = soft.client("s3", aws_secret_access_key="x" * 40)
    assert refusal(forged.list_buckets)["Error"]["Code"] == "SignatureDoesNotMatch"
    unknown = soft.client("s3", aws_access_key_id="AKIAUNKNOWNUNKNOWN12")
    assert refusal(unknown.list_buckets)["Error"]["Code"] == "InvalidAccessKeyId"
    s3 = soft.intern("s3")
    assert refusal(s3.get_object, Bucket="gid-requests", Key="none")["Error"]["Code"] == "NoSuchKey"
    assert refusal(s3.create_bucket, Bucket="x")["Error"]["Code"] == "InvalidBucketName"
    assert refusal(s3.delete_bucket, Bucket="gid-requests")["Error"]["Code"] == "BucketNotEmpty"
    wrong_owner = {"Bucket": "gid-requests", "Key": "k", "ExpectedBucketOwner": "999988887777"}
    assert refusal(s3.get_object, **wrong_owner)["Error"]["Code"] == "AccessDenied"
    assert requests.post(f"{cloud.endpoint_url}/_marinelayer/reset", timeout=20).status_code in {403, 404}


def test_strangers_are_let_through_by_policies_and_acls_only(soft):
    stranger = soft.client(
        "s3", aws_access_key_id=None, aws_secret_access_key=None, config=Config(signature_version=UNSIGNED)
    )
    assert refusal(stranger.get_object, Bucket="gid-requests", Key="k")["Error"]["Code"] == "AccessDenied"
    assert refusal(stranger.put_object, Bucket="gid-requests", Key="k", Body=b"")["Error"]["Code"] == "AccessDenied"
    assert requests.get(f"{soft.cloud.endpoint_url}/_marinelayer/inbox", timeout=20).status_code == 403


def test_requesters_still_pay(soft, tmp_path):
    done = subprocess.run(
        [MARINELAYER, "account", "add", "444455556666", "--data", str(soft.cloud.folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    other = json.loads(done.stdout)
    s3 = soft.client("s3", aws_access_key_id=other["access_key_id"], aws_secret_access_key=other["secret_access_key"])
    soft.client("s3").put_bucket_request_payment(
        Bucket="gid-requests", RequestPaymentConfiguration={"Payer": "Requester"}
    )
    assert refusal(s3.get_object, Bucket="gid-requests", Key="k")["Error"]["Code"] == "AccessDenied"
    assert s3.get_object(Bucket="gid-requests", Key="k", RequestPayer="requester")["Body"].read() == b"x"


def test_a_cloud_says_at_start_that_it_is_soft_and_logs_what_it_lets_through(tmp_path):
    up = [MARINELAYER, "up", "--data", str(tmp_path / "d"), "--port", "0", "--console-port", "0", "--enforce", "soft"]
    process = subprocess.Popen(up, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})
    assert process.stdout is not None
    url = process.stdout.readline().split()[1]
    shown = subprocess.run(
        [MARINELAYER, "env", "--data", str(tmp_path / "d")], capture_output=True, text=True, timeout=60, check=True
    )
    pairs = dict(line.removeprefix("export ").split("=", 1) for line in shown.stdout.splitlines())
    root = {"aws_access_key_id": pairs["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": pairs["AWS_SECRET_ACCESS_KEY"]}
    at = {"endpoint_url": url, "region_name": "us-east-1"}
    iam = cast("Any", boto3).client("iam", **at, **root)
    iam.create_user(UserName="intern")
    key = iam.create_access_key(UserName="intern")["AccessKey"]
    mine = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    s3 = cast("Any", boto3).client("s3", **at, **mine)
    s3.create_bucket(Bucket="soft-bucket")
    iam.close()
    s3.close()
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert "NOTHING IS DENIED" in errors.partition("{")[0]
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    (let_through,) = [line for line in lines if line["event"] == "let through"]
    assert let_through["would_deny"] == "s3:CreateBucket on arn:aws:s3:::soft-bucket"
    assert let_through["principal"] == "arn:aws:iam::123456789012:user/intern"
    assert "no identity-based policy allows" in let_through["why"]


def test_a_banner_is_there_for_what_opens_more_and_nothing_else():
    assert banner(settings()) == ""
    assert "--explain-denials" in banner(settings(explain_denials=True))
    both = banner(settings(explain_denials=True, enforce="soft"))
    assert "--explain-denials" in both
    assert "--enforce soft" in both
