"""Rekognition over fakes of its ports: engines that see what they are told, and an S3 that holds what it is given."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import pytest

from marinelayer.http import ResponseBody
from marinelayer.model.errors import AccessDenied, ServiceError
from marinelayer.ports import Box, Caller, Engine, Labels, SeenLabel, SeenText, Texts
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.services.operation import ServiceTable
from marinelayer.services.rekognition import rekognition_service

CALLER = Caller(
    identity=ANONYMOUS_IDENTITY, account="1", region="us-east-1", request_id="r", authoriser=cast("Any", None)
)
PICTURE = b"\x89PNG..."


class Eyes:
    """Both picture engines: answers with what it was given, or raises it."""

    def __init__(self) -> None:
        self.seen: list[SeenLabel] = []
        self.lines: list[SeenText] = []
        self.error: Exception | None = None
        self.looked_at: list[bytes] = []

    async def labels(self, image: bytes) -> Labels:
        self._look(image)
        engines = (Engine(name="Eyes", version="1"), Engine(name="More", version="2"))
        return Labels(labels=tuple(self.seen), engines=engines)

    async def read(self, image: bytes) -> Texts:
        self._look(image)
        return Texts(lines=tuple(self.lines), engine=Engine(name="Eyes", version="1"))

    def _look(self, image: bytes) -> None:
        self.looked_at.append(image)
        if self.error is not None:
            raise self.error


class NoSuchKey(ServiceError):
    """The specified key does not exist."""


class Bucket:
    """The Calls port, with one bucket."""

    def __init__(self) -> None:
        self.objects: dict[str, ResponseBody] = {}
        self.requests: list[Mapping[str, Any]] = []
        self.denied = False

    async def call(self, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        assert (caller, service, operation) == (CALLER, "s3", "GetObject")
        self.requests.append(request)
        if self.denied:
            raise AccessDenied
        if request["Key"] not in self.objects:
            raise NoSuchKey
        return {"Body": self.objects[request["Key"]]}


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
def stored() -> Bucket:
    return Bucket()


Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def table(eyes: Eyes, stored: Bucket) -> ServiceTable:
    return rekognition_service(eyes, eyes, stored)


@pytest.fixture
def ask(table: ServiceTable) -> Ask:
    async def run(operation: str, **request: Any) -> dict[str, Any]:
        return cast(
            "dict[str, Any]", await table.operations[operation].run(CALLER, {"Image": {"Bytes": PICTURE}, **request})
        )

    return run


def label(name: str, confidence: float, *boxes: tuple[float, float, float, float, float]) -> SeenLabel:
    located = tuple((Box(left=a, top=b, width=c, height=d), sure) for a, b, c, d, sure in boxes)
    return SeenLabel(name=name, confidence=confidence, boxes=located)


def text(
    said: str, left: float, top: float, width: float, height: float, *words: SeenText, sure: float = 99.0
) -> SeenText:
    right, bottom = left + width, top + height
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return SeenText(text=said, confidence=sure, corners=corners, words=words)
