"""Files of reports. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Literal, Protocol

from marinelayer.ports.state import Value

ColumnKind = Literal["text", "flag", "number", "moment"]
"""What a column holds: texts, True and False, whole numbers, or microseconds since the epoch; None in any."""


class ParquetWriter(Protocol):
    """Writes Parquet files."""

    def write(
        self, columns: Sequence[tuple[str, ColumnKind]], pages: AsyncGenerator[Sequence[Sequence[Value]]]
    ) -> AsyncGenerator[bytes]:
        """The bytes of a file of the columns (name and kind) with the rows of all pages, which are held together:
        few hundred thousand at most. Closing it ends the work.

        Raises, once it is iterated:
            EngineBusyError: too many files are written already.
            EngineFailedError: it took too much time or memory. Whatever `pages` raises.
        """
        ...
