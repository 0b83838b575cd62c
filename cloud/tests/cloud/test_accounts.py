"""Further accounts: made, listed and removed by command; and what one account lets another do, asked by boto3."""

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

from marinelayer.testing import local_cloud

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))
KEY = "0555b35654ad1656d804:h7GhxuBLTrlhVUyxSPUKUV8r/2EI4ngqJxD7iBdBYLhwluN30JaT3Q=="
OTHER = "444455556666"


def account(command, *arguments, data, code=0):
    asked = [MARINELAYER, "account", command, *arguments, "--data", str(data)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return done


def added(number, *arguments, data):
    return json.loads(account("add", number, *arguments, data=data).stdout)


def new_number():
    return f"9{uuid.uuid4().int % 10**11:011}"


class Party:
    """An account, with clients of its root user and of users that it makes."""

    def __init__(self, cloud, made):
        self.number, self.canonical_id = made["account"], made["canonical_id"]
        self._cloud = cloud
        self._key = made["access_key_id"], made["secret_access_key"]

    def client(self, service="s3", key=None):
        key_id, secret = key or self._key
        arguments = self._cloud.client_arguments()
        arguments |= {"aws_access_key_id": key_id, "aws_secret_access_key": secret}
        return cast("Any", boto3).client(service, **arguments)

    def user(self, *actions):
        """A user who may do these actions on everything: its ARN and a client of S3."""
        iam, name = self.client("iam"), f"u-{uuid.uuid4().hex[:8]}"
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        if actions:
            statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
            document = json.dumps({"Version": "2012-10-17", "Statement": statement})
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return arn, self.client(key=(key["AccessKeyId"], key["SecretAccessKey"]))


@pytest.fixture(scope="module")
def other(cloud):
    return Party(cloud, added(OTHER, "--name", "other", data=cloud.folder))


@pytest.fixture(scope="module")
def free_folder(tmp_path_factory):
    """A folder that no process serves, with an account OTHER that has KEY."""
    folder = tmp_path_factory.mktemp("free") / "data"
    added(OTHER, "--root-key", KEY, data=folder)
    return folder


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture
def box(s3, bucket):
    """A bucket of the cloud's first account with an object `k`."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    return bucket


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def allow(s3, bucket, principal, *actions):
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list(actions),
        "Resource": resources,
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


# --- the command ----------------------------------------------------------------------------------------------


def test_an_account_is_made_while_the_cloud_runs_and_its_key_works_at_once(cloud):
    number = new_number()
    made = added(number, "--name", "Streets", data=cloud.folder)
    party = Party(cloud, made)
    assert party.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{number}:root"
    assert party.client().list_buckets()["Buckets"] == []
    assert party.client().list_buckets()["Owner"]["ID"] == made["canonical_id"]
    listed = [json.loads(line) for line in account("list", data=cloud.folder).stdout.splitlines()]
    assert {"account": number, "name": "Streets", "canonical_id": made["canonical_id"]} in listed
    assert cloud.account in {one["account"] for one in listed}
    assert [one["account"] for one in listed] == sorted(one["account"] for one in listed)


def test_accounts_can_be_made_before_the_first_start_the_folders_own_too(tmp_path):
    folder = tmp_path / "data"
    other = added(OTHER, "--root-key", KEY, data=folder)
    own = added("123456789012", data=folder)
    assert f"{other['access_key_id']}:{other['secret_access_key']}" == KEY
    with local_cloud(folder) as cloud:
        assert (cloud.account, cloud.access_key_id) == ("123456789012", own["access_key_id"])
        assert Party(cloud, other).client("sts").get_caller_identity()["Account"] == OTHER
    later = added("777788889999", data=folder)
    with local_cloud(folder) as cloud:
        assert Party(cloud, later).client("sts").get_caller_identity()["Account"] == "777788889999"


def test_an_account_and_its_key_survive_a_reset(tmp_path):
    with local_cloud(tmp_path, allow_reset=True) as cloud:
        party = Party(cloud, added(OTHER, data=tmp_path))
        party.client().create_bucket(Bucket="gone-with-the-reset")
        assert requests.post(f"{cloud.endpoint_url}/_marinelayer/reset", timeout=30).ok
        assert party.client().list_buckets()["Buckets"] == []
        assert party.client().list_buckets()["Owner"]["ID"] == party.canonical_id


@pytest.mark.parametrize(
    ("number", "arguments", "said"),
    [
        ("12345678901", (), "12 digits"),
        ("12345678901\uff12", (), "12 digits"),
        (OTHER, (), f"There is an account {OTHER} already"),
        ("111111111111", ("--root-key", KEY), "There is an access key 0555b35654ad1656d804 already"),
        ("111111111111", ("--root-key", "AKIAEXAMPLE:hidden-that-is-long"), "must be ID:SECRET"),
        ("111111111111", ("--root-key", "AKIAEXAMPLEEXAMPLE12:hidden-short"), "must be ID:SECRET"),
        ("111111111111", ("--root-key", "AKIAEXAMPLEEXAMPLE12:hidden with blanks and more"), "must be ID:SECRET"),
        ("111111111111", ("--name", "a<b"), "name"),
        ("111111111111", ("--name", "n" * 51), "name"),
    ],
)
def test_what_can_not_be_an_account_is_refused_in_a_line_without_the_secret(free_folder, number, arguments, said):
    folder = free_folder
    before = account("list", data=folder).stdout
    done = account("add", number, *arguments, data=folder, code=1)
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "hidden" not in done.stderr
    assert KEY.partition(":")[2] not in done.stderr + done.stdout
    assert account("list", data=folder).stdout == before


def test_a_given_secret_lies_nowhere_but_wrapped(tmp_path):
    up = [MARINELAYER, "up", "--data", str(tmp_path), "--port", "0", "--console-port", "0"]
    with subprocess.Popen(up, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[1]
        added(OTHER, "--root-key", KEY, data=tmp_path)
        account("add", OTHER, "--root-key", KEY, data=tmp_path, code=1)
        key_id, secret = KEY.split(":")
        s3 = boto3.client(
            "s3", endpoint_url=url, aws_access_key_id=key_id, aws_secret_access_key=secret, region_name="us-east-1"
        )
        s3.create_bucket(Bucket="secret-bucket")
        server.terminate()
        said = "".join(server.communicate(timeout=30))
    assert "CreateBucket" in said
    assert secret not in said
    assert secret.encode() not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_an_account_is_removed_when_it_owns_nothing_and_its_key_ends(cloud):
    number = new_number()
    party = Party(cloud, added(number, data=cloud.folder))
    s3, iam, sns = party.client(), party.client("iam"), party.client("sns")
    s3.create_bucket(Bucket=f"b-{number}")
    iam.create_user(UserName="u")
    topic = sns.create_topic(Name="t")["TopicArn"]
    said = account("remove", number, data=cloud.folder, code=1).stderr
    assert f"{number} still owns buckets, users, topics" in said
    s3.delete_bucket(Bucket=f"b-{number}")
    iam.delete_user(UserName="u")
    sns.delete_topic(TopicArn=topic)
    account("remove", number, data=cloud.folder)
    assert refused(s3.list_buckets) == "InvalidAccessKeyId"
    assert number not in account("list", data=cloud.folder).stdout
    assert f"no account {number}" in account("remove", number, data=cloud.folder, code=1).stderr


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda party: party.client().create_bucket(Bucket=f"b-{party.number}"), "buckets"),
        (lambda party: party.client("iam").create_user(UserName="u"), "users"),
        (lambda party: party.client("sns").create_topic(Name="t"), "topics"),
        (
            lambda party: party.client("translate").import_terminology(
                Name="t", MergeStrategy="OVERWRITE", TerminologyData={"File": b"en,es\na,b\n", "Format": "CSV"}
            ),
            "terminologies",
        ),
    ],
)
def test_each_thing_that_an_account_owns_keeps_it(cloud, make, what):
    party = Party(cloud, added(new_number(), data=cloud.folder))
    make(party)
    said = account("remove", party.number, data=cloud.folder, code=1).stderr
    assert said == f"Error: {party.number} still owns {what}: delete them first.\n"


def test_a_confirmed_subscription_to_anothers_topic_keeps_its_account(cloud, client):
    party = Party(cloud, added(new_number(), data=cloud.folder))
    sns = client("sns")
    topic = sns.create_topic(Name=f"t-{party.number}")["TopicArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": party.number},
        "Action": ["sns:Subscribe"],
        "Resource": topic,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    made = party.client("sns").subscribe(TopicArn=topic, Protocol="sms", Endpoint="+13125550123")["SubscriptionArn"]
    assert "subscriptions" in account("remove", party.number, data=cloud.folder, code=1).stderr
    party.client("sns").unsubscribe(SubscriptionArn=made)
    account("remove", party.number, data=cloud.folder)


def test_an_account_that_is_made_again_finds_nothing_of_the_one_before(cloud, client):
    number = new_number()
    sns = Party(cloud, added(number, data=cloud.folder)).client("sns")
    sns.set_sms_attributes(attributes={"DefaultSenderID": "Before"})
    topic = client("sns").create_topic(Name=f"t-{number}")["TopicArn"]
    statement = {"Effect": "Allow", "Principal": {"AWS": number}, "Action": ["sns:Subscribe"], "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="before@example.com")
    assert sns.list_subscriptions()["Subscriptions"]
    account("remove", number, data=cloud.folder)
    sns = Party(cloud, added(number, data=cloud.folder)).client("sns")
    assert "DefaultSenderID" not in sns.get_sms_attributes()["attributes"]
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_the_account_that_the_folder_began_with_stays(cloud):
    assert "began with" in account("remove", cloud.account, data=cloud.folder, code=1).stderr


def test_nothing_is_listed_or_removed_where_there_is_no_folder(tmp_path):
    for command in (("list",), ("remove", OTHER)):
        assert "No cloud" in account(*command, data=tmp_path / "none", code=1).stderr
    assert not (tmp_path / "none").exists()


# --- from account to account ------------------------------------------------------------------------------------


def test_another_account_may_nothing_that_nobody_gave_it(other, box):
    s3 = other.client()
    assert refused(s3.get_object, Bucket=box, Key="k") == "AccessDenied"
    assert refused(s3.list_objects_v2, Bucket=box) == "AccessDenied"
    assert refused(s3.put_object, Bucket=box, Key="mine") == "AccessDenied"
    assert refused(s3.create_bucket, Bucket=box) == "BucketAlreadyExists"
    assert box not in [one["Name"] for one in s3.list_buckets()["Buckets"]]


# Without names of their own, `::` would tear this module apart among the workers.
@pytest.mark.parametrize("principal", ["arn:aws:iam::444455556666:root", OTHER], ids=["root", "number"])
def test_a_policy_for_an_account_is_for_its_root_and_for_whom_the_account_lets(s3, other, box, principal):
    allow(s3, box, principal, "s3:GetObject")
    assert other.client().get_object(Bucket=box, Key="k")["Body"].read() == b"x"
    _, with_permission = other.user("s3:GetObject")
    _, without = other.user()
    assert with_permission.get_object(Bucket=box, Key="k")["Body"].read() == b"x"
    assert refused(without.get_object, Bucket=box, Key="k") == "AccessDenied"
    assert refused(other.client().put_object, Bucket=box, Key="k") == "AccessDenied"


def test_a_user_of_another_account_needs_the_policy_of_the_bucket_and_of_the_account(s3, other, box):
    arn, without = other.user()
    named, with_permission = other.user("s3:*")
    _, unnamed = other.user("s3:*")
    allow(s3, box, [arn, named], "s3:GetObject", "s3:ListBucket")
    assert with_permission.get_object(Bucket=box, Key="k")["Body"].read() == b"x"
    assert with_permission.list_objects_v2(Bucket=box)["KeyCount"] == 1
    assert refused(without.get_object, Bucket=box, Key="k") == "AccessDenied"
    assert refused(unnamed.get_object, Bucket=box, Key="k") == "AccessDenied"
    assert refused(other.client().get_object, Bucket=box, Key="k") == "AccessDenied"


def test_a_principal_that_is_no_user_of_any_account_is_no_principal(s3, other, box):
    policy = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{other.number}:user/nobody"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{box}/*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": policy})
    assert refused(s3.put_bucket_policy, Bucket=box, Policy=document) == "MalformedPolicy"


def test_a_bucket_policy_is_its_owners_business_whatever_it_grants(s3, other, box):
    allow(s3, box, OTHER, "s3:*")
    theirs = other.client()
    assert theirs.list_objects_v2(Bucket=box)["KeyCount"] == 1
    assert refused(theirs.get_bucket_policy, Bucket=box) == "MethodNotAllowed"
    assert refused(theirs.delete_bucket_policy, Bucket=box) == "MethodNotAllowed"


def test_a_grant_to_a_canonical_id_lets_that_account_in(s3, other, box):
    s3.put_object_acl(Bucket=box, Key="k", GrantRead=f"id={other.canonical_id}")
    _, with_permission = other.user("s3:GetObject")
    _, without = other.user()
    assert other.client().get_object(Bucket=box, Key="k")["Body"].read() == b"x"
    assert with_permission.get_object(Bucket=box, Key="k")["Body"].read() == b"x"
    assert refused(without.get_object, Bucket=box, Key="k") == "AccessDenied"
    assert refused(other.client().list_objects_v2, Bucket=box) == "AccessDenied"
    s3.put_bucket_acl(Bucket=box, GrantRead=f"id={other.canonical_id}", GrantWrite=f"id={other.canonical_id}")
    assert other.client().list_objects_v2(Bucket=box)["KeyCount"] == 1
    grants = s3.get_bucket_acl(Bucket=box)["Grants"]
    assert {grant["Grantee"]["ID"] for grant in grants} == {other.canonical_id}
    assert {grant["Grantee"].get("DisplayName") for grant in grants} == {"other"}


def test_what_another_account_writes_belongs_to_it_until_it_gives_it_away(s3, other, box):
    allow(s3, box, OTHER, "s3:PutObject", "s3:PutObjectAcl")
    theirs = other.client()
    theirs.put_object(Bucket=box, Key="theirs", Body=b"y")
    assert refused(s3.get_object, Bucket=box, Key="theirs") == "AccessDenied"
    owners = {one["Key"]: one["Owner"]["ID"] for one in s3.list_objects(Bucket=box)["Contents"]}
    assert owners["theirs"] == other.canonical_id != owners["k"]
    theirs.put_object_acl(Bucket=box, Key="theirs", ACL="bucket-owner-full-control")
    assert s3.get_object(Bucket=box, Key="theirs")["Body"].read() == b"y"
    s3.put_bucket_ownership_controls(
        Bucket=box, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    theirs.put_object(Bucket=box, Key="enforced", Body=b"z")
    assert s3.get_object(Bucket=box, Key="enforced")["Body"].read() == b"z"


def test_the_expected_owner_of_a_bucket_must_be_its_owner(s3, other, box, cloud):
    allow(s3, box, OTHER, "s3:GetObject", "s3:PutObject", "s3:ListBucket")
    theirs = other.client()
    for expected, outcome in ((cloud.account, None), (other.number, "AccessDenied")):
        calls = [
            (theirs.get_object, {"Key": "k", "ExpectedBucketOwner": expected}),
            (theirs.list_objects_v2, {"ExpectedBucketOwner": expected}),
            (theirs.put_object, {"Key": "new", "ExpectedBucketOwner": expected}),
            (
                theirs.copy_object,
                {"Key": "copy", "CopySource": f"{box}/k", "ExpectedSourceBucketOwner": expected},
            ),
        ]
        for call, arguments in calls:
            if outcome is None:
                call(Bucket=box, **arguments)
            else:
                assert refused(call, Bucket=box, **arguments) == outcome


def test_a_copy_from_account_to_account_needs_both_buckets_leave(s3, other, box):
    theirs = other.client()
    mine = f"other-{uuid.uuid4().hex[:12]}"
    theirs.create_bucket(Bucket=mine)
    assert refused(theirs.copy_object, Bucket=mine, Key="k", CopySource=f"{box}/k") == "AccessDenied"
    allow(s3, box, OTHER, "s3:GetObject")
    theirs.copy_object(Bucket=mine, Key="k", CopySource=f"{box}/k")
    assert theirs.get_object(Bucket=mine, Key="k")["Body"].read() == b"x"
    assert refused(s3.get_object, Bucket=mine, Key="k") == "AccessDenied"


def test_another_account_reads_what_requesters_pay_for_when_it_says_that_it_pays(s3, other, box):
    theirs = other.client()
    mine = f"other-{uuid.uuid4().hex[:12]}"
    theirs.create_bucket(Bucket=mine)
    allow(s3, box, OTHER, "s3:GetObject", "s3:PutObject", "s3:ListBucket")
    assert "RequestCharged" not in theirs.get_object(Bucket=box, Key="k", RequestPayer="requester")
    s3.put_bucket_request_payment(Bucket=box, RequestPaymentConfiguration={"Payer": "Requester"})
    copy = {"Bucket": mine, "Key": "k", "CopySource": f"{box}/k"}
    for call, arguments in (
        (theirs.get_object, {"Bucket": box, "Key": "k"}),
        (theirs.head_object, {"Bucket": box, "Key": "k"}),
        (theirs.put_object, {"Bucket": box, "Key": "new"}),
        (theirs.list_objects_v2, {"Bucket": box}),
        (theirs.copy_object, copy),
    ):
        assert refused(call, **arguments) in {"AccessDenied", "403"}
        assert call(**arguments, RequestPayer="requester")["RequestCharged"] == "requester"
    link = theirs.generate_presigned_url("get_object", {"Bucket": box, "Key": "k", "RequestPayer": "requester"})
    answer = requests.get(link, timeout=20)
    assert (answer.status_code, answer.headers["x-amz-request-charged"]) == (200, "requester")
    assert (
        requests.get(theirs.generate_presigned_url("get_object", {"Bucket": box, "Key": "k"}), timeout=20).status_code
        == 403
    )
    assert "RequestCharged" not in s3.get_object(Bucket=box, Key="k")
