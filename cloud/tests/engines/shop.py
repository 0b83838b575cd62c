"""A server of model files that misbehaves as it is told, and catalogues of models that it has."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from marinelayer.engines import catalogue
from marinelayer.engines.catalogue import Model, ModelFile
from marinelayer.engines.models import fetching

WEIGHTS = bytes(range(256)) * 4000
NAMES = b"cat\ndog\n"


class Shop:
    """What the server has, how it behaves, and what it was asked for."""

    def __init__(self) -> None:
        self.files = {"/weights.onnx": WEIGHTS, "/names.txt": NAMES}
        self.ranges = True
        self.break_off: list[int] = []
        """For each answer to come: the byte after which the connection is cut."""
        self.refusals: list[int] = []
        """For each answer to come: a status to refuse with, or 0."""
        self.says_length = True
        self.asked: list[tuple[str, str | None]] = []
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers["Range"]
        self.asked.append((handler.path, wanted))
        data = self.files.get(handler.path)
        refusal = (self.refusals.pop(0) if self.refusals else 0) or (404 if data is None else 0)
        if refusal or data is None:
            handler.send_error(refusal)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        if start and start >= len(data):
            handler.send_error(416)
            return
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if self.says_length:
            handler.send_header("Content-Length", str(len(data) - start))
        handler.end_headers()
        handler.wfile.write(data[start : self.break_off.pop(0)] if self.break_off else data[start:])


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.answer(self)

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - its parents' name
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        shop.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield shop
        server.shutdown()
        thread.join()


def listed(name: str, files: Sequence[ModelFile], where: str = "models") -> Model:
    return Model(
        name=name,
        task="boxes",
        version="1",
        where=where,
        languages=(),
        licence="Apache-2.0",
        source="here",
        accuracy="none",
        measured_by="none",
        install="put it there",
        files=tuple(files),
    )


def sized(name: str, data: bytes, *urls: str) -> ModelFile:
    return ModelFile(name=name, size=len(data), sha256=hashlib.sha256(data).hexdigest(), urls=urls)


Known = Callable[..., None]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Known:
    """`known(model, ...)` makes these the whole catalogue."""
    monkeypatch.setattr(fetching, "PAUSE", 0)

    def these(*models: Model) -> None:
        entries = {model.name: model for model in models}
        monkeypatch.setattr(catalogue, "catalogue", lambda: entries)
        monkeypatch.setattr("marinelayer.app.models.catalogue", lambda: entries)

    return these
