"""Collections of faces: create, delete, list, describe.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CreateCollection.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, FaceReader, Ids, Tables
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.errors import engine_errors
from marinelayer.services.rekognition.face_store import (
    Collection,
    collection_arn,
    create_collection,
    delete_collection,
    describe_collection,
    list_collections,
)
from marinelayer.services.rekognition.pages import after
from marinelayer.services.rekognition.projects import tag_context

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

MICROSECONDS = 1_000_000
LARGEST_PAGE = 4096


def on_collection(request: Mapping[str, Any], caller: Caller) -> str:
    """The ARN of the collection that the input names."""
    return collection_arn(caller.account, caller.region, request["CollectionId"])


def _to_create(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
    """rekognition:CreateCollection, and rekognition:TagResource where the collection is to have tags."""
    actions = ["rekognition:CreateCollection"] + (["rekognition:TagResource"] if request.get("Tags") else [])
    arn, context = on_collection(request, caller), tag_context(request)
    return [Requirement(action=action, resource=arn, context=context) for action in actions]


def page_size(request: Mapping[str, Any]) -> int:
    """How many a page of collections or faces holds."""
    return request.get("MaxResults") or LARGEST_PAGE


class FaceCollections:
    """The collections of an account and region. `poke` is called when there is something to do later."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
        reader: FaceReader,
        poke: Callable[[], None],
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages
        self._reader = reader
        self._poke = poke

    @operation("CreateCollection", needs=_to_create)
    async def create(self, caller: Caller, request: wire.CreateCollectionRequest) -> wire.CreateCollectionResponse:
        """Make a collection for faces of the model that is installed. Its ARN lacks `arn:` in this answer, as AWS's.

        Raises:
            ResourceAlreadyExistsException: there is one of that name.
            ServiceQuotaExceededException: there are more than 50 Tags.
            OperationNotImplemented: no engine is installed.
        """
        with engine_errors():
            version = await self._reader.model_version()
        collection = Collection(
            account=caller.account,
            region=caller.region,
            name=request["CollectionId"],
            key=self._ids.ordered(),
            model_version=version,
            created=self._clock.now(),
        )
        await self._tables.write(create_collection, collection, request.get("Tags") or {})
        arn = collection.arn.removeprefix("arn:")
        return {"StatusCode": 200, "CollectionArn": arn, "FaceModelVersion": version}

    @operation("DeleteCollection", needs=need("rekognition:DeleteCollection", on=on_collection))
    async def delete(self, caller: Caller, request: wire.DeleteCollectionRequest) -> wire.DeleteCollectionResponse:
        """Remove a collection with all its faces and users.

        Raises:
            ResourceNotFoundException: there is none of that name.
        """
        await self._tables.write(
            delete_collection, caller.account, caller.region, request["CollectionId"], self._clock.now()
        )
        self._poke()
        return {"StatusCode": 200}

    @operation("ListCollections", needs=need("rekognition:ListCollections"))
    async def list(self, caller: Caller, request: wire.ListCollectionsRequest) -> wire.ListCollectionsResponse:
        """A page of collections, the oldest first.

        Raises:
            InvalidPaginationTokenException: the token is not one of this list's.
        """
        scope, size = f"rekognition.ListCollections/{caller.account}/{caller.region}", page_size(request)
        start = after(self._pages, request.get("NextToken"), scope)
        found = await self._tables.read(list_collections, caller.account, caller.region, start, size + 1)
        answer: wire.ListCollectionsResponse = {
            "CollectionIds": [collection.name for collection in found[:size]],
            "FaceModelVersions": [collection.model_version for collection in found[:size]],
        }
        if len(found) > size:
            answer["NextToken"] = self._pages.seal(found[size - 1].key, scope)
        return answer

    @operation("DescribeCollection", needs=need("rekognition:DescribeCollection", on=on_collection))
    async def describe(
        self, caller: Caller, request: wire.DescribeCollectionRequest
    ) -> wire.DescribeCollectionResponse:
        """How many faces and users a collection has, and of which model.

        Raises:
            ResourceNotFoundException: there is none of that name.
        """
        collection, faces, users = await self._tables.read(
            describe_collection, caller.account, caller.region, request["CollectionId"]
        )
        return {
            "FaceCount": faces,
            "FaceModelVersion": collection.model_version,
            "CollectionARN": collection.arn,
            "CreationTimestamp": datetime.fromtimestamp(collection.created / MICROSECONDS, UTC),
            "UserCount": users,
        }
