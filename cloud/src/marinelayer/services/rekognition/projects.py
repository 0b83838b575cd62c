"""Projects of Custom Labels: CreateProject, DescribeProjects, DeleteProject.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CreateProject.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, Clock, Row, Tables, Transaction
from marinelayer.security.requirement import ContextKeys
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.custom_label_arns import in_reach, on, project_arn
from marinelayer.services.rekognition.dataset_rows import SQL as DATASETS
from marinelayer.services.rekognition.dataset_rows import dataset_members, moment
from marinelayer.services.rekognition.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from marinelayer.services.rekognition.pages import after
from marinelayer.services.rekognition.resource_tags import forget_tags, put_tags
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

SQL = Statements("marinelayer.services.rekognition", "projects.sql")
POLICIES = Statements("marinelayer.services.rekognition", "project_policies.sql")
PAGE = 100


def tag_context(request: Mapping[str, Any]) -> ContextKeys:
    """The condition keys that the tags of an input give."""
    tags: Mapping[str, str] = request.get("Tags") or {}
    context = {f"aws:requesttag/{key.lower()}": (value,) for key, value in tags.items()}
    return context | ({"aws:tagkeys": tuple(tags)} if tags else {})


def _on_new(request: Mapping[str, Any], caller: Caller) -> str:
    return project_arn(caller, request["ProjectName"], "*")


class Projects:
    """The projects of an account and region."""

    def __init__(self, tables: Tables, clock: Clock, pages: PageTokens) -> None:
        self._tables = tables
        self._clock = clock
        self._pages = pages

    @operation("CreateProject", needs=need("rekognition:CreateProject", on=_on_new, context=tag_context))
    async def create(self, caller: Caller, request: wire.CreateProjectRequest) -> wire.CreateProjectResponse:
        """A new project.

        Raises:
            ResourceInUseException: there is one of that name.
            LimitExceededException: there are more than 50 Tags.
            OperationNotImplemented: it is to be one of adapters for moderation.
        """
        if request.get("Feature", "CUSTOM_LABELS") != "CUSTOM_LABELS":
            raise OperationNotImplemented("rekognition.CreateProject for CONTENT_MODERATION is not implemented here.")
        if "AutoUpdate" in request:
            raise InvalidParameterException("AutoUpdate applies only to adapters.")
        now = self._clock.now()
        arn = project_arn(caller, request["ProjectName"], now)
        await self._tables.write(_create, arn, caller, request["ProjectName"], request.get("Tags") or {}, now)
        return {"ProjectArn": arn}

    @operation("DescribeProjects", needs=need("rekognition:DescribeProjects"))
    async def describe(self, caller: Caller, request: wire.DescribeProjectsRequest) -> wire.DescribeProjectsResponse:
        """A page of projects with their datasets, in the order in which they were made."""
        scope = f"rekognition.DescribeProjects/{caller.account}/{caller.region}"
        position = after(self._pages, request.get("NextToken"), scope)
        if "CUSTOM_LABELS" not in request.get("Features", ("CUSTOM_LABELS",)):
            return {"ProjectDescriptions": []}
        names, size = request.get("ProjectNames"), request.get("MaxResults", PAGE)
        if names is not None:
            return {"ProjectDescriptions": await self._tables.read(_named, caller, names)}
        found = await self._tables.read(_page, caller, position, size + 1)
        answer: wire.DescribeProjectsResponse = {"ProjectDescriptions": [told for _, told in found[:size]]}
        if len(found) > size:
            answer["NextToken"] = self._pages.seal(found[size - 1][0], scope)
        return answer

    @operation("DeleteProject", needs=need("rekognition:DeleteProject", on=on("ProjectArn")))
    async def delete(self, caller: Caller, request: wire.DeleteProjectRequest) -> wire.DeleteProjectResponse:
        """Remove a project that has no versions and no datasets any more.

        Raises:
            ResourceNotFoundException, ResourceInUseException
        """
        await self._tables.write(_delete, caller, request["ProjectArn"])
        return {"Status": "DELETING"}


def the_project(tx: Transaction, caller: Caller, arn: str) -> Row:
    """The project of an ARN.

    Raises:
        ResourceNotFoundException: there is none in the caller's account and region.
    """
    row = tx.one(SQL.project, arn=arn) if in_reach(arn, caller) else None
    if row is None:
        raise ResourceNotFoundException
    return row


def has_projects(tx: Transaction, account: str) -> bool:
    """Whether the account has a project, in whatever region."""
    return tx.one(SQL.any_project, account=account) is not None


def _create(tx: Transaction, arn: str, caller: Caller, name: str, tags: Mapping[str, str], now: int) -> None:
    if not tx.run(SQL.put_project, arn=arn, account=caller.account, region=caller.region, name=name, created=now):
        raise ResourceInUseException(f"A project named {name} already exists.")
    put_tags(tx, arn, tags, LimitExceededException)


def _named(tx: Transaction, caller: Caller, names: Sequence[str]) -> list[wire.ProjectDescription]:
    rows = (tx.one(SQL.project_named, account=caller.account, region=caller.region, name=name) for name in names)
    return [_described(tx, row) for row in sorted(filter(None, rows), key=lambda row: row["created"])]


def _page(tx: Transaction, caller: Caller, position: str, size: int) -> list[tuple[str, wire.ProjectDescription]]:
    created, _, arn = position.partition(" ")
    rows = tx.all(
        SQL.projects, account=caller.account, region=caller.region, created=int(created or -1), arn=arn, size=size
    )
    return [(f"{row['created']} {row['arn']}", _described(tx, row)) for row in rows]


def _described(tx: Transaction, row: Row) -> wire.ProjectDescription:
    datasets = tx.all(DATASETS.datasets, project_arn=row["arn"])
    return {
        "ProjectArn": row["arn"],
        "CreationTimestamp": moment(row["created"]),
        "Status": "CREATED",
        "Datasets": [
            {"DatasetType": dataset["kind"], "DatasetArn": dataset["arn"], **dataset_members(dataset)}
            for dataset in datasets
        ],
        "Feature": "CUSTOM_LABELS",
    }


def _delete(tx: Transaction, caller: Caller, arn: str) -> None:
    the_project(tx, caller, arn)
    uses = tx.one(SQL.uses, arn=arn)
    if uses is None or uses["versions"] or uses["datasets"]:
        raise ResourceInUseException("The project has models or datasets, which must be deleted first.")
    tx.run(POLICIES.delete_policies, project_arn=arn)
    tx.run(SQL.delete_project, arn=arn)
    forget_tags(tx, arn)
