"""boto3: put, list, get, delete, a multipart upload; refused with a wrong secret."""

import io
import os

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
s3.create_bucket(Bucket="boto3-bucket")
s3.put_object(Bucket="boto3-bucket", Key="a folder/ünï+code.txt", Body=b"hello")
assert [o["Key"] for o in s3.list_objects_v2(Bucket="boto3-bucket")["Contents"]] == ["a folder/ünï+code.txt"]
assert s3.get_object(Bucket="boto3-bucket", Key="a folder/ünï+code.txt")["Body"].read() == b"hello"
big = os.urandom(20 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(big), "boto3-bucket", "big")
got = io.BytesIO()
s3.download_fileobj("boto3-bucket", "big", got)
assert got.getvalue() == big
s3.delete_objects(Bucket="boto3-bucket", Delete={"Objects": [{"Key": "a folder/ünï+code.txt"}, {"Key": "big"}]})
assert "Contents" not in s3.list_objects_v2(Bucket="boto3-bucket")

wrong = boto3.client(
    "s3", aws_secret_access_key=os.environ["WRONG_SECRET"], aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"]
)
try:
    wrong.list_objects_v2(Bucket="boto3-bucket")
except ClientError as error:
    assert error.response["Error"]["Code"] == "SignatureDoesNotMatch", error
else:
    raise AssertionError("a wrong secret was let in")
s3.delete_bucket(Bucket="boto3-bucket")
