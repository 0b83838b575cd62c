"""What the README shows of `marinelayer explain` is what it prints, of the lesson's buckets and topics."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from marinelayer.testing import local_cloud

README = Path(__file__).resolve().parents[3] / "README.md"
MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))
SHOWN = re.findall(
    r"```console\n\$ (marinelayer explain(?:[^\n]*\\\n)*[^\n]*)\n(.*?)```", README.read_text("utf-8"), re.DOTALL
)
READ_REPORTS = {
    "Sid": "ReadReports",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": ["arn:aws:s3:::gid-reports", "arn:aws:s3:::gid-reports/*"],
}
ALERT_FROM_HOME = {
    "Sid": "AlertFromHome",
    "Effect": "Allow",
    "Action": "sns:Publish",
    "Resource": "arn:aws:sns:us-east-1:123456789012:*",
    "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
}


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a cloud with the lesson's buckets and topic, and an intern who may a little."""
    folder = tmp_path_factory.mktemp("lesson")
    with local_cloud(folder) as cloud:
        clients = [cast("Any", boto3).client(name, **cloud.client_arguments()) for name in ("s3", "sns", "iam")]
        s3, sns, iam = clients
        for bucket in ("gid-requests", "gid-reports"):
            s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket="gid-requests", Key="potholes.csv", Body=b"a,b\n")
        s3.put_object(Bucket="gid-reports", Key="2019/feb/final_report.csv", Body=b"a,b\n", ACL="public-read")
        sns.create_topic(Name="city_alerts")
        iam.create_user(UserName="intern")
        document = json.dumps({"Version": "2012-10-17", "Statement": [READ_REPORTS, ALERT_FROM_HOME]})
        iam.put_user_policy(UserName="intern", PolicyName="first-week", PolicyDocument=document)
        for one in clients:
            one.close()
        yield folder


def test_the_readme_shows_three_explanations() -> None:
    assert len(SHOWN) == 3


@pytest.mark.parametrize(("command", "output"), SHOWN)
def test_an_explanation_of_the_readme_is_what_the_command_prints(lesson: Path, command: str, output: str) -> None:
    _, *arguments = shlex.split(command.replace("\\\n", " "))
    done = subprocess.run(
        [MARINELAYER, *arguments, "--data", str(lesson)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == output, done.stderr
    assert done.returncode == (0 if output.startswith("ALLOWED") else 1)
