"""Datasets of Custom Labels: CreateDataset, DescribeDataset, DeleteDataset, ListDatasetLabels and
DistributeDatasetEntries. What takes long is done by `DatasetJobs`.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CreateDataset.html and its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer import outbox
from marinelayer.ports import Caller, Calls, Clock, Mandates, Tables, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.custom_label_arns import dataset_arn, in_reach, on
from marinelayer.services.rekognition.dataset_jobs import COPY, DELETE, DISTRIBUTE, IMPORT
from marinelayer.services.rekognition.dataset_rows import (
    BUSY,
    SQL,
    dataset_members,
    demand_idle,
    demand_made,
    demand_readable,
    moment,
    set_status,
    the_dataset,
)
from marinelayer.services.rekognition.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ResourceNotReadyException,
)
from marinelayer.services.rekognition.pages import after
from marinelayer.services.rekognition.projects import tag_context, the_project
from marinelayer.services.rekognition.resource_tags import put_tags
from marinelayer.services.rekognition.stored_objects import StoredObjects

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

PAGE = 100
_ARN = "DatasetArn"


def _to_create(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
    """rekognition:CreateDataset on the project, and rekognition:ListDatasetEntries on the dataset that is copied."""
    needs = [
        Requirement(action="rekognition:CreateDataset", resource=request["ProjectArn"], context=tag_context(request))
    ]
    source: Mapping[str, Any] = request.get("DatasetSource") or {}
    copied: str | None = source.get(_ARN)
    if copied is not None:
        needs.append(Requirement(action="rekognition:ListDatasetEntries", resource=copied))
    return needs


class OnEachDataset:
    """Needs of an operation on several datasets: the same on each."""

    def __init__(self, action: str) -> None:
        self.action = action

    def __call__(self, request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
        """The action on every dataset of the input."""
        return [Requirement(action=self.action, resource=one["Arn"]) for one in request["Datasets"]]


class Datasets:
    """The datasets of projects. `poke` is called when there is something to do later."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        pages: PageTokens,
        calls: Calls,
        mandates: Mandates,
        poke: Callable[[], None],
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._pages = pages
        self._objects = StoredObjects(calls)
        self._mandates = mandates
        self._poke = poke

    @operation("CreateDataset", needs=_to_create)
    async def create(self, caller: Caller, request: wire.CreateDatasetRequest) -> wire.CreateDatasetResponse:
        """A new dataset: empty, or to be filled from a manifest or another dataset.

        Raises:
            ResourceNotFoundException: there is no such project, or no such dataset to be copied.
            ResourceAlreadyExistsException: the project has a dataset of this type.
            InvalidS3ObjectException: the caller can not read the manifest, or it is in another account's bucket.
            InvalidParameterException: a source is to be named, and none is, or two; or it is a dataset that is not
                made.
            LimitExceededException: there are more than 50 Tags.
        """
        source = request.get("DatasetSource")
        if source is not None and len(source) != 1:
            raise InvalidParameterException("DatasetSource must name one source.")
        if source is not None and "GroundTruthManifest" in source:
            place = source["GroundTruthManifest"].get("S3Object", {})
            if "Bucket" not in place or "Name" not in place:
                raise InvalidParameterException("GroundTruthManifest must name an S3 object.")
            await self._objects.demand(caller, place, owner=caller.account)
        now = self._clock.now()
        arn = dataset_arn(request["ProjectArn"], request["DatasetType"], now)
        mandate = self._mandates.given(caller)
        await self._tables.write(_create, caller, request, arn, mandate, now)
        self._poke()
        return {"DatasetArn": arn}

    @operation("DescribeDataset", needs=need("rekognition:DescribeDataset", on=on(_ARN)))
    async def describe(self, caller: Caller, request: wire.DescribeDatasetRequest) -> wire.DescribeDatasetResponse:
        """Its status, and how many pictures and labels it has."""
        return {"DatasetDescription": await self._tables.read(_described, caller, request[_ARN])}

    @operation("DeleteDataset", needs=need("rekognition:DeleteDataset", on=on(_ARN)))
    async def delete(self, caller: Caller, request: wire.DeleteDatasetRequest) -> wire.DeleteDatasetResponse:
        """Begin to remove it.

        Raises:
            ResourceNotFoundException
            ResourceInUseException: it is being made, changed or removed.
        """
        await self._tables.write(_begin_deletion, caller, request[_ARN], self._clock.now())
        self._poke()
        return {}

    @operation("ListDatasetLabels", needs=need("rekognition:ListDatasetLabels", on=on(_ARN)))
    async def labels(self, caller: Caller, request: wire.ListDatasetLabelsRequest) -> wire.ListDatasetLabelsResponse:
        """A page of its labels by name, with how many pictures each has."""
        scope = f"rekognition.ListDatasetLabels/{request[_ARN]}"
        start, size = after(self._pages, request.get("NextToken"), scope), request.get("MaxResults", PAGE)
        found = await self._tables.read(_labels, caller, request[_ARN], start, size + 1)
        answer: wire.ListDatasetLabelsResponse = {"DatasetLabelDescriptions": found[:size]}
        if len(found) > size:
            answer["NextToken"] = self._pages.seal(found[size - 1].get("LabelName", ""), scope)
        return answer

    @operation("DistributeDatasetEntries", needs=OnEachDataset("rekognition:DistributeDatasetEntries"))
    async def distribute(
        self, caller: Caller, request: wire.DistributeDatasetEntriesRequest
    ) -> wire.DistributeDatasetEntriesResponse:
        """Begin to move a fifth of a training dataset to the empty test dataset of the same project.

        Raises:
            ResourceNotFoundException
            ResourceNotReadyException: one is not made yet, or is being changed or removed.
            InvalidParameterException: they are not such a pair.
        """
        arns = [one["Arn"] for one in request["Datasets"]]
        await self._tables.write(_begin_distribution, caller, arns, self._clock.now())
        self._poke()
        return {}


