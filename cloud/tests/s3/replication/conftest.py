"""What the tests of this room share; importlib mode puts no folder on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from typing import Any

import pytest
from copying import versioned


@pytest.fixture(autouse=True)
async def _buckets(s3: Any) -> None:
    await versioned(s3, "photos")
    for name in ("copies", "others"):
        await s3("CreateBucket", Bucket=name)
        await versioned(s3, name)
