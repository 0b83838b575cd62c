"""Which service, operation and address a request means."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from marinelayer.http import BytesBody, Headers, Request, Response
from marinelayer.model.errors import OperationNotImplemented, UnknownOperation
from marinelayer.model.service import load_service
from marinelayer.model.shapes import (
    BlobShape,
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    StringShape,
    StructureShape,
    TimestampShape,
)
from marinelayer.protocol.refusals import InvalidURI, KeyTooLongError, MethodNotAllowed, PreconditionFailed
from marinelayer.protocol.router import Hosts, address, find_operation, identify, region_of

HOSTS = Hosts(frozenset({"localhost", "127.0.0.1", "cloud.example.org"}))
S3 = load_service("s3")

# One or more of each protocol, and of each kind of name that services share.
OTHERS = (
    "ec2", "rds", "docdb", "neptune", "elb", "elbv2", "cloudformation", "autoscaling", "redshift", "ses",  # query, ec2
    "lambda", "apigateway", "apigatewayv2", "sesv2", "eks", "efs", "batch", "iot", "bedrock-runtime", "xray",  # REST
    "dynamodb", "dynamodbstreams", "sqs", "kms", "ecs", "logs", "secretsmanager", "ssm", "kinesis", "events",  # JSON
    "cloudwatch", "stepfunctions", "cognito-idp", "athena", "glue", "timestream-query", "sagemaker",
    "route53", "cloudfront", "s3control", "marketplace-entitlement", "meteringmarketplace",  # REST XML and others
    "cloudwatchomni", "eventbridgev2",  # CBOR
)  # fmt: skip


def request(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    host: str = "localhost:4566",
    **headers: str,
) -> Request:
    return Request(
        id="id",
        method=method,
        path=path,
        query=query,
        headers=Headers([(name.replace("_", "-"), value) for name, value in headers.items()]),
        body=BytesBody(),
        scheme="http",
        host=host,
        peer="127.0.0.1",
    )


def signed(service: str, region: str = "us-east-1") -> str:
    return (
        f"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20210401/{region}/{service}/aws4_request, "
        "SignedHeaders=host, Signature=0"
    )


def simplest(member: Member, depth: int = 0) -> Any:
    """A value that botocore's validation takes."""
    match member.shape:
        case StructureShape() as shape:
            names = shape.required if not shape.union or shape.required else list(shape.members)[:1]
            return {name: simplest(shape.members[name], depth + 1) for name in names} if depth < 8 else {}
        case ListShape() as shape:
            return [simplest(shape.member, depth + 1)] * max(shape.min or 0, 1)
        case MapShape() as shape:
            return {"key": simplest(shape.value, depth + 1)}
        case StringShape() as shape:
            return shape.enum[0] if shape.enum else "a" * max(shape.min or 0, 1)
        case IntegerShape() as shape:
            return int(shape.min or 1)
        case FloatShape() as shape:
            return float(shape.min or 1)
        case BooleanShape():
            return True
        case TimestampShape():
            return 1617278400
        case BlobShape() as shape:
            return b"a" * max(shape.min or 0, 1)
        case other:
            raise TypeError(other)


