"""ports.Selector: queries run in workers, which get the object's bytes as they ask for them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from marinelayer.engines.supervisor import Limits, Supervisor
from marinelayer.ports import Selected, StoredBytes
from marinelayer.protocol.s3_select.formats import Formats, formats_text

LIMITS = Limits(queue=16, patience=20, deadline=30, pace=1.0, tasks=500, memory=600 << 20, ceiling=3 << 30)
"""A step is what a query does with a piece of the object, 1 MiB at most before it is decompressed."""


def open_selector(spool: Path | None, *, workers: int) -> SelectEngine:
    """The adapter, with a supervisor of its own. `spool` as for `open_engines`."""
    options = {"spool": str(spool.resolve()) if spool is not None else None}
    limits = replace(LIMITS, workers=workers)
    return SelectEngine(Supervisor("marinelayer.engines.select.select_task", options=options, limits=limits))


class SelectEngine:
    """Runs queries. `supervisor` runs `engines.select.select_task`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def close(self) -> None:
        """End every worker, and with them the queries that run."""
        await self._supervisor.close()

    async def select(self, expression: str, formats: Formats, data: StoredBytes) -> AsyncGenerator[Selected]:
        """See ports.Selector."""
        request = {"expression": expression, "formats": formats_text(formats), "size": data.size}
        async with (
            aclosing(_Reading(data)) as reading,
            aclosing(self._supervisor.converse(request, reading.answer)) as told,
        ):
            async for counts, records in told:
                yield Selected(records=records, scanned=counts["scanned"], processed=counts["processed"])


class _Reading:
    """Where a worker is in an object: it asks for the bytes at an offset, nearly always the next ones."""

    def __init__(self, data: StoredBytes) -> None:
        self._data = data
        self._pieces: AsyncGenerator[bytes] | None = None
        self._offset = 0

    async def answer(self, asked: Mapping[str, Any]) -> bytes:
        """The bytes from the offset asked for, as many as come at once; none at the object's end."""
        offset = int(asked["offset"])
        if offset >= self._data.size:
            return b""
        if self._pieces is None or offset != self._offset:
            await self.aclose()
            self._pieces = self._data.read_from(offset)
        piece = await anext(self._pieces, b"")
        self._offset = offset + len(piece)
        return piece

    async def aclose(self) -> None:
        """Stop reading."""
        if self._pieces is not None:
            await self._pieces.aclose()
            self._pieces = None
