"""Users of collections: who is associated with whom, who is found, and what a repeated or a late request is answered."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.outbox import Job
from marinelayer.ports import Tables
from marinelayer.services.rekognition import ForgottenFaces
from marinelayer.services.rekognition.errors import (
    ConflictException,
    IdempotentParameterMismatchException,
    InvalidPaginationTokenException,
    InvalidParameterException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
)
from marinelayer.services.rekognition.face_store import SQL as FACES
from marinelayer.services.rekognition.user_requests import KEPT
from marinelayer.services.rekognition.user_store import SQL

from .gallery import Ask, Counting, Gallery, ask, counting, gallery, indexed, people, picture, poked, service

__all__ = ["ask", "counting", "gallery", "people", "poked", "service"]

IN_PEOPLE = {"CollectionId": "people"}
pytestmark = pytest.mark.usefixtures("people")


async def associated(ask: Ask, user: str, faces: list[str], **more: Any) -> dict[str, Any]:
    return await ask("AssociateFaces", **IN_PEOPLE, UserId=user, FaceIds=faces, **more)


async def user(ask: Ask, name: str, *faces: str) -> None:
    await ask("CreateUser", **IN_PEOPLE, UserId=name)
    if faces:
        answer = await associated(ask, name, list(faces))
        assert answer["UnsuccessfulFaceAssociations"] == []


async def users(ask: Ask) -> dict[str, str]:
    return {one["UserId"]: one["UserStatus"] for one in (await ask("ListUsers", **IN_PEOPLE))["Users"]}


async def faces_of(ask: Ask, name: str) -> list[str]:
    return [face["FaceId"] for face in (await ask("ListFaces", **IN_PEOPLE, UserId=name))["Faces"]]


async def found(ask: Ask, operation: str = "SearchUsers", **request: Any) -> list[tuple[str, float]]:
    matches = (await ask(operation, **IN_PEOPLE, **request))["UserMatches"]
    return [(match["User"]["UserId"], match["Similarity"]) for match in matches]


# --- users ----------------------------------------------------------------------------------------------------


async def test_users_are_made_counted_listed_in_pages_and_deleted(ask: Ask) -> None:
    names = [f"user-{number}" for number in (3, 1, 2)]
    for name in names:
        assert await ask("CreateUser", **IN_PEOPLE, UserId=name) == {}
    assert await users(ask) == dict.fromkeys(names, "CREATED")
    assert list(await users(ask)) == names, "in the order of their making"
    page = await ask("ListUsers", **IN_PEOPLE, MaxResults=2)
    rest = await ask("ListUsers", **IN_PEOPLE, MaxResults=2, NextToken=page["NextToken"])
    assert [one["UserId"] for one in page["Users"] + rest["Users"]] == names
    assert "NextToken" not in rest
    assert (await ask("DescribeCollection", **IN_PEOPLE))["UserCount"] == 3
    assert await ask("DeleteUser", **IN_PEOPLE, UserId="user-1") == {}
    assert list(await users(ask)) == ["user-3", "user-2"]
    assert (await ask("DescribeCollection", **IN_PEOPLE))["UserCount"] == 2
    await ask("CreateCollection", CollectionId="others")
    with pytest.raises(InvalidPaginationTokenException):
        await ask("ListUsers", CollectionId="others", NextToken=page["NextToken"])


async def test_an_id_is_one_users_within_a_collection(ask: Ask) -> None:
    await user(ask, "ann")
    with pytest.raises(ConflictException, match="A User with the same Id already exists"):
        await ask("CreateUser", **IN_PEOPLE, UserId="ann")
    await ask("CreateCollection", CollectionId="others")
    await ask("CreateUser", CollectionId="others", UserId="ann")


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("DeleteUser", {}),
        ("AssociateFaces", {"FaceIds": ["x"]}),
        ("DisassociateFaces", {"FaceIds": ["x"]}),
        ("SearchUsers", {}),
    ],
)
async def test_who_is_not_there_is_not_found(ask: Ask, operation: str, more: dict[str, Any]) -> None:
    with pytest.raises(ResourceNotFoundException, match="The user id: ann does not exist"):
        await ask(operation, **IN_PEOPLE, UserId="ann", **more)
    with pytest.raises(ResourceNotFoundException, match="The collection id: nothing does not exist"):
        await ask(operation, CollectionId="nothing", UserId="ann", **more)


async def test_a_deleted_users_faces_stay_and_are_nobodys(ask: Ask) -> None:
    (face,) = await indexed(ask, "alice")
    await user(ask, "ann", face)
    await ask("DeleteUser", **IN_PEOPLE, UserId="ann")
    assert [one["FaceId"] for one in (await ask("ListFaces", **IN_PEOPLE))["Faces"]] == [face]
    assert "UserId" not in (await ask("ListFaces", **IN_PEOPLE))["Faces"][0]
    await user(ask, "ann")
    assert await faces_of(ask, "ann") == [], "one of the same id is another"
    assert await found(ask, FaceId=face) == []


# --- faces of users -------------------------------------------------------------------------------------------


async def test_associated_faces_are_shown_as_the_users_wherever_faces_are_shown(ask: Ask) -> None:
    alice, alic, bob = await indexed(ask, "alice alic bob")
    await ask("CreateUser", **IN_PEOPLE, UserId="ann")
    assert await associated(ask, "ann", [alice, alic, alice]) == {
        "AssociatedFaces": [{"FaceId": alice}, {"FaceId": alic}],
        "UnsuccessfulFaceAssociations": [],
        "UserStatus": "ACTIVE",
    }
    assert await users(ask) == {"ann": "ACTIVE"}
    owners = {face["FaceId"]: face.get("UserId") for face in (await ask("ListFaces", **IN_PEOPLE))["Faces"]}
    assert owners == {alice: "ann", alic: "ann", bob: None}
    (match,) = (await ask("SearchFaces", **IN_PEOPLE, FaceId=alice))["FaceMatches"]
    assert match["Face"]["UserId"] == "ann"
    again = await ask("IndexFaces", **IN_PEOPLE, Image=picture("alice alic bob"))
    assert [record["Face"].get("UserId") for record in again["FaceRecords"]] == ["ann", "ann", None]


async def test_a_users_faces_are_listed_in_pages_and_among_ids(ask: Ask) -> None:
    faces = await indexed(ask, "alice alic lice bob")
    await user(ask, "ann", *faces[:3])
    page = await ask("ListFaces", **IN_PEOPLE, UserId="ann", MaxResults=2)
    rest = await ask("ListFaces", **IN_PEOPLE, UserId="ann", MaxResults=2, NextToken=page["NextToken"])
    assert [face["FaceId"] for face in page["Faces"] + rest["Faces"]] == faces[:3]
    both = await ask("ListFaces", **IN_PEOPLE, UserId="ann", FaceIds=faces[2:])
    assert [face["FaceId"] for face in both["Faces"]] == [faces[2]]
    assert await faces_of(ask, "nobody") == []


async def test_a_face_that_is_another_users_or_not_there_is_told_as_unsuccessful(ask: Ask) -> None:
    alice, alic = await indexed(ask, "alice alic")
    await user(ask, "ann", alice)
    await user(ask, "other", alic)
    told = [
        {"FaceId": "none", "Reasons": ["FACE_NOT_FOUND"]},
        {"FaceId": alic, "UserId": "other", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]},
    ]
    assert await associated(ask, "ann", ["none", alic, alice]) == {
        "AssociatedFaces": [],
        "UnsuccessfulFaceAssociations": told,
        "UserStatus": "ACTIVE",
    }
    assert await ask("DisassociateFaces", **IN_PEOPLE, UserId="ann", FaceIds=["none", alic]) == {
        "DisassociatedFaces": [],
        "UnsuccessfulFaceDisassociations": told,
        "UserStatus": "ACTIVE",
    }


async def test_a_further_face_must_be_like_the_users_faces_together(ask: Ask) -> None:
    ab, cd, abcd, abcx = await indexed(ask, "ab cd abcd abcx")
    await ask("CreateUser", **IN_PEOPLE, UserId="ann")
    both = await associated(ask, "ann", [ab, cd])
    assert len(both["AssociatedFaces"]) == 2, "the first faces are compared with nothing"
    low = {"FaceId": abcx, "Confidence": 60.0, "Reasons": ["LOW_MATCH_CONFIDENCE"]}
    answer = await associated(ask, "ann", [abcd, abcx])
    assert (answer["AssociatedFaces"], answer["UnsuccessfulFaceAssociations"]) == ([{"FaceId": abcd}], [low])
    assert (await associated(ask, "ann", [abcx], UserMatchThreshold=60.1))["UnsuccessfulFaceAssociations"] == [low]
    lax = await associated(ask, "ann", [abcx], UserMatchThreshold=60.0)
    assert lax["AssociatedFaces"] == [{"FaceId": abcx}]


async def test_75_percent_is_enough_where_no_threshold_is_given(ask: Ask) -> None:
    abcd, abc, ab = await indexed(ask, "abcd abc ab")
    await user(ask, "ann", abcd)
    answer = await associated(ask, "ann", [ab, abc])
    assert answer["AssociatedFaces"] == [{"FaceId": abc}], "75 percent"
    assert [one["Confidence"] for one in answer["UnsuccessfulFaceAssociations"]] == [50.0]


async def test_a_user_has_at_most_a_hundred_faces(ask: Ask) -> None:
    words = ["".join(letters) for letters in itertools.permutations("abcde", 5)][:102]
    faces = [face for start in (0, 60) for face in await indexed(ask, " ".join(words[start : start + 60]))]
    assert len(faces) == 102
    await user(ask, "ann", *faces[:99])
    answer = await associated(ask, "ann", faces[99:101])
    assert answer["AssociatedFaces"] == [{"FaceId": faces[99]}]
    assert answer["UnsuccessfulFaceAssociations"] == [{"FaceId": faces[100], "Reasons": []}]
    with pytest.raises(ServiceQuotaExceededException):
        await associated(ask, "ann", faces[101:])
    await ask("DisassociateFaces", **IN_PEOPLE, UserId="ann", FaceIds=faces[:1])
    assert (await associated(ask, "ann", faces[101:]))["AssociatedFaces"] == [{"FaceId": faces[101]}]


async def test_a_parted_face_is_nobodys_and_a_user_without_faces_is_as_created(ask: Ask) -> None:
    alice, bob = await indexed(ask, "alice bob")
    await user(ask, "ann", alice)
    answer = await ask("DisassociateFaces", **IN_PEOPLE, UserId="ann", FaceIds=[alice, bob])
    assert answer == {
        "DisassociatedFaces": [{"FaceId": alice}],
        "UnsuccessfulFaceDisassociations": [],
        "UserStatus": "CREATED",
    }
    assert await users(ask) == {"ann": "CREATED"}
    await user(ask, "other", alice)


async def test_a_users_face_is_not_deleted(ask: Ask) -> None:
    alice, bob = await indexed(ask, "alice bob")
    await user(ask, "ann", alice)
    answer = await ask("DeleteFaces", **IN_PEOPLE, FaceIds=[alice, bob, "none"])
    assert answer == {
        "DeletedFaces": [bob],
        "UnsuccessfulFaceDeletions": [
            {"FaceId": alice, "UserId": "ann", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]},
            {"FaceId": "none", "Reasons": ["FACE_NOT_FOUND"]},
        ],
    }
    await ask("DisassociateFaces", **IN_PEOPLE, UserId="ann", FaceIds=[alice])
    assert (await ask("DeleteFaces", **IN_PEOPLE, FaceIds=[alice]))["DeletedFaces"] == [alice]


# --- searches -------------------------------------------------------------------------------------------------


async def test_users_are_found_by_a_face_the_most_alike_first(ask: Ask) -> None:
    alice, alic, bob, again = await indexed(ask, "alice alic bob alice")
    await user(ask, "bob", bob)
    await user(ask, "alic", alic)
    await user(ask, "alice", again)
    answer = await ask("SearchUsers", **IN_PEOPLE, FaceId=alice)
    assert answer == {
        "UserMatches": [
            {"Similarity": 100.0, "User": {"UserId": "alice", "UserStatus": "ACTIVE"}},
            {"Similarity": 80.0, "User": {"UserId": "alic", "UserStatus": "ACTIVE"}},
        ],
        "FaceModelVersion": "Gallery 1",
        "SearchedFace": {"FaceId": alice},
    }
    assert await found(ask, FaceId=alice, MaxUsers=1) == [("alice", 100.0)]
    assert await found(ask, FaceId=alice, UserMatchThreshold=81.0) == [("alice", 100.0)]
    assert len(await found(ask, FaceId=alice, UserMatchThreshold=0.0)) == 3
    with pytest.raises(InvalidParameterException, match="faceId was not found in the collection"):
        await ask("SearchUsers", **IN_PEOPLE, FaceId="none")


async def test_a_user_is_looked_for_by_all_of_their_faces_and_among_the_others(ask: Ask) -> None:
    ab, cd, abcd, _ = await indexed(ask, "ab cd abcd x")
    await user(ask, "both", ab, cd)
    await user(ask, "whole", abcd)
    await user(ask, "faceless")
    answer = await ask("SearchUsers", **IN_PEOPLE, UserId="both")
    assert answer["SearchedUser"] == {"UserId": "both"}
    assert "SearchedFace" not in answer
    assert await found(ask, UserId="both") == [("whole", 100.0)]
    assert await found(ask, UserId="faceless", UserMatchThreshold=0.0) == []


@pytest.mark.parametrize("given", [{}, {"FaceId": "f", "UserId": "u"}])
async def test_a_search_is_by_one_face_or_one_user(ask: Ask, given: dict[str, str]) -> None:
    with pytest.raises(InvalidParameterException):
        await ask("SearchUsers", **IN_PEOPLE, **given)


async def test_users_are_found_by_the_largest_good_face_of_a_picture(ask: Ask) -> None:
    alice, bob = await indexed(ask, "alice bob")
    await user(ask, "ann", alice)
    await user(ask, "ben", bob)
    image = picture("alice*2 bob?*5 carol")
    answer = await ask("SearchUsersByImage", **IN_PEOPLE, Image=image, QualityFilter="HIGH")
    assert [match["User"]["UserId"] for match in answer["UserMatches"]] == ["ann"]
    assert answer["SearchedFace"]["FaceDetail"]["BoundingBox"]["Width"] == 0.02
    unsearched = [(one["Reasons"], one["FaceDetails"]["BoundingBox"]["Width"]) for one in answer["UnsearchedFaces"]]
    assert unsearched == [(["FACE_NOT_LARGEST"], 0.01), (["LOW_CONFIDENCE"], 0.05)]
    assert await found(ask, "SearchUsersByImage", Image=image) == [("ben", 100.0)], "of itself it filters nothing"


async def test_a_picture_without_a_face_finds_nobody(ask: Ask) -> None:
    (alice,) = await indexed(ask, "alice")
    await user(ask, "ann", alice)
    answer = await ask("SearchUsersByImage", **IN_PEOPLE, Image=picture(" "))
    assert answer == {"UserMatches": [], "UnsearchedFaces": [], "FaceModelVersion": "Gallery 1"}


async def test_faces_of_another_model_are_not_compared_with_users(ask: Ask, gallery: Gallery) -> None:
    (alice,) = await indexed(ask, "alice")
    await user(ask, "ann")
    gallery.version = "Gallery 2"
    for operation, more in (
        ("AssociateFaces", {"UserId": "ann", "FaceIds": [alice]}),
        ("SearchUsers", {"FaceId": alice}),
        ("SearchUsersByImage", {"Image": picture("alice")}),
    ):
        with pytest.raises(OperationNotImplemented, match=r"those of Gallery 1.*\(Gallery 2\)"):
            await ask(operation, **IN_PEOPLE, **more)


# --- repeated and late requests -------------------------------------------------------------------------------


async def test_a_token_that_was_given_before_is_answered_as_before(ask: Ask) -> None:
    alice, alic = await indexed(ask, "alice alic")
    made = {**IN_PEOPLE, "UserId": "ann", "ClientRequestToken": "made"}
    assert await ask("CreateUser", **made) == await ask("CreateUser", **made) == {}
    first = await associated(ask, "ann", [alice, alic], ClientRequestToken="both")
    await ask("DisassociateFaces", **IN_PEOPLE, UserId="ann", FaceIds=[alic], ClientRequestToken="both")
    assert await associated(ask, "ann", [alice, alic], ClientRequestToken="both") == first
    assert await faces_of(ask, "ann") == [alice], "answered, not done again"
    gone = {**IN_PEOPLE, "UserId": "ann", "ClientRequestToken": "gone"}
    assert await ask("DeleteUser", **gone) == await ask("DeleteUser", **gone) == {}
    assert await associated(ask, "ann", [alice, alic], ClientRequestToken="both") == first


async def test_a_token_stands_for_one_request(ask: Ask) -> None:
    alice, alic = await indexed(ask, "alice alic")
    await ask("CreateUser", **IN_PEOPLE, UserId="ann", ClientRequestToken="t")
    with pytest.raises(IdempotentParameterMismatchException):
        await ask("CreateUser", **IN_PEOPLE, UserId="ben", ClientRequestToken="t")
    await associated(ask, "ann", [alice], ClientRequestToken="t")
    with pytest.raises(IdempotentParameterMismatchException):
        await associated(ask, "ann", [alic], ClientRequestToken="t")


async def test_a_token_is_forgotten_after_a_day(ask: Ask, counting: Counting, tables: Tables) -> None:
    made = {**IN_PEOPLE, "UserId": "ann", "ClientRequestToken": "t"}
    await ask("CreateUser", **made)
    counting.later = KEPT
    with pytest.raises(ConflictException):
        await ask("CreateUser", **made)
    counting.later = KEPT + 1
    await ask("CreateUser", **IN_PEOPLE, UserId="ben", ClientRequestToken="another")
    key = {"account": "1", "region": "us-east-1", "operation": "CreateUser"}
    assert await tables.read(lambda tx: tx.one(SQL.request, token="t", **key)) is None
    assert await tables.read(lambda tx: tx.one(SQL.request, token="another", **key)) is not None


async def test_of_two_changes_of_a_user_at_once_the_later_is_refused(ask: Ask, gallery: Gallery) -> None:
    alice, alic, again = await indexed(ask, "alice alic alice")
    await user(ask, "ann", alice)
    met, go = asyncio.Event(), asyncio.Event()
    compare = gallery.similarities

    async def slowly(face: bytes, others: Any) -> list[float]:
        met.set()
        await go.wait()
        return await compare(face, others)

    gallery.similarities = slowly
    late = asyncio.create_task(associated(ask, "ann", [alic]))
    await met.wait()
    await ask("DisassociateFaces", **IN_PEOPLE, UserId="ann", FaceIds=[alice])
    go.set()
    with pytest.raises(ConflictException):
        await late
    assert await faces_of(ask, "ann") == []
    assert (await associated(ask, "ann", [again]))["AssociatedFaces"] == [{"FaceId": again}]


async def test_users_go_with_their_collection(ask: Ask, tables: Tables) -> None:
    (alice,) = await indexed(ask, "alice")
    await ask("CreateUser", **IN_PEOPLE, UserId="ann", ClientRequestToken="t")
    await associated(ask, "ann", [alice])
    (row,) = await tables.read(lambda tx: tx.all(FACES.collections, account="1", region="us-east-1", after="", size=9))
    await ask("DeleteCollection", **IN_PEOPLE)
    await ask("CreateCollection", **IN_PEOPLE)
    assert await users(ask) == {}
    await ask("CreateUser", **IN_PEOPLE, UserId="ann", ClientRequestToken="t")
    assert await users(ask) == {"ann": "CREATED"}, "what was answered in the other collection is no answer here"
    key = row["collection_key"]
    await ForgottenFaces(tables).forget(Job(id="j", kind="k", group="g", payload=key.encode(), attempts=1))
    left = await tables.read(lambda tx: tx.one(FACES.count_users, collection_key=key))
    assert left is not None
    assert left["n"] == 0
    assert await users(ask) == {"ann": "CREATED"}
