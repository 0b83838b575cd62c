"""A cloud that runs, for tests that use it as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

Messages = list[dict[str, Any]]


@dataclass
class RunningCloud:
    """A `marinelayer up` of our own: its environment variables, as `marinelayer env` prints them."""

    environment: dict[str, str]
    folder: Path

    def getitdone(self, *arguments: str, code: int | None = 0, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the application on it; fails unless it exits with `code` (None: any)."""
        done = subprocess.run(
            [str(Path(sys.prefix) / "bin" / "getitdone"), *arguments],
            env={**plain_environment(), **self.environment, **more},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if code is not None:
            assert done.returncode == code, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """Start the application on it, and leave it running."""
        return subprocess.Popen(
            [str(Path(sys.prefix) / "bin" / "getitdone"), *arguments],
            env={**plain_environment(), **self.environment, **more},
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def inbox(self) -> Messages:
        """The newest messages that the cloud delivered, by a signed request of our own: this is no AWS API."""
        url = f"{self.environment['AWS_ENDPOINT_URL']}/_marinelayer/inbox?limit=1000"
        request = AWSRequest("GET", url)
        keys = Credentials(self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"])
        SigV4Auth(keys, "marinelayer", self.environment["AWS_DEFAULT_REGION"]).add_auth(request)
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(request.headers)), timeout=60) as answer:
            return json.load(answer)["messages"]

    def inbox_when(self, enough: Callable[[Messages], bool], seconds: float = 20) -> Messages:
        """The newest messages as soon as there are enough, or when the time is over: they come a moment later than
        SNS answers."""
        deadline = time.monotonic() + seconds
        while not enough(messages := self.inbox()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return messages

    def client(self, service: str) -> Any:
        import boto3

        session: Any = boto3.Session()
        return session.client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=self.environment["AWS_DEFAULT_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )


def plain_environment() -> dict[str, str]:
    """Our environment without a developer's own settings."""
    return {
        key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "GETITDONE_", "MARINELAYER_"))
    }
