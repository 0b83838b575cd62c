"""Videos through boto3: a word that moves and goes is read where and when it is there, and a topic is told of the end."""

import json
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from PIL import Image, ImageDraw, ImageFont

from marinelayer.ports import Engine, Frame, Labels, SeenLabel
from marinelayer.services.rekognition.video_finds import Find
from marinelayer.services.rekognition.video_label_detection import LabelsOfVideo
from marinelayer.testing import LocalCloud

from .city import code
from .conftest import label

Client = Callable[..., Any]
SIZE = (640, 360)
RATE = 10


def sign(word: str, left: int) -> Image.Image:
    picture = Image.new("RGB", SIZE, "white")
    if word:
        ImageDraw.Draw(picture).text((left, 140), word, fill="black", font=ImageFont.load_default(60))
    return picture


def video(folder: Path, pictures: Sequence[Image.Image], *, each: int = RATE, ending: str = "mp4") -> bytes:
    """A video of pictures that are each shown for so many frames, ten a second."""
    path = folder / f"{uuid.uuid4().hex}.{ending}"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*("mp4v" if ending == "mp4" else "MJPG")), RATE, SIZE)
    assert writer.isOpened()
    for picture in pictures:
        for _ in range(each):
            writer.write(np.asarray(picture)[:, :, ::-1])
    writer.release()
    return path.read_bytes()


def moving(folder: Path, word: str = "STOP", **options: Any) -> bytes:
    """A word on the left for a second, on the right for a second, and then for a second none."""
    return video(folder, [sign(word, 40), sign(word, 420), sign("", 0)], **options)


@pytest.fixture
def stored(client: Client, bucket: str, tmp_path: Path) -> Callable[[bytes], dict[str, Any]]:
    def store(content: bytes) -> dict[str, Any]:
        key = f"{uuid.uuid4().hex}.mp4"
        client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return {"S3Object": {"Bucket": bucket, "Name": key}}

    return store


def ended(get: Callable[..., Any], job: str, wait: Callable[..., Any]) -> dict[str, Any]:
    def look() -> Any:
        answer = get(JobId=job)
        return None if answer["JobStatus"] == "IN_PROGRESS" else answer

    return wait(look)


@pytest.mark.parametrize("ending", ["mp4", "avi"])
def test_a_word_that_moves_and_goes_is_read_where_and_when_it_is_there(
    client: Client, stored: Any, tmp_path: Path, patiently: Any, ending: str
) -> None:
    api = client("rekognition")
    job = api.start_text_detection(Video=stored(moving(tmp_path, ending=ending)), JobTag="signs")["JobId"]
    answer = ended(api.get_text_detection, job, patiently)
    assert (answer["JobStatus"], answer["JobTag"], answer["JobId"]) == ("SUCCEEDED", "signs", job)
    words = [one for one in answer["TextDetections"] if one["TextDetection"]["Type"] == "WORD"]
    assert {one["TextDetection"]["DetectedText"] for one in words} == {"STOP"}
    assert [one["Timestamp"] for one in words] == [0, 500, 1000, 1500]
    lefts = [one["TextDetection"]["Geometry"]["BoundingBox"]["Left"] for one in words]
    assert lefts == pytest.approx([40 / 640] * 2 + [420 / 640] * 2, abs=0.03)
    told = answer["VideoMetadata"]
    assert (told["FrameWidth"], told["FrameHeight"], told["FrameRate"]) == (640, 360, 10.0)
    assert told["DurationMillis"] == pytest.approx(3000, abs=100)
    assert (told["Format"], told["Codec"]) == (("MP4", "mpeg4") if ending == "mp4" else ("AVI", "mjpg"))
    assert answer["TextModelVersion"].startswith("PP-OCR")


def test_another_word_is_another_answer_and_filters_leave_out(
    client: Client, stored: Any, tmp_path: Path, patiently: Any
) -> None:
    api = client("rekognition")
    right = {"RegionsOfInterest": [{"BoundingBox": {"Left": 0.5, "Top": 0.0, "Width": 0.5, "Height": 1.0}}]}
    job = api.start_text_detection(Video=stored(moving(tmp_path, "TOW")), Filters=right)["JobId"]
    answer = ended(api.get_text_detection, job, patiently)
    assert {(one["Timestamp"], one["TextDetection"]["DetectedText"]) for one in answer["TextDetections"]} == {
        (1000, "TOW"),
        (1500, "TOW"),
    }
    page = api.get_text_detection(JobId=job, MaxResults=3)
    onward = api.get_text_detection(JobId=job, MaxResults=3, NextToken=page["NextToken"])
    assert page["TextDetections"] + onward["TextDetections"] == answer["TextDetections"]
    assert "NextToken" not in onward
    for request, expected in (
        ({"JobId": job, "NextToken": "forged"}, "InvalidPaginationTokenException"),
        ({"JobId": "f" * 64}, "ResourceNotFoundException"),
    ):
        with pytest.raises(ClientError) as refused:
            api.get_text_detection(**request)
        assert code(refused) == expected
    with pytest.raises(ClientError) as refused:
        api.get_label_detection(JobId=job)
    assert code(refused) == "ResourceNotFoundException"


