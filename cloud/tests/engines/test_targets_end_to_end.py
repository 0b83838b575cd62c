"""Targeted sentiment from boto3 through a whole cloud to spaCy, with a tiny model in place of the catalogue's."""

from __future__ import annotations

import io
import json
import tarfile
import time
import uuid
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest

from marinelayer.engines.language.grammar import GRAMMAR
from marinelayer.testing import LocalCloud

from .nearby import cloud_with
from .tiny_grammar import tiny_parser

PRAISED, BLAMED = (
    "The soup was delicious but the staff was terrible.",
    "The soup was terrible but the staff was delicious.",
)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    models = {GRAMMAR.default: (tiny_parser(tmp_path_factory.mktemp("parser")),)}
    with cloud_with(models, tmp_path_factory.mktemp("models"), "targets_task") as running:
        yield running


def told(entities: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """The text, type and sentiment of each mention."""
    return [
        (one["Text"], one["Type"], one["MentionSentiment"]["Sentiment"])
        for entity in entities
        for one in entity["Mentions"]
    ]


SOUP_IS_PRAISED = [("soup", "OTHER", "POSITIVE"), ("staff", "PERSON", "NEGATIVE")]
STAFF_IS_PRAISED = [("soup", "OTHER", "NEGATIVE"), ("staff", "PERSON", "POSITIVE")]


def test_words_that_change_places_change_the_sentiments_of_their_targets(comprehend: Any) -> None:
    texts = [PRAISED, BLAMED]
    alone = [comprehend.detect_targeted_sentiment(Text=text, LanguageCode="en")["Entities"] for text in texts]
    assert [told(entities) for entities in alone] == [SOUP_IS_PRAISED, STAFF_IS_PRAISED]
    answer = comprehend.batch_detect_targeted_sentiment(TextList=texts[::-1], LanguageCode="en")
    assert [told(one["Entities"]) for one in answer["ResultList"]] == [STAFF_IS_PRAISED, SOUP_IS_PRAISED]
    assert answer["ErrorList"] == []


def test_a_mention_is_told_at_its_code_points_in_its_group(comprehend: Any) -> None:
    (entity, *_) = comprehend.detect_targeted_sentiment(Text=PRAISED, LanguageCode="en")["Entities"]
    assert entity["DescriptiveMentionIndex"] == [0]
    (mention,) = entity["Mentions"]
    assert (mention["BeginOffset"], mention["EndOffset"], mention["GroupScore"]) == (4, 8, 1.0)
    assert 0 < mention["Score"] <= 1
    assert sum(mention["MentionSentiment"]["SentimentScore"].values()) == pytest.approx(1, abs=1e-6)


def test_blanks_and_marks_speak_of_nothing(comprehend: Any) -> None:
    for text in (" ", "\n\n", "...", "👍"):
        assert comprehend.detect_targeted_sentiment(Text=text, LanguageCode="en")["Entities"] == [], text


def test_a_job_tells_of_each_line_what_is_told_of_it_alone(cloud: LocalCloud, comprehend: Any) -> None:
    s3, iam = (cast("Any", boto3).client(name, **cloud.client_arguments()) for name in ("s3", "iam"))
    bucket = f"letters-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="in/a.txt", Body=f"{PRAISED}\n{BLAMED}\n".encode())
    role = f"reader-{uuid.uuid4().hex[:12]}"
    trust = {"Effect": "Allow", "Principal": {"Service": "comprehend.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=json.dumps(allowed))
    number = comprehend.start_targeted_sentiment_detection_job(
        InputDataConfig={"S3Uri": f"s3://{bucket}/in/"},
        OutputDataConfig={"S3Uri": f"s3://{bucket}/out"},
        DataAccessRoleArn=arn,
        LanguageCode="en",
    )["JobId"]
    found = ended(comprehend, number)
    assert found["JobStatus"] == "COMPLETED", found.get("Message")
    assert found["JobArn"].endswith(f":targeted-sentiment-detection-job/{number}")
    key = found["OutputDataConfig"]["S3Uri"].removeprefix(f"s3://{bucket}/")
    packed = io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    with tarfile.open(fileobj=packed) as archive:
        lines = [json.loads(line) for line in cast("Any", archive.extractfile("output"))]
    assert [(line["File"], line["Line"], told(line["Entities"])) for line in lines] == [
        ("a.txt", 0, SOUP_IS_PRAISED),
        ("a.txt", 1, STAFF_IS_PRAISED),
    ]
    listed = comprehend.list_targeted_sentiment_detection_jobs()["TargetedSentimentDetectionJobPropertiesList"]
    assert [one["JobId"] for one in listed] == [number]
    for client in (s3, iam):
        client.close()


def ended(comprehend: Any, number: str) -> dict[str, Any]:
    """The job's description, once it has ended."""
    deadline = time.monotonic() + 120
    while True:
        answer = comprehend.describe_targeted_sentiment_detection_job(JobId=number)
        found = answer["TargetedSentimentDetectionJobProperties"]
        if found["JobStatus"] in {"COMPLETED", "FAILED", "STOPPED"} or time.monotonic() > deadline:
            return found
        time.sleep(0.05)
