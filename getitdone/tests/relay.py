"""A wire between the application and the cloud that can stop the application at an exact moment.

It passes bytes on and does not understand them, but for one pattern that it counts in what the application sends.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit


@dataclass
class Moment:
    """The `number`th time that the application sends `pattern`: `before` the cloud gets it, or `after` the cloud
    answered it and before the application hears so. `strike` is called once, then."""

    pattern: bytes
    number: int
    when: Literal["before", "after"]
    strike: Callable[[], None] = lambda: None
    seen: int = 0
    struck: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def has_come(self, content: bytes) -> bool:
        """Whether this is it."""
        with self.lock:
            self.seen += content.count(self.pattern)
            return self.seen >= self.number and not self.struck.is_set()

    def come(self) -> None:
        """Strike."""
        self.struck.set()
        self.strike()


@contextmanager
def relay(address: str, moment: Moment) -> Generator[str]:
    """Another address of the cloud at `address`, for one run of the application."""
    target = urlsplit(address)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, (target.hostname, target.port), moment), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        # On Linux to close a socket does not wake who waits in accept().
        server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, target: tuple[str, int], moment: Moment) -> None:
    with suppress(OSError):
        while True:
            near, _ = server.accept()
            threading.Thread(target=_serve, args=(near, target, moment), daemon=True).start()


def _serve(near: socket.socket, target: tuple[str, int], moment: Moment) -> None:
    # Requests of one connection come one after the other: what is read next is the answer to what was sent.
    with near, socket.create_connection(target) as far:
        deaf = threading.Event()

        def back() -> None:
            with suppress(OSError):
                while content := far.recv(65536):
                    if deaf.is_set():
                        moment.come()
                        return
                    near.sendall(content)
            _hang_up(near)

        threading.Thread(target=back, daemon=True).start()
        with suppress(OSError):
            while content := near.recv(65536):
                if moment.has_come(content):
                    if moment.when == "before":
                        moment.come()
                        break
                    deaf.set()
                far.sendall(content)
        _hang_up(far)


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