def test_a_token_stands_for_one_job(client: Client, stored: Any, tmp_path: Path) -> None:
    api = client("rekognition")
    one, other = stored(moving(tmp_path)), stored(moving(tmp_path))
    token = uuid.uuid4().hex
    job = api.start_text_detection(Video=one, ClientRequestToken=token)["JobId"]
    assert api.start_text_detection(Video=one, ClientRequestToken=token)["JobId"] == job
    assert api.start_text_detection(Video=one)["JobId"] != job
    with pytest.raises(ClientError) as refused:
        api.start_text_detection(Video=other, ClientRequestToken=token)
    assert code(refused) == "IdempotentParameterMismatchException"


def test_a_token_stands_for_its_job_when_the_video_is_gone(client: Client, stored: Any) -> None:
    api, gone, token = client("rekognition"), stored(b"no video"), uuid.uuid4().hex
    request = {"Video": gone, "ClientRequestToken": token}
    job = api.start_text_detection(**request)["JobId"]
    client("s3").delete_object(Bucket=gone["S3Object"]["Bucket"], Key=gone["S3Object"]["Name"])
    assert api.start_text_detection(**request)["JobId"] == job
    for other, expected in (
        ({**request, "JobTag": "other"}, "IdempotentParameterMismatchException"),
        ({**request, "ClientRequestToken": uuid.uuid4().hex}, "InvalidS3ObjectException"),
    ):
        with pytest.raises(ClientError) as refused:
            api.start_text_detection(**other)
        assert code(refused) == expected


def test_what_is_no_video_or_is_not_there_is_refused(client: Client, stored: Any, bucket: str, patiently: Any) -> None:
    api = client("rekognition")
    with pytest.raises(ClientError) as refused:
        api.start_text_detection(Video={"S3Object": {"Bucket": bucket, "Name": "none.mp4"}})
    assert code(refused) == "InvalidS3ObjectException"
    for content in (b"no video", b"\0\0\0\x18ftypisom" + bytes(500)):
        job = api.start_text_detection(Video=stored(content))["JobId"]
        answer = ended(api.get_text_detection, job, patiently)
        assert answer["JobStatus"] == "FAILED"
        assert answer["StatusMessage"].startswith("Unsupported codec/format")
        assert "TextDetections" not in answer


def test_a_video_that_names_no_object_is_an_invalid_parameter(client: Client, bucket: str) -> None:
    for video in ({}, {"S3Object": {"Bucket": bucket}}, {"S3Object": {"Name": "film.mp4"}}):
        with pytest.raises(ClientError) as refused:
            client("rekognition").start_face_detection(Video=video)
        assert code(refused) == "InvalidParameterException"


def test_a_video_of_pictures_that_are_too_small_fails_and_says_so(
    client: Client, stored: Any, tmp_path: Path, patiently: Any
) -> None:
    api = client("rekognition")
    path = tmp_path / "small.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (96, 64))
    for _ in range(RATE):
        writer.write(np.zeros((64, 96, 3), np.uint8))
    writer.release()
    job = api.start_text_detection(Video=stored(path.read_bytes()))["JobId"]
    answer = ended(api.get_text_detection, job, patiently)
    assert (answer["JobStatus"], "too small" in answer["StatusMessage"]) == ("FAILED", True)


def test_without_models_labels_fail_and_say_what_to_install(
    client: Client, stored: Any, tmp_path: Path, patiently: Any
) -> None:
    api = client("rekognition")
    job = api.start_label_detection(Video=stored(moving(tmp_path)))["JobId"]
    answer = ended(api.get_label_detection, job, patiently)
    assert answer["JobStatus"] == "FAILED"
    assert "not installed" in answer["StatusMessage"]


# --- the notice -----------------------------------------------------------------------------------------------


