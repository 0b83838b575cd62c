"""A real client, a real sign, real permissions: from boto3 through S3 to the engine and back."""

import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image, ImageDraw, ImageFont

Client = Callable[..., Any]


def sign() -> bytes:
    picture = Image.new("RGB", (640, 300), "white")
    ImageDraw.Draw(picture).text((60, 100), "TOW AWAY ZONE", fill="black", font=ImageFont.load_default(52))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def user_who_may(client: Client, *actions: str) -> dict[str, str]:
    iam, name = client("iam"), f"user-{uuid.uuid4().hex[:12]}"
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    iam.create_user(UserName=name)
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=document)
    return iam.create_access_key(UserName=name)["AccessKey"]


def test_a_sign_in_a_bucket_is_read(client: Client, bucket: str) -> None:
    client("s3").put_object(Bucket=bucket, Key="report.jpg", Body=sign())
    answer = client("rekognition").detect_text(Image={"S3Object": {"Bucket": bucket, "Name": "report.jpg"}})
    words = [found["DetectedText"] for found in answer["TextDetections"] if found["Type"] == "WORD"]
    assert words == ["TOW", "AWAY", "ZONE"]
    assert answer["TextDetections"][0]["DetectedText"] == "TOW AWAY ZONE"


def test_the_picture_is_read_with_the_callers_own_permission(client: Client, bucket: str) -> None:
    client("s3").put_object(Bucket=bucket, Key="report.jpg", Body=sign())
    image = {"S3Object": {"Bucket": bucket, "Name": "report.jpg"}}
    for actions, code in (
        (("rekognition:DetectText",), "InvalidS3ObjectException"),
        (("s3:GetObject", "rekognition:DetectLabels"), "AccessDeniedException"),
    ):
        with pytest.raises(ClientError) as refused:
            client("rekognition", user_who_may(client, *actions)).detect_text(Image=image)
        assert refused.value.response["Error"]["Code"] == code
    key = user_who_may(client, "s3:GetObject", "rekognition:DetectText")
    assert client("rekognition", key).detect_text(Image=image)["TextDetections"]


def test_what_is_no_picture_is_refused(client: Client) -> None:
    with pytest.raises(ClientError) as refused:
        client("rekognition").detect_text(Image={"Bytes": b"no picture"})
    assert refused.value.response["Error"] == {
        "Code": "InvalidImageFormatException",
        "Message": "Request has invalid image format",
    }


def test_properties_need_no_model(client: Client) -> None:
    image = io.BytesIO()
    Image.new("RGB", (200, 100), "#30504f").save(image, "PNG")
    answer = client("rekognition").detect_labels(Image={"Bytes": image.getvalue()}, Features=["IMAGE_PROPERTIES"])
    assert answer["Labels"] == []
    assert answer["ImageProperties"]["DominantColors"] == [
        {
            "Red": 47,
            "Green": 79,
            "Blue": 79,
            "HexCode": "#2f4f4f",
            "CSSColor": "darkslategrey",
            "SimplifiedColor": "grey",
            "PixelPercent": 100.0,
        }
    ]
    assert set(answer["ImageProperties"]["Foreground"]["Quality"]) == {"Brightness", "Sharpness"}
    assert "OrientationCorrection" not in answer


def test_a_picture_of_fewer_than_80_pixels_a_side_is_refused(client: Client) -> None:
    image = io.BytesIO()
    Image.new("RGB", (200, 79), "white").save(image, "PNG")
    with pytest.raises(ClientError) as refused:
        client("rekognition").detect_text(Image={"Bytes": image.getvalue()})
    assert refused.value.response["Error"] == {
        "Code": "InvalidParameterException",
        "Message": "Request has invalid parameters",
    }


def test_faces_without_a_model_answer_501_and_say_what_to_pull(client: Client) -> None:
    rekognition, image = client("rekognition"), {"Bytes": sign()}
    for ask, said in (
        (lambda: rekognition.detect_faces(Image=image), "marinelayer models pull YuNet"),
        (lambda: rekognition.create_collection(CollectionId="people"), "marinelayer models pull YuNet"),
    ):
        with pytest.raises(ClientError) as refused:
            ask()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
        assert said in refused.value.response["Error"]["Message"]
    assert rekognition.list_collections()["CollectionIds"] == []
    with pytest.raises(rekognition.exceptions.ResourceNotFoundException):
        rekognition.describe_collection(CollectionId="people")


def test_labels_without_a_model_answer_501_and_say_what_to_install(client: Client) -> None:
    with pytest.raises(ClientError) as refused:
        client("rekognition").detect_labels(Image={"Bytes": sign()})
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert "--models" in refused.value.response["Error"]["Message"]
