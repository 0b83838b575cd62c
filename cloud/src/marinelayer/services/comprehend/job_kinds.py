"""What a kind of asynchronous job is, and the operations that every kind has. `jobs` stores them, `job_running` does
them.

A kind is a class: its `kind` says how AWS names it, its operations are declared with `starting`, `describing`,
`listing` and `stopping`, and `check` refuses what it can not do. Either its `analyse` says what is found in some texts
(`TextJobs`), or its `study` what is found in all documents together (`CorpusJobs`). It is one of those that
`custom.job_kinds` lists; nothing else knows the kinds apart.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Protocol

from marinelayer.model.errors import OperationNotImplemented, Refusal
from marinelayer.ports import Caller, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.comprehend.archive import OutputFiles
from marinelayer.services.comprehend.arns import ResourceName
from marinelayer.services.comprehend.corpus import Corpus
from marinelayer.services.comprehend.data_access import SERVICE, checked_location, output_of
from marinelayer.services.comprehend.endpoints import require_trained
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.jobs import RUN, STUDY, require_job, shown_job, start_job, stop_job
from marinelayer.services.comprehend.listing import Lists
from marinelayer.services.comprehend.patience import one_by_one
from marinelayer.services.comprehend.resources import Resource, digest_of
from marinelayer.services.comprehend.tags import given_tags, tag_context
from marinelayer.services.operation import Needs, need, operation
from marinelayer.services.passing import to_pass

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
    "NumberOfTopics",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """How AWS names a kind of job, and what sets it apart: its name in ARNs; its noun in operations
    (`SentimentDetectionJob`); the short name that its output folder has; the bytes that a document of it may have; the
    member of the input that names the custom model which does it, if any; whether it writes a file of output for each
    of its input rather than one archive; what the file in that archive is called; whether its lines tell their number
    as a string (`"Line": "0"`); and the members that its description has where the request has none."""

    kind: str
    noun: str
    short: str
    most: int
    model: str = ""
    file_by_file: bool = False
    output: str = "output"
    lines_as_text: bool = False
    usual: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def name(self, caller: Caller, number: str) -> ResourceName:
        """The job of a number."""
        return ResourceName(account=caller.account, region=caller.region, kind=self.kind, name=number)

    @property
    def to_start(self) -> Needs:
        """What starting one needs: its action on jobs and on the model that is named, and iam:PassRole on its role."""
        action = f"comprehend:Start{self.noun}"

        def needs(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
            named = [request[self.model]] if self.model in request else []
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


class Jobs(ABC):
    """The jobs of an account and region, of one kind. `done_as`: the kind of outbox job that does them."""

    kind: ClassVar[JobKind]
    done_as: ClassVar[str] = RUN

    def __init__(self, ground: Ground, lists: Lists) -> None:
        self.ground = ground
        self.lists = lists

    @property
    def names(self) -> Sequence[str]:
        """What the files of output are called, before they are packed."""
        return (self.kind.output,)

    @abstractmethod
    async def check(self, request: Mapping[str, Any]) -> None:
        """Raises what refuses a job of this input, before one is taken on."""


class TextJobs(Jobs):
    """Jobs that look at some documents after the other, and write a line of output about each."""

    @abstractmethod
    async def analyse(self, job: Resource, texts: Sequence[str]) -> Sequence[Mapping[str, Any] | Refusal]:
        """What is found in each of some texts: the members of its line, or the refusal that it meets."""


class CorpusJobs(Jobs):
    """Jobs that look at all documents together, and write files of output about them."""

    done_as = STUDY

    @abstractmethod
    async def study(self, job: Resource, corpus: Corpus, files: OutputFiles) -> None:
        """Write what is found. Raises Failed, and as the engine."""


class Document(Protocol):
    """What is found in one text of a language."""

    def __call__(self, text: str, *, language: str) -> Awaitable[Mapping[str, Any]]:
        """The members of its line. Raises UnsupportedLanguageException."""
        ...


class DocumentJobs(TextJobs):
    """Jobs that look at each document by itself, in the language that the request names."""

    def __init__(self, ground: Ground, lists: Lists, document: Document) -> None:
        super().__init__(ground, lists)
        self.document = document

    async def check(self, request: Mapping[str, Any]) -> None:
        """Raises UnsupportedLanguageException: no engine here reads this language."""
        await self.document("x", language=request["LanguageCode"])

    async def analyse(self, job: Resource, texts: Sequence[str]) -> Sequence[Mapping[str, Any] | Refusal]:
        """What is found in each text."""
        return await one_by_one(partial(self.document, language=job.document["LanguageCode"]), texts)


# --- operations -----------------------------------------------------------------------------------------------

Operation = Callable[[Any, Caller, Mapping[str, Any]], Awaitable[Any]]


def starting(kind: JobKind) -> Operation:
    """The operation that starts a job of a kind."""

    @operation(f"Start{kind.noun}", needs=kind.to_start)
    async def start(self: Jobs, caller: Caller, request: Mapping[str, Any]) -> Any:
        """Take a job on.

        Raises:
            InvalidRequestException: input or output is no place in S3, or the token was used before.
            ResourceNotFoundException, ResourceUnavailableException: there is no such model, or it is not trained.
            TooManyTagsException
            ServiceError: what the kind's `check` raises.
        """
        _refuse_unserved(kind, request)
        await self.check(request)
        checked_location(request["InputDataConfig"]["S3Uri"])
        job = _new_job(kind, caller, request, self.ground)

        def write(tx: Transaction) -> Resource:
            if kind.model in request:
                require_trained(tx, request[kind.model])
            return start_job(tx, job, self.done_as)

        stored = await self.ground.tables.write(write)
        self.ground.poke()
        answer = {"JobId": stored.name.name, "JobArn": stored.arn, "JobStatus": stored.status}
        return answer | ({kind.model: request[kind.model]} if kind.model in request else {})

    return start


def describing(kind: JobKind) -> Operation:
    """The operation that describes a job of a kind."""

    @operation(f"Describe{kind.noun}", needs=kind.on_job("Describe"))
    async def describe(self: Jobs, caller: Caller, request: Mapping[str, Any]) -> Any:
        """What is known of a job. Raises JobNotFoundException."""
        found = await self.ground.tables.read(require_job, kind.name(caller, request["JobId"]).arn)
        return {f"{kind.noun}Properties": shown_job(found)}

    return describe


def listing(kind: JobKind) -> Operation:
    """The operation that lists the jobs of a kind."""

    @operation(f"List{kind.noun}s", needs=kind.to_list)
    async def list_jobs(self: Jobs, caller: Caller, request: Mapping[str, Any]) -> Any:
        """A page of jobs. Raises InvalidFilterException and InvalidRequestException."""
        found, more = await self.lists.page(caller, kind.kind, request)
        return {f"{kind.noun}PropertiesList": [shown_job(one) for one in found], **more}

    return list_jobs


def stopping(kind: JobKind) -> Operation:
    """The operation that stops a job of a kind."""

    @operation(f"Stop{kind.noun}", needs=kind.on_job("Stop"))
    async def stop(self: Jobs, caller: Caller, request: Mapping[str, Any]) -> Any:
        """Have a job end, if it has not yet. Raises as `stop_job`."""
        arn = kind.name(caller, request["JobId"]).arn
        status = await self.ground.tables.write(stop_job, arn)
        self.ground.poke()
        return {"JobId": request["JobId"], "JobStatus": status}

    return stop


def _new_job(kind: JobKind, caller: Caller, request: Mapping[str, Any], ground: Ground) -> Resource:
    number = ground.ids.token(32)
    document = {**kind.usual, **{key: value for key, value in request.items() if key in _KEPT}}
    uri = output_of(request, caller.account, kind.short, number)
    if kind.file_by_file:
        uri = uri.removesuffix("output.tar.gz")
    document["InputDataConfig"] = {"InputFormat": "ONE_DOC_PER_LINE", **request["InputDataConfig"]}
    document |= {"Id": number, "OutputDataConfig": {**request["OutputDataConfig"], "S3Uri": uri}}
    return Resource(
        name=kind.name(caller, number),
        label=request.get("JobName", ""),
        status="SUBMITTED",
        created=ground.clock.now(),
        token=request.get("ClientRequestToken"),
        digest=digest_of(request),
        model=request.get(kind.model, ""),
        tags=given_tags(request),
        document=document,
    )


def _refuse_unserved(kind: JobKind, request: Mapping[str, Any]) -> None:
    for member in ("VolumeKmsKeyId", "VpcConfig", "FlywheelArn"):
        if member in request:
            raise OperationNotImplemented(f"Start{kind.noun} with {member} is not implemented here.")
    if "DocumentReaderConfig" in request["InputDataConfig"]:
        raise OperationNotImplemented(f"Start{kind.noun} reads plain text documents only here.")
