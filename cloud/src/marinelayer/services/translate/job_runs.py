"""What a translation job does: reads documents of a prefix in S3, and writes each in every target language, document by
document, in the name of the role that the job was given.

A kill at any moment loses nothing: the documents to do are written down before the first is done, and each is noted
when its translations are in S3. One that was under way is done again, to the same key.

Source: https://docs.aws.amazon.com/translate/latest/dg/async.html, .../async-results.html; the limits are those of
https://docs.aws.amazon.com/translate/latest/dg/what-is-limits.html.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from marinelayer.http import BytesBody
from marinelayer.model.errors import AccessDenied, CommonError, Refusal, ServiceDown, ServiceError, Throttled
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import BadDocumentError, Caller, Calls, Clock, Documents, Errand, ServiceRoles, Tables, Text
from marinelayer.services.locations import Location, Stored, StoredObjects, read_location
from marinelayer.services.translate import job_store
from marinelayer.services.translate.document_translation import sample
from marinelayer.services.translate.errors import InvalidRequestException, engine_errors
from marinelayer.services.translate.interpreting import Interpretation, Interpreter, Order
from marinelayer.services.translate.job_store import RUN, JobName, TranslationJob, read_name
from marinelayer.services.translate.jobs import SERVICE
from marinelayer.services.translate.languages import AUTO
from marinelayer.services.translate.profanity import knows
from marinelayer.services.translate.terminology_store import TerminologyName, TermsAtHand
from marinelayer.services.translate.terms import MOST_APPLIED

if TYPE_CHECKING:
    from marinelayer.model.types.translate import TranslationSettings

MOST_DOCUMENTS = 1_000_000
MOST_BYTES = 5 << 30
MOST_DOCUMENT_BYTES = 20 << 20
MOST_TEXT_BYTES = 1 << 20
MOST_LETTERS = 1_000_000
PAGE = 1_000
MOST_ATTEMPTS = 30
"""Times that a job is begun again after a kill or a failure of ours."""


class Failed(Exception):
    """The job as a whole can not be done. The text is its message."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a job reads and writes: folders, whose names end with a slash (or are "")."""

    source: Location
    target: Location

    def relative(self, key: str) -> str:
        """A document's name below the input's folder."""
        return key.removeprefix(self.source.key)

    def output(self, key: str, language: str) -> Location:
        """Where a document's translation goes: beside where it would lie, with the language before its name."""
        folder, slash, name = self.relative(key).rpartition("/")
        return self.target.below(f"{folder}{slash}{language}.{name}")


def places_of(job: TranslationJob) -> Places:
    """The folders of a job. Raises Failed: it names none."""
    source = read_location(job.request["InputDataConfig"]["S3Uri"])
    target = read_location(job.request["OutputDataConfig"]["S3Uri"])
    if source is None or target is None:
        raise Failed("The S3 URI of the input or output data is not valid.")
    folder = f"{job.name.account}-TranslateText-{job.name.job_id}/"
    return Places(source.below(""), target.below(folder))


