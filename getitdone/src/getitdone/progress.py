"""How far a long step is, for whoever watches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Shows steps; silent where nobody watches."""

    def step(self, name: str, total: int) -> Callable[[], object]:
        """Begin a step of `total` parts; call the answer after each part."""
        ...


class Silent:
    """Shows nothing."""

    def step(self, name: str, total: int) -> Callable[[], object]:
        """Nothing is shown."""
        return lambda: None
