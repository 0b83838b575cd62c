"""CopyProjectVersion: a trained model, as a version of another project, of this account or another one.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-copy-model-sdk.html: "The copied model
includes the training results for the source model, but doesn't include the source datasets." The documents of the
results lie in the bucket of who trained it: those that who copies may read are copied too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied, Refusal, ServiceError
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Caller, Calls, Clock, Mandates, Row, Tables, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import operation
from marinelayer.services.rekognition.custom_label_arns import name_of, version_arn
from marinelayer.services.rekognition.errors import (
    InvalidParameterException,
    InvalidS3ObjectException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from marinelayer.services.rekognition.images import MOST_STORED
from marinelayer.services.rekognition.project_policies import COPY_ACTION
from marinelayer.services.rekognition.projects import tag_context, the_project
from marinelayer.services.rekognition.stored_objects import StoredObjects
from marinelayer.services.rekognition.version_rows import (
    HAVE_MODEL,
    READY_MESSAGE,
    SQL,
    demand_output,
    enqueue,
    put_version,
    set_status,
    settle_training,
)

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

COPY = "rekognition.version.copy"
_KEPT = ("OutputConfig", "KmsKeyId", "SourceProjectVersionArn")
_TOLD = ("labels", "located", "f1", "features", "ended", "split")
"""What is told of a copied model's training."""


def _to_copy(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
    """rekognition:CopyProjectVersion on the version, and on the project that it is to be in."""
    return [
        Requirement(action=COPY_ACTION, resource=request["SourceProjectVersionArn"]),
        Requirement(action=COPY_ACTION, resource=request["DestinationProjectArn"], context=tag_context(request)),
    ]


class Copying:
    """Begins to copy versions. `poke` is called when there is something to do later."""

    def __init__(self, tables: Tables, clock: Clock, mandates: Mandates, poke: Callable[[], None]) -> None:
        self._tables = tables
        self._clock = clock
        self._mandates = mandates
        self._poke = poke

    @operation("CopyProjectVersion", needs=_to_copy)
    async def copy(self, caller: Caller, request: wire.CopyProjectVersionRequest) -> wire.CopyProjectVersionResponse:
        """Begin to copy a model.

        Raises:
            ResourceNotFoundException: there is no such version, or no such project of the caller's.
            ResourceInUseException: the project has a version of that name, or the model is not trained yet.
            InvalidParameterException: the version is not of the project that is named, of another region, or has no
                model; or no bucket is named.
        """
        source = request["SourceProjectVersionArn"]
        if not source.startswith(request["SourceProjectArn"].rpartition("/")[0] + "/version/"):
            raise InvalidParameterException("The model version is not one of the source project.")
        if source.split(":")[3] != caller.region:
            raise InvalidParameterException("The source and destination projects must be in the same AWS Region.")
        demand_output(request["OutputConfig"])
        now = self._clock.now()
        arn = version_arn(request["DestinationProjectArn"], request["VersionName"], now)
        await self._tables.write(_begin, caller, request, arn, self._mandates.given(caller), now)
        self._poke()
        return {"ProjectVersionArn": arn}


class CopiedModels:
    """The jobs that copy versions."""

    def __init__(self, tables: Tables, calls: Calls, mandates: Mandates) -> None:
        self._tables = tables
        self._objects = StoredObjects(calls)
        self._mandates = mandates

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {COPY: self.copy}

    async def copy(self, job: Job) -> None:
        """Copy a model with the documents of its training, or say why it can not be."""
        told: Mapping[str, Any] = json.loads(job.payload)
        arn: str = told["version"]
        row, source = await self._tables.read(_both, arn, told["source"])
        if row is None or row["status"] != "COPYING_IN_PROGRESS":
            return
        if source is None:
            await self._tables.write(set_status, arn, "COPYING_FAILED", "The source model version does not exist.")
            return
        try:
            caller = await self._mandates.caller(told["mandate"], job.id)
            keys = await self._documents(caller, row, source)
        except (AccessDenied, ServiceError, Refusal):
            await self._tables.write(set_status, arn, "COPYING_FAILED", "Unable to write to output S3 bucket.")
            return
        await self._tables.write(_settle, arn, told["source"], keys)

    async def _documents(self, caller: Caller, row: Row, source: Row) -> dict[str, str]:
        """Copy the documents about the source's training that the caller may read; their keys, by their kinds."""
        output, found = json.loads(row["request"])["OutputConfig"], json.loads(source["result"]).get("keys", {})
        bucket = json.loads(source["request"])["OutputConfig"].get("S3Bucket", "")
        prefix: str = output.get("S3KeyPrefix", "").strip("/")
        keys: dict[str, str] = {}
        for kind, key in found.items():
            try:
                content = await self._objects.read(caller, {"Bucket": bucket, "Name": key}, MOST_STORED)
            except InvalidS3ObjectException:
                continue
            if content is None:
                continue
            name = f"{kind}-{name_of(row['arn'])}-{row['name']}.json"
            keys[kind] = f"{prefix}/{name}" if prefix else name
            kms_key = json.loads(row["request"]).get("KmsKeyId")
            await self._objects.write(caller, output.get("S3Bucket", ""), keys[kind], content, kms_key)
        return keys


def _begin(
    tx: Transaction, caller: Caller, request: wire.CopyProjectVersionRequest, arn: str, mandate: str, now: int
) -> None:
    project, source = request["DestinationProjectArn"], request["SourceProjectVersionArn"]
    the_project(tx, caller, project)
    row = tx.one(SQL.version, arn=source)
    if row is None or row["project_arn"] != request["SourceProjectArn"]:
        raise ResourceNotFoundException
    if row["status"] in {"TRAINING_IN_PROGRESS", "COPYING_IN_PROGRESS"}:
        raise ResourceInUseException(f"The model can not be copied: its status is {row['status']}.")
    if row["status"] not in HAVE_MODEL:
        raise InvalidParameterException(f"The model can not be copied: its status is {row['status']}.")
    put_version(
        tx,
        arn,
        project,
        request,
        kept=_KEPT,
        status="COPYING_IN_PROGRESS",
        message="The model is being copied.",
        now=now,
    )
    enqueue(tx, COPY, arn, {"source": source, "mandate": mandate}, now)


def _both(tx: Transaction, arn: str, source: str) -> tuple[Row | None, Row | None]:
    return tx.one(SQL.version, arn=arn), tx.one(SQL.version, arn=source)


def _settle(tx: Transaction, arn: str, source: str, keys: Mapping[str, str]) -> None:
    """Write the model and what its training came to; the source may be gone by now."""
    row = tx.one(SQL.version, arn=source)
    if row is None or not tx.run(SQL.copy_model, arn=arn, source=source):
        set_status(tx, arn, "COPYING_FAILED", "The source model version does not exist.")
        return
    result: Mapping[str, Any] = json.loads(row["result"])
    kept = {member: result[member] for member in _TOLD if member in result}
    settle_training(tx, arn, "COPYING_COMPLETED", READY_MESSAGE, {**kept, "keys": keys}, None)
