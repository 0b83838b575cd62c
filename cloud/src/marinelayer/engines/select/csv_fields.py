"""A CSV record's text as its fields: by Python's reader in native code, or one by one where that one would read what S3
does not mean.

A quote counts at the beginning of a field only; within quotes the escape character stands before a quote (or before
itself); what follows the closing quote must be a delimiter.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence

from marinelayer.engines.select.refusing import refuse
from marinelayer.protocol.s3_select.formats import CsvInput


class FieldReader:
    """Reads the fields of records in one format."""

    def __init__(self, form: CsvInput) -> None:
        self._form = form
        # csv.field_size_limit is 128 KiB by default, for this whole process; a record may be one field.
        csv.field_size_limit(1 << 23)

    def fields(self, records: Sequence[str]) -> list[list[str]]:
        """The fields of each record. Raises SelectionError for quotes that are not closed or not escaped."""
        form = self._form
        if not form.quote:
            return [record.split(form.field_delimiter) for record in records]
        if self._plain(records):
            try:
                found = list(
                    csv.reader(
                        records, delimiter=form.field_delimiter, quotechar=form.quote, doublequote=True, strict=True
                    )
                )
            except csv.Error:
                found = []
            # An open quote makes Python's reader go on into the next record.
            if len(found) == len(records):
                return found
        return [self._one(record) for record in records]

    def _plain(self, records: Sequence[str]) -> bool:
        """Whether Python's reader reads them as S3 does: it has its own mind about escapes outside of quotes, and about
        newlines that delimit nothing."""
        form = self._form
        if form.escape != form.quote and any(form.escape in record for record in records):
            return False
        return form.record_delimiter == "\n" or not any("\n" in record or "\r" in record for record in records)

    def _one(self, record: str) -> list[str]:
        form = self._form
        fields: list[str] = []
        place = 0
        while True:
            if record.startswith(form.quote, place):
                field, place = self._quoted(record, place + 1)
            else:
                end = record.find(form.field_delimiter, place)
                end = len(record) if end < 0 else end
                field, place = record[place:end], end
            fields.append(field)
            if place >= len(record):
                return fields
            place += 1

    def _quoted(self, record: str, place: int) -> tuple[str, int]:
        """A field from behind its opening quote, and the place behind the closing one."""
        quote, escape = self._form.quote, self._form.escape
        pieces: list[str] = []
        while True:
            end = _first(record, place, quote, escape)
            if end < 0:
                raise refuse("CSVUnescapedQuote" if self._form.quoted_records else "CSVEscapingRecordDelimiter")
            pieces.append(record[place:end])
            following = record[end + 1 : end + 2]
            if record[end] == escape and following and following in (quote, escape):
                pieces.append(following)
                place = end + 2
            elif record[end] == quote:
                break
            else:
                pieces.append(escape)
                place = end + 1
        if following and following != self._form.field_delimiter:
            raise refuse("CSVUnescapedQuote")
        return "".join(pieces), end + 1


def _first(record: str, place: int, quote: str, escape: str) -> int:
    """Where the next quote or escape character is; below 0 for nowhere."""
    found = [at for at in (record.find(quote, place), record.find(escape, place)) if at >= 0]
    return min(found, default=-1)
