"""The public access block of an account: kept, shown, and counted with those of its buckets."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from marinelayer.services.s3control import forget_public_access
from marinelayer.services.s3control.public_access import public_access, put_public_access
from marinelayer.testing import local_cloud

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))
SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
OFF = dict.fromkeys(SWITCHES, False)
OTHER = "444455556666"


async def test_a_block_is_kept_for_its_account_on_each_database(tables):
    assert await tables.read(public_access, "1") is None
    await tables.write(put_public_access, "1", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}})
    await tables.write(put_public_access, "2", {"PublicAccessBlockConfiguration": {}})
    assert await tables.read(public_access, "1") == {"BlockPublicAcls"}
    assert await tables.read(public_access, "2") == frozenset()
    await tables.write(put_public_access, "1", {"PublicAccessBlockConfiguration": dict.fromkeys(SWITCHES, True)})
    assert await tables.read(public_access, "1") == set(SWITCHES)
    await tables.write(forget_public_access, "1")
    assert await tables.read(public_access, "1") is None


class Own:
    """An account of a cloud, with its clients."""

    def __init__(self, cloud, number, key_id, secret):
        self.number = number
        arguments = cloud.client_arguments() | {"aws_access_key_id": key_id, "aws_secret_access_key": secret}
        self.s3 = boto3.client("s3", **arguments)
        self.control = boto3.client("s3control", config=Config(proxies={"http": cloud.endpoint_url}), **arguments)
        self.iam = boto3.client("iam", **arguments)

    def block(self, *switches):
        on = dict.fromkeys(switches, True)
        self.control.put_public_access_block(AccountId=self.number, PublicAccessBlockConfiguration=on)

    def bucket(self):
        name = f"bucket-{uuid.uuid4().hex[:20]}"
        self.s3.create_bucket(Bucket=name)
        self.s3.put_object(Bucket=name, Key="k", Body=b"x")
        return name


@pytest.fixture(scope="module")
def own_cloud():
    """A cloud whose account is nobody else's: a block of it stops other tests' public buckets."""
    with local_cloud() as running:
        yield running


@pytest.fixture
def own(own_cloud):
    account = Own(own_cloud, own_cloud.account, own_cloud.access_key_id, own_cloud.secret_access_key)
    yield account
    account.control.delete_public_access_block(AccountId=account.number)


@pytest.fixture(scope="module")
def other(own_cloud):
    add = [MARINELAYER, "account", "add", OTHER, "--data", str(own_cloud.folder)]
    made = json.loads(subprocess.run(add, check=True, capture_output=True, text=True).stdout)
    return Own(own_cloud, OTHER, made["access_key_id"], made["secret_access_key"])


@pytest.fixture
def status(own_cloud):
    """`status(bucket)` is that of a GET of `k` by nobody."""

    def get(bucket):
        try:
            with urllib.request.urlopen(f"{own_cloud.endpoint_url}/{bucket}/k") as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code

    return get


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def public_policy(bucket, action="s3:GetObject"):
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_block_is_put_shown_and_deleted(own):
    account = {"AccountId": own.number}
    with pytest.raises(own.control.exceptions.NoSuchPublicAccessBlockConfiguration) as caught:
        own.control.get_public_access_block(**account)
    error = caught.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert error["Error"]["Message"] == "The public access block configuration was not found"
    assert error["Error"]["AccountId"] == own.number
    assert error["HostId"] == error["ResponseMetadata"]["HTTPHeaders"]["x-amz-id-2"]
    own.block("IgnorePublicAcls")
    shown = own.control.get_public_access_block(**account)
    assert shown["PublicAccessBlockConfiguration"] == {**OFF, "IgnorePublicAcls": True}
    own.block(*SWITCHES)
    assert all(own.control.get_public_access_block(**account)["PublicAccessBlockConfiguration"].values())
    for _ in range(2):
        answer = own.control.delete_public_access_block(**account)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(own.control.get_public_access_block, **account) == "NoSuchPublicAccessBlockConfiguration"


def test_a_block_without_a_switch_is_refused(own):
    with pytest.raises(ClientError) as caught:
        own.control.put_public_access_block(AccountId=own.number, PublicAccessBlockConfiguration={})
    assert caught.value.response["Error"]["Code"] == "InvalidRequest"
    assert caught.value.response["Error"]["Message"] == "Must specify at least one configuration."
    assert refused(own.control.get_public_access_block, AccountId=own.number) == "NoSuchPublicAccessBlockConfiguration"


def test_another_accounts_block_is_nobodys_business(own, other):
    for call, more in (
        (other.control.get_public_access_block, {}),
        (other.control.put_public_access_block, {"PublicAccessBlockConfiguration": {}}),
        (other.control.delete_public_access_block, {}),
    ):
        assert refused(call, AccountId=own.number, **more) == "AccessDenied"
    assert refused(own.control.get_public_access_block, AccountId=own.number).startswith("NoSuchPublicAccessBlock")


def test_ignored_public_acls_let_nobody_in(own, other, status):
    bucket, elsewhere = own.bucket(), other.bucket()
    own.s3.put_object_acl(Bucket=bucket, Key="k", ACL="public-read")
    other.s3.put_object_acl(Bucket=elsewhere, Key="k", ACL="public-read")
    assert (status(bucket), status(elsewhere)) == (200, 200)
    own.block("IgnorePublicAcls")
    assert (status(bucket), status(elsewhere)) == (403, 200)
    assert refused(own.s3.get_public_access_block, Bucket=bucket) == "NoSuchPublicAccessBlockConfiguration"
    own.control.delete_public_access_block(AccountId=own.number)
    assert status(bucket) == 200


def test_what_is_on_in_either_block_counts(own, status):
    bucket = own.bucket()
    own.s3.put_object_acl(Bucket=bucket, Key="k", ACL="public-read")
    own.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    own.block("BlockPublicAcls")
    assert status(bucket) == 200
    assert refused(own.s3.put_bucket_policy, Bucket=bucket, Policy=public_policy(bucket)) == "AccessDenied"
    assert refused(own.s3.put_object_acl, Bucket=bucket, Key="k", ACL="public-read") == "AccessDenied"
    own.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert status(bucket) == 403
    shown = own.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert shown == {**OFF, "IgnorePublicAcls": True}


def test_blocked_public_acls_are_refused_wherever_they_are_given(own):
    bucket, made = own.bucket(), f"made-{uuid.uuid4().hex[:12]}"
    own.block("BlockPublicAcls")
    s3, public = own.s3, {"ACL": "public-read"}
    for call, arguments in (
        (s3.put_bucket_acl, {}),
        (s3.put_object_acl, {"Key": "k"}),
        (s3.put_object, {"Key": "new"}),
        (s3.copy_object, {"Key": "new", "CopySource": f"{bucket}/k"}),
        (s3.create_multipart_upload, {"Key": "new"}),
    ):
        assert refused(call, Bucket=bucket, **arguments, **public) == "AccessDenied", call
    code = "InvalidBucketAclWithBlockPublicAccessError"
    assert refused(s3.create_bucket, Bucket=made, **public) == code
    assert refused(s3.create_bucket, Bucket=bucket, **public) == code
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="bucket-owner-read")
    s3.create_bucket(Bucket=made)


def test_a_bucket_that_refuses_public_acls_gets_none_by_being_made_again(own, status):
    bucket = own.bucket()
    own.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert refused(own.s3.create_bucket, Bucket=bucket, ACL="public-read") == (
        "InvalidBucketAclWithBlockPublicAccessError"
    )


def test_blocked_public_policies_are_refused_and_others_are_not(own):
    bucket = own.bucket()
    own.block("BlockPublicPolicy")
    assert refused(own.s3.put_bucket_policy, Bucket=bucket, Policy=public_policy(bucket)) == "AccessDenied"
    not_public = public_policy(bucket).replace('"*"', f'{{"AWS": "{OTHER}"}}')
    own.s3.put_bucket_policy(Bucket=bucket, Policy=not_public)


def test_restricted_public_buckets_are_for_their_account_only(own, other, status):
    bucket = own.bucket()
    own.s3.put_bucket_policy(Bucket=bucket, Policy=public_policy(bucket))
    assert (status(bucket), other.s3.get_object(Bucket=bucket, Key="k")["Body"].read()) == (200, b"x")
    own.block("RestrictPublicBuckets")
    assert status(bucket) == 403
    assert refused(other.s3.get_object, Bucket=bucket, Key="k") == "AccessDenied"
    assert own.s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_a_body_that_is_not_what_its_digest_says_changes_nothing(own):
    def damage(request, **_):
        request.headers["content-md5"] = "1B2M2Y8AsgTpgAmY7PhCfg=="

    own.control.meta.events.register("before-sign.s3-control.PutPublicAccessBlock", damage)
    assert refused(own.block) == "BadDigest"
    assert refused(own.control.get_public_access_block, AccountId=own.number).startswith("NoSuchPublicAccessBlock")


TOUCH = """
import boto3
account = boto3.client("sts").get_caller_identity()["Account"]
control = boto3.client("s3control")
control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
print(control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"]["IgnorePublicAcls"])
"""


def test_code_without_an_endpoint_reaches_its_account_under_marinelayer_run():
    command = [MARINELAYER, "run", "--", sys.executable, "-c", TOUCH]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr


def test_a_bucket_may_be_called_like_the_path_of_s3_control(own):
    own.s3.create_bucket(Bucket="v20180820")
    own.s3.put_object(Bucket="v20180820", Key="configuration/publicAccessBlock", Body=b"mine")
    got = own.s3.get_object(Bucket="v20180820", Key="configuration/publicAccessBlock")
    assert got["Body"].read() == b"mine"
