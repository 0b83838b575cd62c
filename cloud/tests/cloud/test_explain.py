"""`marinelayer explain`, on a cloud that runs and on one that does not: what it says is what a request gets."""

import ast
import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

import marinelayer.services
from marinelayer.app.explaining import accesses
from marinelayer.app.system import SystemClock
from marinelayer.storage.sqlite import SqliteTables
from marinelayer.testing import local_cloud

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))


def explain(who, action, resource, *more, data, code):
    asked = [MARINELAYER, "explain", "--as", who, action, resource, *more, "--data", str(data)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr if code == 2 else done.stdout


@pytest.fixture
def user(client):
    """A user who may do what `allow(...)` says: its ARN and a client of S3."""
    iam, name = client("iam"), f"u-{uuid.uuid4().hex[:8]}"
    arn = iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "streets"}])["User"]["Arn"]
    key = iam.create_access_key(UserName=name)["AccessKey"]

    class User:
        def __init__(self) -> None:
            self.arn, self.s3 = arn, client("s3", key)

        def allow(self, action, resource, **more):
            statement = {"Sid": "Mine", "Effect": "Allow", "Action": action, "Resource": resource, **more}
            document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.put_user_policy(UserName=name, PolicyName="mine", PolicyDocument=document)

    return User()


def done(call, **arguments):
    try:
        call(**arguments)
    except ClientError as refused:
        if refused.response["ResponseMetadata"]["HTTPStatusCode"] != 403:
            raise
        return False
    return True


def test_it_says_of_a_user_what_the_users_requests_get(cloud, client, bucket, user):
    client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    link = f"s3://{bucket}/k"
    text = explain(user.arn, "s3:GetObject", link, data=cloud.folder, code=1)
    assert not done(user.s3.get_object, Bucket=bucket, Key="k")
    assert text.startswith(f"DENIED (nothing allows it): {user.arn} may not s3:GetObject on arn:aws:s3:::{bucket}/k\n")
    assert f"To allow it: give {user.arn} a policy that allows s3:GetObject" in text
    user.allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    text = explain(user.arn, "s3:GetObject", link, data=cloud.folder, code=0)
    assert done(user.s3.get_object, Bucket=bucket, Key="k")
    assert 'inline policy "mine", statement Mine: allows it' in text


def test_tags_of_objects_and_users_count_without_being_given(cloud, client, bucket, user):
    client("s3").put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="team=streets")
    same = {"StringEquals": {"s3:ExistingObjectTag/team": "${aws:PrincipalTag/team}"}}
    user.allow("s3:GetObject", "*", Condition=same)
    explain(user.arn, "s3:GetObject", f"arn:aws:s3:::{bucket}/k", data=cloud.folder, code=0)
    client("s3").put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "team", "Value": "trash"}]})
    text = explain(user.arn, "s3:GetObject", f"arn:aws:s3:::{bucket}/k", data=cloud.folder, code=1)
    assert (
        "StringEquals s3:ExistingObjectTag/team ${aws:PrincipalTag/team} does not hold (the request has trash)" in text
    )
    own = {"StringEquals": {"aws:ResourceTag/team": "streets"}}
    user.allow("iam:GetUser", "*", Condition=own)
    explain(user.arn, "iam:GetUser", user.arn, data=cloud.folder, code=0)


def test_a_role_is_explained_as_a_session_of_it_would_be_decided(cloud, client, bucket):
    iam, name = client("iam"), f"r-{uuid.uuid4().hex[:8]}"
    statement = {"Effect": "Allow", "Principal": {"AWS": cloud.account}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    explain(arn, "s3:PutObject", f"s3://{bucket}/k", data=cloud.folder, code=1)
    reads = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [reads]})
    iam.put_role_policy(RoleName=name, PolicyName="put", PolicyDocument=document)
    text = explain(arn, "s3:PutObject", f"s3://{bucket}/k", data=cloud.folder, code=0)
    assert 'inline policy "put", statement 0: allows it' in text
    root = f"arn:aws:iam::{cloud.account}:root"
    assert "Resource policy: allows it" in explain(root, "sts:AssumeRole", arn, data=cloud.folder, code=0)


