"""Asynchronous jobs: started, described, listed and stopped. `job_running` does them.

SUBMITTED, IN_PROGRESS, then COMPLETED or FAILED; or STOP_REQUESTED and STOPPED. What one kind of job has in common with
the others is here; a kind is in its `*_jobs` module. Write functions: re-runnable, without I/O, clock or randomness.

Source: Comprehend Developer Guide, "Async analysis for Amazon Comprehend insights".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marinelayer import outbox
from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.comprehend.arns import ResourceName
from marinelayer.services.comprehend.data_access import SERVICE, checked_location, output_of
from marinelayer.services.comprehend.errors import JobNotFoundException
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.listing import Lists
from marinelayer.services.comprehend.resources import (
    Resource,
    change_resource,
    digest_of,
    find_resource,
    moment,
    put_resource,
)
from marinelayer.services.comprehend.tags import given_tags, tag_context
from marinelayer.services.operation import Needs, need
from marinelayer.services.passing import to_pass

RUN = "comprehend.job.run"
UNDER_WAY = frozenset({"SUBMITTED", "IN_PROGRESS"})
_KEPT = (
    "InputDataConfig",
    "OutputDataConfig",
    "DataAccessRoleArn",
    "LanguageCode",
    "JobName",
    "Mode",
    "RedactionConfig",
    "DocumentClassifierArn",
    "EntityRecognizerArn",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """A kind of job: its name in ARNs, AWS's name of its noun (`SentimentDetectionJob`), the short name that its output
    folder has, and the bytes that a document of it may have."""

    kind: str
    noun: str
    short: str
    most: int

    def name(self, caller: Caller, number: str) -> ResourceName:
        """The job of a number."""
        return ResourceName(account=caller.account, region=caller.region, kind=self.kind, name=number)

    def to_start(self, *models: str) -> Needs:
        """What starting one needs: its action on jobs and on the models that `models` (members of the input) name, and
        iam:PassRole on its role."""
        action = f"comprehend:Start{self.noun}"

        def needs(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
            named = [request[member] for member in models if member in request]
            context = tag_context(request)
            return (
                *(
                    Requirement(action=action, resource=resource, context=context)
                    for resource in (self.name(caller, "*").arn, *named)
                ),
                to_pass(request["DataAccessRoleArn"], SERVICE),
            )

        return needs

    def on_job(self, verb: str) -> Needs:
        """What describing or stopping one needs."""
        return need(f"comprehend:{verb}{self.noun}", on=lambda request, caller: self.name(caller, request["JobId"]).arn)

    @property
    def to_list(self) -> Needs:
        """What listing them needs."""
        return need(f"comprehend:List{self.noun}s")


# --- writes ---------------------------------------------------------------------------------------------------


def start_job(tx: Transaction, job: Resource) -> Resource:
    """Store a new job, and have it done."""
    stored = put_resource(tx, job)
    if stored is job:
        name = f"{RUN}/{job.name.name}"
        outbox.enqueue(tx, job_id=name, kind=RUN, group=name, payload=job.arn.encode(), due=job.created)
    return stored


def begin_job(tx: Transaction, arn: str, now: int) -> Resource | None:
    """The job that begins (again); None where it is over. One that was to be stopped is."""
    job = find_resource(tx, arn)
    if job is None or job.status not in UNDER_WAY | {"STOP_REQUESTED"}:
        return None
    if job.status == "STOP_REQUESTED":
        change_resource(tx, replace(job, status="STOPPED", ended=now))
        return None
    change_resource(tx, replace(job, status="IN_PROGRESS"))
    return job


def end_job(tx: Transaction, arn: str, status: str, message: str, now: int) -> None:
    """Write how a job ended."""
    job = find_resource(tx, arn)
    if job is not None and job.status in UNDER_WAY | {"STOP_REQUESTED"}:
        change_resource(tx, replace(job, status=status, message=message, ended=now))


def stop_job(tx: Transaction, arn: str) -> str:
    """Have a job stopped, if it is under way; its status then. Raises JobNotFoundException."""
    job = require_job(tx, arn)
    if job.status not in UNDER_WAY:
        return job.status
    change_resource(tx, replace(job, status="STOP_REQUESTED"))
    return "STOP_REQUESTED"


def require_job(tx: Transaction, arn: str) -> Resource:
    """The job of an ARN. Raises JobNotFoundException."""
    job = find_resource(tx, arn)
    if job is None:
        raise JobNotFoundException
    return job


# --- operations -----------------------------------------------------------------------------------------------


class Jobs:
    """The jobs of an account and region, of one kind."""

    def __init__(self, kind: JobKind, ground: Ground, lists: Lists) -> None:
        self._kind = kind
        self._ground = ground
        self._lists = lists

    async def start(
        self,
        caller: Caller,
        request: Mapping[str, Any],
        *,
        model: str = "",
        check: Callable[[Transaction], None] = lambda _: None,
    ) -> Any:
        """Take a job on. `model` is the ARN of the model that it uses; what `check` raises refuses it.

        Raises:
            InvalidRequestException: input or output is no place in S3, or the token was used before.
            TooManyTagsException
        """
        self._refuse_unserved(request)
        checked_location(request["InputDataConfig"]["S3Uri"])
        number = self._ground.ids.token(32)
        document = {key: value for key, value in request.items() if key in _KEPT}
        document["Id"] = number
        uri = output_of(request, caller.account, self._kind.short, number)
        if self._kind.noun == "PiiEntitiesDetectionJob":
            uri = uri.removesuffix("output.tar.gz")  # it has a file of output for each of its input
        document["OutputDataConfig"] = {**request["OutputDataConfig"], "S3Uri": uri}
        job = Resource(
            name=self._kind.name(caller, number),
            label=request.get("JobName", ""),
            status="SUBMITTED",
            created=self._ground.clock.now(),
            token=request.get("ClientRequestToken"),
            digest=digest_of(request),
            model=model,
            tags=given_tags(request),
            document=document,
        )

        def write(tx: Transaction) -> Resource:
            check(tx)
            return start_job(tx, job)

        stored = await self._ground.tables.write(write)
        self._ground.poke()
        return {"JobId": stored.name.name, "JobArn": stored.arn, "JobStatus": stored.status}

    async def describe(self, caller: Caller, request: Mapping[str, Any]) -> Any:
        """What is known of a job. Raises JobNotFoundException."""
        found = await self._ground.tables.read(require_job, self._kind.name(caller, request["JobId"]).arn)
        return {f"{self._kind.noun}Properties": shown_job(found)}

    async def list(self, caller: Caller, request: Mapping[str, Any]) -> Any:
        """A page of jobs. Raises InvalidFilterException and InvalidRequestException."""
        found, more = await self._lists.page(caller, self._kind.kind, request)
        return {f"{self._kind.noun}PropertiesList": [shown_job(one) for one in found], **more}

    async def stop(self, caller: Caller, request: Mapping[str, Any]) -> Any:
        """Have a job end, if it has not yet. Raises JobNotFoundException."""
        arn = self._kind.name(caller, request["JobId"]).arn
        status = await self._ground.tables.write(stop_job, arn)
        self._ground.poke()
        return {"JobId": request["JobId"], "JobStatus": status}

    def _refuse_unserved(self, request: Mapping[str, Any]) -> None:
        for member in ("VolumeKmsKeyId", "VpcConfig", "FlywheelArn"):
            if member in request:
                raise OperationNotImplemented(f"Start{self._kind.noun} with {member} is not implemented here.")
        if "DocumentReaderConfig" in request["InputDataConfig"]:
            raise OperationNotImplemented(f"Start{self._kind.noun} reads plain text documents only here.")


def shown_job(job: Resource) -> dict[str, Any]:
    """A job's description, in the model's shape."""
    shown: dict[str, Any] = {key: value for key, value in job.document.items() if key != "Id"}
    shown |= {
        "JobId": job.name.name,
        "JobArn": job.arn,
        "JobStatus": job.status,
        "SubmitTime": moment(job.created),
    }
    if job.message:
        shown["Message"] = job.message
    if job.ended is not None:
        shown["EndTime"] = moment(job.ended)
    return shown
