"""Models, endpoints and jobs as stored values, and the writes and lookups that the nouns share.

Write functions: re-runnable, without I/O, clock or randomness.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from marinelayer.ports import Row, Transaction
from marinelayer.services.comprehend.arns import ENDPOINTS, MODELS, ResourceName, read_arn
from marinelayer.services.comprehend.errors import (
    InvalidRequestException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.comprehend", "resources.sql")
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A model, endpoint or job. `created` and `ended` in microseconds; `model` is the ARN of the model that it uses,
    `blob_id` where a model's bytes are; `document` is what else its description tells."""

    name: ResourceName
    label: str
    """The name that its owner gave it: a job's own is a number."""
    status: str
    message: str = ""
    created: int
    ended: int | None = None
    token: str | None = None
    digest: str = ""
    model: str = ""
    blob_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    document: Document

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.name.arn

    def told(self, **members: Any) -> Resource:
        """The same with further members of its document; None takes one out."""
        document = {**self.document, **members}
        return replace(self, document={key: value for key, value in document.items() if value is not None})


def digest_of(request: Mapping[str, Any]) -> str:
    """What tells one request from another that comes with the same token."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()


def moment(micros: int) -> datetime:
    """A time as outputs have it."""
    return datetime.fromtimestamp(micros / 1_000_000, UTC)


def put_resource(tx: Transaction, resource: Resource) -> Resource:
    """Store a new resource; the one that the same request with the same token made before, where there is one.

    Raises:
        InvalidRequestException: the token came with another request.
        ResourceInUseException: there is one of its name.
    """
    before = None
    if resource.token is not None:
        keys = _place(resource.name)
        before = tx.one(SQL.by_token, **keys, token=resource.token)
    if before is not None:
        if before["digest"] != resource.digest:
            raise InvalidRequestException("The client request token was used with another request already.")
        return read_resource(before)
    stored = tx.run(
        SQL.insert,
        arn=resource.arn,
        **_place(resource.name),
        name=resource.label,
        version=resource.name.version,
        status=resource.status,
        created=resource.created,
        token=resource.token,
        digest=resource.digest,
        model=resource.model,
        tags=json.dumps(dict(resource.tags)),
        document=json.dumps(dict(resource.document)),
    )
    if not stored:
        raise ResourceInUseException
    return resource


def _place(name: ResourceName) -> dict[str, str]:
    return {"account": name.account, "region": name.region, "kind": name.kind}


def find_resource(tx: Transaction, arn: str) -> Resource | None:
    """The resource of an ARN, None if there is none."""
    row = tx.one(SQL.resource, arn=arn)
    return None if row is None else read_resource(row)


def require_resource(tx: Transaction, arn: str) -> Resource:
    """The resource of an ARN.

    Raises:
        ResourceNotFoundException: there is none.
    """
    resource = find_resource(tx, arn)
    if resource is None:
        raise ResourceNotFoundException
    return resource


def change_resource(tx: Transaction, resource: Resource) -> None:
    """Write status, message, end, model, bytes and document of a resource."""
    tx.run(
        SQL.change,
        arn=resource.arn,
        status=resource.status,
        message=resource.message,
        ended=resource.ended,
        model=resource.model,
        blob_id=resource.blob_id,
        document=json.dumps(dict(resource.document)),
    )


def has_models(tx: Transaction, account: str) -> bool:
    """Whether the account has a model, in whatever region."""
    return any(row["kind"] in MODELS for row in tx.all(SQL.kinds_of, account=account))


def has_endpoints(tx: Transaction, account: str) -> bool:
    """Whether the account has an endpoint, in whatever region."""
    return any(row["kind"] in ENDPOINTS for row in tx.all(SQL.kinds_of, account=account))


def has_jobs(tx: Transaction, account: str) -> bool:
    """Whether a job of the account has not ended, in whatever region."""
    return any(row["kind"] not in MODELS | ENDPOINTS for row in tx.all(SQL.unended_kinds_of, account=account))


def forget_jobs(tx: Transaction, account: str) -> None:
    """Remove the jobs of an account that has nothing else left."""
    tx.run(SQL.forget, account=account)


def read_resource(row: Row) -> Resource:
    """A stored row as a resource."""
    name = read_arn(row["arn"])
    if name is None:
        raise ValueError(row["arn"])
    return Resource(
        name=name,
        label=row["name"],
        status=row["status"],
        message=row["message"],
        created=row["created"],
        ended=row["ended"],
        token=row["token"],
        digest=row["digest"],
        model=row["model"],
        blob_id=row["blob_id"],
        tags=json.loads(row["tags"]),
        document=json.loads(row["document"]),
    )
