"""Killed at any moment, the cloud starts again with everything that it acknowledged."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import boto3
import cv2
import numpy as np
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ..engines.pavements import jpeg, pavement  # noqa: TID252 - the engines' tests draw them too

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
ROUNDS = 3


class _Server:
    """`marinelayer up` as a process."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        up = [MARINELAYER, "up", "--data", str(folder), "--port", "0", "--console-port", "0", *arguments]
        self.process = subprocess.Popen(up, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.output = self.process.stdout
        line = self.output.readline()
        assert line.startswith("ready http://127.0.0.1:"), line
        self.url = line.split()[1]

    def environment(self):
        shown = subprocess.run(
            [MARINELAYER, "env", "--data", str(self.folder)], capture_output=True, text=True, check=True
        ).stdout
        return dict(line.removeprefix("export ").split("=", 1) for line in shown.splitlines())

    def client(self, service):
        env = self.environment()
        return boto3.client(
            service,
            endpoint_url=self.url,
            aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
            region_name="us-east-1",
            config=ONCE,
        )

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self.output.close()

    def end(self):
        self.process.terminate()
        code = self.process.wait(20)
        self.output.close()
        return code


def _until_killed(work, acknowledged):
    for number in itertools.count():
        try:
            acknowledged.append(work(number))
        except (BotoCoreError, ClientError):
            return


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_what_was_acknowledged_before_a_kill_is_there_after_it(tmp_path, seed):
    chance = random.Random(seed)
    server = _Server(tmp_path / "data")
    s3, sns = server.client("s3"), server.client("sns")
    s3.create_bucket(Bucket="kept")
    topic = sns.create_topic(Name="kept")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+13125550111")

    def put(number):
        body = os.urandom(64) * chance.choice([1, 100, 4000])
        s3.put_object(Bucket="kept", Key=f"object/{number:06}", Body=body)
        return f"object/{number:06}", body

    def publish(number):
        sns.publish(TopicArn=topic, Message=f"message {number}")
        return f"message {number}"

    puts, messages = [], []
    threads = [
        threading.Thread(target=_until_killed, args=(put, puts)),
        threading.Thread(target=_until_killed, args=(publish, messages)),
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.5 + chance.random())
    server.kill()
    for thread in threads:
        thread.join(30)
    assert puts
    assert messages

    server = _Server(tmp_path / "data")
    s3 = server.client("s3")
    for key, body in puts:
        assert s3.get_object(Bucket="kept", Key=key)["Body"].read() == body
    _wait_for_messages(server, set(messages))
    assert server.end() == 0


def test_events_of_what_was_acknowledged_before_a_kill_are_told_once(tmp_path):
    server = _Server(tmp_path / "data")
    s3, sns = server.client("s3"), server.client("sns")
    s3.create_bucket(Bucket="told")
    topic = sns.create_topic(Name="events")["TopicArn"]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": allow})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+13125550111")
    rule = {"TopicArn": topic, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
    s3.put_bucket_notification_configuration(Bucket="told", NotificationConfiguration={"TopicConfigurations": [rule]})

    def put_and_delete(number):
        s3.put_object(Bucket="told", Key=f"{number:06}", Body=b"x")
        s3.delete_object(Bucket="told", Key=f"{number:06}")
        return f"{number:06}"

    done = []
    thread = threading.Thread(target=_until_killed, args=(put_and_delete, done))
    thread.start()
    time.sleep(1)
    server.kill()
    thread.join(30)
    assert done
    server = _Server(tmp_path / "data")
    wanted = {(key, event) for key in done for event in ("ObjectCreated:Put", "ObjectRemoved:Delete")}
    deadline = time.monotonic() + 30
    while True:
        # The last first.
        told = [_told(record) for record in reversed(_records(server))]
        if wanted <= set(told):
            break
        assert time.monotonic() < deadline, f"{len(wanted - set(told))} events were lost"
        time.sleep(0.1)
    assert len(told) == len(set(told)), "a kill repeats no message"
    assert all(told.index((key, "ObjectCreated:Put")) < told.index((key, "ObjectRemoved:Delete")) for key in done)
    assert server.end() == 0


def _told(record):
    return record["s3"]["object"]["key"], record["eventName"]


def _records(server):
    """The records of all events in the inbox."""
    command = [MARINELAYER, "inbox", "--data", str(server.folder)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    texts = [json.loads(json.loads(line)["text"]) for line in shown.splitlines()]
    return [record for text in texts for record in text.get("Records", ())]


def _wait_for_messages(server, wanted):
    deadline = time.monotonic() + 30
    while True:
        shown = subprocess.run(
            [MARINELAYER, "inbox", "--data", str(server.folder)], capture_output=True, text=True, check=True
        ).stdout
        missing = {text for text in wanted if f'"{text}"' not in shown}
        if not missing:
            return
        assert time.monotonic() < deadline, f"{len(missing)} messages were lost"
        time.sleep(0.1)


def test_what_was_to_be_copied_before_a_kill_is_copied_after_it(tmp_path):
    server = _Server(tmp_path / "data", "--account", "123456789012")
    s3 = server.client("s3")
    for name in ("source", "copies"):
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::copies"}}
    trust = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}
    actions = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:ReplicateObject"]
    allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    given, may = (json.dumps({"Version": "2012-10-17", "Statement": one}) for one in (trust, allowed))
    iam = server.client("iam")
    role = iam.create_role(RoleName="copier", AssumeRolePolicyDocument=given)["Role"]["Arn"]
    iam.put_role_policy(RoleName="copier", PolicyName="copies", PolicyDocument=may)
    configuration = {"Role": role, "Rules": [rule]}
    s3.put_bucket_replication(Bucket="source", ReplicationConfiguration=configuration)
    puts = []

    def put(number):
        body = os.urandom(70_000 if number % 3 else 10)
        return s3.put_object(Bucket="source", Key=f"{number % 40}", Body=body)["VersionId"]

    thread = threading.Thread(target=_until_killed, args=(put, puts))
    thread.start()
    time.sleep(1)
    server.kill()
    thread.join(30)
    assert puts

    server = _Server(tmp_path / "data")
    s3 = server.client("s3")
    deadline = time.monotonic() + 60
    while (found := _versions(s3, "copies")) != (wanted := _versions(s3, "source")):
        assert time.monotonic() < deadline, f"{len(wanted) - len(found)} of {len(wanted)} are missing"
        time.sleep(0.1)
    assert set(puts) <= {version for _, version, _ in found}
    assert s3.head_object(Bucket="source", Key="0")["ReplicationStatus"] == "COMPLETED"
    assert server.end() == 0


def _versions(s3, bucket):
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    return [(one["Key"], one["VersionId"], one["ETag"]) for page in pages for one in page.get("Versions", [])]


def test_a_clean_end_exits_0_and_a_restart_finds_everything(tmp_path):
    server = _Server(tmp_path / "data")
    first = server.environment()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="k", Body=b"v")
    assert server.end() == 0
    at_rest = server.environment()
    assert at_rest["AWS_ACCESS_KEY_ID"] == first["AWS_ACCESS_KEY_ID"]
    assert at_rest["AWS_ENDPOINT_URL"] == first["AWS_ENDPOINT_URL"]
    server = _Server(tmp_path / "data")
    assert server.client("s3").get_object(Bucket="kept", Key="k")["Body"].read() == b"v"
    assert server.end() == 0


