"""Rekognition over fakes of its ports: engines that see what they are told, and an S3 that holds what it is given."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

import pytest

from marinelayer.http import ResponseBody
from marinelayer.model.errors import AccessDenied, ServiceError
from marinelayer.ports import (
    Box,
    Caller,
    DominantColor,
    Engine,
    ImageProperties,
    Labels,
    PartProperties,
    SeenLabel,
    SeenText,
    Texts,
)
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.services.operation import ServiceTable
from marinelayer.services.rekognition import rekognition_service
from marinelayer.testing import LocalCloud

from .account import Account, another_account
from .city import City

CALLER = Caller(
    identity=ANONYMOUS_IDENTITY, account="1", region="us-east-1", request_id="r", authoriser=cast("Any", None)
)
GREY = DominantColor(rgb=(47, 79, 79), name="darkslategrey", simplified="grey", percent=39.453125)
RED = DominantColor(rgb=(255, 0, 0), name="red", simplified="red", percent=12.0)
PICTURE = b"\x89PNG..."


class Eyes:
    """All picture engines: answers with what it was given, or raises it."""

    def __init__(self) -> None:
        self.seen: list[SeenLabel] = []
        self.lines: list[SeenText] = []
        self.moderated: list[SeenLabel] = []
        self.error: Exception | None = None
        self.looked_at: list[bytes] = []
        self.measured: list[tuple[Sequence[Box], int]] = []

    async def labels(self, image: bytes) -> Labels:
        self._look(image)
        engines = (Engine(name="Eyes", version="1"), Engine(name="More", version="2"))
        return Labels(labels=tuple(self.seen), engines=engines)

    async def moderation(self, image: bytes) -> Labels:
        self._look(image)
        return Labels(labels=tuple(self.moderated), engines=(Engine(name="Eyes", version="1"),))

    async def read(self, image: bytes, *, enough: int | None = None) -> Texts:
        self._look(image)
        return Texts(lines=tuple(self.lines), engine=Engine(name="Eyes", version="1"))

    async def properties(self, image: bytes, *, boxes: Sequence[Box], colors: int) -> ImageProperties:
        self._look(image)
        self.measured.append((boxes, colors))

        def part(brightness: float) -> PartProperties:
            return PartProperties(brightness=brightness, contrast=24.0, sharpness=40.0, colors=(GREY,))

        return ImageProperties(
            whole=part(59.0),
            foreground=part(44.0),
            background=part(63.0),
            boxes=tuple((RED,) if n % 2 else () for n in range(len(boxes))),
            engine=Engine(name="Meter", version="1"),
        )

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
    unused = cast("Any", None)
    return rekognition_service(
        labels=eyes,
        properties=eyes,
        texts=eyes,
        moderator=eyes,
        faces=unused,
        custom_labels=unused,
        calls=stored,
        tables=unused,
        clock=unused,
        ids=unused,
        keyring=unused,
        mandates=unused,
        principals=unused,
        videos=unused,
        poke=lambda: None,
    )


@pytest.fixture
def ask(table: ServiceTable) -> Ask:
    async def run(operation: str, **request: Any) -> dict[str, Any]:
        return cast(
            "dict[str, Any]", await table.operations[operation].run(CALLER, {"Image": {"Bytes": PICTURE}, **request})
        )

    return run


@pytest.fixture
def city(client: Callable[..., Any], bucket: str, patiently: Callable[..., Any]) -> City:
    return City(client("s3"), client("rekognition"), bucket, patiently)


@pytest.fixture(scope="module")
def other(cloud: LocalCloud) -> Account:
    """An account that is not the city's."""
    return another_account(cloud)


@pytest.fixture(scope="session")
def patiently() -> Callable[[Callable[[], Any]], Any]:
    """As `eventually`, for what takes a worker's start and some seconds of a processor that others want too."""

    def wait(look: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 240
        while not (found := look()):
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.1)
        return found

    return wait


def label(name: str, confidence: float, *boxes: tuple[float, float, float, float, float]) -> SeenLabel:
    located = tuple((Box(left=a, top=b, width=c, height=d), sure) for a, b, c, d, sure in boxes)
    return SeenLabel(name=name, confidence=confidence, boxes=located)


def text(
    said: str, left: float, top: float, width: float, height: float, *words: SeenText, sure: float = 99.0
) -> SeenText:
    right, bottom = left + width, top + height
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return SeenText(text=said, confidence=sure, corners=corners, words=words)