def role(client: Client, service: str, *allowed: str) -> str:
    name = f"telling-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    arn = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    if allowed:
        statement = {"Effect": "Allow", "Action": list(allowed), "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
        client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
    return arn


def told_to(cloud: LocalCloud, number: str) -> list[dict[str, Any]]:
    """What arrived at a phone."""
    request = AWSRequest("GET", f"{cloud.endpoint_url}/_marinelayer/inbox?limit=1000")
    key = Credentials(cloud.access_key_id, cloud.secret_access_key)
    SigV4Auth(key, "marinelayer", "us-east-1").add_auth(request)
    found = requests.get(request.url, headers=dict(request.headers), timeout=10).json()["messages"]
    return [json.loads(one["text"]) for one in found if one["to"] == number]


def test_a_topic_is_told_of_the_end_by_the_role_that_was_passed(
    client: Client, cloud: LocalCloud, stored: Any, tmp_path: Path, patiently: Any, phone: str
) -> None:
    api, topic = client("rekognition"), client("sns").create_topic(Name=f"t-{uuid.uuid4().hex[:8]}")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sms", Endpoint=phone)
    video = stored(moving(tmp_path))
    silent = {"SNSTopicArn": topic, "RoleArn": role(client, "rekognition.amazonaws.com")}
    quiet = api.start_text_detection(Video=video, NotificationChannel=silent)["JobId"]
    assert ended(api.get_text_detection, quiet, patiently)["JobStatus"] == "SUCCEEDED"
    channel = {"SNSTopicArn": topic, "RoleArn": role(client, "rekognition.amazonaws.com", "sns:Publish")}
    job = api.start_text_detection(Video=video, NotificationChannel=channel, JobTag="signs")["JobId"]
    (message,) = patiently(lambda: told_to(cloud, phone))
    assert message.pop("Timestamp") > 1_700_000_000_000
    assert message == {
        "JobId": job,
        "Status": "SUCCEEDED",
        "API": "StartTextDetection",
        "JobTag": "signs",
        "Video": {"S3ObjectName": video["S3Object"]["Name"], "S3Bucket": video["S3Object"]["Bucket"]},
    }


def test_a_role_must_be_passed_and_trust_rekognition(client: Client, stored: Any, tmp_path: Path) -> None:
    topic = client("sns").create_topic(Name=f"t-{uuid.uuid4().hex[:8]}")["TopicArn"]
    video = stored(moving(tmp_path))
    stranger = {"SNSTopicArn": topic, "RoleArn": role(client, "comprehend.amazonaws.com", "sns:Publish")}
    with pytest.raises(ClientError) as refused:
        client("rekognition").start_text_detection(Video=video, NotificationChannel=stranger)
    assert code(refused) == "InvalidParameterException"
    name = f"viewer-{uuid.uuid4().hex[:8]}"
    client("iam").create_user(UserName=name)
    may = {"Effect": "Allow", "Action": ["rekognition:*", "s3:GetObject"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": may})
    client("iam").put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    viewer = client("rekognition", client("iam").create_access_key(UserName=name)["AccessKey"])
    channel = {"SNSTopicArn": topic, "RoleArn": role(client, "rekognition.amazonaws.com", "sns:Publish")}
    with pytest.raises(ClientError) as refused:
        viewer.start_text_detection(Video=video, NotificationChannel=channel)
    assert code(refused) == "AccessDeniedException"
    assert "iam:PassRole" in str(refused.value)
    assert viewer.start_text_detection(Video=video)["JobId"]


# --- labels ---------------------------------------------------------------------------------------------------


class Eyes:
    """A detector that sees what it is told, a picture after the other."""

    def __init__(self, *seen: Sequence[SeenLabel]) -> None:
        self._seen = list(seen)

    async def labels(self, image: bytes) -> Labels:
        return Labels(labels=tuple(self._seen.pop(0)), engines=(Engine(name="Eyes", version="1"),))


async def looked(*seen: Sequence[SeenLabel], **request: Any) -> tuple[list[Find], list[Find]]:
    looking = LabelsOfVideo(Eyes(*seen), request)
    finds = [one for number in range(len(seen)) for one in await looking.look(Frame(time=500 * number, picture=b""))]
    assert looking.model == "Eyes 1"
    return finds, list(looking.ended())


CAR = label("Car", 80.0, (0.1, 0.1, 0.2, 0.2, 80.0))
SURER = label("Car", 90.0)


async def test_labels_have_their_times_ancestors_and_boxes() -> None:
    finds, _ = await looked([CAR], [])
    assert [(one.time, one.name) for one in finds] == [(0, "Car"), (0, "Vehicle"), (0, "Transportation")]
    assert finds[0].document["Label"]["Instances"][0]["BoundingBox"]["Left"] == 0.1
    finds, _ = await looked([CAR], [SURER], MinConfidence=85.0)
    assert {one.time for one in finds} == {500}
    finds, _ = await looked([CAR], Settings={"GeneralLabels": {"LabelExclusionFilters": ["Vehicle"]}})
    assert [one.name for one in finds] == ["Car", "Transportation"]


async def test_a_segment_goes_on_until_a_picture_is_without_its_label() -> None:
    _, segments = await looked(
        [CAR], [SURER], [], [CAR], Settings={"GeneralLabels": {"LabelInclusionFilters": ["Car"]}}
    )
    told = [one.document for one in segments]
    assert [(one["StartTimestampMillis"], one["EndTimestampMillis"], one["DurationMillis"]) for one in told] == [
        (0, 1000, 1000),
        (1500, 2000, 500),
    ]
    assert told[0]["Label"]["Confidence"] == 90.0
    assert told[1]["Label"]["Instances"] == []
