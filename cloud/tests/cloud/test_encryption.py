"""Encryption as clients see it: by boto3, by plain HTTP, and by command."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from marinelayer.testing import local_cloud

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))
KEY = os.urandom(32)
CUSTOMER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEY}
SOURCE = {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": KEY}
BIG = os.urandom(12 * 1024 * 1024 + 17)


def kms_key(command, *arguments, data, code=0):
    asked = [MARINELAYER, "kms-key", command, *arguments, "--data", str(data)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()] or done.stderr


def test_boto3_uploads_downloads_and_copies_with_a_customers_key(client, bucket, tmp_path):
    s3 = client("s3")
    (tmp_path / "up").write_bytes(BIG)
    s3.upload_file(str(tmp_path / "up"), bucket, "big", ExtraArgs=CUSTOMER)
    s3.download_file(bucket, "big", str(tmp_path / "down"), ExtraArgs=CUSTOMER)
    assert (tmp_path / "down").read_bytes() == BIG
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "big"}, **SOURCE)
    copy = s3.get_object(Bucket=bucket, Key="copy")
    assert (copy["ServerSideEncryption"], copy["Body"].read()) == ("AES256", BIG)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="big")
    assert caught.value.response["Error"]["Code"] == "InvalidRequest"
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="big", SSECustomerAlgorithm="AES256", SSECustomerKey=bytes(32))
    assert caught.value.response["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize("header", ["AES256", "aws:kms"])
def test_reading_takes_no_header_that_only_writing_has(signed, bucket, client, header):
    client("s3").put_object(Bucket=bucket, Key="one", Body=b"1")
    for method in ("GET", "HEAD"):
        answer = signed(method, f"/{bucket}/one", headers={"x-amz-server-side-encryption": header})
        assert answer.status == 400
        if method == "GET":
            assert answer.code == "InvalidArgument"
            assert answer.element("ArgumentValue") == header


def test_a_policy_can_demand_an_encryption(client, bucket):
    s3 = client("s3")
    condition = {"Null": {"s3:x-amz-server-side-encryption": "true"}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert s3.put_object(Bucket=bucket, Key="one", Body=b"1", ServerSideEncryption="AES256")


def test_the_default_encryption_of_a_bucket_comes_and_goes(client, bucket):
    s3 = client("s3")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    got = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert got == {"Rules": [rule]}
    s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    assert s3.head_object(Bucket=bucket, Key="one")["ServerSideEncryption"] == "aws:kms"
    s3.delete_bucket_encryption(Bucket=bucket)
    got = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert got[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_keys_are_made_by_command_whether_the_cloud_runs_or_not(tmp_path):
    number = str(uuid.uuid4())
    with local_cloud(tmp_path / "data") as cloud:
        import boto3

        s3 = boto3.client("s3", **cloud.client_arguments())
        s3.create_bucket(Bucket="photos")
        ask = {"Bucket": "photos", "Key": "one", "ServerSideEncryption": "aws:kms"}
        with pytest.raises(ClientError) as caught:
            s3.put_object(**ask, SSEKMSKeyId=number)
        assert caught.value.response["Error"]["Code"] == "KMS.NotFoundException"
        arn = f"arn:aws:kms:us-east-1:{cloud.account}:key/{number}"
        data = tmp_path / "data"
        assert kms_key("add", number, "--alias", "alias/streets", data=data) == [{"arn": arn, "alias": "alias/streets"}]
        for name in (number, arn, "alias/streets", arn.replace(f"key/{number}", "alias/streets")):
            assert s3.put_object(**ask, SSEKMSKeyId=name)["SSEKMSKeyId"] == arn
        assert "already" in kms_key("add", number, data=data, code=1)
        assert "already" in kms_key("add", "--alias", "alias/streets", data=data, code=1)
        assert "alias" in kms_key("add", "--alias", "alias/aws/s3", data=data, code=1)
        s3.close()
    (other,) = kms_key("add", "--region", "eu-west-1", data=data)
    assert other in kms_key("list", data=data)
    assert len(kms_key("list", data=data)) == 2
