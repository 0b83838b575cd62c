"""A cloud that runs, for tests that use it as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
