"""Tags of buckets by S3 Control: set and removed one by one; S3 knows the same as a set."""

import json
import uuid

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from marinelayer.services.s3.bucket_tags import add_tags, remove_tags, tags_of


def tags(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]


@pytest.fixture
def control(client):
    return client("s3control", config=Config(parameter_validation=False))


@pytest.fixture
def resource(cloud, bucket):
    return {"AccountId": cloud.account, "ResourceArn": f"arn:aws:s3:::{bucket}"}


def refusal(call, **request):
    with pytest.raises(ClientError) as refused:
        call(**request)
    response = refused.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


async def test_no_database_knows_the_tags_of_a_bucket_that_is_not_there(tables):
    assert await tables.read(tags_of, "nobodys") is None
    assert not await tables.write(add_tags, "nobodys", tags(a="1"), 1)
    assert not await tables.write(remove_tags, "nobodys", {"a"}, 1)


def test_tags_are_added_changed_and_removed_one_by_one(control, resource):
    assert control.list_tags_for_resource(**resource)["Tags"] == []
    answer = control.tag_resource(**resource, Tags=tags(key1="a", key2="b"))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    control.tag_resource(**resource, Tags=tags(key3="c", key1="z"))
    assert control.list_tags_for_resource(**resource)["Tags"] == tags(key1="z", key2="b", key3="c")
    for _ in range(2):
        answer = control.untag_resource(**resource, TagKeys=["key1", "key3", "never"])
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert control.list_tags_for_resource(**resource)["Tags"] == tags(key2="b")


def test_they_are_those_that_s3_knows_as_a_set(client, control, resource, bucket):
    s3 = client("s3")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags(team="streets")})
    control.tag_resource(**resource, Tags=tags(site="west"))
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags(team="streets", site="west")
    control.untag_resource(**resource, TagKeys=["team", "site"])
    assert refusal(s3.get_bucket_tagging, Bucket=bucket)[1] == "NoSuchTagSet"


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ([{"Key": "aws:x", "Value": ""}], "InvalidTag", "This prefix is reserved for system tags."),
        ([*tags(a="1"), *tags(a="2")], "InvalidTag", "There are duplicate tag keys in your request."),
        (tags(a="<"), "InvalidTag", "contains a tag key or value that isn't valid."),
        (tags(**{"a&": "1"}), "InvalidTag", "contains a tag key or value that isn't valid."),
        (tags(**{"k" * 129: "1"}), "InvalidTag", "contains a tag key or value that isn't valid."),
        ([{"Key": "a"}], "MalformedXML", "did not validate against our published schema"),
        ([{"Value": "a"}], "MalformedXML", "did not validate against our published schema"),
    ],
)
def test_tags_that_are_none_are_refused_and_nothing_is_written(control, resource, given, code, said):
    control.tag_resource(**resource, Tags=tags(kept="1"))
    status, found, message = refusal(control.tag_resource, **resource, Tags=given)
    assert (status, found) == (400, code)
    assert said in message
    assert control.list_tags_for_resource(**resource)["Tags"] == tags(kept="1")


def test_a_bucket_has_fifty_tags_at_most(control, resource):
    control.tag_resource(**resource, Tags=tags(**{f"k{number}": "" for number in range(50)}))
    control.tag_resource(**resource, Tags=tags(k7="changed"))
    assert refusal(control.tag_resource, **resource, Tags=tags(one_more=""))[:2] == (400, "BadRequest")
    assert len(control.list_tags_for_resource(**resource)["Tags"]) == 50


@pytest.mark.parametrize(
    "arn", ["arn:aws:s3:::{name}", "arn:aws:s3:::{bucket}/key", "arn:aws:s3:r:1:accesspoint/{name}"]
)
def test_what_is_no_bucket_has_no_tags(control, cloud, bucket, arn):
    known = {"AccountId": cloud.account, "ResourceArn": arn.format(name=f"no-{uuid.uuid4().hex[:20]}", bucket=bucket)}
    for refused in (
        refusal(control.list_tags_for_resource, **known),
        refusal(control.tag_resource, **known, Tags=tags(a="1")),
        refusal(control.untag_resource, **known, TagKeys=["a"]),
    ):
        assert refused == (404, "NoSuchResource", "The specified resource doesn't exist.")


def test_another_accounts_number_lets_nobody_in(control, resource):
    strange = {**resource, "AccountId": "999988887777"}
    assert refusal(control.list_tags_for_resource, **strange)[:2] == (403, "AccessDenied")


def test_policies_decide_by_the_bucket_and_by_the_tags(client, cloud, resource, bucket):
    iam, name = client("iam"), f"user-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    statement = {
        "Effect": "Allow",
        "Action": ["s3:TagResource", "s3:ListTagsForResource"],
        "Resource": resource["ResourceArn"],
        "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    control = client("s3control", iam.create_access_key(UserName=name)["AccessKey"])
    control.tag_resource(**resource, Tags=tags(team="streets"))
    assert refusal(control.tag_resource, **resource, Tags=tags(site="west"))[:2] == (403, "AccessDenied")
    assert refusal(control.untag_resource, **resource, TagKeys=["team"])[:2] == (403, "AccessDenied")
    assert control.list_tags_for_resource(**resource)["Tags"] == tags(team="streets")
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:ListTagsForResource",
        "Resource": resource["ResourceArn"],
    }
    client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": denied}))
    assert refusal(control.list_tags_for_resource, **resource)[:2] == (403, "AccessDenied")