# --- botocore's clients ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OTHERS)
def test_an_operation_of_a_service_that_we_lack_is_named_in_its_own_protocol(
    name: str, wire: Any, refused: Any
) -> None:
    service = load_service(name)
    sample = list(service.operations.values())[:: max(1, len(service.operations) // 4)]
    for operation in sample:
        if operation.name == "InvokeModelWithBidirectionalStream":
            continue
        heard: list[str] = []

        def answer(said: Any, heard: list[str] = heard) -> Response:
            heard.append(str(said.operation))
            return refused(said, OperationNotImplemented(f"{said.operation} is not implemented."))

        params = simplest(operation.input) if operation.input else {}
        with pytest.raises(ClientError) as caught:
            wire.call(name, operation.name, params, answer)
        same = {"docdb": "rds", "neptune": "rds"}
        assert heard[0].partition(".")[2] == operation.name
        assert heard[0].partition(".")[0] in {name, same.get(name)}
        assert caught.value.response["Error"]["Code"] == "NotImplemented"
        assert caught.value.response["Error"]["Message"] == f"{heard[0]} is not implemented."
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
        assert caught.value.response["ResponseMetadata"]["RequestId"] == "4442587FB7D0A2F9"


@pytest.mark.parametrize("endpoint", ["http://localhost:4566", "http://s3.eu-west-1.amazonaws.com"])
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_every_operation_of_s3_is_found_in_every_style_of_address(style: str, endpoint: str, wire: Any) -> None:
    for operation in S3.operations.values():
        heard: list[Any] = []

        def answer(said: Any, heard: list[Any] = heard) -> Response:
            heard.append(said)
            return Response(status=200, body=b"<x/>")

        params = simplest(operation.input) if operation.input else {}
        for name, value in {"Bucket": "my-bucket", "Key": "a/b", "CopySource": "b/k", "RequestRoute": "route"}.items():
            if name in params:
                params[name] = value
        if operation.name == "ListDirectoryBuckets" and "amazonaws" in endpoint:
            continue  # its own endpoint
        try:
            wire.call("s3", operation.name, params, answer, endpoint=endpoint, style=style)
        except ClientError:
            pass
        except ValueError:
            assert operation.name == "SelectObjectContent"  # no event stream
        found = heard[0].operation.name
        assert found == operation.name or (operation.deprecated and found.startswith(operation.name)), operation.name
        if "Bucket" in params:
            assert heard[0].call.bucket == "my-bucket", operation.name
        if "Key" in params:
            assert heard[0].call.key == "a/b", operation.name


# --- the service -------------------------------------------------------------------------------------------------


def service_of(asked: Request, form: bytes | None = None) -> str | None:
    service = identify(asked, HOSTS, form)
    return service.name if service else None


def test_a_target_tells_the_service_before_a_signature_does() -> None:
    asked = request("POST", x_amz_target="RekognitionService.DetectText", authorization=signed("s3"))
    assert service_of(asked) == "rekognition"


def test_an_unknown_target_without_a_signature_is_no_request_to_s3() -> None:
    assert service_of(request("POST", x_amz_target="Nobody_20200101.Do")) is None


def test_a_signature_tells_the_service_before_the_host_does() -> None:
    assert service_of(request(host="sns.us-east-1.amazonaws.com", authorization=signed("sts"))) == "sts"


def test_a_presigned_request_names_its_service_in_the_query() -> None:
    query = "X-Amz-Credential=AKIA%2F20210401%2Fus-east-1%2Fsns%2Faws4_request"
    assert service_of(request(query=query)) == "sns"


def test_a_signature_for_an_unknown_service_is_not_taken_for_s3() -> None:
    assert service_of(request(authorization=signed("nothing-like-it"))) is None


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("sns.us-east-1.amazonaws.com", "sns"),
        ("iam.amazonaws.com", "iam"),
        ("sts.amazonaws.com", "sts"),
        ("sts-fips.us-east-1.amazonaws.com", "sts"),
        ("rekognition.eu-west-1.amazonaws.com:443", "rekognition"),
        ("api.ecr.eu-west-1.amazonaws.com", "ecr"),
        ("123456789012.s3-control.eu-west-1.amazonaws.com", "s3control"),
        ("gid-reports.s3.amazonaws.com", "s3"),
        ("s3.amazonaws.com", "s3"),
        ("bucket.localhost:4566", "s3"),
        ("sns.us-east-1.amazonaws.com.cn", "sns"),
    ],
)
def test_an_unsigned_request_is_told_by_its_host(host: str, service: str) -> None:
    assert service_of(request("POST", host=host, content_type="application/x-www-form-urlencoded")) == service


@pytest.mark.parametrize("authorization", [signed("s3"), None])
def test_s3_control_is_told_by_its_path_with_an_account_or_by_its_host(authorization: str | None) -> None:
    path = "/v20180820/configuration/publicAccessBlock"
    given = {} if authorization is None else {"authorization": authorization}
    for host in ("127.0.0.1:4566", "123456789012.127.0.0.1:4566", "123456789012.localhost"):
        assert service_of(request("GET", path, host=host, x_amz_account_id="123456789012", **given)) == "s3control"
        assert service_of(request("GET", path, host=host, **given)) == "s3"
        assert service_of(request("GET", "/b" + path, host=host, x_amz_account_id="1", **given)) == "s3"
    assert service_of(request("GET", path, host="1.s3-control.us-east-1.amazonaws.com", **given)) == "s3control"


def test_a_form_without_signature_is_told_by_its_body_only() -> None:
    asked = request("POST", content_type="application/x-www-form-urlencoded; charset=utf-8")
    assert service_of(asked) is None
    assert service_of(asked, b"RoleArn=x&Version=2011-06-15&Action=AssumeRoleWithWebIdentity") == "sts"
    assert service_of(asked, b"Action=Unheard&Version=2011-06-15") is None
    assert service_of(asked, b"a=b") is None


