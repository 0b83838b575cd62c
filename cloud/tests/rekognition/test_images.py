"""A picture comes as bytes or as an object that the caller may read; every refusal is Rekognition's own."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from marinelayer.http import FileRange
from marinelayer.model.errors import InternalError, OperationNotImplemented, Throttled
from marinelayer.ports import (
    BadImageError,
    EngineBusyError,
    EngineFailedError,
    EngineUnavailableError,
    ImageTooLargeError,
)
from marinelayer.services.operation import ServiceTable
from marinelayer.services.rekognition.errors import (
    ImageTooLargeException,
    InvalidImageFormatException,
    InvalidParameterException,
    InvalidS3ObjectException,
)

from .conftest import CALLER, PICTURE, Ask, Bucket, Eyes

OBJECT = {"S3Object": {"Bucket": "datacamp-img", "Name": "report.jpg"}}
both = pytest.mark.parametrize("operation", ["DetectText", "DetectLabels", "DetectModerationLabels"])


@both
async def test_bytes_reach_the_engine(ask: Ask, eyes: Eyes, operation: str) -> None:
    await ask(operation)
    assert eyes.looked_at == [PICTURE]


@both
async def test_an_object_is_read_as_the_caller(ask: Ask, eyes: Eyes, stored: Bucket, operation: str) -> None:
    stored.objects["report.jpg"] = PICTURE
    await ask(operation, Image=OBJECT)
    assert eyes.looked_at == [PICTURE]
    assert stored.requests == [{"Bucket": "datacamp-img", "Key": "report.jpg"}]


async def test_a_version_of_an_object_can_be_named(ask: Ask, stored: Bucket) -> None:
    stored.objects["a"] = PICTURE
    await ask("DetectText", Image={"S3Object": {"Bucket": "bucket", "Name": "a", "Version": "v1"}})
    assert stored.requests == [{"Bucket": "bucket", "Key": "a", "VersionId": "v1"}]


async def test_an_object_in_a_file_or_in_pieces_is_read_whole(
    ask: Ask, eyes: Eyes, stored: Bucket, tmp_path: Path
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"\x89P"
        yield b"NG..."

    file = tmp_path / "blob"
    file.write_bytes(b"before" + PICTURE + b"after")
    stored.objects = {"file": FileRange(file, 6, len(PICTURE)), "pieces": pieces()}
    for key in ("file", "pieces"):
        await ask("DetectText", Image={"S3Object": {"Bucket": "bucket", "Name": key}})
    assert eyes.looked_at == [PICTURE, PICTURE]


@both
async def test_an_object_that_is_missing_or_forbidden_is_refused_alike(
    ask: Ask, stored: Bucket, operation: str
) -> None:
    messages: set[str] = set()
    for denied in (False, True):
        stored.denied = denied
        with pytest.raises(InvalidS3ObjectException) as refused:
            await ask(operation, Image=OBJECT)
        messages.add(refused.value.message)
    assert messages == {"Unable to get object metadata from S3. Check object key, region and/or access permissions."}


@both
@pytest.mark.parametrize(
    "image",
    [
        {},
        {"Bytes": PICTURE, **OBJECT},
        {"Bytes": b""},
        {"S3Object": {}},
        {"S3Object": {"Bucket": "bucket"}},
        {"S3Object": {"Name": "key"}},
    ],
)
async def test_not_exactly_one_picture_is_an_invalid_parameter(
    ask: Ask, eyes: Eyes, operation: str, image: dict[str, Any]
) -> None:
    with pytest.raises(InvalidParameterException) as refused:
        await ask(operation, Image=image)
    assert refused.value.message == "Request has invalid parameters"
    assert eyes.looked_at == []


async def test_more_than_5_mb_of_bytes_or_15_mb_of_an_object_is_too_large(
    ask: Ask, eyes: Eyes, stored: Bucket, tmp_path: Path
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(1 << 20)

    big = tmp_path / "big"
    big.write_bytes(bytes((15 << 20) + 1))
    stored.objects = {"file": FileRange(big, 0, (15 << 20) + 1), "endless": endless()}
    images = [
        {"Bytes": bytes((5 << 20) + 1)},
        *({"S3Object": {"Bucket": "bucket", "Name": key}} for key in stored.objects),
    ]
    for image in images:
        with pytest.raises(ImageTooLargeException):
            await ask("DetectLabels", Image=image)
    assert eyes.looked_at == []


async def test_an_object_of_15_mb_is_not_too_large(ask: Ask, eyes: Eyes, stored: Bucket) -> None:
    stored.objects["report.jpg"] = bytes(15 << 20)
    await ask("DetectLabels", Image=OBJECT)
    assert len(eyes.looked_at[0]) == 15 << 20


@both
@pytest.mark.parametrize(
    ("raised", "answered", "said"),
    [
        (BadImageError("secret"), InvalidImageFormatException, "Request has invalid image format"),
        (ImageTooLargeError("secret"), ImageTooLargeException, "limit"),
        (EngineUnavailableError("put the file there"), OperationNotImplemented, "put the file there"),
        (EngineBusyError("secret"), Throttled, ""),
        (EngineFailedError("secret"), InternalError, ""),
    ],
)
async def test_what_an_engine_raises_becomes_an_answer(
    ask: Ask, eyes: Eyes, operation: str, raised: Exception, answered: type[Exception], said: str
) -> None:
    eyes.error = raised
    with pytest.raises(answered) as refused:
        await ask(operation)
    assert type(refused.value) is answered
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


@both
def test_each_operation_needs_its_own_action_on_everything(table: ServiceTable, operation: str) -> None:
    needs = table.operations[operation].needs({}, CALLER)
    assert [(need.action, need.resource) for need in needs] == [(f"rekognition:{operation}", "*")]
