"""Media analysis jobs as they are carried out: each picture of a manifest is moderated, as whoever began the job.

What becomes of a picture is a line of the results, or an error of the summary, which has the code and the words that
DetectModerationLabels answers of that picture. A job that a kill ended looks at all of them again.

Source: https://docs.aws.amazon.com/rekognition/latest/dg/bulk-analysis-output-manifests.html (where `line-number` is
misspelt).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

from marinelayer.model.errors import AccessDenied, InternalError, OperationNotImplemented, ServiceError
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Caller, Calls, Clock, ContentModerator, Mandates, Tables
from marinelayer.services.rekognition.errors import (
    ImageTooLargeException,
    InvalidImageFormatException,
    InvalidManifestException,
    InvalidParameterException,
    InvalidS3ObjectException,
    engine_errors,
)
from marinelayer.services.rekognition.images import Images
from marinelayer.services.rekognition.media_job_rows import RUN, begin_job, settle_job
from marinelayer.services.rekognition.moderation import LEAST_CONFIDENCE, moderation_labels
from marinelayer.services.rekognition.stored_objects import StoredObjects

ATTEMPTS = 3
"""Attempts after which a picture that breaks its reader is given up, or a job that does not come to its end."""
MOST_LINES = 10_000
_SOURCE_REF = re.compile(r"s3://([^/]+)/(.+)", re.DOTALL)
_OF_THE_PICTURE = (
    InvalidS3ObjectException,
    InvalidImageFormatException,
    ImageTooLargeException,
    InvalidParameterException,
)

_logger = logging.getLogger(__name__)


class FailedJobError(Exception):
    """The job can not go on: a code of MediaAnalysisJobFailureDetails, and why."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(slots=True)
class Outcome:
    """What is known of a manifest's pictures so far."""

    lines: int = 0
    results: list[str] = field(default_factory=list[str])
    errors: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    model: str = ""

    def summary(self) -> dict[str, Any]:
        """The document of the manifest's summary."""
        statistics = {
            "total-json-lines": self.lines,
            "valid-json-lines": len(self.results),
            "invalid-json-lines": len(self.errors),
        }
        return {"version": "1.0", "statistics": statistics, "errors": self.errors}


