"""Another account of the cloud, with users of its own."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import boto3

from marinelayer.testing import LocalCloud

from .city import City

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))


@dataclass
class Account:
    """An account, with the key of its root user."""

    cloud: LocalCloud
    number: str
    key: dict[str, str]

    def client(self, service: str, key: dict[str, str] | None = None) -> Any:
        return cast("Any", boto3).client(service, **self.cloud.client_arguments() | (key or self.key))

    def user(self, *actions: str) -> tuple[str, dict[str, str]]:
        """A user who may do these actions on everything: the ARN and the key."""
        iam, name = self.client("iam"), f"u-{uuid.uuid4().hex[:8]}"
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return arn, {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}

    def city(self, key: dict[str, str], patiently: Callable[..., Any]) -> City:
        city = City(self.client("s3", key), self.client("rekognition", key), f"city-{uuid.uuid4().hex[:12]}", patiently)
        city.s3.create_bucket(Bucket=city.bucket)
        return city


def another_account(cloud: LocalCloud) -> Account:
    """Make one."""
    number = f"8{uuid.uuid4().int % 10**11:011}"
    asked = [MARINELAYER, "account", "add", number, "--data", str(cloud.folder)]
    made = json.loads(subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout)
    key = {"aws_access_key_id": made["access_key_id"], "aws_secret_access_key": made["secret_access_key"]}
    return Account(cloud, number, key)
