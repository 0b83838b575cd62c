"""Records in batches, as readers give them to a query."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, Protocol

from marinelayer.protocol.s3_select.tree import Path

MAX_RECORD = 1_048_576
"""Characters of one record, read or written."""


class Absent(Enum):
    """What a path leads to where there is nothing."""

    MISSING = "MISSING"


MISSING = Absent.MISSING


class Batch(Protocol):
    """Some records."""

    def __len__(self) -> int: ...

    def values(self, path: Path) -> Sequence[Any]:
        """What the path leads to in each record: a text, a number, a moment, a list, a dict, None or MISSING.

        Raises:
            SelectionError: there is no such column, or more than one.
        """
        ...

    def fields(self, number: int) -> Sequence[Any]:
        """The values of one record in their order, for a text of them."""
        ...

    def members(self, number: int) -> Sequence[tuple[str, Any]]:
        """The names and values of one record, for an object of them."""
        ...
