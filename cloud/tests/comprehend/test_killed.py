"""Killed in the middle of a training or a job, the cloud begins it again when it is back."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))


class Server:
    """`marinelayer up` as a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment: dict[str, str] = {}
        self.start()

    def start(self) -> None:
        up = [MARINELAYER, "up", "--data", str(self.folder), "--port", "0", "--console-port", "0"]
        self.process = subprocess.Popen(up, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready http://127.0.0.1:"), line
        self.url = line.split()[1]
        self.clients: dict[str, Any] = {}

    def shown_environment(self) -> dict[str, str]:
        shown = subprocess.run(
            [MARINELAYER, "env", "--data", str(self.folder)], capture_output=True, text=True, check=True
        ).stdout
        self.environment = dict(line.removeprefix("export ").split("=", 1) for line in shown.splitlines())
        return self.environment

    def client(self, service: str) -> Any:
        if service not in self.clients:
            env = self.environment or self.shown_environment()
            self.clients[service] = cast("Any", boto3).client(
                service,
                endpoint_url=self.url,
                aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
                region_name="us-east-1",
            )
        return self.clients[service]

    def end(self, how: int = signal.SIGKILL) -> None:
        self.process.send_signal(how)
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        for client in self.clients.values():
            client.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "data")
    yield running
    running.end(signal.SIGTERM)


def prepared(server: Server) -> str:
    """The ARN of a role that may read and write a new bucket `letters`."""
    server.client("s3").create_bucket(Bucket="letters")
    trust = {"Effect": "Allow", "Principal": {"Service": "comprehend.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = server.client("iam")
    role = iam.create_role(
        RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust})
    )["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document)
    return role


def until(look: Any) -> Any:
    deadline = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_a_training_that_a_kill_ended_is_done_again_and_the_model_outlives_the_next_kill(
    server: Server, material: Any
) -> None:
    role = prepared(server)
    data = material.csv_of(material.complaints(800))
    server.client("s3").put_object(Bucket="letters", Key="in.csv", Body=data)
    arn = server.client("comprehend").create_document_classifier(
        DocumentClassifierName="c",
        DataAccessRoleArn=role,
        LanguageCode="en",
        InputDataConfig={"S3Uri": "s3://letters/in.csv"},
        OutputDataConfig={"S3Uri": "s3://letters/out"},
    )["DocumentClassifierArn"]

    def properties() -> Any:
        answer = server.client("comprehend").describe_document_classifier(DocumentClassifierArn=arn)
        return answer["DocumentClassifierProperties"]

    for _ in range(2):
        until(lambda: properties()["Status"] != "SUBMITTED")
        # It may be done by now where the machine is busy with others; what the kill left must be whole then, too.
        assert properties()["Status"] in {"TRAINING", "TRAINED"}, properties()
        server.end()
        server.start()
    until(lambda: properties()["Status"] == "TRAINED")
    endpoint = server.client("comprehend").create_endpoint(EndpointName="e", ModelArn=arn, DesiredInferenceUnits=1)[
        "EndpointArn"
    ]
    server.end()
    server.start()

    def endpoint_status() -> str:
        return server.client("comprehend").describe_endpoint(EndpointArn=endpoint)["EndpointProperties"]["Status"]

    until(lambda: endpoint_status() == "IN_SERVICE")
    answer = server.client("comprehend").classify_document(Text="a pothole in the asphalt", EndpointArn=endpoint)
    assert answer["Classes"][0]["Name"] == "POTHOLE"
    listed = server.client("s3").list_objects_v2(Bucket="letters", Prefix="out/")["Contents"]
    assert [one["Key"].rpartition("/")[2] for one in listed] == ["output.tar.gz"]


def test_a_recognizers_training_that_a_kill_ended_is_done_again(server: Server) -> None:
    role = prepared(server)
    lines = [f"Pothole on {street} Street, near number {n}" for n in range(500) for street in ("Texas", "Balboa")]
    rows = [f"in.txt,{n},11,{line.index(' Street') + 7},STREET" for n, line in enumerate(lines)]
    annotations = "\n".join(("File,Line,Begin Offset,End Offset,Type", *rows))
    for key, text in (("docs/in.txt", "\n".join(lines)), ("a.csv", annotations)):
        server.client("s3").put_object(Bucket="letters", Key=key, Body=text.encode())
    arn = server.client("comprehend").create_entity_recognizer(
        RecognizerName="r",
        DataAccessRoleArn=role,
        LanguageCode="en",
        InputDataConfig={
            "EntityTypes": [{"Type": "STREET"}],
            "Documents": {"S3Uri": "s3://letters/docs/"},
            "Annotations": {"S3Uri": "s3://letters/a.csv"},
        },
    )["EntityRecognizerArn"]

    def properties() -> Any:
        answer = server.client("comprehend").describe_entity_recognizer(EntityRecognizerArn=arn)
        return answer["EntityRecognizerProperties"]

    until(lambda: properties()["Status"] != "SUBMITTED")
    server.end()
    server.start()
    until(lambda: properties()["Status"] == "TRAINED")
    assert properties()["RecognizerMetadata"]["NumberOfTrainedDocuments"] == 900
    assert properties()["RecognizerMetadata"]["EvaluationMetrics"]["F1Score"] == 100


def test_a_job_that_a_kill_ended_is_done_again_with_a_line_for_each_document(server: Server, material: Any) -> None:
    role = prepared(server)
    data = b"This is a terrible, ugly mess.\nThank you, this is wonderful.\n" * 2000
    server.client("s3").put_object(Bucket="letters", Key="in/a.txt", Body=data)
    number = server.client("comprehend").start_sentiment_detection_job(
        InputDataConfig={"S3Uri": "s3://letters/in/"},
        OutputDataConfig={"S3Uri": "s3://letters/out"},
        DataAccessRoleArn=role,
        LanguageCode="en",
    )["JobId"]

    def job() -> Any:
        answer = server.client("comprehend").describe_sentiment_detection_job(JobId=number)
        return answer["SentimentDetectionJobProperties"]

    for _ in range(3):
        until(lambda: job()["JobStatus"] != "SUBMITTED")
        assert job()["JobStatus"] == "IN_PROGRESS"
        server.end()
        server.start()
    until(lambda: job()["JobStatus"] != "IN_PROGRESS")
    assert job()["JobStatus"] == "COMPLETED"
    key = job()["OutputDataConfig"]["S3Uri"].removeprefix("s3://letters/")
    packed = server.client("s3").get_object(Bucket="letters", Key=key)["Body"].read()
    lines = [json.loads(line) for line in material.unpacked(packed)["output"].splitlines()]
    assert [line["Line"] for line in lines] == list(range(4000))
    assert {line["Sentiment"] for line in lines[::2]} == {"NEGATIVE"}
    assert not list((server.folder).glob("comprehend-*"))
