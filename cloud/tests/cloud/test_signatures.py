"""Who asks: signed by header, by query (V4 and V2), or not at all; with real clients over real sockets."""

import http.client
import io
import json
from urllib.parse import urlsplit

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

SIZES = [0, 1, 1024, 65_536, 65_537, 3_000_000]


@pytest.mark.parametrize("size", SIZES)
def test_bytes_come_back_as_they_were_put(client, bucket, size):
    s3 = client("s3")
    body = bytes(i * 7 % 251 for i in range(min(size, 1000))) * (size // 1000 + 1)
    s3.put_object(Bucket=bucket, Key="k", Body=body[:size])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body[:size]


@pytest.mark.parametrize("checksums", ["when_required", "when_supported"])
@pytest.mark.parametrize("seekable", [True, False])
def test_every_way_in_which_an_sdk_sends_a_body_is_understood(client, bucket, checksums, seekable):
    s3 = client("s3", config=Config(request_checksum_calculation=checksums))
    data = b"0123456789" * 30_000
    s3.upload_fileobj(io.BytesIO(data) if seekable else _Unseekable(data), bucket, "k")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == data


class _Unseekable(io.RawIOBase):
    def __init__(self, data):
        self._file = io.BytesIO(data)

    def readable(self):
        return True

    def read(self, size=-1):
        return self._file.read(size)


def test_a_wrong_secret_is_refused(client, bucket, cloud):
    wrong = client("s3", {"AccessKeyId": cloud.access_key_id, "SecretAccessKey": "x" * 40})
    with pytest.raises(ClientError) as refused:
        wrong.list_objects_v2(Bucket=bucket)
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("sns", "list_topics", "InvalidClientTokenId"),
        ("iam", "list_users", "InvalidClientTokenId"),
        ("comprehend", "list_endpoints", "UnrecognizedClientException"),
    ],
)
def test_an_unknown_key_is_refused_in_the_services_own_words(client, service, operation, code):
    stranger = client(service, {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "SecretAccessKey": "x" * 40})
    with pytest.raises(ClientError) as refused:
        getattr(stranger, operation)()
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_link_works_until_it_ends_and_for_nothing_else(client, bucket, version, eventually):
    s3, signer = client("s3"), client("s3", config=Config(signature_version=version))
    s3.put_object(Bucket=bucket, Key="a key/ü+%.txt", Body=b"hello")
    s3.put_object(Bucket=bucket, Key="other", Body=b"no")
    where = {"Bucket": bucket, "Key": "a key/ü+%.txt"}
    link = signer.generate_presigned_url("get_object", where)
    assert requests.get(link, timeout=10).content == b"hello"
    assert requests.get(link.replace("/a%20key/", "/another/"), timeout=10).status_code == 403
    assert requests.delete(link, timeout=10).status_code == 403
    ending = signer.generate_presigned_url("get_object", where, ExpiresIn=1)
    eventually(lambda: requests.get(ending, timeout=10).status_code == 403)
    put = signer.generate_presigned_url("put_object", where)
    assert requests.put(put, data=b"new", timeout=10).status_code == 200
    assert s3.get_object(**where)["Body"].read() == b"new"


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_an_old_clients_signature_carries_every_kind_of_request(client, bucket, cloud, style):
    """Signature Version 2 in the header, as boto3 makes it where it is told to."""
    old = Config(signature_version="s3", s3={"addressing_style": style}, proxies={"http": cloud.endpoint_url})
    s3 = client("s3", endpoint_url="http://s3.amazonaws.com", config=old)
    where = {"Bucket": bucket, "Key": "a key/ü+%.txt"}
    s3.put_object(**where, Body=b"hello", Metadata={"a": "x  y"}, ContentType="text/plain")
    answer = s3.get_object(**where, ResponseContentType="text/html", Range="bytes=1-2")
    assert (answer["Body"].read(), answer["ContentType"], answer["Metadata"]) == (b"el", "text/html", {"a": "x  y"})
    s3.put_object_tagging(**where, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert s3.get_object_tagging(**where)["TagSet"] == [{"Key": "k", "Value": "v"}]
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="a key/")["Contents"]] == [where["Key"]]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"p")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload=parts)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "parts"}]})
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=where)
    assert s3.head_object(Bucket=bucket, Key="copy")["ContentLength"] == 5


def test_a_policy_may_refuse_the_old_signature(client, bucket, cloud):
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringEquals": {"s3:signatureversion": "AWS", "s3:authType": "REST-HEADER"}},
    }
    s3, old = client("s3"), client("s3", config=Config(signature_version="s3"))
    s3.put_object(Bucket=bucket, Key="k", Body=b"b")
    assert old.get_object(Bucket=bucket, Key="k")["Body"].read() == b"b"
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    with pytest.raises(ClientError) as refused:
        old.get_object(Bucket=bucket, Key="k")
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"b"


def test_an_old_signature_by_a_wrong_secret_is_refused(client, bucket, cloud):
    stranger = {"AccessKeyId": cloud.access_key_id, "SecretAccessKey": "wrong"}
    with pytest.raises(ClientError) as refused:
        client("s3", stranger, config=Config(signature_version="s3")).list_objects_v2(Bucket=bucket)
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


def test_without_credentials_only_what_is_public_can_be_reached(client, bucket, cloud):
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="private", Body=b"p")
    s3.put_object(Bucket=bucket, Key="public", Body=b"o", ACL="public-read")
    base = f"{cloud.endpoint_url}/{bucket}"
    assert requests.get(f"{base}/public", timeout=10).content == b"o"
    assert requests.get(f"{base}/private", timeout=10).status_code == 403
    assert requests.get(f"{base}/missing", timeout=10).status_code == 403
    assert requests.get(base, timeout=10).status_code == 403
    assert requests.put(f"{base}/new", data=b"x", timeout=10).status_code == 403
    assert requests.delete(f"{base}/public", timeout=10).status_code == 403


def test_a_body_that_is_not_the_one_that_was_signed_leaves_nothing_behind(client, bucket, cloud):
    s3 = client("s3", config=Config(request_checksum_calculation="when_required"))
    sent = {}

    def swap(request, **_):
        sent.update(url=request.url, headers=dict(request.headers))

    s3.meta.events.register("before-send.s3.PutObject", swap)
    s3.put_object(Bucket=bucket, Key="seen", Body=b"signed bytes")
    parts = urlsplit(sent["url"])
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    headers = {
        name: value.decode() if isinstance(value, bytes) else str(value) for name, value in sent["headers"].items()
    }
    headers.pop("Content-MD5", None)
    connection.request("PUT", parts.path, body=b"forged bytes", headers=headers)
    assert connection.getresponse().status in {400, 403}
    connection.close()
    assert s3.get_object(Bucket=bucket, Key="seen")["Body"].read() == b"signed bytes"


@pytest.mark.parametrize(
    "host", ["{bucket}.s3.amazonaws.com", "{bucket}.s3.us-east-1.amazonaws.com", "{bucket}.localhost"]
)
def test_a_bucket_is_reached_by_its_host_name(client, bucket, cloud, host):
    client("s3").put_object(Bucket=bucket, Key="a/b", Body=b"hello", ACL="public-read")
    answer = requests.get(f"{cloud.endpoint_url}/a/b", headers={"Host": host.format(bucket=bucket)}, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"hello")
