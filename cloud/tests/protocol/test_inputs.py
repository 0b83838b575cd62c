"""What inputs are refused, in the words of each service, and what is let through."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.http import BytesBody, Headers, Request
from marinelayer.model.errors import InvalidParameter, MalformedRequest, MissingParameter, Refusal
from marinelayer.model.service import load_service
from marinelayer.model.supplements import wire_error
from marinelayer.protocol.call import Call
from marinelayer.protocol.dialect import dialect_of


def parse(
    service: str,
    operation: str,
    payload: bytes = b"",
    *,
    query: str = "",
    key: str | None = "k",
    headers: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    model = load_service(service)
    request = Request(
        id="R", method="POST", path="/b/k", query=query, headers=Headers(headers or []), body=BytesBody(payload),
        scheme="http", host="localhost", peer="127.0.0.1",
    )  # fmt: skip
    found = model.operations[operation]
    call = Call(
        request=request,
        service=model,
        operation=found,
        payload=request.body if found.streaming_input else payload,
        bucket="b",
        key=key,
    )
    return dialect_of(model).parse(call)


def refusal(*args: Any, **kwargs: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(*args, **kwargs)
    return caught.value


# --- AWS JSON ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"{", "Unable to parse the request body as JSON."),
        (b"\xff", "Unable to parse the request body as JSON."),
        (b"[" * 100_000, "Unable to parse the request body as JSON."),
        (b'{"Text":NaN}', "Unable to parse the request body as JSON."),
        (b'{"Text":"\\ud800","LanguageCode":"en"}', "Unable to parse the request body as JSON."),
        (b"[]", "Start of list found where not expected."),
        (b'"a"', "Unexpected field type"),
        (b"null", "Null found where a structure was expected."),
        (b'{"Text":1,"LanguageCode":"en"}', "NUMBER_VALUE can not be converted to String"),
        (b'{"Text":1.5,"LanguageCode":"en"}', "DECIMAL_VALUE can not be converted to String"),
        (b'{"Text":true,"LanguageCode":"en"}', "TRUE_VALUE can not be converted to String"),
        (b'{"Text":{},"LanguageCode":"en"}', "Start of structure or map found where not expected."),
    ],
)
def test_json_that_can_not_be_read_is_a_serialization_error(payload: bytes, message: str) -> None:
    refused = refusal("comprehend", "DetectSentiment", payload)
    assert isinstance(refused, MalformedRequest)
    assert refused.message == message


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"Image": {"Bytes": "!"}}, "The Base64 of a blob could not be decoded."),
        ({"Image": {"Bytes": 1}}, "NUMBER_VALUE can not be converted to String"),
        ({"Image": {}, "MaxLabels": "5"}, "STRING_VALUE can not be converted to Integer"),
        ({"Image": {}, "MaxLabels": 1 << 31}, "NUMBER_VALUE can not be converted to Integer"),
        ({"Image": {}, "MaxLabels": True}, "TRUE_VALUE can not be converted to Integer"),
        ({"Image": {}, "MinConfidence": "5"}, "STRING_VALUE can not be converted to Float"),
        ({"Image": {}, "Features": {}}, "Start of structure or map found where not expected."),
    ],
)
def test_json_of_the_wrong_types_is_a_serialization_error(payload: dict[str, Any], message: str) -> None:
    refused = refusal("rekognition", "DetectLabels", json.dumps(payload).encode())
    assert isinstance(refused, MalformedRequest)
    assert refused.message == message


@pytest.mark.parametrize(
    ("service", "operation", "payload", "message"),
    [
        (
            "comprehend", "DetectSentiment", {},
            ("2 validation errors detected: Value null at 'text' failed to satisfy constraint: Member must not be null; "
            "Value null at 'languageCode' failed to satisfy constraint: Member must not be null"),
        ),
        (
            "comprehend", "DetectSentiment", {"Text": "a", "LanguageCode": "xx"},
            ("1 validation error detected: Value 'xx' at 'languageCode' failed to satisfy constraint: Member must "
            "satisfy enum value set: [en, es, fr, de, it, pt, ar, hi, ja, ko, zh, zh-TW]"),
        ),
        (
            "comprehend", "DetectSentiment", {"Text": "", "LanguageCode": "en"},
            ("1 validation error detected: Value at 'text' failed to satisfy constraint: Member must have length "
            "greater than or equal to 1"),
        ),
        (
            "rekognition", "DetectLabels", {"Image": {"S3Object": {"Bucket": "b!", "Name": "n"}}},
            ("2 validation errors detected: Value 'b!' at 'image.s3Object.bucket' failed to satisfy constraint: Member "
            "must have length greater than or equal to 3; Value 'b!' at 'image.s3Object.bucket' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [0-9A-Za-z\\.\\-_]*"),
        ),
        (
            "rekognition", "DetectLabels", {"Image": {}, "MaxLabels": -1},
            ("1 validation error detected: Value '-1' at 'maxLabels' failed to satisfy constraint: Member must have "
            "value greater than or equal to 0"),
        ),
        (
            "rekognition", "DetectLabels", {"Image": {}, "MinConfidence": 100.5},
            ("1 validation error detected: Value '100.5' at 'minConfidence' failed to satisfy constraint: Member must "
            "have value less than or equal to 100"),
        ),
        (
            "rekognition", "DetectText", {"Image": {"Bytes": ""}},
            ("1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'image.bytes' failed "
            "to satisfy constraint: Member must have length greater than or equal to 1"),
        ),
        (
            "rekognition", "DetectLabels", {"Image": {}, "Features": ["GENERAL_LABELS", "x"]},
            ("1 validation error detected: Value 'x' at 'features.2.member' failed to satisfy constraint: Member must "
            "satisfy enum value set: [GENERAL_LABELS, IMAGE_PROPERTIES]"),
        ),
    ],
)  # fmt: skip
def test_a_broken_constraint_is_named_as_aws_names_it(
    service: str, operation: str, payload: dict[str, Any], message: str
) -> None:
    refused = refusal(service, operation, json.dumps(payload).encode())
    assert isinstance(refused, InvalidParameter)
    assert refused.message == message


def test_unknown_members_and_nulls_are_left_out() -> None:
    payload = b'{"Text":"a","LanguageCode":"en","Unheard":{"of":1},"Also":null}'
    assert parse("comprehend", "DetectSentiment", payload) == {"Text": "a", "LanguageCode": "en"}
    payload = b'{"Image":{"Bytes":"YQ==","S3Object":null},"MaxLabels":5.0}'
    assert parse("rekognition", "DetectLabels", payload) == {"Image": {"Bytes": b"a"}, "MaxLabels": 5}


def test_a_long_text_to_translate_is_for_the_service_to_refuse() -> None:
    payload = {"Text": "a" * 10_001, "SourceLanguageCode": "en", "TargetLanguageCode": "es"}
    assert len(parse("translate", "TranslateText", json.dumps(payload).encode())["Text"]) == 10_001


# --- query -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "operation", "form", "message"),
    [
        (
            "iam", "CreateUser", b"Action=CreateUser",
            "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null",
        ),
        (
            "iam", "CreateUser", b"UserName=a%20b",
            ("1 validation error detected: Value 'a b' at 'userName' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: [\\w+=,.@-]+"),
        ),
        (
            "iam", "CreateUser", b"UserName=" + b"a" * 65,
            (f"1 validation error detected: Value '{'a' * 65}' at 'userName' failed to satisfy constraint: Member must "
            "have length less than or equal to 64"),
        ),
        (
            "iam", "CreateUser", b"UserName=a&Tags.member.1.Key=&Tags.member.1.Value=v",
            ("2 validation errors detected: Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must "
            "have length greater than or equal to 1; Value '' at 'tags.1.member.key' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"),
        ),
        ("iam", "ListUsers", b"MaxItems=many", "The value of MaxItems is not valid."),
        (
            "sts", "AssumeRole", b"RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=ab&DurationSeconds=1",
            ("1 validation error detected: Value '1' at 'durationSeconds' failed to satisfy constraint: Member must "
            "have value greater than or equal to 900"),
        ),
    ],
)  # fmt: skip
def test_a_form_that_breaks_a_constraint_is_refused(service: str, operation: str, form: bytes, message: str) -> None:
    refused = refusal(service, operation, form)
    assert isinstance(refused, InvalidParameter)
    assert refused.message == message


def test_sns_has_words_of_its_own_for_a_text_that_is_missing_but_not_for_what_is_inside() -> None:
    missing = refusal("sns", "Unsubscribe", b"")
    assert isinstance(missing, MissingParameter)
    assert missing.message == "Invalid parameter: SubscriptionArn Reason: no value for required parameter"
    inside = refusal(
        "sns",
        "Publish",
        b"Message=m&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.StringValue=x",
    )
    assert isinstance(inside, InvalidParameter)
    assert inside.message.startswith("1 validation error detected: Value null at 'messageAttributes.a.member.dataType'")
    service = load_service("sns")
    assert [wire_error(service, one).code for one in (missing, inside)] == ["InvalidParameter", "ValidationError"]


@pytest.mark.parametrize(
    "form", [b"UserName=%FF", b"&".join(b"a%d=1" % n for n in range(20_001)), b".".join([b"a"] * 30) + b"=1"]
)
def test_a_form_that_passes_a_limit_or_is_no_text_is_refused(form: bytes) -> None:
    assert isinstance(refusal("iam", "CreateUser", form), MalformedRequest)


def test_lists_and_maps_are_read_in_the_order_of_their_numbers() -> None:
    form = (
        b"TopicArn=a&Message=m+%2B&PublishBatchRequestEntries=&MessageAttributes.entry.10.Name=b"
        b"&MessageAttributes.entry.10.Value.DataType=Binary&MessageAttributes.entry.10.Value.BinaryValue=YQ%3D%3D"
        b"&MessageAttributes.entry.2.Name=a&MessageAttributes.entry.2.Value.DataType=String"
        b"&MessageAttributes.entry.2.Value.StringValue=%C3%BC"
    )
    assert parse("sns", "Publish", form) == {
        "TopicArn": "a",
        "Message": "m +",
        "MessageAttributes": {
            "a": {"DataType": "String", "StringValue": "ü"},
            "b": {"DataType": "Binary", "BinaryValue": b"a"},
        },
    }
    assert list(parse("sns", "Publish", form)["MessageAttributes"]) == ["a", "b"]


def test_a_link_may_carry_the_form_in_its_query() -> None:
    query = "Action=ConfirmSubscription&TopicArn=arn&Token=t"
    assert parse("sns", "ConfirmSubscription", query=query) == {"TopicArn": "arn", "Token": "t"}


def test_an_empty_list_and_an_empty_text_are_told_apart_from_none() -> None:
    assert parse("iam", "TagUser", b"UserName=a&Tags=") == {"UserName": "a", "Tags": []}
    assert parse("sns", "SetTopicAttributes", b"TopicArn=a&AttributeName=n&AttributeValue=")["AttributeValue"] == ""


# --- S3 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "query", "headers", "code", "message"),
    [
        (
            "ListObjectsV2", "max-keys=many", [], "InvalidArgument",
            "Provided max-keys not an integer or within integer range",
        ),
        ("ListObjectsV2", "encoding-type=hex", [], "InvalidArgument", "Invalid Encoding Method specified in Request"),
        ("ListObjectsV2", "prefix=%FF", [], "InvalidArgument", "The query string is no UTF-8."),
        ("PutObjectAcl", "", [("x-amz-acl", "private-read")], "InvalidArgument", ""),
        (
            "PutObject", "", [("x-amz-storage-class", "COLD")], "InvalidStorageClass",
            "The storage class you specified is not valid",
        ),
        (
            "GetObject", "response-content-disposition=a%0D%0Ab", [], "InvalidArgument",
            "Header value cannot be represented using ISO-8859-1.",
        ),
        (
            "GetObject", "response-content-type=%E2%82%AC", [], "InvalidArgument",
            "Header value cannot be represented using ISO-8859-1.",
        ),
        (
            "GetObjectAttributes", "attributes", [], "InvalidRequest",
            "Missing required header for this request: x-amz-object-attributes",
        ),
        (
            "PutObject", "", [("x-amz-object-lock-retain-until-date", "soon")], "InvalidArgument",
            "The value of x-amz-object-lock-retain-until-date is no date.",
        ),
    ],
)  # fmt: skip
def test_s3_refuses_headers_and_parameters_in_its_own_words(
    operation: str, query: str, headers: list[tuple[str, str]], code: str, message: str
) -> None:
    refused = refusal("s3", operation, query=query, headers=headers)
    assert (type(refused).__name__, refused.message) == (code, message)


DELETE = "<Delete><Object><Key>a</Key></Object></Delete>"


@pytest.mark.parametrize(
    "document",
    [
        "<Delete>",
        "Delete",
        "<Remove><Object><Key>a</Key></Object></Remove>",
        "<Delete><Object><VersionId>a</VersionId></Object></Delete>",
        "<Delete/>",
        f"<Delete><Quiet>maybe</Quiet>{DELETE[8:]}",
        f'<!DOCTYPE Delete [<!ENTITY a "b">]>{DELETE}',
        f"<!DOCTYPE Delete>{DELETE}",
        f'<!DOCTYPE Delete SYSTEM "http://169.254.169.254/">{DELETE}',
        "<Delete><Object><Key>&a;</Key></Object></Delete>",
        "<Delete>" * 100 + "</Delete>" * 100,
        "<Delete><Object><Key>a\x01</Key></Object></Delete>",
        '<?xml version="1.0" encoding="martian"?>' + DELETE,
    ],
)
def test_xml_that_is_malformed_or_dangerous_is_refused(document: str) -> None:
    assert type(refusal("s3", "DeleteObjects", document.encode(), key=None)).__name__ == "MalformedXML"


def test_a_billion_laughs_are_refused_at_the_first() -> None:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(10))
    document = f'<!DOCTYPE Delete [<!ENTITY a0 "ha">{entities}]><Delete><Object><Key>&a10;</Key></Object></Delete>'
    assert type(refusal("s3", "DeleteObjects", document.encode(), key=None)).__name__ == "MalformedXML"


def test_xml_of_many_comments_is_read_in_linear_time() -> None:
    import time

    document = b"<Delete><Object><Key>" + b"a<!---->" * 200_000 + b"</Key></Object></Delete>"
    started = time.perf_counter()
    assert len(parse("s3", "DeleteObjects", document, key=None)["Delete"]["Objects"][0]["Key"]) == 200_000
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("space", ["", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', ' xmlns="urn:other"'])
def test_xml_is_read_with_and_without_its_namespace(space: str) -> None:
    document = f"<Delete{space}>\n <Quiet> true </Quiet><Object><Key> a&#13;\n</Key><Unheard/></Object></Delete>"
    parsed = parse("s3", "DeleteObjects", document.encode(), key=None)
    assert parsed["Delete"] == {"Quiet": True, "Objects": [{"Key": " a\r\n"}]}


def test_a_grantees_type_is_an_attribute_of_any_prefix() -> None:
    document = (
        '<AccessControlPolicy xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Owner><ID>o</ID></Owner>'
        '<AccessControlList><Grant><Grantee i:type="CanonicalUser"><ID>g</ID></Grantee>'
        "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
    )
    parsed = parse("s3", "PutObjectAcl", document.encode(), query="acl")
    assert parsed["AccessControlPolicy"] == {
        "Owner": {"ID": "o"},
        "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "g"}, "Permission": "READ"}],
    }


def test_a_body_that_must_be_there_is_missed() -> None:
    assert type(refusal("s3", "DeleteObjects", b"", key=None)).__name__ == "MissingRequestBodyError"
    assert "CreateBucketConfiguration" not in parse("s3", "CreateBucket", b"", key=None)


async def test_a_streamed_body_is_handed_on_unread_with_its_own_length() -> None:
    headers = [("content-length", "99"), ("x-amz-meta-a-b", "c")]
    parsed = parse("s3", "PutObject", b"hello", headers=headers)
    assert b"".join([piece async for piece in parsed.pop("Body")]) == b"hello"
    assert parsed == {
        "Bucket": "b", "Key": "k", "ContentLength": 5, "Metadata": {"a-b": "c"},
    }  # fmt: skip


def test_user_metadata_may_be_utf_8_or_mail_safe() -> None:
    headers = [
        ("x-amz-meta-raw", "ü".encode().decode("latin-1")),
        ("x-amz-meta-mail", "=?UTF-8?B?w7w=?="),
        ("x-amz-meta-twice", "a"),
        ("x-amz-meta-twice", "b"),
        ("x-amz-meta-broken", "=?martian?B?w7w=?="),
    ]
    assert parse("s3", "PutObject", headers=headers)["Metadata"] == {
        "raw": "ü", "mail": "ü", "twice": "a,b", "broken": "=?martian?B?w7w=?=",
    }  # fmt: skip


def test_conditions_that_are_no_dates_are_ignored() -> None:
    headers = [("if-modified-since", "yesterday"), ("if-unmodified-since", "Thu, 01 Apr 2021 12:00:00 GMT")]
    parsed = parse("s3", "GetObject", headers=headers)
    assert "IfModifiedSince" not in parsed
    assert parsed["IfUnmodifiedSince"] == datetime(2021, 4, 1, 12, tzinfo=UTC)


def test_a_query_is_no_header() -> None:
    parsed = parse("s3", "PutObject", query="X-Amz-Signature=s&x-amz-acl=public-read&x-amz-meta-a=b")
    assert (parsed.get("ACL"), parsed["Metadata"]) == (None, {})


@settings(max_examples=200, deadline=None, database=None)
@given(
    st.sampled_from(
        [("s3", "DeleteObjects"), ("s3", "PutBucketAcl"), ("iam", "CreateUser"), ("rekognition", "DetectText")]
    ),
    st.binary(max_size=60) | st.text(alphabet='<>{}[]"&=.:!/aDelete1 \n', max_size=60).map(str.encode),
)
def test_noise_is_refused_or_read_but_never_an_accident(operation: tuple[str, str], noise: bytes) -> None:
    with contextlib.suppress(Refusal):
        parse(*operation, noise, key=None)