def test_an_action_in_the_query_of_a_link_tells_the_service() -> None:
    assert service_of(request(query="Action=ConfirmSubscription&TopicArn=a&Token=b&Version=2010-03-31")) == "sns"


def test_a_link_may_name_its_action_alone() -> None:
    asked = request(query="Action=ConfirmSubscription&TopicArn=a&Token=b")
    assert service_of(asked) == "sns"
    assert find_operation(load_service("sns"), asked, b"", HOSTS).name == "ConfirmSubscription"
    assert service_of(request(query="Action=AssumeRoleWithWebIdentity&RoleArn=r")) == "sts"
    assert service_of(request(query="Action=Unheard")) == "s3"
    assert service_of(request(path="/b", query="Action=ConfirmSubscription")) == "s3"


def test_what_says_nothing_is_for_s3() -> None:
    assert service_of(request("GET", "/bucket/key")) == "s3"
    assert service_of(request("POST", "/bucket", content_type="multipart/form-data; boundary=x")) == "s3"


def test_old_sdks_still_send_forms_to_services_that_have_left_the_query_protocol() -> None:
    asked = request("POST", content_type="application/x-www-form-urlencoded", authorization=signed("monitoring"))
    service = identify(asked, HOSTS)
    assert service is not None
    assert find_operation(service, asked, b"Action=ListMetrics&Version=2010-08-01", HOSTS).name == "ListMetrics"


def test_an_unknown_action_is_refused() -> None:
    asked = request("POST", content_type="application/x-www-form-urlencoded", authorization=signed("iam"))
    with pytest.raises(UnknownOperation, match="Could not find operation Bogus for version 2010-05-08"):
        find_operation(load_service("iam"), asked, b"Action=Bogus&Version=2010-05-08", HOSTS)


# --- S3's operations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "operation"),
    [
        ("GET", "/", "", {}, "ListBuckets"),
        ("GET", "/", "x-id=ListBuckets", {}, "ListBuckets"),
        ("GET", "/b", "", {}, "ListObjects"),
        ("GET", "/b/", "prefix=a&delimiter=/", {}, "ListObjects"),
        ("GET", "/b", "list-type=2", {}, "ListObjectsV2"),
        ("GET", "/b", "list-type=1", {}, "ListObjects"),
        ("GET", "/b", "acl", {}, "GetBucketAcl"),
        ("GET", "/b", "acl=", {}, "GetBucketAcl"),
        ("GET", "/b", "uploads&max-uploads=1", {}, "ListMultipartUploads"),
        ("GET", "/b", "analytics", {}, "ListBucketAnalyticsConfigurations"),
        ("GET", "/b", "analytics&id=1", {}, "GetBucketAnalyticsConfiguration"),
        ("GET", "/b/k", "", {}, "GetObject"),
        ("GET", "/b/k", "versionId=1&x-id=GetObject&unheard", {}, "GetObject"),
        ("GET", "/b/k", "location=sea", {}, "GetObject"),
        ("GET", "/b/k", "uploadId=1", {}, "ListParts"),
        ("HEAD", "/b", "", {}, "HeadBucket"),
        ("HEAD", "/b/k", "acl", {}, "HeadObject"),
        ("PUT", "/b", "", {}, "CreateBucket"),
        ("PUT", "/b/k", "", {}, "PutObject"),
        ("PUT", "/b/k", "", {"x-amz-copy-source": "/b/o"}, "CopyObject"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", {}, "UploadPart"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", {"x-amz-copy-source": "/b/o"}, "UploadPartCopy"),
        ("POST", "/b/k", "uploads", {}, "CreateMultipartUpload"),
        ("POST", "/b/k", "uploadId=u", {}, "CompleteMultipartUpload"),
        ("POST", "/b", "delete", {}, "DeleteObjects"),
        ("DELETE", "/b/k", "uploadId=u", {}, "AbortMultipartUpload"),
        ("DELETE", "/b/k", "", {}, "DeleteObject"),
        ("DELETE", "/b", "", {}, "DeleteBucket"),
        ("DELETE", "/b", "analytics", {}, "DeleteBucketAnalyticsConfiguration"),
    ],
)
def test_s3_tells_operations_apart(method: str, path: str, query: str, headers: dict[str, str], operation: str) -> None:
    asked = request(method, path, query, **headers)
    assert find_operation(S3, asked, b"", HOSTS).name == operation


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("POST", "/b/k", ""),
        ("PATCH", "/b/k", ""),
        ("DELETE", "/b", "acl"),
        ("DELETE", "/b", "versioning"),
        ("DELETE", "/b/k", "policy"),
        ("PUT", "/b/k", "torrent"),
        ("DELETE", "/", ""),
    ],
)
def test_s3_never_takes_a_sub_resource_it_has_not_for_the_resource_itself(method: str, path: str, query: str) -> None:
    with pytest.raises(MethodNotAllowed):
        find_operation(S3, request(method, path, query), b"", HOSTS)


