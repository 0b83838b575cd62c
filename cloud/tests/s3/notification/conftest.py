"""What the tests of this room share."""

from typing import Any

import pytest

from .listening import Topics


@pytest.fixture
async def sns(s3: Any) -> Topics:
    """SNS with a topic `alerts` of ALICE's that lets S3 publish."""
    topics = Topics(s3)
    await topics.make()
    return topics
