"""What a worker does for a Parquet file: asks for its rows, and tells the file's bytes.

The rows are kept as columns in memory, and written when there are no more; who asks for a file bounds their number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import duckdb
import numpy as np

from marinelayer.engines.select.sandbox import locked, spooled

_TYPES: Mapping[str, str] = {
    "text": "VARCHAR",
    "flag": "BOOLEAN",
    "number": "BIGINT",
    "moment": "TIMESTAMP_MS",
}
_PIECE = 1 << 20
_ROWS = 10_000
"""About as many are inserted at once."""


class Talk(Protocol):
    """The cloud (engines.worker.Talk)."""

    def ask(self, header: Mapping[str, Any]) -> bytes:
        """Rows as JSON, an array of arrays; nothing when there are no more."""
        ...

    def tell(self, header: Mapping[str, Any], payload: bytes) -> None:
        """Bytes of the file."""
        ...


class ParquetTask:
    """Writes one file after the other (engines.worker.TalkingTask)."""

    def __init__(self, spool: str | None) -> None:
        self._spool = spool

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Write a file of `columns`, pairs of name and kind (ports.ColumnKind)."""
        columns = [(name, _TYPES[kind]) for name, kind in request["columns"]]
        with spooled(self._spool, "parquet-") as (file, name), locked(name) as engine:
            engine.execute(f"CREATE TABLE report ({', '.join(f'{_quoted(name)} {kind}' for name, kind in columns)})")
            waiting: list[Sequence[Any]] = []
            while payload := talk.ask({}):
                waiting += json.loads(payload)
                if len(waiting) >= _ROWS:
                    _insert(engine, columns, waiting)
                    waiting = []
            if waiting:
                _insert(engine, columns, waiting)
            # A file of another name would be one that the engine may not reach.
            engine.execute(f"COPY report TO '{name}' (FORMAT parquet, COMPRESSION snappy, USE_TMP_FILE false)")
            file.seek(0)
            while piece := file.read(_PIECE):
                talk.tell({}, piece)
        return {}


def _insert(
    engine: duckdb.DuckDBPyConnection, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]
) -> None:
    values = zip(*rows, strict=True)
    arrays: dict[str, Any] = {}
    for number, ((_, kind), column) in enumerate(zip(columns, values, strict=True)):
        arrays[f"c{number}"] = _moments(column) if kind == "TIMESTAMP_MS" else np.array(column, dtype=object)
    chosen = ", ".join(f"CAST(c{number} AS {kind})" for number, (_, kind) in enumerate(columns))
    engine.register("rows", arrays)
    engine.execute(f"INSERT INTO report SELECT {chosen} FROM rows")  # noqa: S608 - our numbers and our types
    engine.unregister("rows")


def _moments(column: Sequence[int | None]) -> Any:
    """Microseconds since the epoch, as milliseconds."""
    return np.array(["NaT" if value is None else value // 1000 for value in column], dtype="datetime64[ms]")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def open_task(options: Mapping[str, Any]) -> ParquetTask:
    """The task. `spool` is the folder for the file."""
    return ParquetTask(options.get("spool"))
