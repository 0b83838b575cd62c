"""`marinelayer run`: a command with every amazonaws.com name served by one cloud, for the command's time."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from marinelayer.app import Cloud
from marinelayer.config import DEFAULT_REGION, CloudError, Settings
from marinelayer.serving.child import child_environment
from marinelayer.serving.control import hold
from marinelayer.storage.ownership import read_run

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def run_command(settings: Settings, command: list[str], *, throw_away: bool, offline: bool) -> int:
    """Run `command` and return its exit code (128 + N when signal N ended it).

    With `throw_away` the cloud lives on a folder of its own, which is deleted afterwards, and on free ports where none
    are set.

    Raises:
        CloudError: the cloud can not be started, or there is no such command.
    """
    async with AsyncExitStack() as stack:
        if throw_away:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="marinelayer-run-"))
            free = {name: 0 for name in ("port", "console_port") if name not in settings.model_fields_set}
            settings = settings.model_copy(update={"data": Path(folder), **free})
        access = await stack.enter_async_context(_access(settings, offline=offline))
        environment = child_environment(
            os.environ,
            proxy_url=access["proxy_url"],
            ca_bundle=access["ca_bundle"],
            key_id=access["access_key_id"],
            secret=access["secret_access_key"],
            region=DEFAULT_REGION,
        )
        return await _run(command, environment)


@asynccontextmanager
async def _access(settings: Settings, *, offline: bool) -> AsyncGenerator[Mapping[str, Any]]:
    """A proxy into the cloud that serves the folder, or into one that is started for the block."""
    run = read_run(settings.data)
    if run is not None and run.control is not None:
        async with hold(Path(run.control), "proxy", offline=offline) as answer:
            yield answer
        return
    cloud = await Cloud.start(settings)
    try:
        yield (await cloud.open_proxy(offline=offline))[1]
    finally:
        await cloud.stop()


async def _run(command: list[str], environment: Mapping[str, str]) -> int:
    try:
        child = await asyncio.create_subprocess_exec(*command, env=environment)
    except FileNotFoundError:
        raise CloudError(f"{command[0]}: no such command") from None
    except PermissionError:
        raise CloudError(f"{command[0]}: can not be run") from None
    loop = asyncio.get_running_loop()
    for number in _FORWARDED:
        # A terminal sends Ctrl-C to the child as well; it decides, we wait and clean up.
        loop.add_signal_handler(number, _forward, child, number)
    try:
        code = await child.wait()
    finally:
        for number in _FORWARDED:
            loop.remove_signal_handler(number)
    return code if code >= 0 else 128 - code


def _forward(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if number == signal.SIGINT and sys.stdin.isatty():
        return
    with suppress(ProcessLookupError):
        child.send_signal(number)
