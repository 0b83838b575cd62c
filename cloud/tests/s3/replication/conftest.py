"""What the tests of this room share."""

from typing import Any

import pytest

from .copying import versioned


@pytest.fixture(autouse=True)
async def _buckets(s3: Any) -> None:
    await versioned(s3, "photos")
    for name in ("copies", "others"):
        await s3("CreateBucket", Bucket=name)
        await versioned(s3, name)
