"""Policies of projects, which let others copy their versions: PutProjectPolicy, ListProjectPolicies,
DeleteProjectPolicy.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-create-project-policy-document.html and
md-attach-project-policy.html: the one action is rekognition:CopyProjectVersion, NotAction, NotResource and NotPrincipal
are prohibited, a project has at most five policies, and only the newest revision of each can be changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Clock, Ids, Principals, Row, Tables, Transaction
from marinelayer.security.policy.document import MalformedPolicyError, PolicyDocument
from marinelayer.security.policy.validation import validate_policy
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.custom_label_arns import on
from marinelayer.services.rekognition.dataset_rows import moment
from marinelayer.services.rekognition.errors import (
    InvalidPolicyRevisionIdException,
    MalformedPolicyDocumentException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
)
from marinelayer.services.rekognition.pages import after
from marinelayer.services.rekognition.projects import POLICIES as SQL
from marinelayer.services.rekognition.projects import the_project

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

MOST_POLICIES = 5
COPY_ACTION = "rekognition:CopyProjectVersion"
_ARN = "ProjectArn"


class ProjectPolicies:
    """The policies of projects."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, pages: PageTokens, principals: Principals) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages
        self._principals = principals

    @operation("PutProjectPolicy", needs=need("rekognition:PutProjectPolicy", on=on(_ARN)))
    async def put(self, caller: Caller, request: wire.PutProjectPolicyRequest) -> wire.PutProjectPolicyResponse:
        """Give a project a policy, or another text to the revision that is named.

        Raises:
            MalformedPolicyDocumentException: it is no policy of a project, or names a principal that is not there.
            ResourceNotFoundException: there is no such project.
            ResourceAlreadyExistsException: it has a policy of the name, and no revision is named.
            InvalidPolicyRevisionIdException: the revision is not its newest.
            ServiceQuotaExceededException: it has five already.
        """
        document = _checked(request["PolicyDocument"])
        named = _arns(document)
        found = await self._principals.unique_ids(named)
        if missing := [arn for arn in named if arn not in found]:
            raise MalformedPolicyDocumentException(f"Invalid principal in policy: {missing[0]}")
        revision = self._ids.token(32)
        await self._tables.write(_put, caller, request, revision, dict(found), self._clock.now())
        return {"PolicyRevisionId": revision}

    @operation("ListProjectPolicies", needs=need("rekognition:ListProjectPolicies", on=on(_ARN)))
    async def policies(
        self, caller: Caller, request: wire.ListProjectPoliciesRequest
    ) -> wire.ListProjectPoliciesResponse:
        """A page of a project's policies, by their names.

        Raises:
            ResourceNotFoundException, InvalidPaginationTokenException
        """
        arn, size = request["ProjectArn"], request.get("MaxResults", MOST_POLICIES)
        scope = f"rekognition.ListProjectPolicies/{arn}"
        position = after(self._pages, request.get("NextToken"), scope)
        rows = await self._tables.read(_page, caller, arn, position, size + 1)
        answer: wire.ListProjectPoliciesResponse = {"ProjectPolicies": [_described(row) for row in rows[:size]]}
        if len(rows) > size:
            answer["NextToken"] = self._pages.seal(rows[size - 1]["name"], scope)
        return answer

    @operation("DeleteProjectPolicy", needs=need("rekognition:DeleteProjectPolicy", on=on(_ARN)))
    async def delete(
        self, caller: Caller, request: wire.DeleteProjectPolicyRequest
    ) -> wire.DeleteProjectPolicyResponse:
        """Take a policy from a project.

        Raises:
            ResourceNotFoundException
            InvalidPolicyRevisionIdException: the revision is not its newest.
        """
        await self._tables.write(_delete, caller, request)
        return {}


def policies_of(tx: Transaction, project: str) -> list[Row]:
    """All of a project's policies."""
    return tx.all(SQL.policies, project_arn=project, name="", size=MOST_POLICIES)


def _checked(text: str) -> PolicyDocument:
    try:
        document = validate_policy(text, "resource").document
    except MalformedPolicyError as error:
        raise MalformedPolicyDocumentException(str(error)) from None
    for statement in document.statements:
        if statement.not_action or statement.not_resource or statement.not_principal:
            raise MalformedPolicyDocumentException("NotAction, NotResource and NotPrincipal are not supported.")
        if not statement.principals or not statement.resources:
            raise MalformedPolicyDocumentException("A statement must have a Principal and a Resource.")
        if any(action.lower() != COPY_ACTION.lower() for action in statement.actions):
            raise MalformedPolicyDocumentException(f"The only supported action is {COPY_ACTION}.")
    return document


def _arns(document: PolicyDocument) -> list[str]:
    """The ARNs of users and roles; accounts, unique ids and `*` need no looking up."""
    names = {name for one in document.statements for name in (one.principals or {}).get("AWS", ())}
    return sorted(name for name in names if name.startswith("arn:") and not name.endswith(":root"))


def _put(
    tx: Transaction,
    caller: Caller,
    request: wire.PutProjectPolicyRequest,
    revision: str,
    principals: Mapping[str, str],
    now: int,
) -> None:
    project, name = request["ProjectArn"], request["PolicyName"]
    the_project(tx, caller, project)
    before = tx.one(SQL.policy, project_arn=project, name=name)
    wanted = request.get("PolicyRevisionId")
    if wanted is None and before is not None:
        raise ResourceAlreadyExistsException(f"The project has a policy named {name} already.")
    if wanted is not None and (before is None or before["revision"] != wanted.lower()):
        raise InvalidPolicyRevisionIdException
    if before is None and len(policies_of(tx, project)) >= MOST_POLICIES:
        raise ServiceQuotaExceededException(f"A project can have at most {MOST_POLICIES} policies.")
    tx.run(
        SQL.put_policy,
        project_arn=project,
        name=name,
        revision=revision,
        document=request["PolicyDocument"],
        principals=json.dumps(principals),
        now=now,
    )


def _page(tx: Transaction, caller: Caller, project: str, position: str, size: int) -> list[Row]:
    the_project(tx, caller, project)
    return tx.all(SQL.policies, project_arn=project, name=position, size=size)


def _delete(tx: Transaction, caller: Caller, request: wire.DeleteProjectPolicyRequest) -> None:
    project, name = request["ProjectArn"], request["PolicyName"]
    the_project(tx, caller, project)
    before = tx.one(SQL.policy, project_arn=project, name=name)
    if before is None:
        raise ResourceNotFoundException
    wanted = request.get("PolicyRevisionId")
    if wanted is not None and before["revision"] != wanted.lower():
        raise InvalidPolicyRevisionIdException
    tx.run(SQL.delete_policy, project_arn=project, name=name)


def _described(row: Row) -> wire.ProjectPolicy:
    return {
        "ProjectArn": row["project_arn"],
        "PolicyName": row["name"],
        "PolicyRevisionId": row["revision"],
        "PolicyDocument": row["document"],
        "CreationTimestamp": moment(row["created"]),
        "LastUpdatedTimestamp": moment(row["updated"]),
    }