def test_a_post_to_a_bucket_must_be_a_form() -> None:
    with pytest.raises(PreconditionFailed, match="pre-conditions"):
        find_operation(S3, request("POST", "/b"), b"", HOSTS)
    with pytest.raises(MethodNotAllowed):
        find_operation(S3, request("POST", "/b", "", **{"content-type": "multipart/form-data; boundary=b"}), b"", HOSTS)


# --- S3's addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "path", "bucket", "key"),
    [
        ("localhost:4566", "/", None, None),
        ("localhost:4566", "/b", "b", None),
        ("localhost:4566", "/b/", "b", None),
        ("localhost:4566", "/b/k", "b", "k"),
        ("localhost:4566", "/b//k", "b", "/k"),
        ("localhost:4566", "/b/a//.././/c/", "b", "a//.././/c/"),
        ("localhost:4566", "/b/a+b%2B%20%2520%2Fc", "b", "a+b+ %20/c"),
        ("localhost:4566", "/b/%C3%BC\u00c3\u00bc", "b", "üü"),
        ("[::1]:4566", "/b/k", "b", "k"),
        ("unknown.example.com", "/b/k", "b", "k"),
        ("my.bucket.localhost:4566", "/k/l", "my.bucket", "k/l"),
        ("my-bucket.s3.localhost", "/k", "my-bucket", "k"),
        ("s3.localhost", "/b/k", "b", "k"),
        ("s3.eu-west-1.cloud.example.org", "/b/k", "b", "k"),
        ("b.s3.eu-west-1.cloud.example.org", "/k", "b", "k"),
        ("b.cloud.example.org:8443", "//k", "b", "/k"),
        ("gid-reports.s3.amazonaws.com", "/2019/feb/final_report.html", "gid-reports", "2019/feb/final_report.html"),
        ("a.b.s3.us-west-2.amazonaws.com:443", "/k", "a.b", "k"),
        ("b.s3-us-west-2.amazonaws.com", "/k", "b", "k"),
        ("b.s3.dualstack.us-west-2.amazonaws.com", "/k", "b", "k"),
        ("s3.us-west-2.amazonaws.com", "/b/k", "b", "k"),
        ("s3-eu-west-1.amazonaws.com", "/b/k", "b", "k"),
        ("B.LOCALHOST", "/k", "b", "k"),
    ],
)
def test_an_address_is_read_from_host_and_raw_path(host: str, path: str, bucket: str | None, key: str | None) -> None:
    assert address(request(path=path, host=host), HOSTS) == (bucket, key)


@pytest.mark.parametrize("path", ["/b/%FF", "/b/%", "/b/%zz", "/b/\u00ff", "//k", "/%ff/k", "/b/%ED%A0%80"])
def test_an_address_that_is_no_text_is_refused(path: str) -> None:
    with pytest.raises(InvalidURI):
        address(request(path=path), HOSTS)


def test_a_key_of_1024_bytes_is_taken_and_one_more_is_refused() -> None:
    assert address(request(path="/b/" + "%C3%BC" * 512), HOSTS) == ("b", "ü" * 512)
    with pytest.raises(KeyTooLongError):
        address(request(path="/b/" + "%C3%BC" * 512 + "a"), HOSTS)
    with pytest.raises(KeyTooLongError):
        address(request(path="/b/" + "a" * 100_000), HOSTS)


def test_an_ip_address_has_no_buckets_below_it() -> None:
    assert address(request(path="/b/k", host="x.127.0.0.1"), HOSTS) == ("b", "k")


@pytest.mark.parametrize(
    ("asked", "region"),
    [
        (request(authorization=signed("s3", "ap-south-1"), host="s3.us-west-2.amazonaws.com"), "ap-south-1"),
        (request(host="b.s3.us-west-2.amazonaws.com"), "us-west-2"),
        (request(host="b.s3-us-west-2.amazonaws.com"), "us-west-2"),
        (request(host="sns.eu-central-1.amazonaws.com"), "eu-central-1"),
        (request(host="sts.amazonaws.com"), None),
        (request(), None),
    ],
)
def test_the_region_is_that_of_the_signature_else_of_the_host(asked: Request, region: str | None) -> None:
    assert region_of(asked, HOSTS) == region