class TranslationJobRuns:
    """Does what jobs are for."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        calls: Calls,
        roles: ServiceRoles,
        interpreter: Interpreter,
        terms: TermsAtHand,
        documents: Documents,
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._objects = StoredObjects(calls)
        self._roles = roles
        self._interpreter = interpreter
        self._terms = terms
        self._documents = documents

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of the outbox's jobs."""
        return {RUN: self.run}

    async def run(self, outbox_job: Job) -> None:
        """Do a job to its end, from wherever it is."""
        name = read_name(outbox_job.payload)
        job = await self._tables.read(job_store.the, name)
        if job.state not in job_store.UNFINISHED:
            return
        if outbox_job.attempts > MOST_ATTEMPTS:
            await self._end(name, "FAILED", "An internal error occurred.")
            return
        try:
            caller, places = await self._assume(job), places_of(job)
            if job.state == "SUBMITTED":
                await self._find(job, caller, places)
            await self._translate_all(name, caller, places)
            await self._tell(job, caller, places)
        except Failed as failure:
            await self._end(name, "FAILED", str(failure))
            return
        job = await self._tables.read(job_store.the, name)
        await self._end(name, "COMPLETED_WITH_ERROR" if job.failed else "COMPLETED", "")

    async def _end(self, name: JobName, state: str, message: str) -> None:
        await self._tables.write(job_store.end, name, state, message, self._clock.now())

    async def _assume(self, job: TranslationJob) -> Caller:
        """Translate in the name of the job's role. Raises Failed."""
        errand = Errand(service=SERVICE, account=job.name.account, region=job.name.region, id=job.name.job_id)
        try:
            return await self._roles.assume(job.request["DataAccessRoleArn"], errand)
        except AccessDenied as refusal:
            raise Failed(refusal.message) from None

    # --- which documents ----------------------------------------------------------------------------------------

    async def _find(self, job: TranslationJob, caller: Caller, places: Places) -> None:
        """Write down the documents of the input. Raises Failed: there are none, too many, or it may not be read."""
        number = size = 0
        waiting: list[tuple[str, int]] = []
        async for found in self._walk(caller, places.source):
            number, size = number + 1, size + found.size
            if number > MOST_DOCUMENTS or size > MOST_BYTES:
                raise Failed(f"A job can have {MOST_DOCUMENTS} documents of {MOST_BYTES >> 30} GB in all at most.")
            waiting.append((found.key, found.size))
            if len(waiting) == PAGE:
                await self._tables.write(job_store.add_documents, job.name, waiting)
                waiting = []
        if not number:
            raise Failed(f"There are no documents at {places.source.uri}.")
        await self._tables.write(job_store.add_documents, job.name, waiting)
        await self._tables.write(job_store.begin, job.name)

    async def _walk(self, caller: Caller, place: Location) -> AsyncIterator[Stored]:
        try:
            async with aclosing(self._objects.walk(caller, place)) as found:
                async for one in found:
                    yield one
        except Refusal as refusal:
            _raise_passing(refusal)
            raise Failed(f"The input data can not be read: {refusal.message}") from None

    # --- one after the other ------------------------------------------------------------------------------------

    async def _translate_all(self, name: JobName, caller: Caller, places: Places) -> None:
        while True:
            job, key, size = await self._tables.read(job_store.next_document, name)
            if key is None or job.state != "IN_PROGRESS":
                return
            detail = await self._document(job, caller, places, key, size)
            state = "error" if any("error" in one for one in detail.values()) else "done"
            await self._tables.write(job_store.end_document, name, key, state, detail)

    async def _document(
        self, job: TranslationJob, caller: Caller, places: Places, key: str, size: int
    ) -> dict[str, dict[str, Any]]:
        """Translate a document into every language; what came of it, by language."""
        targets: Sequence[str] = job.request["TargetLanguageCodes"]
        try:
            content = await self._read(caller, Location(bucket=places.source.bucket, key=key), size)
            texts = await self._texts(content, job.request["InputDataConfig"]["ContentType"])
        except Refusal as refusal:
            _raise_passing(refusal)
            return {target: _error(refusal) for target in targets}
        return {target: await self._into(job, caller, places, (key, content, texts), target) for target in targets}

    async def _read(self, caller: Caller, place: Location, size: int) -> bytes:
        if size > MOST_DOCUMENT_BYTES:
            raise InvalidRequestException(f"The document is over {MOST_DOCUMENT_BYTES >> 20} MB.")
        content = bytearray()
        async with aclosing(self._objects.read(caller, place)) as pieces:
            async for piece in pieces:
                content += piece
                if len(content) > MOST_DOCUMENT_BYTES:
                    raise InvalidRequestException(f"The document is over {MOST_DOCUMENT_BYTES >> 20} MB.")
        return bytes(content)

    async def _texts(self, content: bytes, media_type: str) -> Sequence[Text]:
        with engine_errors():
            try:
                texts = await self._documents.texts(content, media_type)
            except BadDocumentError as error:
                raise InvalidRequestException(str(error)) from None
        if sum(len(run.text.encode("utf-8", "replace")) for text in texts for run in text) > MOST_TEXT_BYTES:
            raise InvalidRequestException(f"The document has over {MOST_TEXT_BYTES >> 20} MB of text.")
        if sum(len(run.text) for text in texts for run in text) > MOST_LETTERS:
            raise InvalidRequestException(f"The document has over {MOST_LETTERS:,} characters.")
        return texts

    async def _into(
        self,
        job: TranslationJob,
        caller: Caller,
        places: Places,
        document: tuple[str, bytes, Sequence[Text]],
        target: str,
    ) -> dict[str, Any]:
        key, content, texts = document
        media_type: str = job.request["InputDataConfig"]["ContentType"]
        try:
            source: str = job.request["SourceLanguageCode"]
            if source == AUTO:
                source = await self._interpreter.told(sample(texts), target)
            done = await self._interpreter.interpret(texts, await self._order(job, source, target))
            with engine_errors():
                written = await self._documents.with_texts(content, media_type, done.texts, target)
            await self._put(job, caller, places.output(key, target), written, media_type)
        except Refusal as refusal:
            _raise_passing(refusal)
            return _error(refusal)
        letters = sum(len(run.text) for text in texts for run in text)
        return {"source": source, "letters": letters, "terms": _terms(job, done)}

    async def _order(self, job: TranslationJob, source: str, target: str) -> Order:
        names: Sequence[str] = job.request.get("TerminologyNames") or ()
        place = job.name
        terms = None
        if names:
            terminology = TerminologyName(place.account, place.region, names[0])
            terms = await self._terms.find(terminology, source, target)
        settings = cast("TranslationSettings", dict(job.request.get("Settings", {})))
        if not all(knows(one) for one in job.request["TargetLanguageCodes"]):
            # "If any of the target languages don't support profanity masking, the job won't mask for any."
            settings.pop("Profanity", None)
        return Order(source=source, target=target, terms=terms, settings=settings)

    async def _put(self, job: TranslationJob, caller: Caller, place: Location, content: bytes, media_type: str) -> None:
        key: Mapping[str, str] | None = job.request["OutputDataConfig"].get("EncryptionKey")
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key["Id"]} if key else {}
        await self._objects.write(caller, place, BytesBody(content), {"ContentType": media_type, **sealed})

    # --- what came of it ----------------------------------------------------------------------------------------

    async def _tell(self, job: TranslationJob, caller: Caller, places: Places) -> None:
        """Write the details of each language beside its documents. Raises Failed."""
        for target in job.request["TargetLanguageCodes"]:
            details, after, letters, errors = list[dict[str, Any]](), "", 0, {"customer": 0, "server": 0}
            while rows := await self._tables.read(job_store.documents, job.name, after, PAGE):
                for key, _, detail in rows:
                    one = detail[target]
                    letters += one.get("letters", 0)
                    if "error" in one:
                        errors[one["fault"]] += 1
                    details.append(_detail(places, key, target, one))
                after = rows[-1][0]
            told = {
                "sourceLanguageCode": job.request["SourceLanguageCode"],
                "targetLanguageCode": target,
                "charactersTranslated": str(letters),
                "documentCountWithCustomerError": str(errors["customer"]),
                "documentCountWithServerError": str(errors["server"]),
                "inputDataPrefix": job.request["InputDataConfig"]["S3Uri"],
                "outputDataPrefix": places.target.uri,
                "details": details,
            }
            place = places.target.below(f"details/{target}.auxiliary-translation-details.json")
            try:
                await self._put(job, caller, place, json.dumps(told, ensure_ascii=False).encode(), "application/json")
            except Refusal as refusal:
                _raise_passing(refusal)
                raise Failed(f"The output data can not be written: {refusal.message}") from None


