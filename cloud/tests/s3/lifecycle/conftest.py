"""What the tests of this room share."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _in_the_morning(s3: Any) -> None:
    """Not at midnight, when days are whole."""
    s3.clock.forward(10 * 3600)