def test_what_the_credentials_of_a_role_can_not_call_is_refused_whatever_policies_allow(cloud, client):
    iam, name = client("iam"), f"r-{uuid.uuid4().hex[:8]}"
    statement = {"Effect": "Allow", "Principal": {"AWS": cloud.account}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    on = f"arn:aws:sts::{cloud.account}:federated-user/ann"
    told = explain(arn, "sts:GetFederationToken", on, data=cloud.folder, code=1)
    assert "Kind of credentials: the credentials of a role can not call GetSessionToken" in told
    explain(arn, "sts:GetAccessKeyInfo", "*", data=cloud.folder, code=0)


def test_a_context_is_what_a_request_would_bring(cloud, bucket, user):
    user.allow("s3:ListBucket", "*", Condition={"StringLike": {"s3:prefix": ["2018/*", "2019/*"]}})
    on = f"arn:aws:s3:::{bucket}"
    explain(user.arn, "s3:ListBucket", on, data=cloud.folder, code=1)
    explain(user.arn, "s3:ListBucket", on, "--context", "s3:prefix=2018/x", data=cloud.folder, code=0)
    explain(user.arn, "s3:ListBucket", on, "--context", "S3:Prefix=2017/", data=cloud.folder, code=1)
    user.allow("s3:ListBucket", "*", Condition={"IpAddress": {"aws:SourceIp": "127.0.0.1/32"}})
    explain(user.arn, "s3:ListBucket", on, data=cloud.folder, code=0)
    explain(user.arn, "s3:ListBucket", on, "--context", "aws:SourceIp=10.0.0.1", data=cloud.folder, code=1)
    signed = {"NumericLessThan": {"s3:signatureAge": "1000"}, "StringEquals": {"s3:authType": "REST-HEADER"}}
    user.allow("s3:ListBucket", "*", Condition=signed)
    explain(user.arn, "s3:ListBucket", on, data=cloud.folder, code=0)


def test_it_says_of_a_stranger_what_a_stranger_gets(cloud, client, bucket):
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = f"{cloud.endpoint_url}/{bucket}/k"
    text = explain("anonymous", "s3:GetObject", f"s3://{bucket}/k", data=cloud.folder, code=1)
    assert requests.get(url, timeout=20).status_code == 403
    assert "allow s3:GetObject on arn:aws:s3:::" in text
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="public-read")
    text = explain("anonymous", "s3:GetObject", f"s3://{bucket}/k", data=cloud.folder, code=0)
    assert requests.get(url, timeout=20).status_code == 200
    assert "ACL: grants it to the public" in text


def test_programs_get_json(cloud, bucket, user):
    told = json.loads(explain(user.arn, "s3:PutObject", f"s3://{bucket}/k", "--json", data=cloud.folder, code=1))
    assert (told["outcome"], told["principal"], told["resource"]) == (
        "implicit-deny",
        user.arn,
        f"arn:aws:s3:::{bucket}/k",
    )
    assert told["steps"][0]["name"] == "Explicit denies"
    assert "no identity-based policy allows the s3:PutObject action" in told["message"]


def test_topics_and_buckets_that_are_not_made_yet_can_be_asked_about(cloud, client, user):
    topic = client("sns").create_topic(Name=f"t-{uuid.uuid4().hex[:8]}")["TopicArn"]
    explain(user.arn, "sns:Publish", topic, data=cloud.folder, code=1)
    user.allow(["sns:Publish", "s3:CreateBucket"], "*")
    explain(user.arn, "sns:Publish", topic, data=cloud.folder, code=0)
    explain(user.arn, "s3:CreateBucket", "s3://not-made-yet", data=cloud.folder, code=0)
    explain(user.arn, "s3:ListAllMyBuckets", "*", data=cloud.folder, code=1)
    user.allow(["s3:ListAllMyBuckets"], "arn:aws:s3:::*")
    told = explain(user.arn, "s3:ListAllMyBuckets", "*", data=cloud.folder, code=0)
    assert "allows it" in told


