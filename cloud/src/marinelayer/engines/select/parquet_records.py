"""Parquet objects as batches of records, read by a DuckDB that can reach this one file and nothing else.

The file is spooled first, since Parquet is read from its end.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-glacier-select-sql-reference-data-types.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from marinelayer.engines.select.batches import Batch
from marinelayer.engines.select.refusing import refuse
from marinelayer.engines.select.sandbox import locked, spooled
from marinelayer.engines.select.source import Source
from marinelayer.engines.select.value_batches import Steps, ValueBatch
from marinelayer.protocol.s3_select.formats import Formats, ScanRange
from marinelayer.protocol.s3_select.tree import Name, Path

_ROWS = 10_000
_MAGIC = b"PAR1"


def parquet_batches(
    source: Source, formats: Formats, wanted: Sequence[Path] | None, spool: str | None
) -> Iterator[Batch]:
    """The object's records: their columns that `wanted` begin at, or all. `spool` is the folder for the file.

    Raises:
        SelectionError: it is no Parquet, or has no such column.
    """
    with spooled(spool, "select-") as (file, name):
        head = b""
        for piece in source.counted(source.pieces()):
            head = head or piece[:4]
            file.write(piece)
        file.flush()
        if head != _MAGIC:
            raise refuse("ParquetParsingError")
        with locked(name) as engine:
            yield from _read(engine, name, formats.scan, wanted, source.size)


def _read(
    engine: duckdb.DuckDBPyConnection, name: str, scan: ScanRange | None, wanted: Sequence[Path] | None, size: int
) -> Iterator[Batch]:
    try:
        described = engine.execute("DESCRIBE SELECT * FROM read_parquet($1)", [name]).fetchall()
        types: dict[str, str] = {row[0]: row[1] for row in described}
        chosen = list(types) if wanted is None else _chosen(list(types), wanted)
        names = ", ".join(_column(column, types[column]) for column in chosen) or "NULL AS nothing"
        where = _groups(engine, name, scan, size) if scan is not None else "TRUE"
        options = "binary_as_string=true, file_row_number=true"
        # Quoted names and numbers are all that stands in it.
        engine.execute(f"SELECT {names} FROM read_parquet($1, {options}) WHERE {where}", [name])  # noqa: S608
        steps = Steps()
        while rows := engine.fetchmany(_ROWS):
            yield ValueBatch([dict(zip(chosen, row, strict=False)) for row in rows], steps)
    except duckdb.OutOfMemoryException as error:
        raise refuse("OverMaxParquetBlockSize") from error
    except duckdb.Error as error:
        raise refuse("ParquetParsingError") from error


def _column(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return f"{quoted} AT TIME ZONE 'UTC'" if kind == "TIMESTAMP WITH TIME ZONE" else quoted


def _chosen(columns: Sequence[str], wanted: Sequence[Path]) -> list[str]:
    chosen: set[str] = set()
    for path in wanted:
        step = path.steps[0] if path.steps else None
        if not isinstance(step, Name):
            return list(columns)
        fitting = [
            name for name in columns if (name == step.text if step.quoted else name.lower() == step.text.lower())
        ]
        if not fitting:
            raise refuse("EvaluatorBindingDoesNotExist")
        chosen.update(fitting)
    return [name for name in columns if name in chosen]


def _groups(engine: duckdb.DuckDBPyConnection, name: str, scan: ScanRange, size: int) -> str:
    """The condition that leaves the rows of the row groups that begin in the range."""
    start, end = scan.within(size)
    groups = engine.execute(
        "SELECT row_group_num_rows,"
        " least(data_page_offset, coalesce(nullif(dictionary_page_offset, 0), data_page_offset))"
        " FROM parquet_metadata($1) WHERE column_id = 0 ORDER BY row_group_id",
        [name],
    ).fetchall()
    ranges: list[str] = []
    first = 0
    for count, offset in groups:
        if start <= int(offset) < end:
            ranges.append(f"file_row_number BETWEEN {first} AND {first + int(count) - 1}")
        first += int(count)
    return " OR ".join(ranges) or "FALSE"
