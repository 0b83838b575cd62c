"""The control socket: who may speak, what is answered, and what lives as long as a connection."""

from __future__ import annotations

import asyncio
import contextlib
import stat
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from marinelayer.config import CloudError
from marinelayer.serving.control import ControlServer, Held, ask, hold


class Control:
    def __init__(self) -> None:
        self.open = 0

    async def double(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"double": arguments["n"] * 2}

    async def refuse(self, arguments: dict[str, Any]) -> dict[str, Any]:
        raise CloudError("not today")

    async def hold(self, arguments: dict[str, Any]) -> Held:
        self.open += 1

        async def release() -> None:
            self.open -= 1

        return Held(answer={"open": self.open}, on_disconnect=release)


@pytest.fixture
def control() -> Control:
    return Control()


@pytest.fixture
async def server(tmp_path: Path, control: Control) -> AsyncIterator[ControlServer]:
    commands = {"double": control.double, "refuse": control.refuse, "hold": control.hold}
    server = ControlServer(tmp_path, commands)
    yield server
    await server.stop()


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.01)


async def test_a_command_is_answered(server: ControlServer, tmp_path: Path) -> None:
    path = await server.start()
    assert path == tmp_path / "control.sock"
    assert await ask(path, "double", n=21) == {"double": 42}


async def test_the_socket_is_its_owners_only(server: ControlServer) -> None:
    assert stat.S_IMODE((await server.start()).stat().st_mode) == 0o600


async def test_a_refusal_reaches_the_one_who_asks_and_a_failure_goes_to_the_log(
    server: ControlServer, caplog: Any
) -> None:
    path = await server.start()
    with pytest.raises(CloudError, match="not today"):
        await ask(path, "refuse")
    with pytest.raises(CloudError, match="double failed"):
        await ask(path, "double")
    assert "KeyError" in caplog.text
    with pytest.raises(CloudError, match="no such command"):
        await ask(path, "other")


@pytest.mark.parametrize(
    "line", [b"no json\n", b"[]\n", b'{"command": []}\n', b"1\n", b'{"command": "double", "arguments": 1}\n']
)
async def test_nonsense_is_answered_and_the_next_line_is_read(server: ControlServer, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(str(await server.start()))
    writer.write(line + b'{"command": "double", "arguments": {"n": 1}}\n')
    assert b'"error"' in await reader.readline()
    assert await reader.readline() == b'{"answer": {"double": 2}}\n'
    writer.close()


async def test_a_line_without_end_is_dropped(server: ControlServer) -> None:
    reader, writer = await asyncio.open_unix_connection(str(await server.start()))
    writer.write(b"x" * 3_000_000)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_what_is_held_is_let_go_with_the_connection(server: ControlServer, control: Control) -> None:
    path = await server.start()
    async with hold(path, "hold") as first, hold(path, "hold") as second:
        assert (first, second) == ({"open": 1}, {"open": 2})
        assert control.open == 2
    await until(lambda: control.open == 0)


async def test_what_is_held_is_let_go_when_the_server_stops(server: ControlServer, control: Control) -> None:
    path = await server.start()
    async with hold(path, "hold"):
        await server.stop()
        assert control.open == 0
    assert not path.exists()
    with pytest.raises(CloudError, match="does not answer"):
        await ask(path, "double", n=1)


async def test_a_socket_left_by_a_killed_process_is_replaced(server: ControlServer, tmp_path: Path) -> None:
    (tmp_path / "control.sock").touch()
    assert await ask(await server.start(), "double", n=1) == {"double": 2}


async def test_a_folder_whose_path_is_too_long_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    server = ControlServer(folder, {})
    path = await server.start()
    assert path.is_relative_to(tempfile.gettempdir())
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with pytest.raises(CloudError, match="no such command"):
        await ask(path, "any")
    await server.stop()
    assert not path.parent.exists()
