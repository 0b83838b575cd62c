"""What answers look like beyond what botocore's parser sees."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from marinelayer.http import BytesBody, FileRange, Headers, Request, Response
from marinelayer.model.service import load_service
from marinelayer.model.supplements import patch
from marinelayer.protocol.call import Call
from marinelayer.protocol.dialect import dialect_of

SPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
NOON = datetime(2021, 4, 1, 12, 0, 0, 123456, UTC)


def written(service: str, operation: str, output: dict[str, Any]) -> Response:
    model = load_service(service)
    request = Request(
        id="R1", method="GET", path="/", query="", headers=Headers(), body=BytesBody(), scheme="http",
        host="localhost", peer="127.0.0.1",
    )  # fmt: skip
    call = Call(request=request, service=model, operation=model.operations[operation], payload=b"")
    return dialect_of(model).write(call, output)


def text(response: Response) -> bytes:
    assert isinstance(response.body, bytes)
    return response.body


def test_a_listing_of_s3_is_named_spaced_and_dated_as_aws_does() -> None:
    response = written(
        "s3",
        "ListObjectsV2",
        {"Name": "b", "Contents": [{"Key": "a&<\r\n\x01", "Size": 3, "LastModified": NOON}], "IsTruncated": False},
    )
    assert text(response) == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        b"<Name>b</Name><IsTruncated>false</IsTruncated><Contents><Key>a&amp;&lt;&#13;\n&#x1;</Key>"
        b"<LastModified>2021-04-01T12:00:00.123Z</LastModified><Size>3</Size></Contents></ListBucketResult>"
    )
    headers = dict(response.headers)
    assert headers["content-type"] == "application/xml"
    assert headers["x-amz-request-id"] == "R1"
    assert len(headers["x-amz-id-2"]) >= 60


@pytest.mark.parametrize(
    ("operation", "output", "root"),
    [
        ("ListBuckets", {}, "ListAllMyBucketsResult"),
        ("CreateMultipartUpload", {"UploadId": "u"}, "InitiateMultipartUploadResult"),
        ("CompleteMultipartUpload", {"ETag": '"e"'}, "CompleteMultipartUploadResult"),
        ("CopyObject", {"CopyObjectResult": {"ETag": '"e"'}}, "CopyObjectResult"),
        ("UploadPartCopy", {"CopyPartResult": {"ETag": '"e"'}}, "CopyPartResult"),
        ("DeleteObjects", {}, "DeleteResult"),
        ("GetObjectAcl", {"Owner": {"ID": "o"}, "Grants": []}, "AccessControlPolicy"),
        ("ListParts", {}, "ListPartsResult"),
        ("GetBucketTagging", {"TagSet": []}, "Tagging"),
        ("GetBucketVersioning", {}, "VersioningConfiguration"),
        ("GetPublicAccessBlock", {"PublicAccessBlockConfiguration": {}}, "PublicAccessBlockConfiguration"),
    ],
)
def test_a_document_of_s3_has_the_root_that_other_sdks_look_for(
    operation: str, output: dict[str, Any], root: str
) -> None:
    assert ET.fromstring(text(written("s3", operation, output))).tag == SPACE + root


def test_a_grant_names_its_grantees_type_in_an_attribute() -> None:
    grants = [{"Grantee": {"Type": "CanonicalUser", "ID": 'a"b'}, "Permission": "READ"}]
    root = ET.fromstring(text(written("s3", "GetBucketAcl", {"Grants": grants})))
    grantee = root.find(f".//{SPACE}Grantee")
    assert grantee is not None
    assert grantee.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "CanonicalUser"
    assert grantee.findtext(f"{SPACE}ID") == 'a"b'


@pytest.mark.parametrize(("region", "inner"), [("eu-west-1", b">eu-west-1</LocationConstraint>"), (None, b"/>")])
def test_a_buckets_location_is_the_root_itself(region: str | None, inner: bytes) -> None:
    body = text(written("s3", "GetBucketLocation", {"LocationConstraint": region}))
    start = b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    assert body.endswith(start + inner)


def test_versions_and_delete_markers_alternate_as_they_are_listed() -> None:
    versions = [{"Key": "a", "VersionId": "3"}, {"Key": "a", "VersionId": "1"}, {"Key": "b", "VersionId": "5"}]
    markers = [{"Key": "a", "VersionId": "2"}, {"Key": "b", "VersionId": "4"}]
    listed = [
        ("Versions", versions[0]),
        ("DeleteMarkers", markers[0]),
        ("Versions", versions[1]),
        ("Versions", versions[2]),
        ("DeleteMarkers", markers[1]),
    ]
    output = {
        "CommonPrefixes": [{"Prefix": "c/"}], "Versions": versions, "DeleteMarkers": markers, "MaxKeys": 9, "Name": "n",
        "Alternating": listed,
    }  # fmt: skip
    root = ET.fromstring(text(written("s3", "ListObjectVersions", output)))
    assert [(child.tag.removeprefix(SPACE), child.findtext(f"{SPACE}VersionId")) for child in root] == [
        ("Name", None), ("MaxKeys", None), ("Version", "3"), ("DeleteMarker", "2"), ("Version", "1"), ("Version", "5"),
        ("DeleteMarker", "4"), ("CommonPrefixes", None),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="does not have the items"):
        written("s3", "ListObjectVersions", output | {"Alternating": listed[1:]})


def test_every_order_of_a_document_names_members_of_its_model() -> None:
    members = load_service("s3").operations
    for operation, order in patch("s3_operations")["document_orders"].items():
        shape = members[operation].output_shape
        assert shape is not None
        named = [name for entry in order for name in ([entry] if isinstance(entry, str) else entry)]
        assert len(set(named)) == len(named)
        assert set(named) <= {name for name, member in shape.members.items() if member.location is None}


def test_a_part_of_an_object_answers_206_with_its_body_as_given() -> None:
    from pathlib import Path

    part = FileRange(Path("blob"), 1, 2)
    output = {"Body": part, "ContentRange": "bytes 1-2/9", "ContentLength": 2, "LastModified": NOON, "ETag": '"e"'}
    response = written("s3", "GetObject", output)
    assert (response.status, response.body) == (206, part)
    assert dict(response.headers) | {
        "content-range": "bytes 1-2/9", "content-length": "2", "last-modified": "Thu, 01 Apr 2021 12:00:00 GMT",
        "etag": '"e"',
    } == dict(response.headers)  # fmt: skip


def test_statuses_are_those_of_aws() -> None:
    assert written("s3", "DeleteObject", {}).status == 204
    assert written("s3", "PutBucketPolicy", {}).status == 204
    assert written("s3", "PutObject", {"ETag": '"e"'}).status == 200


def test_metadata_is_mail_safe_and_no_value_can_end_its_header() -> None:
    output = {"Metadata": {"Plain": "a", "uml": "ü", "evil": "a\r\nset-cookie: b"}, "CacheControl": "a\r\nb: c ü"}
    headers = dict(written("s3", "HeadObject", output).headers)
    assert headers["x-amz-meta-plain"] == "a"
    assert headers["x-amz-meta-uml"] == "=?UTF-8?B?w7w=?="
    assert headers["x-amz-meta-evil"] == "=?UTF-8?Q?a=0D=0Aset-cookie:_b?="
    assert headers["cache-control"] == "a  b: c ü".encode().decode("latin-1")
    assert not any(sign in value for value in headers.values() for sign in "\r\n\0")


def test_query_services_wrap_results_and_write_times_without_milliseconds() -> None:
    user = {"Path": "/", "UserName": "a", "UserId": "AIDA", "Arn": "arn", "CreateDate": NOON.replace(microsecond=0)}
    body = text(written("iam", "GetUser", {"User": user}))
    assert b'<GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetUserResult><User>' in body
    assert b"<CreateDate>2021-04-01T12:00:00Z</CreateDate>" in body
    assert body.endswith(b"<ResponseMetadata><RequestId>R1</RequestId></ResponseMetadata></GetUserResponse>")


def test_an_operation_without_output_still_answers_with_its_metadata() -> None:
    body = text(written("sns", "DeleteTopic", {}))
    assert body.endswith(
        b'<DeleteTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">'
        b"<ResponseMetadata><RequestId>R1</RequestId></ResponseMetadata></DeleteTopicResponse>"
    )


def test_json_has_times_as_seconds_and_floats_that_json_lacks_as_texts() -> None:
    response = written("comprehend", "DetectSentiment", {"SentimentScore": {"Positive": float("nan"), "Mixed": 0.5}})
    assert text(response) == b'{"SentimentScore":{"Positive":"NaN","Mixed":0.5}}'
    assert dict(response.headers) == {"content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "R1"}
    jobs = {"SentimentDetectionJobPropertiesList": [{"SubmitTime": NOON}]}
    assert b'"SubmitTime":1617278400.123' in text(written("comprehend", "ListSentimentDetectionJobs", jobs))


@pytest.mark.parametrize(
    ("service", "operation", "output"),
    [
        ("s3", "ListObjectsV2", {"Contnts": []}),
        ("s3", "ListObjectsV2", {"Contents": [{"Kye": "a"}]}),
        ("iam", "GetUser", {"User": {"Name": "a"}}),
        ("comprehend", "DetectSentiment", {"Sentimnt": None}),
        ("comprehend", "DetectSentiment", {"SentimentScore": {"Good": 1.0}}),
    ],
)
def test_a_member_that_the_model_lacks_is_a_mistake_of_ours(
    service: str, operation: str, output: dict[str, Any]
) -> None:
    with pytest.raises(KeyError):
        written(service, operation, output)
