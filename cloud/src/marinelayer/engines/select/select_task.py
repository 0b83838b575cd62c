"""What a worker does for a query: asks for the object's bytes, and tells what the query finds in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from marinelayer.engines.select.batches import Batch
from marinelayer.engines.select.csv_records import csv_batches
from marinelayer.engines.select.evaluation import Evaluator
from marinelayer.engines.select.json_records import json_batches
from marinelayer.engines.select.parquet_records import parquet_batches
from marinelayer.engines.select.query import Query, paths_in
from marinelayer.engines.select.refusing import refuse
from marinelayer.engines.select.sandbox import open_engine
from marinelayer.engines.select.source import Source
from marinelayer.engines.select.writing import writer
from marinelayer.protocol.s3_select.formats import CsvInput, Formats, JsonInput, formats_from
from marinelayer.protocol.s3_select.parser import parse
from marinelayer.protocol.s3_select.tree import Select

_PIECE = 128 * 1024
"""About as many bytes of records are told at once."""


class Talk(Protocol):
    """The cloud (engines.worker.Talk)."""

    def ask(self, header: Mapping[str, Any]) -> bytes:
        """Bytes of the object."""
        ...

    def tell(self, header: Mapping[str, Any], payload: bytes) -> None:
        """Records."""
        ...


class SelectTask:
    """Runs one query after the other (engines.worker.TalkingTask)."""

    def __init__(self, spool: str | None) -> None:
        self._spool = spool
        self._engine = open_engine()

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Run the query of `expression` and `formats` on an object of `size` bytes.

        Raises:
            SelectionError: the object or the query is at fault.
        """
        select = parse(request["expression"])
        formats = formats_from(request["formats"])
        source = Source(talk, int(request["size"]))
        now = datetime.now(UTC).replace(tzinfo=None)
        evaluator = Evaluator(self._engine, now)
        query = Query(select, evaluator, writer(formats.output), strict=_has_types(formats))
        try:
            self._run(query, self._batches(select, formats, source), source, talk)
        finally:
            evaluator.forget()
        return {}

    def _batches(self, select: Select, formats: Formats, source: Source) -> Iterator[Batch]:
        match formats.input:
            case JsonInput() as form:
                return json_batches(source, formats, form, select.source)
            case _ if select.source:
                raise refuse("InvalidKeyPath")  # a way into records leads only into those of JSON
            case CsvInput() as form:
                return csv_batches(source, formats, form)
            case _:
                return parquet_batches(source, formats, paths_in(select), self._spool)

    def _run(self, query: Query, batches: Iterator[Batch], source: Source, talk: Talk) -> None:
        waiting: list[bytes] = []
        size = told = 0
        if not query.done:
            for batch in batches:
                waiting.append(query.feed(batch))
                size += len(waiting[-1])
                if size >= _PIECE or source.processed - told >= 1 << 20:
                    _tell(talk, source, b"".join(waiting))
                    waiting, size, told = [], 0, source.processed
                if query.done:
                    break
        _tell(talk, source, b"".join([*waiting, query.finish()]))


def _has_types(formats: Formats) -> bool:
    """Whether a column is of one type by what the object is; values of JSON have their own."""
    return not isinstance(formats.input, JsonInput)


def _tell(talk: Talk, source: Source, records: bytes) -> None:
    counts = {"scanned": source.scanned, "processed": source.processed}
    view = memoryview(records)
    for begin in range(0, len(records), _PIECE):
        talk.tell(counts, bytes(view[begin : begin + _PIECE]))
    if not records:
        talk.tell(counts, b"")


def open_task(options: Mapping[str, Any]) -> SelectTask:
    """The task. `spool` is the folder for files that must be read from their end."""
    return SelectTask(options.get("spool"))
