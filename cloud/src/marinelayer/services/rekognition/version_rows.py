"""Versions of projects as they are kept: rows, statuses, and their description.

Functions with a transaction belong into one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from marinelayer import outbox
from marinelayer.ports import Caller, Row, Transaction
from marinelayer.services.rekognition.custom_label_arns import in_reach
from marinelayer.services.rekognition.dataset_rows import moment
from marinelayer.services.rekognition.errors import (
    InvalidParameterException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from marinelayer.services.rekognition.resource_tags import put_tags
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

SQL = Statements("marinelayer.services.rekognition", "versions.sql")

TRAINED = frozenset({"TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED"})
"""Statuses of models that can be started."""
SETTLED = TRAINED | {"TRAINING_FAILED", "COPYING_FAILED"}
"""Statuses of versions that can be deleted."""
HAVE_MODEL = TRAINED | {"STARTING", "RUNNING", "STOPPING"}
"""Statuses of versions that can be copied."""
READY_MESSAGE = "The model is ready to run."


def the_version(tx: Transaction, caller: Caller, arn: str) -> Row:
    """The version of an ARN.

    Raises:
        ResourceNotFoundException: there is none in the caller's account and region.
    """
    row = tx.one(SQL.version, arn=arn) if in_reach(arn, caller) else None
    if row is None:
        raise ResourceNotFoundException
    return row


def demand_output(output: wire.OutputConfig) -> None:
    """Raises InvalidParameterException where no bucket is named."""
    if "S3Bucket" not in output:
        raise InvalidParameterException("OutputConfig must name a bucket.")


def put_version(
    tx: Transaction,
    arn: str,
    project: str,
    request: Mapping[str, Any],
    *,
    kept: Collection[str],
    status: str,
    message: str,
    now: int,
) -> None:
    """Store the version that a request makes, with its tags and those of its members that are `kept`.

    Raises:
        ResourceInUseException: the project has one of this name.
    """
    made = tx.run(
        SQL.put_version,
        arn=arn,
        project_arn=project,
        name=request["VersionName"],
        status=status,
        message=message,
        request=json.dumps({member: value for member, value in request.items() if member in kept}),
        created=now,
    )
    if not made:
        raise ResourceInUseException(f"The project has a version named {request['VersionName']} already.")
    put_tags(tx, arn, request.get("Tags") or {})


def set_status(tx: Transaction, arn: str, status: str, message: str) -> None:
    """Say how it is with a version."""
    tx.run(SQL.set_status, arn=arn, status=status, message=message)


def settle_training(
    tx: Transaction, arn: str, status: str, message: str, result: Mapping[str, Any], model: bytes | None
) -> None:
    """Write what training came to, with the model where there is one."""
    tx.run(SQL.set_result, arn=arn, status=status, message=message, result=json.dumps(result))
    if model is not None:
        tx.run(SQL.put_model, arn=arn, model=model)


def enqueue(tx: Transaction, kind: str, arn: str, members: Mapping[str, Any], now: int) -> None:
    """Have something done for a version; what is to be done for one is done in order."""
    outbox.enqueue(
        tx,
        job_id=f"{kind}/{arn}/{now}",
        kind=kind,
        group=f"rekognition.version/{arn}",
        payload=json.dumps({"version": arn, **members}).encode(),
        due=now,
    )


def described(row: Row) -> wire.ProjectVersionDescription:
    """The description of a version."""
    request: dict[str, Any] = json.loads(row["request"])
    result: dict[str, Any] = json.loads(row["result"]) if row["result"] else {}
    answer: dict[str, Any] = {
        "ProjectVersionArn": row["arn"],
        "CreationTimestamp": moment(row["created"]),
        "Status": row["status"],
        "StatusMessage": row["message"],
        "OutputConfig": request["OutputConfig"],
        "Feature": "CUSTOM_LABELS",
        **json.loads(row["units"]),
    }
    for member in ("KmsKeyId", "VersionDescription", "SourceProjectVersionArn"):
        if member in request:
            answer[member] = request[member]
    if "ended" in result:
        answer["TrainingEndTimestamp"] = moment(result["ended"])
    if "seconds" in result:
        answer["BillableTrainingTimeInSeconds"] = result["seconds"]
    if "features" in result:
        answer["BaseModelVersion"] = " ".join(result["features"])
    answer |= _results(request, result)
    return answer  # pyright: ignore[reportReturnType]  # its keys are those of the shape


def _results(request: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """Where the documents about a training lie, and its F1."""
    bucket, keys = request["OutputConfig"].get("S3Bucket"), result.get("keys", {})

    def place(name: str) -> dict[str, Any]:
        return {"S3Object": {"Bucket": bucket, "Name": keys[name]}}

    def assets(name: str) -> dict[str, Any]:
        return {"Assets": [{"GroundTruthManifest": place(name)}]}

    found: dict[str, Any] = {
        "TrainingDataResult": {"Input": request.get("TrainingData", {})},
        "TestingDataResult": {"Input": {"AutoCreate": result.get("split", False), **request.get("TestingData", {})}},
    }
    for kind, told in (("Training", found["TrainingDataResult"]), ("Testing", found["TestingDataResult"])):
        if f"{kind}GroundTruth" in keys:
            told["Output"] = assets(f"{kind}GroundTruth")
        if f"{kind}ManifestWithValidation" in keys:
            told["Validation"] = assets(f"{kind}ManifestWithValidation")
    if "ManifestSummary" in keys:
        found["ManifestSummary"] = place("ManifestSummary")
    if "f1" in result:
        found["EvaluationResult"] = {"F1Score": result["f1"]}
        if "EvaluationResultSummary" in keys:  # a copied model's is there where who copied it could read it
            found["EvaluationResult"]["Summary"] = place("EvaluationResultSummary")
    return found
