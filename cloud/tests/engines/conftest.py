"""What the engines' tests share: drawn pictures, and the evaluation data where it lies beside the repository."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from PIL import Image, ImageDraw, ImageFont

from marinelayer.testing import LocalCloud

from .shop import known, shop

__all__ = ["known", "shop"]

SHARED = Path(__file__).resolve().parents[4] / "shared"

Draw = Callable[..., bytes]


def sign(
    *lines: str, size: tuple[int, int] = (640, 400), at: tuple[int, int] = (60, 60), kind: str = "PNG", **saved: Any
) -> bytes:
    """A white sign with black text, each line 80 pixels below the last."""
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((at[0], at[1] + 80 * number), line, fill="black", font=ImageFont.load_default(52))
    return saved_as(picture, kind, **saved)


def saved_as(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def comprehend(cloud: LocalCloud) -> Iterator[Any]:
    """A client of the `cloud` that the tests of a module have."""
    client = cast("Any", boto3).client("comprehend", **cloud.client_arguments())
    yield client
    client.close()


@pytest.fixture(scope="session")
def shared_models() -> Path:
    """The folder of model files."""
    folder = SHARED / "models"
    if not folder.is_dir():
        pytest.skip(f"no model files: {folder} is not there")
    return folder


@pytest.fixture(scope="session")
def evaluation() -> Path:
    """The folder of evaluation data."""
    folder = SHARED / "data" / "engines"
    if not folder.is_dir():
        pytest.skip(f"no evaluation data: {folder} is not there")
    return folder