def test_two_clouds_do_not_share_a_folder(tmp_path):
    server = _Server(tmp_path / "data")
    up = [MARINELAYER, "up", "--data", str(tmp_path / "data"), "--port", "0", "--console-port", "0"]
    second = subprocess.run(up, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1
    assert "in use by process" in second.stderr
    assert server.end() == 0


def test_a_training_that_a_kill_ended_is_done_after_it(tmp_path):
    server = _Server(tmp_path / "data")
    s3, rekognition = server.client("s3"), server.client("rekognition")
    s3.create_bucket(Bucket="city")
    lines = []
    for number in range(24):
        label, things = (("pavement", ()), ("scooter", ("scooter",)))[number % 2]
        s3.put_object(Bucket="city", Key=f"{number}.jpg", Body=jpeg(pavement(number, *things)))
        told = {"class-name": label, "confidence": 1, "human-annotated": "yes", "creation-date": "2026-11-27T00:00:00"}
        told["type"] = "groundtruth/image-classification"
        lines.append(json.dumps({"source-ref": f"s3://city/{number}.jpg", "l": 0, "l-metadata": told}))
    s3.put_object(Bucket="city", Key="manifest", Body="\n".join(lines).encode())
    project = rekognition.create_project(ProjectName="city")["ProjectArn"]
    rekognition.create_project_version(
        ProjectArn=project,
        VersionName="v1",
        OutputConfig={"S3Bucket": "city"},
        TrainingData={"Assets": [{"GroundTruthManifest": {"S3Object": {"Bucket": "city", "Name": "manifest"}}}]},
        TestingData={"AutoCreate": True},
    )

    def told_now():
        return rekognition.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"][0]

    time.sleep(0.3)  # a worker has started by then, and has the first pictures at most
    assert told_now()["Status"] == "TRAINING_IN_PROGRESS"
    server.kill()
    killed = time.time()
    server = _Server(tmp_path / "data")
    s3, rekognition = server.client("s3"), server.client("rekognition")
    deadline = time.monotonic() + 120
    while (told := told_now())["Status"] == "TRAINING_IN_PROGRESS":
        assert time.monotonic() < deadline, "the training was lost"
        time.sleep(0.1)
    assert told["Status"] == "TRAINING_COMPLETED"
    assert told["TrainingEndTimestamp"].timestamp() > killed
    summary = told["EvaluationResult"]["Summary"]["S3Object"]
    document = json.load(s3.get_object(Bucket=summary["Bucket"], Key=summary["Name"])["Body"])
    assert document["EvaluationDetails"]["NumberOfTestingImages"] == 5
    assert server.end() == 0


def test_a_video_that_was_looked_at_before_a_kill_is_looked_at_after_it(tmp_path):
    path = tmp_path / "sign.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (640, 360))
    picture = np.full((360, 640, 3), 255, np.uint8)
    cv2.putText(picture, "STOP", (150, 220), cv2.FONT_HERSHEY_SIMPLEX, 3.0, (0, 0, 0), 8)
    for _ in range(40):
        writer.write(picture)
    writer.release()
    server = _Server(tmp_path / "data")
    s3, rekognition = server.client("s3"), server.client("rekognition")
    s3.create_bucket(Bucket="city")
    s3.put_object(Bucket="city", Key="sign.mp4", Body=path.read_bytes())
    job = rekognition.start_text_detection(Video={"S3Object": {"Bucket": "city", "Name": "sign.mp4"}})["JobId"]
    assert rekognition.get_text_detection(JobId=job)["JobStatus"] == "IN_PROGRESS"
    server.kill()
    server = _Server(tmp_path / "data")
    rekognition = server.client("rekognition")
    deadline = time.monotonic() + 120
    while (answer := rekognition.get_text_detection(JobId=job))["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < deadline, "the job was lost"
        time.sleep(0.1)
    lines = [one for one in answer["TextDetections"] if one["TextDetection"]["Type"] == "LINE"]
    assert [one["Timestamp"] for one in lines] == list(range(0, 4000, 500))
    assert {one["TextDetection"]["DetectedText"] for one in lines} == {"STOP"}
    assert server.end() == 0
