"""Records as texts of the answer.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CSVOutput.html and API_JSONOutput.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

from marinelayer.engines.select.batches import MAX_RECORD, MISSING, Batch
from marinelayer.engines.select.refusing import too_long
from marinelayer.protocol.s3_select.formats import CsvOutput, JsonOutput, Output


class Writer(Protocol):
    """Writes records in one format. All of its methods raise SelectionError (OverMaxRecordSize)."""

    def whole(self, batch: Batch, numbers: Iterable[int]) -> bytes:
        """The records of these numbers as they are."""
        ...

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
        """Records of these values, which are called so."""
        ...


def writer(form: Output) -> Writer:
    """The writer of a format."""
    return CsvWriter(form) if isinstance(form, CsvOutput) else JsonWriter(form)


class CsvWriter:
    """Records as delimited texts (Writer)."""

    def __init__(self, form: CsvOutput) -> None:
        self._form = form
        self._special = re.compile(
            "|".join(map(re.escape, sorted({form.field_delimiter, form.record_delimiter, form.quote, "\n", "\r"})))
        )

    def whole(self, batch: Batch, numbers: Iterable[int]) -> bytes:
        """See Writer."""
        return self.rows((), (batch.fields(number) for number in numbers))

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
        """See Writer. Names are not written."""
        delimiter = self._form.field_delimiter
        texts = [delimiter.join([self._field(value) for value in row]) for row in rows]
        return _encoded(texts, self._form.record_delimiter, "replace")

    def _field(self, value: Any) -> str:
        form = self._form
        text = value if isinstance(value, str) else _text(value)
        if not form.always_quoted and self._special.search(text) is None:
            return text
        if form.escape != form.quote:
            text = text.replace(form.escape, form.escape + form.escape)
        return form.quote + text.replace(form.quote, form.escape + form.quote) + form.quote


class JsonWriter:
    """Records as JSON objects, without members that are missing (Writer)."""

    def __init__(self, form: JsonOutput) -> None:
        self._form = form

    def whole(self, batch: Batch, numbers: Iterable[int]) -> bytes:
        """See Writer."""
        texts: list[str] = []
        for number in numbers:
            inside = [f"{_json(name)}:{_json(value)}" for name, value in batch.members(number)]
            texts.append("{" + ",".join(inside) + "}")
        return self._written(texts)

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
        """See Writer."""
        keys = [_json(name) + ":" for name in names]
        texts: list[str] = []
        for row in rows:
            inside = [key + _json(value) for key, value in zip(keys, row, strict=True) if value is not MISSING]
            texts.append("{" + ",".join(inside) + "}")
        return self._written(texts)

    def _written(self, texts: list[str]) -> bytes:
        # Half of a surrogate pair is written as JSON itself does.
        return _encoded(texts, self._form.record_delimiter, "backslashreplace")


def _encoded(texts: list[str], delimiter: str, errors: str) -> bytes:
    if any(len(text) > MAX_RECORD for text in texts):
        raise too_long()
    return "".join([text + delimiter for text in texts]).encode("utf-8", errors)


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return _text(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_text)


def _text(value: Any) -> str:
    """A value that is no text, as one."""
    if value is None or value is MISSING:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, date):
        return _moment(value)
    if isinstance(value, dict | list | tuple):
        return _json(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _moment(value: date) -> str:
    """A date, or a moment in UTC without the zeros at its end."""
    if not isinstance(value, datetime):
        return value.isoformat()
    utc = value.astimezone(UTC) if value.tzinfo is not None else value
    seconds = utc.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{seconds}{f'.{utc.microsecond:06}'.rstrip('0') if utc.microsecond else ''}Z"
