"""A task for the tests of worker and supervisor: does what it is told, also what no worker should."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from marinelayer.ports import BadImageError, EngineUnavailableError

HELD: list[bytes] = []


def echo(request: Mapping[str, Any], payload: bytes) -> dict[str, Any]:
    return {"payload": payload.decode(), "text": request.get("text")}


def surroundings(request: Mapping[str, Any], payload: bytes) -> dict[str, Any]:
    return {"environment": dict(os.environ), "nice": os.nice(0)}


def sleep(request: Mapping[str, Any], payload: bytes) -> dict[str, Any]:
    time.sleep(request["seconds"])
    return {}


def die(request: Mapping[str, Any], payload: bytes) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def babble(request: Mapping[str, Any], payload: bytes) -> dict[str, Any]:
    os.write(request["descriptor"], b"\xff" * 64)
    time.sleep(60)
    return {}


def grow(request: Mapping[str, Any], payload: bytes) -> dict[str, Any]:
    HELD.append(os.urandom(1) * request["bytes"])
    return {}


def swallow(request: Mapping[str, Any], payload: bytes) -> dict[str, Any]:
    return {"size": len(bytearray(request["bytes"]))}


def refuse(request: Mapping[str, Any], payload: bytes) -> NoReturn:
    raise BadImageError("not a picture")


def fail(request: Mapping[str, Any], payload: bytes) -> NoReturn:
    raise ZeroDivisionError("secret text of a user")


def sockets(request: Mapping[str, Any], payload: bytes) -> dict[str, Any]:
    return {"sockets": [int(entry.name) for entry in Path("/proc/self/fd").iterdir() if _is_socket(entry)]}


def _is_socket(entry: Path) -> bool:
    try:
        return str(entry.readlink()).startswith("socket:")
    except OSError:
        return False


TRICKS: dict[str, Callable[[Mapping[str, Any], bytes], dict[str, Any]]] = {
    trick.__name__: trick for trick in (echo, surroundings, sleep, die, babble, grow, swallow, refuse, fail, sockets)
}


class Troubled:
    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        return {"pid": os.getpid(), **TRICKS[request["do"]](request, payload)}


def open_task(options: Mapping[str, Any]) -> Troubled:
    if "lacking" in options:
        raise EngineUnavailableError(options["lacking"])
    if "broken" in options:
        os._exit(3)
    if "slow" in options:
        time.sleep(options["slow"])
    return Troubled()
