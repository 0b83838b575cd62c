"""A city that teaches its cloud custom labels: its pictures of pavements, its manifests, and what it trains."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from ..engines.pavements import jpeg, pavement  # noqa: TID252 - the engines' tests draw them too
from .test_manifests import image_label

PER_LABEL = 20
THINGS = {"scooter": ("scooter",), "pavement": ()}


def line(bucket: str, key: str, *labels: str) -> str:
    """A picture's line in a manifest."""
    members: dict[str, Any] = {"source-ref": f"s3://{bucket}/{key}"}
    for number, label in enumerate(labels):
        members |= {f"l{number}": 0, f"l{number}-metadata": image_label(label)}
    return json.dumps(members)


def place(bucket: str, key: str) -> dict[str, Any]:
    return {"GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": key}}}


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return refused.value.response.get("Error", {}).get("Code", "")


@dataclass
class City:
    """Somebody who trains: their clients and their bucket."""

    s3: Any
    rekognition: Any
    bucket: str
    eventually: Callable[[Callable[[], Any]], Any]

    def photograph(self, *, first: int, per_label: int = PER_LABEL) -> list[tuple[str, str]]:
        """Put drawn pictures of pavements into the bucket; their keys, and what they show."""
        taken: list[tuple[str, str]] = []
        for offset, (label, things) in enumerate(THINGS.items()):
            for number in range(first + 500 * offset, first + 500 * offset + per_label):
                self.s3.put_object(Bucket=self.bucket, Key=f"images/{number}.jpg", Body=jpeg(pavement(number, *things)))
                taken.append((f"images/{number}.jpg", label))
        return taken

    def manifest(self, key: str, taken: list[tuple[str, str]], **names: str) -> dict[str, Any]:
        """Write a manifest, with other names for some labels; where it is."""
        lines = [line(self.bucket, one, names.get(label, label)) for one, label in taken]
        self.s3.put_object(Bucket=self.bucket, Key=key, Body="\n".join(lines).encode())
        return place(self.bucket, key)

    def project(self) -> str:
        return self.rekognition.create_project(ProjectName=f"city-{uuid.uuid4().hex[:8]}")["ProjectArn"]

    def train(self, project: str, **request: Any) -> dict[str, Any]:
        """Train a version to the end of it; its description."""
        self.rekognition.create_project_version(
            ProjectArn=project,
            VersionName="v1",
            OutputConfig={"S3Bucket": self.bucket, "S3KeyPrefix": "results"},
            **request,
        )
        return self.settled(project, "TRAINING_IN_PROGRESS")

    def settled(self, project: str, leaving: str) -> dict[str, Any]:
        """The version's description once it has left a status."""
        waits = self.eventually(lambda: self._left(project, leaving))
        return cast("dict[str, Any]", waits)

    def _left(self, project: str, leaving: str) -> dict[str, Any] | None:
        (told,) = self.rekognition.describe_project_versions(ProjectArn=project, VersionNames=["v1"])[
            "ProjectVersionDescriptions"
        ]
        return None if told["Status"] == leaving else told

    def run(self, project: str, version: str) -> None:
        self.rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
        assert self.settled(project, "STARTING")["Status"] == "RUNNING"

    def document(self, told: dict[str, Any]) -> str:
        found = told["S3Object"]
        return self.s3.get_object(Bucket=found["Bucket"], Key=found["Name"])["Body"].read().decode()

    def dataset(self, project: str, kind: str, **request: Any) -> str:
        """A dataset, when it is made."""
        arn = self.rekognition.create_dataset(ProjectArn=project, DatasetType=kind, **request)["DatasetArn"]
        self.idle(arn)
        return arn

    def idle(self, arn: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            told = self.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]
            return None if told["Status"].endswith("IN_PROGRESS") else told

        return cast("dict[str, Any]", self.eventually(look))


@dataclass
class Trained:
    """A version that was trained on 20 + 20 pictures and tested by 20 + 20."""

    city: City
    project: str
    version: str
    told: dict[str, Any]


def teach(city: City, **names: str) -> Trained:
    project = city.project()
    told = city.train(
        project,
        TrainingData={"Assets": [city.manifest("train.manifest", city.photograph(first=0), **names)]},
        TestingData={"Assets": [city.manifest("test.manifest", city.photograph(first=100), **names)]},
    )
    return Trained(city, project, told["ProjectVersionArn"], told)