def _raise_passing(refusal: Refusal) -> None:
    """Raise what another attempt may not meet."""
    if isinstance(refusal, (Throttled, ServiceDown)):
        raise refusal


def _error(refusal: Refusal) -> dict[str, Any]:
    """What came of a document that could not be translated."""
    code = refusal.code if isinstance(refusal, ServiceError) else type(refusal).__name__
    server = isinstance(refusal, CommonError) and not isinstance(refusal, AccessDenied)
    return {"error": code, "message": refusal.message, "fault": "server" if server else "customer"}


def _terms(job: TranslationJob, done: Interpretation) -> list[dict[str, Any]]:
    names: Sequence[str] = job.request.get("TerminologyNames") or ()
    terms = [{"sourceText": term.source, "targetText": term.target} for term in done.terms[:MOST_APPLIED]]
    return [{"name": name, "terms": terms} for name in names]


def _detail(places: Places, key: str, target: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """A document's entry in the details."""
    file: dict[str, Any] = {"sourceFile": places.relative(key)}
    if "error" in one:
        error = {"errorCode": one["error"], "errorMessage": one["message"]}
        return {**file, "auxiliaryData": {"error": error}}
    file["targetFile"] = places.output(key, target).key.removeprefix(places.target.key)
    return {**file, "auxiliaryData": {"appliedTerminologies": one["terms"]} if one["terms"] else {}}
