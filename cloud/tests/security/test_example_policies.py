"""Example policies in force: set by boto3, and met by requests over a socket."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any, cast

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from marinelayer.testing import local_cloud

from .examples import ALL, EVERYONE, Example, allow, deny, only_if
from .judging import document
from .test_example_identity_policies import EXAMPLES as OF_USERS
from .test_example_resource_policies import EXAMPLES as OF_RESOURCES


class Town:
    """A bucket, and a user who may do what `allow` says."""

    def __init__(self, client: Callable[..., Any], bucket: str) -> None:
        self.s3, self.iam, self.bucket = client("s3"), client("iam"), bucket
        self.arn, self.objects = f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"
        self._client = client
        self.user, self.mine = self.made(())

    def made(self, statements: tuple[dict[str, Any], ...]) -> tuple[str, Any]:
        """A user with these statements: its ARN and its client of S3."""
        name = f"u-{uuid.uuid4().hex[:8]}"
        arn = self.iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "streets"}])["User"]["Arn"]
        if statements:
            self.give(name, *statements)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return arn, self._client("s3", key)

    def give(self, name: str, *statements: dict[str, Any]) -> None:
        self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))

    def allow(self, *statements: dict[str, Any]) -> str:
        """Give the user these statements; its name."""
        name = self.user.rpartition("/")[2]
        self.give(name, *statements)
        return name

    def open(self, *statements: dict[str, Any]) -> None:
        """Give the bucket these statements."""
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=document(*statements))

    def put(self, key: str, **more: Any) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"x", **more)


@pytest.fixture
def town(client: Callable[..., Any], bucket: str) -> Town:
    return Town(client, bucket)


def may(call: Callable[..., Any], **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as refused:
        if refused.response["ResponseMetadata"]["HTTPStatusCode"] != 403:
            raise
        return False
    return True


def test_a_user_reaches_the_own_home_folder_and_no_other(town: Town) -> None:
    name = town.allow(
        allow("s3:ListBucket", town.arn, **only_if(StringLike={"s3:prefix": "home/${aws:username}/*"})),
        allow("s3:*", f"{town.arn}/home/${{aws:username}}/*"),
    )
    box = {"Bucket": town.bucket}
    assert may(town.mine.put_object, **box, Key=f"home/{name}/k", Body=b"x")
    assert may(town.mine.list_objects_v2, **box, Prefix=f"home/{name}/")
    assert not may(town.mine.put_object, **box, Key="home/other/k", Body=b"x")
    assert not may(town.mine.list_objects_v2, **box, Prefix="home/other/")
    assert not may(town.mine.list_objects_v2, **box)


def test_an_address_is_let_in_or_kept_out(town: Town) -> None:
    town.put("k")
    town.allow(ALL)
    town.open(deny("s3:GetObject", town.objects, **EVERYONE, **only_if(NotIpAddress={"aws:SourceIp": "127.0.0.0/8"})))
    assert may(town.mine.get_object, Bucket=town.bucket, Key="k")
    town.open(deny("s3:GetObject", town.objects, **EVERYONE, **only_if(NotIpAddress={"aws:SourceIp": "10.0.0.0/8"})))
    assert not may(town.mine.get_object, Bucket=town.bucket, Key="k")


def test_what_demands_tls_is_served_by_tls_only(tmp_path: Any) -> None:
    with local_cloud(tmp_path, tls_port=0) as cloud:
        plain = cast("Any", boto3).client("s3", **cloud.client_arguments())
        trusted = {"endpoint_url": cloud.tls_url, "verify": str(cloud.folder / "ca" / "own-ca.pem")}
        secure = cast("Any", boto3).client("s3", **(cloud.client_arguments() | trusted))
        plain.create_bucket(Bucket="by-tls")
        plain.put_object(Bucket="by-tls", Key="k", Body=b"x")
        only_tls = deny("s3:*", "arn:aws:s3:::by-tls/*", **EVERYONE, **only_if(Bool={"aws:SecureTransport": "false"}))
        plain.put_bucket_policy(Bucket="by-tls", Policy=document(only_tls))
        assert may(secure.get_object, Bucket="by-tls", Key="k")
        assert not may(plain.get_object, Bucket="by-tls", Key="k")
        for least, enough in (("1.2", True), ("1.4", False)):
            newer = deny(
                "s3:*", "arn:aws:s3:::by-tls/*", **EVERYONE, **only_if(NumericLessThan={"s3:TlsVersion": least})
            )
            plain.put_bucket_policy(Bucket="by-tls", Policy=document(newer))
            assert may(secure.get_object, Bucket="by-tls", Key="k") == enough
        plain.close()
        secure.close()


def test_objects_are_read_by_their_tags_and_the_readers(town: Town) -> None:
    town.put("mine", Tagging="team=streets")
    town.put("theirs", Tagging="team=trash")
    town.put("nobodys")
    town.allow(
        allow("s3:GetObject", "*", **only_if(StringEquals={"s3:ExistingObjectTag/team": "${aws:PrincipalTag/team}"}))
    )
    assert may(town.mine.get_object, Bucket=town.bucket, Key="mine")
    assert not may(town.mine.get_object, Bucket=town.bucket, Key="theirs")
    assert not may(town.mine.get_object, Bucket=town.bucket, Key="nobodys")


def test_a_listing_is_bound_to_a_prefix_a_delimiter_and_a_number(town: Town) -> None:
    town.allow(
        allow("s3:ListBucket", town.arn, **only_if(StringEquals={"s3:prefix": "2019/", "s3:delimiter": "/"})),
        deny("s3:ListBucket", town.arn, **only_if(NumericGreaterThan={"s3:max-keys": "10"})),
    )
    asked = {"Bucket": town.bucket, "Prefix": "2019/", "Delimiter": "/"}
    assert may(town.mine.list_objects_v2, **asked, MaxKeys=10)
    assert not may(town.mine.list_objects_v2, **asked, MaxKeys=11)
    assert not may(town.mine.list_objects_v2, **{**asked, "Prefix": "2018/"})
    assert not may(town.mine.list_objects_v2, Bucket=town.bucket, Prefix="2019/")


def test_uploads_must_be_encrypted_as_the_policy_says(town: Town) -> None:
    town.allow(ALL)
    town.open(
        deny(
            "s3:PutObject",
            town.objects,
            **EVERYONE,
            **only_if(StringNotEquals={"s3:x-amz-server-side-encryption": "AES256"}),
        )
    )
    put = {"Bucket": town.bucket, "Key": "k", "Body": b"x"}
    assert may(town.mine.put_object, **put, ServerSideEncryption="AES256")
    assert not may(town.mine.put_object, **put)


def test_uploads_must_come_with_an_acl(town: Town) -> None:
    town.allow(
        allow("s3:PutObject", town.objects, **only_if(StringEquals={"s3:x-amz-acl": "bucket-owner-full-control"})),
        allow("s3:PutObjectAcl", town.objects),
    )
    put = {"Bucket": town.bucket, "Key": "k", "Body": b"x"}
    assert may(town.mine.put_object, **put, ACL="bucket-owner-full-control")
    assert not may(town.mine.put_object, **put)
    assert not may(town.mine.put_object, **put, ACL="public-read")


def test_one_user_only_is_let_in(town: Town) -> None:
    town.put("k")
    town.allow(ALL)
    _, others = town.made((ALL,))
    town.open(deny("s3:GetObject", town.objects, **EVERYONE, **only_if(ArnNotEquals={"aws:PrincipalArn": town.user})))
    assert may(town.mine.get_object, Bucket=town.bucket, Key="k")
    assert not may(others.get_object, Bucket=town.bucket, Key="k")
    assert not may(town.s3.get_object, Bucket=town.bucket, Key="k")


def test_anyone_reads_what_is_public_and_nothing_else(cloud: Any, town: Town) -> None:
    town.put("public/k")
    town.put("private/k")
    town.open(allow("s3:GetObject", f"{town.arn}/public/*", **EVERYONE))
    stranger = cast("Any", boto3).client(
        "s3", endpoint_url=cloud.endpoint_url, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
    )
    assert may(stranger.get_object, Bucket=town.bucket, Key="public/k")
    assert not may(stranger.get_object, Bucket=town.bucket, Key="private/k")
    assert not may(stranger.put_object, Bucket=town.bucket, Key="public/k", Body=b"y")
    stranger.close()


def test_a_referer_opens_and_a_vpc_closes(cloud: Any, town: Town) -> None:
    town.put("k")
    url = f"{cloud.endpoint_url}/{town.bucket}/k"
    town.open(
        allow("s3:GetObject", town.objects, **EVERYONE, **only_if(StringLike={"aws:Referer": "https://gid.example/*"}))
    )
    assert requests.get(url, headers={"referer": "https://gid.example/map"}, timeout=20).status_code == 200
    assert requests.get(url, timeout=20).status_code == 403
    town.allow(ALL)
    town.open(
        deny("s3:GetObject", town.objects, **EVERYONE, **only_if(StringNotEquals={"aws:SourceVpc": "vpc-111bbb22"}))
    )
    assert not may(town.mine.get_object, Bucket=town.bucket, Key="k")
    assert may(town.mine.put_object, Bucket=town.bucket, Key="k", Body=b"x")


def test_links_are_let_in_where_headers_are_not(town: Town) -> None:
    town.put("k")
    town.allow(ALL)
    town.open(
        deny("s3:GetObject", town.objects, **EVERYONE, **only_if(StringNotEquals={"s3:authType": "REST-QUERY-STRING"}))
    )
    link = town.mine.generate_presigned_url("get_object", {"Bucket": town.bucket, "Key": "k"})
    assert requests.get(link, timeout=20).status_code == 200
    assert not may(town.mine.get_object, Bucket=town.bucket, Key="k")


def test_a_time_window_opens_and_closes(town: Town) -> None:
    town.put("k")
    for until, expected in (("2099-01-01T00:00:00Z", True), ("2001-01-01T00:00:00Z", False)):
        town.allow(allow("s3:GetObject", "*", **only_if(DateLessThan={"aws:CurrentTime": until})))
        assert may(town.mine.get_object, Bucket=town.bucket, Key="k") == expected


def test_new_topics_need_the_projects_tag(town: Town, client: Callable[..., Any]) -> None:
    name = town.allow(allow("sns:CreateTopic", "*", **only_if(StringEquals={"aws:RequestTag/project": "gid"})))
    key = town.iam.create_access_key(UserName=name)["AccessKey"]
    sns = client("sns", key)
    topic = f"t-{uuid.uuid4().hex[:8]}"
    assert may(sns.create_topic, Name=topic, Tags=[{"Key": "project", "Value": "gid"}])
    assert not may(sns.create_topic, Name=f"{topic}-2")
    assert not may(sns.create_topic, Name=f"{topic}-2", Tags=[{"Key": "project", "Value": "x"}])


@pytest.mark.parametrize("example", [*OF_USERS, *OF_RESOURCES], ids=lambda example: example.name.replace(" ", "-"))
def test_every_policy_of_an_identity_is_one_that_iam_takes(town: Town, example: Example) -> None:
    if example.mine:
        town.allow(*example.mine)
        kept = town.iam.get_user_policy(UserName=town.user.rpartition("/")[2], PolicyName="p")["PolicyDocument"]
        assert kept == json.loads(document(*example.mine))