def test_an_action_is_known_whatever_its_case_and_told_as_aws_writes_it(cloud, user):
    told = explain(user.arn, "s3:listallmyBUCKETS", "*", data=cloud.folder, code=1)
    assert "may not s3:ListAllMyBuckets" in told
    assert "marinelayer:ListInbox" in explain(user.arn, "marinelayer:listinbox", "*", data=cloud.folder, code=1)


@pytest.mark.parametrize(
    ("who", "action", "resource", "more", "says"),
    [
        ("arn:aws:iam::111122223333:user/nobody", "s3:GetObject", "*", (), "is no root, user or role here"),
        ("bob", "s3:GetObject", "*", (), "is no root, user or role here"),
        ("anonymous", "GetObject", "*", (), "is no action"),
        ("anonymous", "s3:GetObjct", "*", (), "There is no action s3:GetObjct; did you mean s3:GetObject"),
        ("anonymous", "s4:GetObject", "*", (), "There is no action s4:GetObject; did you mean s3:GetObject"),
        ("anonymous", "s3:Get*", "*", (), "is no action"),
        ("anonymous", "ec2:RunInstances", "*", (), "There is no action ec2:RunInstances; services here are comprehend"),
        ("anonymous", "s3:ListBucket", "s3://b/k", (), "but on: bucket (arn:${Partition}:s3:::${BucketName})"),
        (
            "anonymous",
            "s3:GetObject",
            "s3://b",
            (),
            "but on: object (arn:${Partition}:s3:::${BucketName}/${ObjectName})",
        ),
        ("anonymous", "iam:GetUser", "s3://b", (), "but on: user"),
        ("anonymous", "s3:GetObject", "bucket/key", (), "is no resource"),
        ("anonymous", "s3:GetObject", "s3://no-such-bucket-here/k", (), "The specified bucket does not exist"),
        ("anonymous", "s3:GetObject", "*", ("--context", "prefix=a"), "is no condition key"),
        ("anonymous", "s3:GetObject", "*", ("--context", "s3:prefix"), "is not KEY=VALUE"),
    ],
)
def test_what_can_not_be_told_ends_with_2(cloud, who, action, resource, more, says):
    assert says in explain(who, action, resource, *more, data=cloud.folder, code=2)


def test_a_cloud_that_does_not_run_explains_the_same(tmp_path):
    folder = tmp_path / "data"
    assert "No cloud" in explain("anonymous", "s3:GetObject", "*", data=folder, code=2)
    with local_cloud(folder) as cloud:
        s3 = cast("Any", boto3).client("s3", **cloud.client_arguments())
        s3.create_bucket(Bucket="lesson")
        s3.put_object(Bucket="lesson", Key="k", Body=b"x", ACL="public-read")
        s3.close()
        running = explain("anonymous", "s3:GetObject", "s3://lesson/k", data=folder, code=0)
    assert explain("anonymous", "s3:GetObject", "s3://lesson/k", data=folder, code=0) == running
    root = "arn:aws:iam::123456789012:root"
    assert "the account's root may do everything" in explain(root, "iam:ListUsers", "*", data=folder, code=0)


def test_every_service_whose_resources_have_policies_is_asked_as_the_pipeline_asks_it(tmp_path):
    with_access = set()
    for path in Path(marinelayer.services.__path__[0]).glob("*/__init__.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "service_table":
                name = cast("Any", node.args[0]).value
                with_access |= {name for keyword in node.keywords if keyword.arg == "access"}
    assert set(accesses(SqliteTables(tmp_path / "cloud.db"), SystemClock())) == with_access


def test_a_role_is_explained_as_its_sessions_act_and_as_what_is_assumed(cloud, client, user):
    name = f"r-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"AWS": user.arn}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    explain(user.arn, "sts:AssumeRole", role, data=cloud.folder, code=0)
    explain(role, "sts:AssumeRole", role, data=cloud.folder, code=1)
    allow = {"Effect": "Allow", "Action": "sns:ListTopics", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": allow})
    client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
    for who in (role, f"arn:aws:sts::{cloud.account}:assumed-role/{name}/night"):
        explain(who, "sns:ListTopics", "*", data=cloud.folder, code=0)
        explain(who, "sns:CreateTopic", f"arn:aws:sns:us-east-1:{cloud.account}:t", data=cloud.folder, code=1)
