"""ports.ParquetWriter: files are written in a worker, which gets the rows as it asks for them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from marinelayer.engines.supervisor import Limits, Supervisor
from marinelayer.ports import ColumnKind, Value

LIMITS = Limits(queue=4, patience=300, deadline=60, pace=2.0, tasks=0, memory=800 << 20, ceiling=3 << 30)
"""A worker writes one file, and goes: reports are seldom."""


def open_parquet_writer(spool: Path | None) -> ParquetEngine:
    """The adapter, with a supervisor of its own. `spool` as for `open_engines`."""
    options = {"spool": str(spool.resolve()) if spool is not None else None}
    return ParquetEngine(Supervisor("marinelayer.engines.parquet.parquet_task", options=options, limits=LIMITS))


class ParquetEngine:
    """Writes Parquet files. `supervisor` runs `engines.parquet.parquet_task`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def close(self) -> None:
        """End the worker, and with it the file that it writes."""
        await self._supervisor.close()

    async def write(
        self, columns: Sequence[tuple[str, ColumnKind]], pages: AsyncGenerator[Sequence[Sequence[Value]]]
    ) -> AsyncGenerator[bytes]:
        """See ports.ParquetWriter."""

        async def answer(_: Mapping[str, Any]) -> bytes:
            async for page in pages:
                if page:
                    return json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode()
            return b""

        async with aclosing(pages), aclosing(self._supervisor.converse({"columns": columns}, answer)) as told:
            async for _, piece in told:
                yield piece
