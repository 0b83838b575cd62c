"""Buckets with data and roles that may read it, for Comprehend's trainings and jobs over a real socket."""

import csv
import io
import json
import random
import tarfile
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from .office import Office

SUBJECTS = {
    "POTHOLE": "pothole crater hole asphalt cracked sinkhole road surface tire",
    "GRAFFITI": "graffiti tagging spray paint vandal scribble wall mural marker",
    "DUMPING": "mattress couch trash dumped sofa garbage pile bags furniture",
    "LIGHT": "streetlight lamp dark bulb flickering outage pole lantern dim",
}
FILLING = [
    "the",
    "a",
    "near",
    "on",
    "my",
    "street",
    "please",
    "come",
    "by",
    "corner",
    "again",
    "still",
    "since",
    "monday",
    "there",
    "is",
    "some",
    "by",
    "school",
]


def complaint(chance: random.Random, label: str) -> str:
    """An invented complaint whose words tell its label, among others that tell nothing."""
    telling = chance.choices(SUBJECTS[label].split(), k=3)
    words = [*telling, *chance.choices(FILLING, k=8)]
    chance.shuffle(words)
    return " ".join(words)


def complaints(count: int, labels: Sequence[str] = tuple(SUBJECTS), seed: int = 1) -> list[tuple[str, str]]:
    """`count` complaints of each label, with it, mixed."""
    chance = random.Random(seed)
    rows = [(label, complaint(chance, label)) for label in labels for _ in range(count)]
    chance.shuffle(rows)
    return rows


def csv_of(rows: Sequence[tuple[str, ...]]) -> bytes:
    """A CSV file without a header."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of an output.tar.gz."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]


class Desk:
    """One bucket with one role that may read below `in/` and write below `out/`, and a client of Comprehend."""

    def __init__(self, client: Callable[..., Any], bucket: str, eventually: Callable[..., Any]) -> None:
        self.s3, self.iam, self.comprehend = client("s3"), client("iam"), client("comprehend")
        self.bucket = bucket
        self.client = client
        self.eventually = eventually
        self.role = self.new_role()

    def new_role(self, service: str = "comprehend.amazonaws.com", *, read: str = "in/*", write: str = "out/*") -> str:
        """The ARN of a new role."""
        name = f"role-{uuid.uuid4().hex[:12]}"
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        arn = self.iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust})
        )["Role"]["Arn"]
        place = f"arn:aws:s3:::{self.bucket}"
        statements = [
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": place},
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{place}/{read}"},
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"{place}/{write}"},
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_role_policy(RoleName=name, PolicyName="data", PolicyDocument=policy)
        return arn

    def put(self, key: str, data: bytes) -> str:
        """Put an object; its URI."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)
        return f"s3://{self.bucket}/{key}"

    def get(self, uri: str) -> bytes:
        """An object's bytes."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def submit(self, rows: bytes, *, name: str = "", **request: Any) -> str:
        """Create a classifier that learns from a CSV file; its ARN."""
        uri = self.put(f"in/{uuid.uuid4().hex}.csv", rows)
        chosen: dict[str, Any] = {
            "DocumentClassifierName": name or f"c-{uuid.uuid4().hex[:12]}",
            "DataAccessRoleArn": self.role,
            "InputDataConfig": {"S3Uri": uri, **request.pop("InputDataConfig", {})},
            "LanguageCode": "en",
        }
        return self.comprehend.create_document_classifier(**(chosen | request))["DocumentClassifierArn"]

    def described(self, arn: str) -> dict[str, Any]:
        """A classifier's description, once its training is over."""

        def ended() -> dict[str, Any] | None:
            answer = self.comprehend.describe_document_classifier(DocumentClassifierArn=arn)
            found = answer["DocumentClassifierProperties"]
            return found if found["Status"] not in {"SUBMITTED", "TRAINING", "STOP_REQUESTED"} else None

        return self.eventually(ended)

    def trained(self, rows: bytes, **request: Any) -> str:
        """The ARN of a new trained classifier."""
        arn = self.submit(rows, **request)
        found = self.described(arn)
        assert found["Status"] == "TRAINED", found.get("Message")
        return arn

    def endpoint(self, model: str) -> str:
        """The ARN of a new endpoint in service."""
        name = f"e-{uuid.uuid4().hex[:12]}"
        arn = self.comprehend.create_endpoint(EndpointName=name, ModelArn=model, DesiredInferenceUnits=1)["EndpointArn"]
        self.settled(arn)
        return arn

    def settled(self, arn: str) -> dict[str, Any]:
        """An endpoint's description, once it is in service or failed."""

        def ended() -> dict[str, Any] | None:
            found = self.comprehend.describe_endpoint(EndpointArn=arn)["EndpointProperties"]
            return found if found["Status"] in {"IN_SERVICE", "FAILED"} else None

        return self.eventually(ended)

    def likeliest(self, endpoint: str, text: str) -> str:
        """The class that an endpoint finds likeliest."""
        return self.comprehend.classify_document(Text=text, EndpointArn=endpoint)["Classes"][0]["Name"]


@pytest.fixture
def desk(client: Callable[..., Any], bucket: str, eventually: Callable[..., Any]) -> Desk:
    return Desk(client, bucket, eventually)


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk, unpacked)


@pytest.fixture
def material() -> Any:
    """What tests make data of: `complaints`, `csv_of`, `unpacked`."""

    class Material:
        subjects = SUBJECTS
        complaints = staticmethod(complaints)
        csv_of = staticmethod(csv_of)
        unpacked = staticmethod(unpacked)

    return Material
