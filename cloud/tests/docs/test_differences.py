"""What docs/differences.md says is what the cloud answers: every row of its tables is called."""

import http.client
import json
import re
import runpy
import struct
import uuid
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/differences.md").read_text("utf-8")
CALL = "| Service | Operation | With | Answers |"
RAW = "| Request | Headers | Answers |"


def _rows(head):
    """The cells of every row of the tables that begin with `head`, without their backticks."""
    rows, inside = [], False
    for line in PAGE.splitlines():
        if not line.startswith("|"):
            inside = False
        elif line.startswith(head):
            inside = True
        elif inside and not line.startswith("|---"):
            rows.append([cell.strip().strip("`") for cell in line.strip("|").split(" |")])
    return rows


def _png(side=100):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\xff" * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def things(cloud):
    """What the page's capitals stand for."""
    names = {"BUCKET": f"differences-{uuid.uuid4().hex[:12]}", "USER": f"differs-{uuid.uuid4().hex[:8]}"}
    made: dict[str, Any] = {
        service: boto3.client(service, **cloud.client_arguments()) for service in ("s3", "iam", "sns")
    }
    made["s3"].create_bucket(Bucket=names["BUCKET"])
    for key in ("kept", "k"):
        made["s3"].put_object(Bucket=names["BUCKET"], Key=key, Body=b"x")
    made["iam"].create_user(UserName=names["USER"])
    names["TOPIC"] = made["sns"].create_topic(Name=f"differences-{uuid.uuid4().hex[:8]}")["TopicArn"]
    for each in made.values():
        each.close()
    return {
        **names,
        "ACCOUNT": cloud.account,
        "IMAGE": _png(),
        "GIF": b"GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
    }


def _filled(value: Any, things: dict[str, Any]) -> Any:
    """The values of a row, with things in place of the page's capitals."""
    if isinstance(value, dict):
        return {name: _filled(each, things) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, things) for each in value]
    return things.get(value, value) if isinstance(value, str) else value


def _plain(shape: Any, things: dict[str, Any], name: str = "") -> Any:
    """The least value that the model takes, of things that exist."""
    match shape.type_name:
        case "structure":
            return {each: _plain(shape.members[each], things, each) for each in shape.required_members}
        case "list":
            return [_plain(shape.member, things, name)]
        case "map":
            return {}
        case "string":
            known = {
                "AccountId": "ACCOUNT",
                "Bucket": "BUCKET",
                "Key": "k",
                "TopicArn": "TOPIC",
                "UserName": "USER",
                "SubscriptionArn": "TOPIC",
            }
            word = known.get(name, shape.enum[0] if shape.enum else "text")
            return things.get(word, word)
        case "blob":
            return b"x"
        case _:
            return 1


CALLS = _rows(CALL)


@pytest.mark.parametrize("row", CALLS, ids=[f"{row[0]}.{row[1]}-{n}" for n, row in enumerate(CALLS)])
def test_a_row_of_the_page_is_what_the_cloud_answers(client, things, row):
    service, operation, given, answers = row[:4]
    api = client(service, config=Config(parameter_validation=False, retries={"total_max_attempts": 1}))
    shape = api.meta.service_model.operation_model(operation).input_shape
    request: dict[str, Any] = _plain(shape, things) if shape else {}
    request |= _filled(json.loads(given), things)
    method = next(method for method, name in api.meta.method_to_api_mapping.items() if name == operation)
    try:
        answer = getattr(api, method)(**request)
        found = str(answer["ResponseMetadata"]["HTTPStatusCode"])
    except ClientError as refused:
        error = refused.response["Error"]
        found = f"{refused.response['ResponseMetadata']['HTTPStatusCode']} {error['Code']}"
    assert found == answers


RAW_ROWS = _rows(RAW)


@pytest.mark.parametrize("row", RAW_ROWS, ids=[row[0] + f"-{n}" for n, row in enumerate(RAW_ROWS)])
def test_a_raw_request_of_the_page_is_answered_as_it_says(cloud, things, row):
    request, given, answers = row[:3]
    method, _, target = request.replace("BUCKET", things["BUCKET"]).partition(" ")
    headers = dict(header.split(": ", 1) for header in given.split("` `"))
    connection = http.client.HTTPConnection(urlsplit(cloud.endpoint_url).netloc, timeout=20)
    connection.request(method, target, headers=headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    code = re.search(r"<Code>(\w+)</Code>", body)
    assert f"{response.status} {code and code[1]}" == answers


def test_the_page_has_its_tables():
    assert len(CALLS) > 60
    assert len(RAW_ROWS) > 1
    assert {row[0] for row in CALLS} > {
        "s3",
        "s3control",
        "iam",
        "sts",
        "sns",
        "rekognition",
        "comprehend",
        "translate",
    }


def test_a_bucket_is_found_from_every_region(client, things):
    elsewhere = client("s3", region_name="eu-west-1")
    assert elsewhere.get_object(Bucket=things["BUCKET"], Key="kept")["Body"].read() == b"x"


def test_topics_belong_to_their_region(client, things):
    elsewhere = client("sns", region_name="eu-west-1")
    assert things["TOPIC"] not in {topic["TopicArn"] for topic in elsewhere.list_topics()["Topics"]}
    with pytest.raises(ClientError) as refused:
        elsewhere.publish(TopicArn=things["TOPIC"], Message="x")
    assert refused.value.response["Error"]["Code"] == "InvalidParameter"


def test_objects_in_archives_can_not_be_read(client, things):
    s3 = client("s3")
    s3.put_object(Bucket=things["BUCKET"], Key="cold", Body=b"x", StorageClass="DEEP_ARCHIVE")
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=things["BUCKET"], Key="cold")
    assert refused.value.response["Error"]["Code"] == "InvalidObjectState"


def test_a_key_by_a_name_that_aws_never_gives_is_shown_as_it_was_given(client, things):
    asked = {"Bucket": things["BUCKET"], "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "parks-key"}
    assert client("s3").put_object(**asked)["SSEKMSKeyId"] == "parks-key"


def test_a_spoilt_phone_number_is_stored_as_e164(client, things):
    sns = client("sns")
    for protocol, endpoint in (("SMS", "+13125551188"), ("sms", "13125551188.0"), ("sms", "3125551188")):
        sns.subscribe(TopicArn=things["TOPIC"], Protocol=protocol, Endpoint=endpoint)
    stored = sns.list_subscriptions_by_topic(TopicArn=things["TOPIC"])["Subscriptions"]
    assert [(one["Protocol"], one["Endpoint"]) for one in stored if "1188" in one["Endpoint"]] == [
        ("sms", "+13125551188")
    ]


def test_an_unknown_client_is_not_told_what_is_missing(client):
    stranger = client("iam", {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x" * 40})
    with pytest.raises(ClientError) as refused:
        stranger.list_roles()
    assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"


def test_every_failure_of_the_public_suite_stands_here_with_its_reason():
    report = runpy.run_path(str(ROOT / "conformance/s3-tests/report.py"))
    reasons = report["read_reasons"]()
    assert reasons
    assert report["with_reasons"](PAGE, reasons) == PAGE
    assert "not there yet" not in (ROOT / "conformance/s3-tests/results.md").read_text("utf-8")
