"""A cloud in a test: a context manager, and pytest fixtures for it (loaded as a plugin).

    def test_mine(marinelayer_cloud):
        s3 = boto3.client("s3", **marinelayer_cloud.client_arguments())

The cloud is a real one, on free ports and a folder of its own, in a thread of the test's process.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from marinelayer.config import DEFAULT_REGION, Settings

if TYPE_CHECKING:
    from marinelayer.app import Cloud

START_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCloud:
    """A running cloud: where it is, and the root user's key."""

    endpoint_url: str
    console_url: str
    tls_url: str | None
    account: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str = DEFAULT_REGION
    folder: Path

    def client_arguments(self) -> dict[str, Any]:
        """What `boto3.client(service, ...)` needs to speak to this cloud as its root user."""
        return {
            "endpoint_url": self.endpoint_url,
            "aws_access_key_id": self.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
            "region_name": self.region,
        }

    def environment(self) -> dict[str, str]:
        """The same as environment variables, as `marinelayer env` prints them."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": self.region,
        }


@contextmanager
def local_cloud(data: Path | None = None, **settings: Any) -> Generator[LocalCloud]:
    """A cloud for the time of the block, on `data` or on a folder that is deleted with it.

    Raises:
        CloudError: it can not be started.
    """
    # Every run of pytest in the environment loads this module: what is heavy is imported when a cloud is wanted.
    import uvloop

    from marinelayer.app import Cloud

    with tempfile.TemporaryDirectory(prefix="marinelayer-") as throw_away:
        values: dict[str, Any] = {"data": data or Path(throw_away), "port": 0, "console_port": 0, **settings}
        chosen = Settings(**values)
        started = threading.Event()
        outcome: list[LocalCloud | BaseException] = []
        stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

        async def serve() -> None:
            try:
                cloud = await Cloud.start(chosen)
            except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
                outcome.append(error)
                started.set()
                return
            stopped = asyncio.Event()
            stop.append((asyncio.get_running_loop(), stopped))
            outcome.append(_described(cloud))
            started.set()
            await stopped.wait()
            await cloud.stop()

        thread = threading.Thread(target=lambda: uvloop.run(serve()), name="marinelayer")
        thread.start()
        try:
            if not started.wait(START_SECONDS):
                raise TimeoutError("the cloud did not start")
            if isinstance(outcome[0], BaseException):
                raise outcome[0]
            yield outcome[0]
        finally:
            for loop, stopped in stop:
                loop.call_soon_threadsafe(stopped.set)
            thread.join(START_SECONDS)


def _described(cloud: Cloud) -> LocalCloud:
    return LocalCloud(
        endpoint_url=cloud.api_url,
        console_url=cloud.console_url,
        tls_url=cloud.tls_url,
        account=cloud.account,
        access_key_id=cloud.root_key.access_key_id,
        secret_access_key=cloud.root_key.secret,
        folder=cloud.settings.data,
    )


@pytest.fixture(scope="session")
def marinelayer_cloud() -> Generator[LocalCloud]:
    """One cloud for the whole test session."""
    with local_cloud() as cloud:
        yield cloud
