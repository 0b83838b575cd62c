"""StartTextTranslationJob, DescribeTextTranslationJob, ListTextTranslationJobs and StopTextTranslationJob. What a job
does is in `job_runs`.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/API_StartTextTranslationJob.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, Clock, Ids, Tables
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import ForgedTokenError, PageTokens
from marinelayer.services.passing import to_pass
from marinelayer.services.translate.errors import (
    InvalidFilterException,
    InvalidRequestException,
)
from marinelayer.services.translate.interpreting import Interpreter
from marinelayer.services.translate.job_store import JobName, Page, TranslationJob, page, request_stop, submit, the
from marinelayer.services.translate.terminology_store import find_all
from marinelayer.services.translate.translation import chosen_terminology, on_terminologies

if TYPE_CHECKING:
    from marinelayer.model.types import translate as wire

SERVICE = "translate.amazonaws.com"
MOST_TARGETS = 10
USUAL_PAGE = 100
_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = (
    "text/html",
    "text/plain",
    f"{_OFFICE}wordprocessingml.document",
    f"{_OFFICE}presentationml.presentation",
    f"{_OFFICE}spreadsheetml.sheet",
    "application/x-xliff+xml",
)
_KEPT = (
    "InputDataConfig",
    "OutputDataConfig",
    "DataAccessRoleArn",
    "SourceLanguageCode",
    "TargetLanguageCodes",
    "TerminologyNames",
    "Settings",
)
_END = 2**62


def _start_needs(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
    """The action, on each terminology that is named, and iam:PassRole on the role."""
    return [
        *on_terminologies("translate:StartTextTranslationJob", request, caller),
        to_pass(request["DataAccessRoleArn"], SERVICE),
    ]


class TranslationJobs:
    """Asynchronous batch translation jobs."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
        interpreter: Interpreter,
        poke: Callable[[], None],
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages
        self._interpreter = interpreter
        self._poke = poke

    @operation("StartTextTranslationJob", needs=_start_needs)
    async def start(
        self, caller: Caller, request: wire.StartTextTranslationJobRequest
    ) -> wire.StartTextTranslationJobResponse:
        """A new job; the one that the same client token has started, where there is one.

        Raises:
            InvalidRequestException: a type of documents that is not known, too many languages or terminologies, or a
                role of another account.
            InvalidParameterValueException: the client token has started another job.
            UnsupportedLanguagePairException: a pair is not translated here.
            ResourceNotFoundException: there is no terminology of that name.
            OperationNotImplemented: parallel data is named.
        """
        self._check(caller, request)
        terminology = chosen_terminology(request.get("TerminologyNames"), caller)
        await self._tables.read(find_all, [terminology] if terminology else [])
        name = JobName(account=caller.account, region=caller.region, job_id=self._ids.token(32))
        kept = {member: value for member, value in request.items() if member in _KEPT}
        job_id = await self._tables.write(
            submit, name, request["ClientToken"], request.get("JobName", ""), kept, self._clock.now()
        )
        self._poke()
        return {"JobId": job_id, "JobStatus": "SUBMITTED"}

    def _check(self, caller: Caller, request: wire.StartTextTranslationJobRequest) -> None:
        if request.get("ParallelDataNames"):
            raise OperationNotImplemented(
                "translate.StartTextTranslationJob with ParallelDataNames is not implemented here: no engine here can "
                "learn from examples."
            )
        media_type, targets = request["InputDataConfig"]["ContentType"], request["TargetLanguageCodes"]
        if media_type not in MEDIA_TYPES:
            raise InvalidRequestException(f"The content type {media_type} is not supported.")
        if len(targets) > MOST_TARGETS:
            raise InvalidRequestException(f"A job can have {MOST_TARGETS} target languages at most.")
        if len(set(targets)) < len(targets):
            raise InvalidRequestException("A target language is named twice.")
        if request.get("Settings", {}).get("Brevity"):
            raise InvalidRequestException("Brevity is not supported for jobs.")
        if request["DataAccessRoleArn"].split(":")[4] != caller.account:
            raise InvalidRequestException("The data access role must be one of the account's own.")
        for target in targets:
            self._interpreter.check_pair(request["SourceLanguageCode"], target)

    @operation("DescribeTextTranslationJob", needs=need("translate:DescribeTextTranslationJob"))
    async def describe(
        self, caller: Caller, request: wire.DescribeTextTranslationJobRequest
    ) -> wire.DescribeTextTranslationJobResponse:
        """A job as it is now. Raises ResourceNotFoundException."""
        return {"TextTranslationJobProperties": shown(await self._tables.read(the, _name(caller, request["JobId"])))}

    @operation("ListTextTranslationJobs", needs=need("translate:ListTextTranslationJobs"))
    async def list_jobs(
        self, caller: Caller, request: wire.ListTextTranslationJobsRequest
    ) -> wire.ListTextTranslationJobsResponse:
        """A page of jobs, the newest first; the oldest first of those submitted before a time.

        Raises:
            InvalidFilterException: more than one filter is set.
            InvalidRequestException: the page token is not one of this list's.
        """
        wanted = dict(request.get("Filter", {}))
        if len(wanted) > 1:
            raise InvalidFilterException("Only one filter can be set at a time.")
        scope = f"translate.ListTextTranslationJobs/{caller.account}/{caller.region}/{sorted(map(str, wanted.items()))}"
        try:
            position = self._pages.position(request.get("NextToken"), scope)
        except ForgedTokenError:
            raise InvalidRequestException("Invalid next token.") from None
        most = request.get("MaxResults", USUAL_PAGE)
        found = await self._tables.read(page, caller.account, caller.region, _page(wanted, position, most + 1))
        answer: wire.ListTextTranslationJobsResponse = {
            "TextTranslationJobPropertiesList": [shown(job) for job in found[:most]]
        }
        if len(found) > most:
            last = found[most - 1]
            answer["NextToken"] = self._pages.seal(f"{last.submitted}/{last.name.job_id}", scope)
        return answer

    @operation("StopTextTranslationJob", needs=need("translate:StopTextTranslationJob"))
    async def stop(
        self, caller: Caller, request: wire.StopTextTranslationJobRequest
    ) -> wire.StopTextTranslationJobResponse:
        """Ask that a job be stopped after the document that it is at. Raises ResourceNotFoundException."""
        state = await self._tables.write(request_stop, _name(caller, request["JobId"]))
        self._poke()
        return {"JobId": request["JobId"], "JobStatus": state}


