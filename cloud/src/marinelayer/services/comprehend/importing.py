"""ImportModel: a copy of a trained model, of one's own account or of one whose policy lets others have it.

Source: https://docs.aws.amazon.com/comprehend/latest/dg/custom-copy.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.outbox import Job
from marinelayer.ports import Caller, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.comprehend.arns import ResourceName, read_arn
from marinelayer.services.comprehend.data_access import SERVICE
from marinelayer.services.comprehend.endpoints import require_trained
from marinelayer.services.comprehend.errors import (
    InvalidRequestException,
    ResourceNotFoundException,
    ResourceUnavailableException,
)
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.model_files import ModelFiles
from marinelayer.services.comprehend.models import begin_training, create_model, end_training
from marinelayer.services.comprehend.resource_policies import IMPORT_ACTION
from marinelayer.services.comprehend.resources import Resource, digest_of
from marinelayer.services.comprehend.tags import given_tags, tag_context
from marinelayer.services.operation import operation
from marinelayer.services.passing import to_pass

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

IMPORT = "comprehend.model.import"
_SHOWN = ("LanguageCode", "Mode")
_LEARNT = (*_SHOWN, "ClassifierMetadata", "RecognizerMetadata")
"""What a copy tells of its source."""


def _to_import(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
    """comprehend:ImportModel on the source, and iam:PassRole on the role, where one is named."""
    role = request.get("DataAccessRoleArn")
    importing = Requirement(action=IMPORT_ACTION, resource=request["SourceModelArn"], context=tag_context(request))
    return (importing, *([to_pass(role, SERVICE)] if role else ()))


def import_model(tx: Transaction, copy: Resource) -> Resource:
    """Store a model that is to become the copy of another, and have it made.

    Raises:
        ResourceNotFoundException, ResourceUnavailableException: there is no such source, or it is not trained.
        ResourceInUseException: the account has a model of its name and version.
    """
    source = require_trained(tx, copy.document["SourceModelArn"])
    shown = {member: source.document[member] for member in _SHOWN if member in source.document}
    return create_model(tx, copy.told(**shown), IMPORT)


class ImportedModels:
    """Takes on imports."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @operation("ImportModel", needs=_to_import)
    async def take_on(self, caller: Caller, request: wire.ImportModelRequest) -> wire.ImportModelResponse:
        """Have a model copied, under its own name where no other is given. Raises as `import_model`."""
        if "ModelKmsKeyId" in request:
            raise OperationNotImplemented("comprehend.ImportModel with ModelKmsKeyId is not implemented here.")
        source = read_arn(request["SourceModelArn"])
        if source is None:
            raise InvalidRequestException("The ARN of the model is invalid.")
        name = ResourceName(
            account=caller.account,
            region=caller.region,
            kind=source.kind,
            name=request.get("ModelName", source.name),
            version=request.get("VersionName", ""),
        )
        document = {"Id": self._ground.ids.token(32), "SourceModelArn": request["SourceModelArn"]}
        if "DataAccessRoleArn" in request:
            document["DataAccessRoleArn"] = request["DataAccessRoleArn"]
        copy = Resource(
            name=name,
            label=name.name,
            status="SUBMITTED",
            created=self._ground.clock.now(),
            digest=digest_of(request),
            tags=given_tags(request),
            document=document,
        )
        stored = await self._ground.tables.write(import_model, copy)
        self._ground.poke()
        return {"ModelArn": stored.arn}


class Imports:
    """Does imports."""

    def __init__(self, ground: Ground, files: ModelFiles) -> None:
        self._ground = ground
        self._files = files

    async def do(self, job: Job) -> None:
        """Copy the model of a job, unless that is done already."""
        arn, number = job.payload.decode(), job.id.rpartition("/")[2]
        copy = await self._ground.tables.write(begin_training, arn, number, self._ground.clock.now())
        if copy is None:
            return
        try:
            source = await self._ground.tables.read(require_trained, copy.document["SourceModelArn"])
            data = await self._files.load(source)
        except (ResourceNotFoundException, ResourceUnavailableException, ValueError, OSError):
            await self._fail(copy)
            return
        blob_id = await self._files.save(copy, data)
        learnt = {member: source.document[member] for member in _LEARNT if member in source.document}
        now = self._ground.clock.now()

        def end(found: Resource) -> Resource:
            told = found.told(**learnt, TrainingStartTime=None)
            return replace(told, status="TRAINED", ended=now, blob_id=blob_id)

        if not await self._ground.tables.write(end_training, arn, number, end):
            await self._files.remove(blob_id)

    async def _fail(self, copy: Resource) -> None:
        now = self._ground.clock.now()

        def fail(found: Resource) -> Resource:
            told = found.told(TrainingStartTime=None)
            return replace(told, status="IN_ERROR", message="The source model is no longer there.", ended=now)

        await self._ground.tables.write(end_training, copy.arn, copy.document["Id"], fail)
