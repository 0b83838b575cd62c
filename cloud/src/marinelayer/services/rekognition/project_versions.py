"""Versions of projects, which are models: CreateProjectVersion, DescribeProjectVersions, DeleteProjectVersion,
StartProjectVersion, StopProjectVersion. They are trained by `training`, and started and stopped by `running`.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CreateProjectVersion.html and its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Mandates, Row, Tables, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.custom_label_arns import on, version_arn
from marinelayer.services.rekognition.dataset_rows import SQL as DATASETS
from marinelayer.services.rekognition.dataset_rows import demand_idle, demand_made
from marinelayer.services.rekognition.errors import (
    InvalidParameterException,
    ResourceInUseException,
)
from marinelayer.services.rekognition.pages import after
from marinelayer.services.rekognition.projects import tag_context, the_project
from marinelayer.services.rekognition.resource_tags import forget_tags
from marinelayer.services.rekognition.running import START, STOP
from marinelayer.services.rekognition.training import TRAIN
from marinelayer.services.rekognition.version_rows import (
    SETTLED,
    SQL,
    TRAINED,
    demand_output,
    described,
    enqueue,
    put_version,
    set_status,
    the_version,
)

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

PAGE = 100
_NEWEST = 2**62
_ARN = "ProjectVersionArn"
_KEPT = ("OutputConfig", "TrainingData", "TestingData", "KmsKeyId", "VersionDescription")


def _to_create(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
    """rekognition:CreateProjectVersion on the project, and on the version that it is to have."""
    project: str = request["ProjectArn"]
    return [
        Requirement(action="rekognition:CreateProjectVersion", resource=resource, context=tag_context(request))
        for resource in (project, version_arn(project, request["VersionName"], "*"))
    ]


class ProjectVersions:
    """The versions of projects. `poke` is called when there is something to do later."""

    def __init__(
        self, tables: Tables, clock: Clock, pages: PageTokens, mandates: Mandates, poke: Callable[[], None]
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._pages = pages
        self._mandates = mandates
        self._poke = poke

    @operation("CreateProjectVersion", needs=_to_create)
    async def create(
        self, caller: Caller, request: wire.CreateProjectVersionRequest
    ) -> wire.CreateProjectVersionResponse:
        """Begin to train a model.

        Raises:
            ResourceNotFoundException: there is no such project.
            ResourceInUseException: it has a version of that name, or a dataset is being made or changed.
            InvalidParameterException: manifests are named for a project that has datasets, there is nothing to train
                on, or no bucket for the results is named.
        """
        if "FeatureConfig" in request:
            raise InvalidParameterException("FeatureConfig does not match the feature of the project.")
        if ("TrainingData" in request) != ("TestingData" in request):
            raise InvalidParameterException("TrainingData and TestingData must be specified together.")
        demand_output(request["OutputConfig"])
        now = self._clock.now()
        arn = version_arn(request["ProjectArn"], request["VersionName"], now)
        await self._tables.write(_create, caller, request, arn, self._mandates.given(caller), now)
        self._poke()
        return {"ProjectVersionArn": arn}

    @operation("DescribeProjectVersions", needs=need("rekognition:DescribeProjectVersions", on=on("ProjectArn")))
    async def describe(
        self, caller: Caller, request: wire.DescribeProjectVersionsRequest
    ) -> wire.DescribeProjectVersionsResponse:
        """A page of a project's versions, the newest first, or those of some names."""
        arn, size = request["ProjectArn"], request.get("MaxResults", PAGE)
        scope = f"rekognition.DescribeProjectVersions/{arn}"
        position = after(self._pages, request.get("NextToken"), scope)
        names = request.get("VersionNames")
        if names is not None:
            rows = await self._tables.read(_named, caller, arn, names)
            return {"ProjectVersionDescriptions": [described(row) for row in rows]}
        rows = await self._tables.read(_page, caller, arn, position, size + 1)
        answer: wire.DescribeProjectVersionsResponse = {
            "ProjectVersionDescriptions": [described(row) for row in rows[:size]]
        }
        if len(rows) > size:
            last = rows[size - 1]
            answer["NextToken"] = self._pages.seal(f"{last['created']} {last['arn']}", scope)
        return answer

    @operation("DeleteProjectVersion", needs=need("rekognition:DeleteProjectVersion", on=on(_ARN)))
    async def delete(
        self, caller: Caller, request: wire.DeleteProjectVersionRequest
    ) -> wire.DeleteProjectVersionResponse:
        """Remove a version with its model.

        Raises:
            ResourceNotFoundException
            ResourceInUseException: it is being trained, or runs.
        """
        await self._tables.write(_delete, caller, request[_ARN])
        return {"Status": "DELETING"}

    @operation("StartProjectVersion", needs=need("rekognition:StartProjectVersion", on=on(_ARN)))
    async def start(self, caller: Caller, request: wire.StartProjectVersionRequest) -> wire.StartProjectVersionResponse:
        """Begin to run a model. How many inference units it gets is kept, and makes it no faster.

        Raises:
            ResourceNotFoundException, InvalidParameterException
            ResourceInUseException: it runs already, or is no trained model.
        """
        least, most = request["MinInferenceUnits"], request.get("MaxInferenceUnits")
        if most is not None and most < least:
            raise InvalidParameterException("MaxInferenceUnits must not be less than MinInferenceUnits.")
        units = {"MinInferenceUnits": least} | ({} if most is None else {"MaxInferenceUnits": most})
        await self._tables.write(_start, caller, request[_ARN], units, self._clock.now())
        self._poke()
        return {"Status": "STARTING"}

    @operation("StopProjectVersion", needs=need("rekognition:StopProjectVersion", on=on(_ARN)))
    async def stop(self, caller: Caller, request: wire.StopProjectVersionRequest) -> wire.StopProjectVersionResponse:
        """Begin to stop a model.

        Raises:
            ResourceNotFoundException
            ResourceInUseException: it does not run.
        """
        await self._tables.write(_stop, caller, request[_ARN], self._clock.now())
        self._poke()
        return {"Status": "STOPPING"}