def _name(caller: Caller, job_id: str) -> JobName:
    return JobName(account=caller.account, region=caller.region, job_id=job_id)


def _page(wanted: Mapping[str, Any], position: str, limit: int) -> Page:
    before, after = wanted.get("SubmittedBeforeTime"), wanted.get("SubmittedAfterTime")
    submitted, _, job_id = position.partition("/")
    start = 0 if before is not None else _END
    return Page(
        submitted=int(submitted or start),
        job_id=job_id,
        label=wanted.get("JobName", ""),
        state=wanted.get("JobStatus", ""),
        after=-1 if after is None else _microseconds(after),
        before=None if before is None else _microseconds(before),
        limit=limit,
    )


def shown(job: TranslationJob) -> wire.TextTranslationJobProperties:
    """A job in the model's shape."""
    properties: dict[str, Any] = {
        "JobId": job.name.job_id,
        "JobStatus": job.state,
        "JobDetails": {
            "TranslatedDocumentsCount": job.translated,
            "DocumentsWithErrorsCount": job.failed,
            "InputDocumentsCount": job.documents,
        },
        "SubmittedTime": _time(job.submitted),
        **job.request,
    }
    if job.label:
        properties["JobName"] = job.label
    if job.message:
        properties["Message"] = job.message
    if job.ended:
        properties["EndTime"] = _time(job.ended)
    return cast("wire.TextTranslationJobProperties", properties)


def _time(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def _microseconds(time: datetime) -> int:
    return round(time.timestamp() * 1_000_000)
