"""The log has one line a request, which says who asked for what and how it ended, and no secret."""

import json
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))
KEY, SECRET = "LOGGEDROOTKEY1234", "not-to-be-seen-in-any-log"


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """What a cloud logged of a bucket made, a presigned read of nothing, and a stranger refused."""
    folder = tmp_path_factory.mktemp("logged")
    log = folder / "log"
    up = [MARINELAYER, "up", "--data", str(folder / "data"), "--port", "0", "--console-port", "0"]
    with log.open("w") as stderr:
        server = subprocess.Popen(
            [*up, "--root-key", f"{KEY}:{SECRET}"], stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    assert server.stdout is not None
    try:
        url = server.stdout.readline().split()[1]
        root = boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
        )
        unsigned = Config(signature_version=UNSIGNED)
        stranger = boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=unsigned)
        root.create_bucket(Bucket="logged")
        with pytest.raises(ClientError):
            root.get_object(Bucket="logged", Key="nothing \u2603 'here'\n")
        with pytest.raises(ClientError):
            stranger.get_object(Bucket="logged", Key="secret")
        translate = boto3.client(
            "translate", endpoint_url=url, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
        )
        asked = {"Text": "Hello there", "SourceLanguageCode": "en", "TargetLanguageCode": "en"}
        translate.translate_text(**asked, Settings={"Formality": "FORMAL"})
        translate.close()
        root.close()
        stranger.close()
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()
    return log.read_text().splitlines()


def test_each_request_is_one_line_of_json(lines):
    logged = [json.loads(line) for line in lines]
    assert [(line["service"], line["operation"], line["status"]) for line in logged] == [
        ("s3", "CreateBucket", 200),
        ("s3", "GetObject", 404),
        ("s3", "GetObject", 403),
        ("translate", "TranslateText", 200),
    ]
    assert logged[-1]["settings_not_applied"] == "Formality"
    assert {line["event"] for line in logged} == {"request"}
    assert all(len(line["request_id"]) == 16 and line["timestamp"].endswith("Z") for line in logged)


def test_a_line_says_who_asked_and_why_it_was_refused(lines):
    made, missing, refused, _ = map(json.loads, lines)
    assert made["principal"] == missing["principal"] == "arn:aws:iam::123456789012:root"
    assert missing["error"] == "NoSuchKey"
    assert refused["principal"] == "anonymous"
    assert refused["error"] == "AccessDenied"
    assert refused["denied"] == "s3:GetObject on arn:aws:s3:::logged/secret"


def test_no_line_holds_a_secret_or_a_signature(lines):
    text = "\n".join(lines)
    assert SECRET not in text
    assert "ignature" not in text
