"""The control socket: how other processes of the same user ask the one that owns a data folder.

A unix socket of mode 0600, one JSON object a line: `{"command": ..., "arguments": {...}}` is answered by
`{"answer": {...}}` or `{"error": "..."}`. What a command holds open lives as long as the connection that asked for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from marinelayer.config import CloudError

logger = logging.getLogger(__name__)

SOCKET_NAME = "control.sock"
_PATH_BYTES = 103
"""The longest path that fits into sockaddr_un on every system (macOS: 104 with its NUL)."""
_REQUEST_BYTES = 1024 * 1024
_ANSWER_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A command's answer and what to do when the connection that asked for it ends, however it does."""

    answer: Mapping[str, Any]
    on_disconnect: Callable[[], Awaitable[None]]


Command = Callable[[dict[str, Any]], Awaitable[Mapping[str, Any] | Held]]


class ControlServer:
    """Answers `commands` on the control socket of `folder`."""

    def __init__(self, folder: Path, commands: Mapping[str, Command]) -> None:
        self._folder = folder
        self._commands = commands
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._elsewhere: Path | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> Path:
        """Listen; the socket's path. That is in the folder, or, where its path would be too long, in a fresh folder
        of mode 0700 among the system's temporary ones.

        Raises:
            OSError: it can not be made.
        """
        path = self._folder.absolute() / SOCKET_NAME
        if len(os.fsencode(path)) > _PATH_BYTES:
            self._elsewhere = Path(tempfile.mkdtemp(prefix="marinelayer-"))
            path = self._elsewhere / SOCKET_NAME
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        # Nobody else may connect, not even between the socket's making and a chmod.
        before = os.umask(0o177)
        try:
            listener.bind(os.fspath(path))
        finally:
            os.umask(before)
        self._server = await asyncio.start_unix_server(self._meet, sock=listener, limit=_REQUEST_BYTES)
        self._path = path
        return path

    async def stop(self) -> None:
        """Hang up on everyone, let go of what they held, and remove the socket."""
        if self._server is not None:
            self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        if self._elsewhere is not None:
            self._elsewhere.rmdir()
        self._server = self._path = self._elsewhere = None

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with contextlib.AsyncExitStack() as held:
                held.callback(writer.close)
                while line := await _line(reader):
                    answer = await self._answer(line, held)
                    writer.write(json.dumps(answer).encode() + b"\n")
                    await writer.drain()
        except ConnectionError:
            pass
        except Exception:
            logger.exception("control: what a connection held could not be let go of")

    async def _answer(self, line: bytes, held: contextlib.AsyncExitStack) -> Mapping[str, Any]:
        try:
            asked = json.loads(line)
            command, arguments = self._commands[asked["command"]], asked.get("arguments", {})
        except (ValueError, TypeError, KeyError, AttributeError):
            return {"error": "there is no such command"}
        try:
            answer = await command(arguments)
        except CloudError as error:
            return {"error": str(error)}
        except Exception:
            logger.exception("control: %s failed", asked["command"])
            return {"error": f"{asked['command']} failed; the cloud's log says why"}
        if isinstance(answer, Held):
            held.push_async_callback(answer.on_disconnect)
            answer = answer.answer
        return {"answer": answer}


async def ask(path: Path, command: str, **arguments: Any) -> dict[str, Any]:
    """The answer of the process that listens on the control socket `path`.

    Raises:
        CloudError: none does, or it says no.
    """
    async with hold(path, command, **arguments) as answer:
        return answer


@contextlib.asynccontextmanager
async def hold(path: Path, command: str, **arguments: Any) -> AsyncGenerator[dict[str, Any]]:
    """As `ask`; what the command opened stays open for the block.

    Raises:
        CloudError: as `ask`.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(os.fspath(path), limit=_ANSWER_BYTES)
    except OSError as error:
        raise CloudError(f"The cloud does not answer on {path}: {error.strerror or error}") from None
    try:
        writer.write(json.dumps({"command": command, "arguments": arguments}).encode() + b"\n")
        yield _unwrap(await _line(reader))
    finally:
        writer.close()


def _unwrap(line: bytes) -> dict[str, Any]:
    if not line:
        raise CloudError("The cloud hung up without an answer.")
    reply = cast("dict[str, Any]", json.loads(line))
    if "error" in reply:
        raise CloudError(reply["error"])
    return reply["answer"]


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The next line, or nothing at the end and where the other side breaks off."""
    try:
        return await reader.readuntil(b"\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return b""
