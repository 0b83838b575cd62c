"""Faces from boto3 through a whole cloud to OpenCV, with tiny models in place of YuNet and SFace."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest

from marinelayer.testing import LocalCloud

from .nearby import cloud_with
from .tiny_faces import ALICE, BOB, crowd, detector, recogniser


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    models = {"YuNet": (detector(),), "SFace": (recogniser(),)}
    with cloud_with(models, tmp_path_factory.mktemp("models"), "faces_task") as running:
        yield running


@pytest.fixture(scope="module")
def rekognition(cloud: LocalCloud) -> Iterator[Any]:
    client = cast("Any", boto3).client("rekognition", **cloud.client_arguments())
    yield client
    client.close()


@pytest.fixture
def collection(rekognition: Any) -> str:
    name = f"people-{uuid.uuid4().hex[:8]}"
    rekognition.create_collection(CollectionId=name)
    return name


def picture(*faces: tuple[int, int, tuple[int, int, int]]) -> dict[str, bytes]:
    return {"Bytes": crowd(*faces)}


def test_faces_are_detected(rekognition: Any) -> None:
    (face,) = rekognition.detect_faces(Image=picture((2, 3, ALICE)))["FaceDetails"]
    assert face["BoundingBox"] == pytest.approx({"Left": 0.2, "Top": 0.375, "Width": 0.1, "Height": 0.125})
    assert set(face) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
    assert {landmark["Type"] for landmark in face["Landmarks"]} == {
        "eyeLeft",
        "eyeRight",
        "nose",
        "mouthLeft",
        "mouthRight",
    }


def test_faces_are_compared(rekognition: Any) -> None:
    answer = rekognition.compare_faces(
        SourceImage=picture((1, 1, ALICE)), TargetImage=picture((3, 2, BOB), (6, 4, ALICE))
    )
    (match,) = answer["FaceMatches"]
    assert match["Similarity"] > 99
    assert match["Face"]["BoundingBox"]["Left"] == pytest.approx(0.6)
    assert len(answer["UnmatchedFaces"]) == 1
    with pytest.raises(rekognition.exceptions.InvalidParameterException):
        rekognition.compare_faces(SourceImage=picture(), TargetImage=picture((1, 1, ALICE)))


def test_faces_are_collected_from_a_bucket_searched_and_deleted(
    rekognition: Any, cloud: LocalCloud, collection: str
) -> None:
    s3, bucket = cast("Any", boto3).client("s3", **cloud.client_arguments()), f"faces-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="party.png", Body=crowd((2, 3, ALICE), (7, 5, BOB)))
    indexed = rekognition.index_faces(
        CollectionId=collection, Image={"S3Object": {"Bucket": bucket, "Name": "party.png"}}, ExternalImageId="party"
    )
    s3.close()
    assert indexed["FaceModelVersion"] == "YuNet 2026may; SFace 2021dec"
    assert len(indexed["FaceRecords"]) == 2
    found = rekognition.search_faces_by_image(CollectionId=collection, Image=picture((5, 1, BOB)))
    (bob,) = found["FaceMatches"]
    assert bob["Face"]["ExternalImageId"] == "party"
    assert bob["Face"]["BoundingBox"]["Left"] == pytest.approx(0.7)
    face_id = bob["Face"]["FaceId"]
    assert rekognition.search_faces(CollectionId=collection, FaceId=face_id)["FaceMatches"] == []
    assert rekognition.delete_faces(CollectionId=collection, FaceIds=[face_id])["DeletedFaces"] == [face_id]
    assert rekognition.search_faces_by_image(CollectionId=collection, Image=picture((5, 1, BOB)))["FaceMatches"] == []
    described = rekognition.describe_collection(CollectionId=collection)
    assert described["FaceCount"] == 1
    assert described["CollectionARN"].endswith(f":collection/{collection}")
    rekognition.delete_collection(CollectionId=collection)
    with pytest.raises(rekognition.exceptions.ResourceNotFoundException):
        rekognition.list_faces(CollectionId=collection)


def test_users_are_found_by_the_faces_that_are_associated_with_them(rekognition: Any, collection: str) -> None:
    indexed = rekognition.index_faces(CollectionId=collection, Image=picture((1, 1, ALICE), (4, 3, ALICE), (7, 5, BOB)))
    ids = [record["Face"]["FaceId"] for record in indexed["FaceRecords"]]
    around = {
        round(record["Face"]["BoundingBox"]["Left"], 1): record["Face"]["FaceId"] for record in indexed["FaceRecords"]
    }
    alice, again, bob = around[0.1], around[0.4], around[0.7]
    for user in ("ann", "ben"):
        rekognition.create_user(CollectionId=collection, UserId=user)
    with pytest.raises(rekognition.exceptions.ConflictException):
        rekognition.create_user(CollectionId=collection, UserId="ann")
    in_it = {"CollectionId": collection}
    assert rekognition.associate_faces(**in_it, UserId="ben", FaceIds=[bob])["UserStatus"] == "ACTIVE"
    rekognition.associate_faces(**in_it, UserId="ann", FaceIds=[alice])
    answer = rekognition.associate_faces(**in_it, UserId="ann", FaceIds=[again, bob])
    assert [one["FaceId"] for one in answer["AssociatedFaces"]] == [again]
    (refused,) = answer["UnsuccessfulFaceAssociations"]
    assert (refused["Reasons"], refused["UserId"]) == (["ASSOCIATED_TO_A_DIFFERENT_USER"], "ben")
    rekognition.disassociate_faces(**in_it, UserId="ben", FaceIds=[bob])
    (unlike,) = rekognition.associate_faces(**in_it, UserId="ann", FaceIds=[bob])["UnsuccessfulFaceAssociations"]
    assert unlike["Reasons"] == ["LOW_MATCH_CONFIDENCE"]
    assert unlike["Confidence"] < 75
    rekognition.associate_faces(**in_it, UserId="ben", FaceIds=[bob])
    (match,) = rekognition.search_users_by_image(**in_it, Image=picture((5, 1, ALICE)))["UserMatches"]
    assert (match["User"], match["Similarity"] > 99) == ({"UserId": "ann", "UserStatus": "ACTIVE"}, True)
    (match,) = rekognition.search_users(**in_it, FaceId=bob)["UserMatches"]
    assert match["User"]["UserId"] == "ben"
    pages = rekognition.get_paginator("list_users").paginate(**in_it, PaginationConfig={"PageSize": 1})
    assert [one["UserId"] for page in pages for one in page["Users"]] == ["ann", "ben"]
    rekognition.delete_user(**in_it, UserId="ann")
    assert rekognition.delete_faces(**in_it, FaceIds=ids)["DeletedFaces"] == [one for one in ids if one != bob]


def test_paginators_walk_collections_and_faces(rekognition: Any, collection: str) -> None:
    for column in range(3):
        rekognition.index_faces(CollectionId=collection, Image=picture((column, 1, ALICE)))
    pages = rekognition.get_paginator("list_faces").paginate(CollectionId=collection, PaginationConfig={"PageSize": 2})
    assert [len(page["Faces"]) for page in pages] == [2, 1]
    listed = rekognition.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 1})
    assert collection in {name for page in listed for name in page["CollectionIds"]}
