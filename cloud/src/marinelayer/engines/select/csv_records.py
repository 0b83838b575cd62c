"""CSV objects as batches of records.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CSVInput.html. Empty lines are no records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from marinelayer.engines.select.batches import MAX_RECORD, MISSING, Batch
from marinelayer.engines.select.csv_fields import FieldReader
from marinelayer.engines.select.decompression import decompressed
from marinelayer.engines.select.refusing import refuse, too_long
from marinelayer.engines.select.source import Source
from marinelayer.engines.select.splitting import from_first_whole, records
from marinelayer.protocol.s3_select.formats import CsvInput, Formats
from marinelayer.protocol.s3_select.tree import Name, Path

_POSITION = re.compile(r"_(\d{1,6})")


class CsvBatch:
    """Records of texts (Batch). `header` has the columns' names, None where they have none."""

    def __init__(self, rows: Sequence[Sequence[str]], header: Sequence[str] | None) -> None:
        self._rows = rows
        self._header = header

    def __len__(self) -> int:
        return len(self._rows)

    def values(self, path: Path) -> Sequence[Any]:
        """See Batch."""
        column = self._column(path)
        return [row[column] if column < len(row) else MISSING for row in self._rows]

    def fields(self, number: int) -> Sequence[Any]:
        """See Batch."""
        return self._rows[number]

    def members(self, number: int) -> Sequence[tuple[str, Any]]:
        """See Batch."""
        row, names = self._rows[number], self._header or ()
        return [(names[place] if place < len(names) else f"_{place + 1}", value) for place, value in enumerate(row)]

    def _column(self, path: Path) -> int:
        step = path.steps[0] if len(path.steps) == 1 else None
        if not isinstance(step, Name):
            raise _no_column(path)
        named = self._named(step)
        if named is not None:
            return named
        position = _POSITION.fullmatch(step.text)
        if position is not None and int(position[1]):
            return int(position[1]) - 1
        if self._header is None or position is not None:
            raise _no_column(path)
        raise refuse("MissingHeaders")

    def _named(self, step: Name) -> int | None:
        if self._header is None:
            return None
        if step.quoted:
            found = [place for place, name in enumerate(self._header) if name == step.text]
        else:
            found = [place for place, name in enumerate(self._header) if name.lower() == step.text.lower()]
        if len(found) > 1:
            raise refuse("AmbiguousFieldName")
        return found[0] if found else None


def _no_column(path: Path) -> Exception:
    message = f"The column index {path.at} is invalid. Please check the service documentation and try again."
    return refuse("InvalidColumnIndex", message)


def csv_batches(source: Source, formats: Formats, form: CsvInput) -> Iterator[Batch]:
    """The object's records.

    Raises:
        SelectionError: it is no such CSV.
    """
    reader = FieldReader(form)
    start, end = formats.scan.within(source.size) if formats.scan is not None else (0, source.size)
    header: list[str] | None = None
    headed = form.header == "NONE"
    if start and not headed:
        first = next(_fields(source, formats, form, reader, (0, 1)), list[list[str]]())
        header = first[0] if first else []
        headed = True
    for rows in _fields(source, formats, form, reader, (start, end)):
        if not headed and rows:
            header, headed = rows[0], True
            del rows[0]
        yield CsvBatch(rows, header if form.header == "USE" else None)


def _fields(
    source: Source, formats: Formats, form: CsvInput, reader: FieldReader, scanned: tuple[int, int]
) -> Iterator[list[list[str]]]:
    """The fields of the records that begin between two bytes, without comments and empty lines."""
    start, end = scanned
    delimiter = form.record_delimiter.encode("utf-8")
    offset = max(0, start - len(delimiter))
    pieces = decompressed(source.pieces(offset), formats.compression)
    if start:
        pieces, skipped = from_first_whole(pieces, delimiter)
        offset += skipped
    limit = end if formats.scan is not None else None
    first = not start
    found = records(source.counted(pieces), delimiter, offset=offset, end=limit)
    for texts in _joined(found, form) if form.quoted_records and form.quote else found:
        if first and texts:
            texts[0] = texts[0].removeprefix("\ufeff")
            first = False
        kept = _kept(texts, form)
        if kept:
            yield reader.fields(kept)


def _kept(texts: list[str], form: CsvInput) -> list[str]:
    if form.record_delimiter == "\n":
        # Files of another system: their carriage returns belong to the line's end.
        texts = [text.removesuffix("\r") for text in texts]
    if not form.comment:
        return [text for text in texts if text]
    return [text for text in texts if text and not text.startswith(form.comment)]


def _joined(found: Iterator[list[str]], form: CsvInput) -> Iterator[list[str]]:
    """The texts between delimiters, those again in one whose delimiter stands in quotes."""
    open_text: list[str] = []
    length = 0
    for texts in found:
        whole: list[str] = []
        for text in texts:
            if not open_text and form.comment and text.startswith(form.comment):
                continue
            quotes = text.count(form.quote)
            if form.escape != form.quote:
                quotes -= text.count(form.escape + form.quote)
            if not open_text and quotes % 2 == 0:
                whole.append(text)
                continue
            open_text.append(text)
            length += len(text) + len(form.record_delimiter)
            if length > MAX_RECORD:
                raise too_long()
            if len(open_text) > 1 and quotes % 2:
                whole.append(form.record_delimiter.join(open_text))
                open_text, length = [], 0
        yield whole
    if open_text:
        yield [form.record_delimiter.join(open_text)]