def _create(
    tx: Transaction, caller: Caller, request: wire.CreateProjectVersionRequest, arn: str, mandate: str, now: int
) -> None:
    project = request["ProjectArn"]
    the_project(tx, caller, project)
    members = _sources(tx, project, by_manifests="TrainingData" in request)
    put_version(
        tx,
        arn,
        project,
        request,
        kept=_KEPT,
        status="TRAINING_IN_PROGRESS",
        message="The model is being trained.",
        now=now,
    )
    enqueue(tx, TRAIN, arn, {**members, "mandate": mandate, "begun": now}, now)


def _sources(tx: Transaction, project: str, *, by_manifests: bool) -> dict[str, str]:
    """The datasets to train on and to test by, by their kind."""
    datasets = {row["kind"]: row for row in tx.all(DATASETS.datasets, project_arn=project)}
    if by_manifests:
        if datasets:
            raise InvalidParameterException("The project has datasets: manifests can not be specified.")
        return {}
    if "TRAIN" not in datasets:
        raise InvalidParameterException("The project has no training dataset.")
    for row in datasets.values():
        demand_idle(row)
        demand_made(row)
    return {kind: row["arn"] for kind, row in datasets.items()}


def _named(tx: Transaction, caller: Caller, project: str, names: Sequence[str]) -> list[Row]:
    the_project(tx, caller, project)
    rows = (tx.one(SQL.version_named, project_arn=project, name=name) for name in names)
    return sorted(filter(None, rows), key=lambda row: row["created"], reverse=True)


def _page(tx: Transaction, caller: Caller, project: str, position: str, size: int) -> list[Row]:
    the_project(tx, caller, project)
    created, _, arn = position.partition(" ")
    return tx.all(SQL.versions, project_arn=project, created=int(created or _NEWEST), arn=arn, size=size)


def _delete(tx: Transaction, caller: Caller, arn: str) -> None:
    row = the_version(tx, caller, arn)
    if row["status"] not in SETTLED:
        raise ResourceInUseException(f"The model can not be deleted: its status is {row['status']}.")
    tx.run(SQL.delete_model, arn=arn)
    tx.run(SQL.delete_version, arn=arn)
    forget_tags(tx, arn)


def _start(tx: Transaction, caller: Caller, arn: str, units: Mapping[str, int], now: int) -> None:
    row = the_version(tx, caller, arn)
    if row["status"] not in TRAINED:
        raise ResourceInUseException(f"The model can not be started: its status is {row['status']}.")
    set_status(tx, arn, "STARTING", "The model is starting.")
    tx.run(SQL.set_units, arn=arn, units=json.dumps(units))
    enqueue(tx, START, arn, {}, now)


def _stop(tx: Transaction, caller: Caller, arn: str, now: int) -> None:
    row = the_version(tx, caller, arn)
    if row["status"] != "RUNNING":
        raise ResourceInUseException(f"The model can not be stopped: its status is {row['status']}.")
    set_status(tx, arn, "STOPPING", "The model is stopping.")
    enqueue(tx, STOP, arn, {}, now)