def _create(
    tx: Transaction, caller: Caller, request: wire.CreateDatasetRequest, arn: str, mandate: str, now: int
) -> None:
    the_project(tx, caller, request["ProjectArn"])
    source = request.get("DatasetSource") or {}
    made = tx.run(
        SQL.put_dataset,
        arn=arn,
        project_arn=request["ProjectArn"],
        kind=request["DatasetType"],
        status="CREATE_IN_PROGRESS" if source else "CREATE_COMPLETE",
        message="The dataset is being created." if source else "The dataset was successfully created.",
        code="SUCCESS",
        now=now,
    )
    if not made:
        raise ResourceAlreadyExistsException(f"The project has a {request['DatasetType']} dataset already.")
    put_tags(tx, arn, request.get("Tags") or {}, LimitExceededException)
    if "GroundTruthManifest" in source:
        place = source["GroundTruthManifest"].get("S3Object", {})
        _enqueue(tx, IMPORT, arn, {"place": place, "mandate": mandate}, now)
    elif _ARN in source:
        demand_made(the_dataset(tx, caller, source[_ARN]))
        _enqueue(tx, COPY, arn, {"source": source[_ARN]}, now)


def _described(tx: Transaction, caller: Caller, arn: str) -> wire.DatasetDescription:
    row = the_dataset(tx, caller, arn)
    counted, labels = tx.all(SQL.statistics, arn=arn)[0], tx.all(SQL.count_labels, arn=arn)[0]
    members = dataset_members(row)
    return {
        "CreationTimestamp": moment(row["created"]),
        "LastUpdatedTimestamp": moment(row["updated"]),
        "Status": row["status"],
        "StatusMessage": members.get("StatusMessage", ""),
        "StatusMessageCode": row["code"],
        "DatasetStats": {
            "LabeledEntries": counted["labeled"],
            "TotalEntries": counted["total"],
            "TotalLabels": labels["labels"],
            "ErrorEntries": counted["errors"],
        },
    }


def _begin_deletion(tx: Transaction, caller: Caller, arn: str, now: int) -> None:
    demand_idle(the_dataset(tx, caller, arn))
    set_status(tx, arn, "DELETE_IN_PROGRESS", now)
    _enqueue(tx, DELETE, arn, {}, now)


def _labels(tx: Transaction, caller: Caller, arn: str, start: str, size: int) -> list[wire.DatasetLabelDescription]:
    demand_readable(the_dataset(tx, caller, arn))
    return [_label(row) for row in tx.all(SQL.labels, arn=arn, after=start, size=size)]


def _label(row: Mapping[str, Any]) -> wire.DatasetLabelDescription:
    statistics: wire.DatasetLabelStats = {"EntryCount": row["entries"]}
    if row["boxed"]:
        statistics["BoundingBoxCount"] = row["boxed"]
    return {"LabelName": row["label"], "LabelStats": statistics}


def _begin_distribution(tx: Transaction, caller: Caller, arns: Sequence[str], now: int) -> None:
    if any(not in_reach(arn, caller) for arn in arns):
        raise ResourceNotFoundException
    rows = {row["kind"]: row for row in (the_dataset(tx, caller, arn) for arn in arns)}
    if set(rows) != {"TRAIN", "TEST"} or rows["TRAIN"]["project_arn"] != rows["TEST"]["project_arn"]:
        raise InvalidParameterException("Datasets must be the training dataset and the test dataset of a project.")
    for row in rows.values():
        if row["status"] in BUSY | {"CREATE_FAILED"}:  # the one error that the operation's model has for it
            raise ResourceNotReadyException(f"The dataset isn't ready: its status is {row['status']}.")
    counted = tx.one(SQL.statistics, arn=rows["TEST"]["arn"])
    if counted is None or counted["total"]:
        raise InvalidParameterException("The test dataset must be empty.")
    for row in rows.values():
        set_status(tx, row["arn"], "UPDATE_IN_PROGRESS", now, "The dataset is being distributed.")
    _enqueue(tx, DISTRIBUTE, rows["TRAIN"]["arn"], {"test": rows["TEST"]["arn"]}, now)


def _enqueue(tx: Transaction, kind: str, arn: str, members: Mapping[str, Any], now: int) -> None:
    outbox.enqueue(
        tx,
        job_id=f"{kind}/{arn}/{now}",
        kind=kind,
        group=f"rekognition.dataset/{arn}",
        payload=json.dumps({"dataset": arn, **members}).encode(),
        due=now,
    )
