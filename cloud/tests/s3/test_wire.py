"""What only a request over the wire shows of S3: statuses, empty values, and which of two faults is answered."""

from typing import Any

import pytest
import urllib3
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError


@pytest.fixture
def careless(client: Any) -> Any:
    """boto3 without its own checks of what it sends."""
    return client("s3", config=Config(parameter_validation=False))


def refusal(caught: pytest.ExceptionInfo[ClientError]) -> tuple[Any, Any]:
    """The code and message of an error."""
    error = caught.value.response.get("Error", {})
    return error.get("Code"), error.get("Message")


def test_an_empty_number_in_a_query_is_none(careless: Any, bucket: str) -> None:
    upload = careless.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    named = {"Bucket": bucket, "Key": "big", "UploadId": upload}
    assert careless.list_parts(**named, PartNumberMarker="")["PartNumberMarker"] == 0
    assert careless.list_parts(**named, MaxParts="")["MaxParts"] == 1000


def test_tags_without_a_set_are_none(careless: Any, bucket: str) -> None:
    careless.put_object(Bucket=bucket, Key="a", Tagging="team=streets")
    careless.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": None})
    assert careless.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == []
    careless.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "streets"}]})
    careless.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": None})
    with pytest.raises(ClientError) as caught:
        careless.get_bucket_tagging(Bucket=bucket)
    assert refusal(caught)[0] == "NoSuchTagSet"


def test_an_empty_policy_is_no_policy(careless: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        careless.put_bucket_policy(Bucket=bucket, Policy="")
    assert refusal(caught) == ("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")


def test_a_bucket_is_looked_for_before_its_rules_are_read(careless: Any, bucket: str) -> None:
    for name, code in (("no-such-bucket-anywhere", "NoSuchBucket"), (bucket, "MalformedXML")):
        with pytest.raises(ClientError) as caught:
            careless.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": []})
        assert refusal(caught)[0] == code


def test_a_bucket_with_dots_is_refused_before_the_state_of_its_acceleration_is_read(careless: Any, bucket: str) -> None:
    careless.create_bucket(Bucket=f"{bucket}.dotted")
    for name, code in ((f"{bucket}.dotted", "InvalidRequest"), (bucket, "MalformedXML")):
        with pytest.raises(ClientError) as caught:
            careless.put_bucket_accelerate_configuration(Bucket=name, AccelerateConfiguration={"Status": "random"})
        assert refusal(caught)[0] == code


def test_a_lock_without_an_end_is_refused_before_its_mode_is_read(careless: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        careless.put_object(Bucket=bucket, Key="a", ObjectLockMode="BAD-VALUE")
    message = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
    assert refusal(caught) == ("InvalidArgument", message)


def test_configurations_with_an_id_are_put_without_content(careless: Any, bucket: str) -> None:
    put = careless.put_bucket_metrics_configuration(Bucket=bucket, Id="all", MetricsConfiguration={"Id": "all"})
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_a_link_may_carry_a_condition_in_its_query(client: Any, cloud: Any, bucket: str) -> None:
    keys = Credentials(cloud.access_key_id, cloud.secret_access_key)
    for query, statuses in (({"If-None-Match": "*"}, [200, 412]), ({"If-Match": "abc"}, [412])):
        request = AWSRequest(method="PUT", url=f"{cloud.endpoint_url}/{bucket}/a", params=query, data=b"")
        S3SigV4QueryAuth(keys, "s3", "us-east-1").add_auth(request)
        url = request.prepare().url
        assert [urllib3.request("PUT", url).status for _ in statuses] == statuses