class MediaRuns:
    """Carries out media analysis jobs."""

    def __init__(
        self, tables: Tables, clock: Clock, calls: Calls, mandates: Mandates, moderator: ContentModerator
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._images = Images(calls)
        self._objects = StoredObjects(calls)
        self._mandates = mandates
        self._moderator = moderator

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of outbox job."""
        return {RUN: self.run}

    async def run(self, job: Job) -> None:
        """Look at all pictures, and write down what is seen."""
        told: Mapping[str, Any] = json.loads(job.payload)
        row = await self._tables.write(begin_job, told["job"])
        if row is None:
            return
        failure: dict[str, Any] = {}
        results: dict[str, Any] = {}
        try:
            caller = await self._mandates.caller(told["mandate"], job.id)
            results = await self._analyse(caller, row["job_id"], json.loads(row["request"]), job.attempts)
        except FailedJobError as error:
            failure = {"Code": error.code, "Message": error.message}
        except AccessDenied as error:
            failure = {"Code": "ACCESS_DENIED", "Message": error.message}
        except Exception:
            if job.attempts < ATTEMPTS:
                raise
            _logger.exception("the job %s is given up", row["job_id"])
            failure = {"Code": "INTERNAL_ERROR", "Message": "Amazon Rekognition experienced a service issue."}
        await self._tables.write(settle_job, row["job_id"], failure, results, self._clock.now())

    async def _analyse(self, caller: Caller, job_id: str, request: Mapping[str, Any], attempts: int) -> dict[str, Any]:
        asked = request["OperationsConfig"]["DetectModerationLabels"]
        least: float = asked.get("MinConfidence", LEAST_CONFIDENCE)
        outcome = Outcome()
        try:
            async with aclosing(self._objects.lines(caller, request["Input"]["S3Object"])) as lines:
                async for line in lines:
                    outcome.lines += 1
                    if outcome.lines > MOST_LINES:
                        raise FailedJobError("INVALID_MANIFEST", f"The manifest has more than {MOST_LINES} lines.")
                    await self._line(caller, line, least, outcome, last=attempts >= ATTEMPTS)
        except InvalidS3ObjectException as error:
            raise FailedJobError("INVALID_S3_OBJECT", error.message) from None
        except OperationNotImplemented as error:
            raise FailedJobError("RESOURCE_NOT_READY", error.message) from None
        prefix = request["OutputConfig"].get("S3KeyPrefix", "")
        folder = f"{prefix}{'' if not prefix or prefix.endswith('/') else '/'}{job_id}"
        return await self._write(caller, request, folder, outcome)

    async def _line(self, caller: Caller, line: bytes, least: float, outcome: Outcome, *, last: bool) -> None:
        """What is seen in the picture of a line; on the last attempt also of one that breaks its reader."""
        source = ""
        try:
            source, place = _read(line)
            image = await self._images.read(caller, {"S3Object": place})
            with engine_errors():
                seen = await self._moderator.moderation(image)
        except (*_OF_THE_PICTURE, InvalidManifestException) as error:
            outcome.errors.append(_error(outcome.lines, source, error.code, error.message))
            return
        except InternalError as error:
            if not last:
                raise
            outcome.errors.append(_error(outcome.lines, source, "InternalServerError", error.message))
            return
        outcome.model = "; ".join(f"{engine.name} {engine.version}" for engine in seen.engines)
        answer = {
            "ModerationLabels": moderation_labels(seen.labels, least),
            "ModerationModelVersion": outcome.model,
            "ContentTypes": list[Any](),
        }
        outcome.results.append(json.dumps({"source-ref": source, "detect-moderation-labels": answer}))

    async def _write(self, caller: Caller, request: Mapping[str, Any], folder: str, outcome: Outcome) -> dict[str, Any]:
        """Put both documents into the bucket; what answers say of them."""
        bucket, key = request["OutputConfig"]["S3Bucket"], request.get("KmsKeyId")
        results, summary = f"{folder}/results.jsonl", f"{folder}/manifest-summary.json"
        content = "".join(f"{line}\n" for line in outcome.results).encode()
        try:
            await self._objects.write(caller, bucket, results, content, key)
            await self._objects.write(caller, bucket, summary, json.dumps(outcome.summary()).encode(), key)
        except ServiceError as error:
            code = "INVALID_KMS_KEY" if error.code.startswith("KMS") else "INVALID_OUTPUT_CONFIG"
            raise FailedJobError(code, error.message) from None
        told: dict[str, Any] = {"S3Object": {"Bucket": bucket, "Name": results}}
        if outcome.model:
            told["ModelVersions"] = {"Moderation": outcome.model}
        return {"Results": told, "ManifestSummary": {"S3Object": {"Bucket": bucket, "Name": summary}}}


def _read(line: bytes) -> tuple[str, Any]:
    """What a line of a manifest names, and where that is.

    Raises:
        InvalidManifestException: it names no object.
    """
    try:
        members: Any = json.loads(line)
    except ValueError:
        raise InvalidManifestException("The line is no JSON.") from None
    source = cast("dict[str, Any]", members).get("source-ref") if isinstance(members, dict) else None
    found = _SOURCE_REF.fullmatch(source) if isinstance(source, str) else None
    if found is None:
        raise InvalidManifestException("The line has no source-ref that names an object of S3.")
    return found[0], {"Bucket": found[1], "Name": found[2]}


def _error(line: int, source: str, code: str, message: str) -> dict[str, Any]:
    named = {"source-ref": source} if source else {}
    return {"line-number": line, **named, "code": code, "message": message}
