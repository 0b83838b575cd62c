"""What a job that is stopped on its way leaves, on each database. Each document tells the same, and the job is stopped
when a given number of them is done."""

import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from marinelayer.model.errors import Refusal
from marinelayer.outbox import Job
from marinelayer.ports import Caller, Tables
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.services.comprehend import job_running
from marinelayer.services.comprehend.arns import ResourceName
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.job_input import AT_ONCE
from marinelayer.services.comprehend.job_kinds import JobKind, TextJobs
from marinelayer.services.comprehend.job_running import JobRuns
from marinelayer.services.comprehend.jobs import start_job, stop_job
from marinelayer.services.comprehend.resources import Resource, require_resource

ACCOUNT, REGION = "1" * 12, "us-east-1"
CALLER = Caller(
    identity=ANONYMOUS_IDENTITY, account=ACCOUNT, region=REGION, request_id="r", authoriser=cast("Any", None)
)


class Bucket:
    """S3 with one bucket, as a service calls it, and whose roles may do everything."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    async def call(self, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "ListObjectsV2":
            found = sorted(key for key in self.files if key.startswith(request["Prefix"]))
            return {"Contents": [{"Key": key, "Size": len(self.files[key])} for key in found]}
        if operation == "GetObject":
            return {"Body": self.files[request["Key"]]}
        self.files[request["Key"]] = b"".join([piece async for piece in request["Body"]])
        return {}

    async def assume(self, role: str, errand: Any) -> Caller:
        return CALLER


class HeldClock:
    def now(self) -> int:
        return 1_000_000


class Stopping(TextJobs):
    """Jobs that are stopped when they have looked at documents for the second time."""

    kind = JobKind(kind="sentiment-detection-job", noun="SentimentDetectionJob", short="SENTIMENT", most=100)
    times = 0

    async def check(self, request: Mapping[str, Any]) -> None:
        """Nothing is refused."""

    async def analyse(self, job: Resource, texts: Sequence[str]) -> Sequence[Mapping[str, Any] | Refusal]:
        self.times += 1
        if self.times == 2:
            await self.ground.tables.write(stop_job, job.arn)
        return [{"Found": text} for text in texts]


class StoppingByFile(Stopping):
    kind = JobKind(
        kind="pii-entities-detection-job", noun="PiiEntitiesDetectionJob", short="PII", most=100, file_by_file=True
    )


@pytest.fixture(autouse=True)
def every_look_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_running, "LOOK_AGAIN", 0)


async def stopped(jobs: type[Stopping], tables: Tables, spool: Path, files: Mapping[str, bytes]) -> Bucket:
    """What a job that was stopped left."""
    bucket = Bucket(files)
    given = {"tables": tables, "clock": HeldClock(), "calls": bucket, "roles": bucket, "spool": spool}
    ground = Ground(**dict.fromkeys(set(Ground.__annotations__) - set(given), cast("Any", None)), **given)
    job = Resource(
        name=ResourceName(account=ACCOUNT, region=REGION, kind=jobs.kind.kind, name="j"),
        label="",
        status="SUBMITTED",
        created=1,
        document={
            "Id": "j",
            "InputDataConfig": {"S3Uri": "s3://letters/in/", "InputFormat": "ONE_DOC_PER_LINE"},
            "OutputDataConfig": {"S3Uri": "s3://letters/out/" + ("" if jobs.kind.file_by_file else "output.tar.gz")},
            "DataAccessRoleArn": "arn:aws:iam::111111111111:role/r",
        },
    )
    await tables.write(start_job, job)
    runs = JobRuns(ground, [jobs(ground, cast("Any", None))])
    await runs.run(Job(id="j", kind="k", group="g", payload=job.arn.encode(), attempts=1))
    assert (await tables.read(require_resource, job.arn)).status == "STOPPED"
    return bucket


async def test_the_documents_that_were_done_are_in_the_output(tables: Tables, tmp_path: Path) -> None:
    lines = [f"line {number}" for number in range(3 * AT_ONCE)]
    left = await stopped(Stopping, tables, tmp_path, {"in/a": "\n".join(lines).encode()})
    with tarfile.open(fileobj=io.BytesIO(left.files["out/output.tar.gz"])) as archive:
        file = archive.extractfile("output")
        assert file is not None
        assert len(file.read().splitlines()) == 2 * AT_ONCE


async def test_the_files_that_were_begun_have_their_output(tables: Tables, tmp_path: Path) -> None:
    long = b"x\n" * (2 * AT_ONCE)
    left = await stopped(StoppingByFile, tables, tmp_path, {"in/a": b"x", "in/b": long, "in/c": b"x"})
    counts = {key: len(data.splitlines()) for key, data in left.files.items() if key.startswith("out/")}
    assert counts == {"out/a.out": 1, "out/b.out": AT_ONCE}
