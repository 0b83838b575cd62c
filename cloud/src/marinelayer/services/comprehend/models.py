"""What custom classifiers and recognizers have in common: their states, summaries and end.

SUBMITTED, TRAINING, then TRAINED or IN_ERROR; or STOP_REQUESTED and STOPPED; DELETING until a job has removed it.
Write functions: re-runnable, without I/O, clock or randomness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from marinelayer import outbox
from marinelayer.ports import Caller, Transaction
from marinelayer.services.comprehend.errors import ResourceInUseException
from marinelayer.services.comprehend.resources import (
    SQL,
    Resource,
    change_resource,
    find_resource,
    moment,
    put_resource,
    read_resource,
    require_resource,
)

FORGET = "comprehend.model.forget"
UNDER_WAY = frozenset({"SUBMITTED", "TRAINING"})
ENDED = frozenset({"TRAINED", "TRAINED_WITH_WARNING", "IN_ERROR", "STOPPED"})
TRAINED = frozenset({"TRAINED", "TRAINED_WITH_WARNING"})
_BUSY_JOBS = frozenset({"SUBMITTED", "IN_PROGRESS", "STOP_REQUESTED"})
_HIDDEN = frozenset({"Id", "ResourcePolicy"})
_TIMES = frozenset({"TrainingStartTime", "TrainingEndTime"})


def create_model(tx: Transaction, resource: Resource, training: str) -> Resource:
    """Store a new model, and have it trained by a job of the kind `training`. One that the same request made before is
    answered again. Raises what `put_resource` raises."""
    stored = put_resource(tx, resource)
    if stored is resource:
        name = f"{training}/{resource.document['Id']}"
        outbox.enqueue(tx, job_id=name, kind=training, group=name, payload=resource.arn.encode(), due=resource.created)
    return stored


def begin_training(tx: Transaction, arn: str, number: str, now: int) -> Resource | None:
    """The model of a training that begins (again); None where it is gone, replaced, or its training is over. One that
    was to be stopped is."""
    resource = find_resource(tx, arn)
    if resource is None or resource.document["Id"] != number:
        return None
    if resource.status == "STOP_REQUESTED":
        change_resource(tx, stopped(resource, now))
        return None
    if resource.status not in UNDER_WAY:
        return None
    begun = replace(resource.told(TrainingStartTime=resource.document.get("TrainingStartTime", now)), status="TRAINING")
    change_resource(tx, begun)
    return begun


def stopped(resource: Resource, now: int) -> Resource:
    """A model whose training was stopped."""
    return replace(resource, status="STOPPED", ended=now)


def end_training(tx: Transaction, arn: str, number: str, end: Callable[[Resource], Resource]) -> bool:
    """Write what came of a training, by `end`, unless the model is gone or was replaced; whether it was written."""
    resource = find_resource(tx, arn)
    if resource is None or resource.document["Id"] != number or resource.status not in UNDER_WAY | {"STOP_REQUESTED"}:
        return False
    change_resource(tx, end(resource))
    return True


def request_stop(tx: Transaction, arn: str) -> None:
    """Have a training stopped, if it is under way. Raises ResourceNotFoundException."""
    resource = require_resource(tx, arn)
    if resource.status in UNDER_WAY:
        change_resource(tx, replace(resource, status="STOP_REQUESTED"))


def forget_model(tx: Transaction, arn: str, now: int) -> None:
    """Have a model removed.

    Raises:
        ResourceNotFoundException: there is none.
        ResourceInUseException: its training is not over, or an endpoint or a job uses it.
    """
    resource = require_resource(tx, arn)
    if resource.status == "DELETING":
        return
    if resource.status not in ENDED:
        raise ResourceInUseException(f"The model is in the status {resource.status} and can not be deleted.")
    for user in tx.all(SQL.users_of_model, model=arn):
        if not user["kind"].endswith("-job") or user["status"] in _BUSY_JOBS:
            raise ResourceInUseException(f"The model is used by {user['arn']} and can not be deleted.")
    change_resource(tx, replace(resource, status="DELETING"))
    name = f"{FORGET}/{resource.document['Id']}"
    outbox.enqueue(tx, job_id=name, kind=FORGET, group=name, payload=arn.encode(), due=now)


def remove_forgotten(tx: Transaction, arn: str) -> None:
    """Remove the row of a model that is being deleted."""
    resource = find_resource(tx, arn)
    if resource is not None and resource.status == "DELETING":
        tx.run(SQL.remove, arn=arn)


def described_model(resource: Resource) -> dict[str, Any]:
    """What a description of a model tells, but for its ARN, in the model's shape."""
    shown: dict[str, Any] = {
        key: moment(value) if key in _TIMES else value for key, value in resource.document.items() if key not in _HIDDEN
    }
    shown |= {"Status": resource.status, "SubmitTime": moment(resource.created)}
    if resource.message:
        shown["Message"] = resource.message
    if resource.ended is not None:
        shown["EndTime"] = moment(resource.ended)
    if resource.name.version:
        shown["VersionName"] = resource.name.version
    return shown


def summarised(
    tx: Transaction, caller: Caller, kind: str, after: str, limit: int
) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """The names of models behind `after`, each with what is to be said of its versions."""
    place = {"account": caller.account, "region": caller.region, "kind": kind}
    summaries: list[tuple[str, Mapping[str, Any]]] = []
    for row in tx.all(SQL.summaries, **place, after=after, n=limit):
        latest = tx.one(SQL.latest_of_name, **place, name=row["name"])
        if latest is None:
            continue
        resource = read_resource(latest)
        version = {"LatestVersionName": resource.name.version} if resource.name.version else {}
        told = {"NumberOfVersions": row["versions"], "LatestVersionCreatedAt": moment(row["latest"])}
        summaries.append((row["name"], {**told, **version, "LatestVersionStatus": resource.status}))
    return summaries
