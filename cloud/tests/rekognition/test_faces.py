"""Faces: comparing, collecting, searching and deleting, over a reader that sees the names that a picture spells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.outbox import Job
from marinelayer.ports import EngineUnavailableError, Tables
from marinelayer.services.operation import ServiceTable
from marinelayer.services.rekognition import ForgottenFaces
from marinelayer.services.rekognition.errors import (
    InvalidPaginationTokenException,
    InvalidParameterException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
)
from marinelayer.services.rekognition.face_store import SQL

from .conftest import CALLER
from .gallery import NOW, Ask, Gallery, ask, counting, gallery, indexed, people, picture, poked, service

__all__ = ["ask", "counting", "gallery", "people", "poked", "service"]


async def test_a_face_is_told_with_what_is_known_of_it_and_no_more(ask: Ask) -> None:
    answer = await ask("DetectFaces", Image=picture("alice"), Attributes=["ALL"])
    assert answer == {
        "FaceDetails": [
            {
                "BoundingBox": {"Left": 0.0, "Top": 0.0, "Width": 0.01, "Height": 0.01},
                "Confidence": 99.0,
                "Landmarks": [{"Type": "nose", "X": 0.0, "Y": 0.1}],
                "Pose": {"Roll": 3.0},
                "Quality": {"Brightness": 60.0, "Sharpness": 70.0},
            }
        ]
    }


async def test_the_largest_face_of_the_source_is_compared_with_all_of_the_target(ask: Ask) -> None:
    answer = await ask("CompareFaces", SourceImage=picture("bob alice*3"), TargetImage=picture("bob alic alice"))
    assert answer["SourceImageFace"]["BoundingBox"]["Width"] == 0.03
    assert [match["Similarity"] for match in answer["FaceMatches"]] == [100.0, 80.0]
    assert answer["FaceMatches"][0]["Face"]["BoundingBox"]["Left"] == pytest.approx(0.2)
    assert [face["BoundingBox"]["Left"] for face in answer["UnmatchedFaces"]] == [0.0]
    strict = await ask(
        "CompareFaces", SourceImage=picture("alice"), TargetImage=picture("bob alic"), SimilarityThreshold=90.0
    )
    assert strict["FaceMatches"] == []
    assert len(strict["UnmatchedFaces"]) == 2


async def test_faces_below_the_quality_bar_are_not_compared(ask: Ask) -> None:
    images = {"SourceImage": picture("alice"), "TargetImage": picture("alice? bob")}
    assert len((await ask("CompareFaces", **images))["FaceMatches"]) == 1
    answer = await ask("CompareFaces", QualityFilter="HIGH", **images)
    assert answer["FaceMatches"] == []
    assert len(answer["UnmatchedFaces"]) == 1


@pytest.mark.parametrize(("source", "target"), [("", "alice"), ("alice", "")])
async def test_a_picture_without_a_face_can_not_be_compared(ask: Ask, source: str, target: str) -> None:
    with pytest.raises(InvalidParameterException):
        await ask("CompareFaces", SourceImage=picture(source or " "), TargetImage=picture(target or " "))


async def test_without_an_engine_it_says_what_to_install(ask: Ask, gallery: Gallery, people: None) -> None:
    gallery.error = EngineUnavailableError("YuNet is not installed: marinelayer models pull YuNet")
    image = picture("alice")
    for operation, request in (
        ("DetectFaces", {"Image": image}),
        ("CompareFaces", {"SourceImage": image, "TargetImage": image}),
        ("CreateCollection", {"CollectionId": "more"}),
        ("IndexFaces", {"CollectionId": "people", "Image": image}),
        ("SearchFacesByImage", {"CollectionId": "people", "Image": image}),
    ):
        with pytest.raises(OperationNotImplemented, match="marinelayer models pull YuNet"):
            await ask(operation, **request)


async def test_a_collection_is_made_described_listed_and_deleted(ask: Ask) -> None:
    made = await ask("CreateCollection", CollectionId="people")
    assert made == {
        "StatusCode": 200,
        "CollectionArn": "aws:rekognition:us-east-1:1:collection/people",
        "FaceModelVersion": "Gallery 1",
    }
    assert await ask("DescribeCollection", CollectionId="people") == {
        "FaceCount": 0,
        "FaceModelVersion": "Gallery 1",
        "CollectionARN": "arn:aws:rekognition:us-east-1:1:collection/people",
        "CreationTimestamp": datetime.fromtimestamp(NOW / 1_000_000, UTC),
        "UserCount": 0,
    }
    with pytest.raises(ResourceAlreadyExistsException, match="The collection id: people already exists"):
        await ask("CreateCollection", CollectionId="people")
    assert (await ask("ListCollections"))["CollectionIds"] == ["people"]
    assert await ask("DeleteCollection", CollectionId="people") == {"StatusCode": 200}
    assert (await ask("ListCollections"))["CollectionIds"] == []


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("DeleteCollection", {}),
        ("DescribeCollection", {}),
        ("IndexFaces", {"Image": picture("alice")}),
        ("ListFaces", {}),
        ("SearchFaces", {"FaceId": "x"}),
        ("SearchFacesByImage", {"Image": picture("alice")}),
        ("DeleteFaces", {"FaceIds": ["x"]}),
    ],
)
async def test_what_is_not_there_is_not_found(ask: Ask, operation: str, more: dict[str, Any]) -> None:
    with pytest.raises(ResourceNotFoundException, match="The collection id: nothing does not exist"):
        await ask(operation, CollectionId="nothing", **more)


async def test_collections_come_in_pages(ask: Ask) -> None:
    names = [f"c{number}" for number in range(5)]
    for name in names:
        await ask("CreateCollection", CollectionId=name)
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = await ask("ListCollections", MaxResults=2, **token)
        assert len(page["CollectionIds"]) == len(page["FaceModelVersions"]) <= 2
        found += page["CollectionIds"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
        assert len(token["NextToken"]) <= 255
    assert found == names
    with pytest.raises(InvalidPaginationTokenException):
        await ask("ListCollections", NextToken="made up")


@pytest.mark.usefixtures("people")
async def test_indexed_faces_are_listed_with_what_was_said_of_them(ask: Ask) -> None:
    answer = await ask("IndexFaces", CollectionId="people", Image=picture("alice bob*2"), ExternalImageId="party")
    first, second = (record["Face"] for record in answer["FaceRecords"])
    assert first["BoundingBox"]["Width"] == 0.02, "the largest first"
    assert first["ImageId"] == second["ImageId"]
    assert first["FaceId"] != second["FaceId"]
    assert first["ExternalImageId"] == "party"
    assert answer["FaceRecords"][0]["FaceDetail"]["Pose"] == {"Roll": 3.0}
    assert answer["UnindexedFaces"] == []
    listed = await ask("ListFaces", CollectionId="people")
    assert listed["Faces"] == [first, second]
    assert listed["FaceModelVersion"] == "Gallery 1"
    assert (await ask("DescribeCollection", CollectionId="people"))["FaceCount"] == 2
    assert (await ask("ListFaces", CollectionId="people", FaceIds=[second["FaceId"], "no"]))["Faces"] == [second]


@pytest.mark.usefixtures("people")
async def test_the_same_picture_is_kept_once_under_each_external_id(ask: Ask) -> None:
    once = await indexed(ask, "alice bob", ExternalImageId="a")
    assert await indexed(ask, "alice bob", ExternalImageId="a") == once
    assert set(await indexed(ask, "alice bob")).isdisjoint(once)
    assert set(await indexed(ask, "alice bob ", ExternalImageId="a")).isdisjoint(once), "another picture"
    assert (await ask("DescribeCollection", CollectionId="people"))["FaceCount"] == 6


@pytest.mark.usefixtures("people")
async def test_faces_that_are_too_many_or_too_doubtful_are_not_kept_and_told(ask: Ask) -> None:
    answer = await ask("IndexFaces", CollectionId="people", Image=picture("alice*3 bob?*4 carol*2"), MaxFaces=1)
    assert [r["Face"]["BoundingBox"]["Width"] for r in answer["FaceRecords"]] == [0.03]
    assert [(u["Reasons"], u["FaceDetail"]["BoundingBox"]["Width"]) for u in answer["UnindexedFaces"]] == [
        (["LOW_CONFIDENCE"], 0.04),
        (["EXCEEDS_MAX_FACES"], 0.02),
    ]
    all_of_them = await ask("IndexFaces", CollectionId="people", Image=picture("dave?"), QualityFilter="NONE")
    assert len(all_of_them["FaceRecords"]) == 1


@pytest.mark.usefixtures("people")
async def test_faces_that_are_alike_are_found_the_most_alike_first(ask: Ask) -> None:
    alice, alic, _, again = await indexed(ask, "alice alic bob alice")
    answer = await ask("SearchFaces", CollectionId="people", FaceId=alice)
    assert answer["SearchedFaceId"] == alice
    assert [(match["Face"]["FaceId"], match["Similarity"]) for match in answer["FaceMatches"]] == [
        (again, 100.0),
        (alic, 80.0),
    ]
    one = await ask("SearchFaces", CollectionId="people", FaceId=alice, MaxFaces=1)
    assert [match["Face"]["FaceId"] for match in one["FaceMatches"]] == [again]
    all_of_them = await ask("SearchFaces", CollectionId="people", FaceId=alice, FaceMatchThreshold=0.0)
    assert len(all_of_them["FaceMatches"]) == 3
    with pytest.raises(InvalidParameterException, match="faceId was not found in the collection"):
        await ask("SearchFaces", CollectionId="people", FaceId="not there")


@pytest.mark.usefixtures("people")
async def test_a_picture_is_searched_for_by_its_largest_face(ask: Ask) -> None:
    alice, bob = await indexed(ask, "alice bob")
    answer = await ask("SearchFacesByImage", CollectionId="people", Image=picture("alice bob*5"))
    assert [match["Face"]["FaceId"] for match in answer["FaceMatches"]] == [bob]
    assert answer["SearchedFaceBoundingBox"]["Width"] == 0.05
    assert answer["SearchedFaceConfidence"] == 99.0
    other = await ask("SearchFacesByImage", CollectionId="people", Image=picture("alice"))
    assert [match["Face"]["FaceId"] for match in other["FaceMatches"]] == [alice]
    with pytest.raises(InvalidParameterException, match=r"There are no faces in the image\. Should be at least 1\."):
        await ask("SearchFacesByImage", CollectionId="people", Image=picture(" "))


@pytest.mark.usefixtures("people")
async def test_deleted_faces_are_gone_and_others_told_apart(ask: Ask) -> None:
    alice, bob = await indexed(ask, "alice bob")
    answer = await ask("DeleteFaces", CollectionId="people", FaceIds=[alice, "x", alice])
    assert answer == {
        "DeletedFaces": [alice],
        "UnsuccessfulFaceDeletions": [{"FaceId": "x", "Reasons": ["FACE_NOT_FOUND"]}],
    }
    assert [face["FaceId"] for face in (await ask("ListFaces", CollectionId="people"))["Faces"]] == [bob]


@pytest.mark.usefixtures("people")
async def test_faces_come_in_pages(ask: Ask) -> None:
    ids = await indexed(ask, "a b c d e")
    first = await ask("ListFaces", CollectionId="people", MaxResults=3)
    rest = await ask("ListFaces", CollectionId="people", NextToken=first["NextToken"])
    assert [face["FaceId"] for face in first["Faces"] + rest["Faces"]] == ids
    assert "NextToken" not in rest
    await ask("CreateCollection", CollectionId="others")
    with pytest.raises(InvalidPaginationTokenException):
        await ask("ListFaces", CollectionId="others", NextToken=first["NextToken"])


@pytest.mark.usefixtures("people")
async def test_faces_that_are_asked_for_by_their_ids_come_in_pages_too(ask: Ask) -> None:
    ids = await indexed(ask, "a b c d e")
    wanted = [ids[4], ids[0], "none", ids[2], ids[0]]
    first = await ask("ListFaces", CollectionId="people", FaceIds=wanted, MaxResults=2)
    rest = await ask("ListFaces", CollectionId="people", FaceIds=wanted, MaxResults=2, NextToken=first["NextToken"])
    assert [face["FaceId"] for face in first["Faces"]] == [ids[0], ids[2]]
    assert [face["FaceId"] for face in rest["Faces"]] == [ids[4]]
    assert "NextToken" not in rest
    with pytest.raises(InvalidPaginationTokenException):
        await ask("ListFaces", CollectionId="people", FaceIds=wanted, NextToken="forged")


@pytest.mark.usefixtures("people")
async def test_a_deleted_collections_faces_go_and_its_successor_has_none(
    ask: Ask, tables: Tables, poked: list[None]
) -> None:
    await indexed(ask, "alice bob")
    (row,) = await tables.read(lambda tx: tx.all(SQL.collections, account="1", region="us-east-1", after="", size=9))
    key = row["collection_key"]
    await ask("DeleteCollection", CollectionId="people")
    assert poked == [None]
    await ask("CreateCollection", CollectionId="people")
    assert (await ask("ListFaces", CollectionId="people"))["Faces"] == []

    async def left() -> int:
        row = await tables.read(lambda tx: tx.one(SQL.count_faces, collection_key=key))
        return row["n"] if row else 0

    assert await left() == 2
    job = Job(id="j", kind="rekognition.forget", group="g", payload=key.encode(), attempts=1)
    await ForgottenFaces(tables).forget(job)
    await ForgottenFaces(tables).forget(job)
    assert await left() == 0


@pytest.mark.usefixtures("people")
async def test_features_of_another_model_are_not_compared(ask: Ask, gallery: Gallery) -> None:
    (alice,) = await indexed(ask, "alice")
    gallery.version = "Gallery 2"
    image = {"Image": picture("alice")}
    for operation, more in (("IndexFaces", image), ("SearchFacesByImage", image), ("SearchFaces", {"FaceId": alice})):
        with pytest.raises(OperationNotImplemented, match=r"those of Gallery 1.*\(Gallery 2\)"):
            await ask(operation, CollectionId="people", **more)


async def test_a_collections_tags_are_its_own_and_go_with_it(ask: Ask, people: None) -> None:
    await ask("CreateCollection", CollectionId="tagged", Tags={"team": "streets"})
    tagged = (await ask("DescribeCollection", CollectionId="tagged"))["CollectionARN"]
    plain = tagged.replace("tagged", "people")
    await ask("TagResource", ResourceArn=tagged, Tags={"team": "parks", "stage": "test"})
    await ask("UntagResource", ResourceArn=tagged, TagKeys=["stage"])
    assert await ask("ListTagsForResource", ResourceArn=tagged) == {"Tags": {"team": "parks"}}
    assert await ask("ListTagsForResource", ResourceArn=plain) == {"Tags": {}}
    await ask("DeleteCollection", CollectionId="tagged")
    with pytest.raises(ResourceNotFoundException):
        await ask("ListTagsForResource", ResourceArn=tagged)
    await ask("CreateCollection", CollectionId="tagged")
    assert await ask("ListTagsForResource", ResourceArn=tagged) == {"Tags": {}}


async def test_a_collection_with_too_many_tags_is_not_made(ask: Ask) -> None:
    with pytest.raises(ServiceQuotaExceededException):
        await ask("CreateCollection", CollectionId="tagged", Tags={str(number): "" for number in range(51)})
    assert (await ask("ListCollections"))["CollectionIds"] == []


def test_who_makes_a_collection_with_tags_must_be_allowed_to_tag_it(service: ServiceTable) -> None:
    needs = service.operations["CreateCollection"].needs
    arn = "arn:aws:rekognition:us-east-1:1:collection/tagged"
    plain = needs({"CollectionId": "tagged"}, CALLER)
    assert [(one.action, one.resource) for one in plain] == [("rekognition:CreateCollection", arn)]
    tagging = needs({"CollectionId": "tagged", "Tags": {"team": "streets"}}, CALLER)
    context = {"aws:requesttag/team": ("streets",), "aws:tagkeys": ("team",)}
    assert [(one.action, one.resource, one.context) for one in tagging] == [
        ("rekognition:CreateCollection", arn, context),
        ("rekognition:TagResource", arn, context),
    ]
