"""Jobs that look for faces in videos, through boto3 and a whole cloud, with tiny models in place of YuNet and SFace."""

from __future__ import annotations

import io
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, cast

import boto3
import cv2
import numpy as np
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from marinelayer.testing import LocalCloud

from .nearby import cloud_with
from .tiny_faces import ALICE, BOB, crowd, detector, recogniser

RATE = 10
SIZE = (640, 384)
Clients = Callable[[str], Any]


def picture(*faces: tuple[int, int, tuple[int, int, int]]) -> bytes:
    return crowd(*faces, size=SIZE)


def ended(get: Callable[..., Any], job: str) -> dict[str, Any]:
    deadline = time.monotonic() + 240
    while (answer := get(JobId=job))["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)
    return answer


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return refused.value.response["Error"]["Code"]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    models = {"YuNet": (detector(),), "SFace": (recogniser(),)}
    with cloud_with(models, tmp_path_factory.mktemp("models"), "faces_task") as running:
        yield running


@pytest.fixture(scope="module")
def clients(cloud: LocalCloud) -> Iterator[Clients]:
    made = {name: cast("Any", boto3).client(name, **cloud.client_arguments()) for name in ("s3", "rekognition")}
    made["s3"].create_bucket(Bucket="videos")
    yield made.__getitem__
    for client in made.values():
        client.close()


@pytest.fixture(scope="module")
def film(clients: Clients, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Bob alone for a second, then Alice and Bob, then Alice, then nobody."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, SIZE)
    assert writer.isOpened()
    for faces in (((2, 3, BOB),), ((4, 3, ALICE), (10, 5, BOB)), ((12, 6, ALICE),), ()):
        shown = np.asarray(Image.open(io.BytesIO(picture(*faces))))[:, :, ::-1]
        for _ in range(RATE):
            writer.write(shown)
    writer.release()
    clients("s3").put_object(Bucket="videos", Key="film.avi", Body=path.read_bytes())
    return {"S3Object": {"Bucket": "videos", "Name": "film.avi"}}


def test_a_job_finds_faces_where_and_when_they_are(clients: Clients, film: dict[str, Any]) -> None:
    api = clients("rekognition")
    job = api.start_face_detection(Video=film, JobTag="street", FaceAttributes="ALL")["JobId"]
    answer = ended(api.get_face_detection, job)
    assert (answer["JobStatus"], answer["JobTag"], answer["VideoMetadata"]["FrameWidth"]) == (
        "SUCCEEDED",
        "street",
        640,
    )
    seen = [(one["Timestamp"], round(one["Face"]["BoundingBox"]["Left"] * 640 / 32)) for one in answer["Faces"]]
    assert sorted(seen) == [(0, 2), (500, 2), (1000, 4), (1000, 10), (1500, 4), (1500, 10), (2000, 12), (2500, 12)]
    assert [time for time, _ in seen] == sorted(time for time, _ in seen)
    assert set(answer["Faces"][0]["Face"]) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
    page = api.get_face_detection(JobId=job, MaxResults=3)
    rest = api.get_face_detection(JobId=job, MaxResults=1000, NextToken=page["NextToken"])
    assert page["Faces"] + rest["Faces"] == answer["Faces"]
    with pytest.raises(ClientError) as refused:
        api.get_face_search(JobId=job)
    assert code(refused) == "ResourceNotFoundException"


def test_a_job_finds_who_of_a_collection_is_in_a_video(clients: Clients, film: dict[str, Any]) -> None:
    api, name = clients("rekognition"), f"people-{uuid.uuid4().hex[:8]}"
    api.create_collection(CollectionId=name)
    for color, person in ((ALICE, "alice"), (BOB, "bob")):
        api.index_faces(CollectionId=name, Image={"Bytes": picture((1, 1, color))}, ExternalImageId=person)
    job = api.start_face_search(Video=film, CollectionId=name, ClientRequestToken="once")["JobId"]
    answer = ended(api.get_face_search, job)
    assert answer["JobStatus"] == "SUCCEEDED"
    told = [(one["Timestamp"], matched(one), one["Person"]["Index"]) for one in answer["Persons"]]
    indexes = {person: index for _, person, index in told}
    assert set(indexes) == {"alice", "bob"}
    assert sorted(told) == sorted(
        (time, person, indexes[person])
        for person, times in (("bob", (0, 500, 1000, 1500)), ("alice", (1000, 1500, 2000, 2500)))
        for time in times
    )
    assert [time for time, _, _ in told] == sorted(time for time, _, _ in told)
    page = api.get_face_search(JobId=job, SortBy="INDEX", MaxResults=5)
    rest = api.get_face_search(JobId=job, SortBy="INDEX", NextToken=page["NextToken"])
    by_index = [(matched(one), one["Timestamp"]) for one in page["Persons"] + rest["Persons"]]
    assert by_index == [("bob", time) for time in (0, 500, 1000, 1500)] + [
        ("alice", time) for time in (1000, 1500, 2000, 2500)
    ]
    with pytest.raises(ClientError) as refused:
        api.get_face_search(JobId=job, SortBy="TIMESTAMP", NextToken=page["NextToken"])
    assert code(refused) == "InvalidPaginationTokenException"
    api.delete_collection(CollectionId=name)
    assert api.start_face_search(Video=film, CollectionId=name, ClientRequestToken="once")["JobId"] == job
    with pytest.raises(ClientError) as refused:
        api.start_face_search(Video=film, CollectionId=name)
    assert code(refused) == "ResourceNotFoundException"


def matched(person: dict[str, Any]) -> str:
    (match,) = person["FaceMatches"]
    return match["Face"]["ExternalImageId"]
