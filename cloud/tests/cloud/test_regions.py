"""Buckets of other regions, as boto3 finds them and as bare requests are told of them."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from marinelayer.testing import LocalCloud

Clients = Callable[..., Any]


@pytest.fixture
def west(client: Clients) -> Iterator[str]:
    """A bucket of us-west-2 with an object `k`."""
    s3, name = client("s3", region_name="us-west-2"), f"west-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    yield name
    for one in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=one["Key"])
    s3.delete_bucket(Bucket=name)


CALLS: dict[str, Callable[[Any, str], Any]] = {
    "get": lambda s3, name: s3.get_object(Bucket=name, Key="k")["Body"].read(),
    "head": lambda s3, name: s3.head_object(Bucket=name, Key="k"),
    "head bucket": lambda s3, name: s3.head_bucket(Bucket=name),
    "put": lambda s3, name: s3.put_object(Bucket=name, Key="new", Body=io.BytesIO(b"y" * 100_000)),
    "upload": lambda s3, name: s3.upload_fileobj(io.BytesIO(b"y" * 9_000_000), name, "big"),
    "list": lambda s3, name: s3.list_objects_v2(Bucket=name)["Contents"],
    "delete": lambda s3, name: s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "none"}]}),
    "copy": lambda s3, name: s3.copy_object(Bucket=name, Key="copy", CopySource=f"{name}/k"),
    "configure": lambda s3, name: s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": []}),
    "location": lambda s3, name: s3.get_bucket_location(Bucket=name),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_boto3_of_any_region_finds_a_bucket_where_it_is(client: Clients, west: str, call: str, region: str) -> None:
    assert CALLS[call](client("s3", region_name=region), west) != []


def test_a_copy_goes_from_region_to_region(client: Clients, bucket: str, west: str) -> None:
    s3 = client("s3")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{west}/k")
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"x"


def test_a_bare_request_is_told_the_region(signed: Clients, send: Clients, west: str) -> None:
    for method, target, body in (("GET", f"/{west}/k", b""), ("PUT", f"/{west}/k", b"z"), ("GET", f"/{west}", b"")):
        answer = signed(method, target, body)
        assert (answer.status, answer.code) == (400, "AuthorizationHeaderMalformed")
        assert answer.element("Region") == answer.headers["x-amz-bucket-region"] == "us-west-2"
        assert answer.element("Message") == (
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'us-west-2'"
        )
    for target in (f"/{west}", f"/{west}/k"):
        answer = signed("HEAD", target)
        assert (answer.status, answer.body, answer.headers["x-amz-bucket-region"]) == (301, b"", "us-west-2")
    assert send("GET", f"/{west}/k").code == "AccessDenied", "who signs nothing asks for no region"


def test_a_presigned_link_is_for_the_region_that_it_was_signed_for(client: Clients, west: str) -> None:
    for region, status in (("us-west-2", 200), ("us-east-1", 400)):
        s3 = client("s3", region_name=region, config=Config(signature_version="s3v4"))
        answer = requests.get(s3.generate_presigned_url("get_object", {"Bucket": west, "Key": "k"}), timeout=20)
        assert answer.status_code == status
    assert "<Code>AuthorizationQueryParametersError</Code>" in answer.text
    assert "<Region>us-west-2</Region>" in answer.text


def test_a_young_region_takes_no_old_signature(client: Clients) -> None:
    s3, name = client("s3", region_name="eu-central-1"), f"young-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    old = client("s3", config=Config(signature_version="s3"))
    with pytest.raises(ClientError, match="mechanism you have provided is not supported"):
        old.list_objects_v2(Bucket=name)
    link = old.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"})
    assert requests.get(link, timeout=20).status_code == 400
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"x"


def test_another_regions_address_sends_elsewhere(send: Clients, cloud: LocalCloud, west: str) -> None:
    host = {"Host": f"{west}.s3.us-east-1.amazonaws.com"}
    request = AWSRequest("GET", f"http://{host['Host']}/k")
    S3SigV4Auth(Credentials(cloud.access_key_id, cloud.secret_access_key), "s3", "us-east-1").add_auth(request)
    for headers in ({**dict(request.headers.items()), **host}, host):
        answer = send("GET", "/k", b"", headers)
        assert (answer.status, answer.code) == (301, "PermanentRedirect")
        assert answer.element("Endpoint") == f"{west}.s3.us-west-2.amazonaws.com"
        assert (answer.element("Bucket"), answer.headers["x-amz-bucket-region"]) == (west, "us-west-2")
        assert "Location" not in answer.headers
