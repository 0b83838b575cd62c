"""JSON objects as batches of records: one a line, or one after the other where the object is a document.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html (FROM), from where
it is that a wildcard gives one record at least, MISSING where there is nothing.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from marinelayer.engines.select.batches import MAX_RECORD, MISSING, Batch
from marinelayer.engines.select.decompression import decompressed
from marinelayer.engines.select.refusing import not_utf8, refuse, too_long
from marinelayer.engines.select.source import Source
from marinelayer.engines.select.splitting import from_first_whole, records
from marinelayer.engines.select.value_batches import Steps, ValueBatch, as_array, as_object
from marinelayer.protocol.s3_select.formats import Formats, JsonInput
from marinelayer.protocol.s3_select.tree import SourceStep, Wildcard

MAX_DOCUMENT = 32 * MAX_RECORD
"""Characters of a document whose rows are found within it: it is held whole."""
_ROWS = 20_000
_BLANK = " \t\r\n"
_NEWLINE = b"\n"


def json_batches(source: Source, formats: Formats, form: JsonInput, path: Sequence[SourceStep]) -> Iterator[Batch]:
    """The rows to which `path` leads from the object's records.

    Raises:
        SelectionError: it is no JSON.
    """
    steps = Steps()
    rows = _rows(path, steps)
    values = (
        _lines(source, formats) if form.lines else _documents(source, formats, MAX_DOCUMENT if path else MAX_RECORD)
    )
    for some in values:
        if not path:
            yield ValueBatch(some, steps)
            continue
        found = [row for value in some for row in rows(value)]
        for first in range(0, len(found), _ROWS):
            yield ValueBatch(found[first : first + _ROWS], steps)


def _rows(path: Sequence[SourceStep], steps: Steps) -> Callable[[Any], list[Any]]:
    """How to come from a record to its rows."""
    wildcard = next((place for place, step in enumerate(path) if isinstance(step, Wildcard)), len(path))
    go = steps.along([step for step in path[:wildcard] if not isinstance(step, Wildcard)])
    if wildcard == len(path):
        return lambda value: [go(value)]
    spread = path[wildcard]
    further = _rows(path[wildcard + 1 :], steps)

    def rows(value: Any) -> list[Any]:
        inner = go(value)
        items: list[Any] = []
        if isinstance(spread, Wildcard) and spread.of == "object":
            items = list(as_object(inner).values())
        else:
            items = as_array(inner)
        return [row for item in items or [MISSING] for row in further(item)]

    return rows


def _constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


_DECODER = json.JSONDecoder(parse_constant=_constant)


def _parsed(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise refuse("JSONParsingError") from error


def _lines(source: Source, formats: Formats) -> Iterator[list[Any]]:
    start, end = formats.scan.within(source.size) if formats.scan is not None else (0, source.size)
    offset = max(0, start - 1)
    pieces = decompressed(source.pieces(offset), formats.compression)
    if start:
        pieces, skipped = from_first_whole(pieces, _NEWLINE)
        offset += skipped
    limit = end if formats.scan is not None else None
    for texts in records(source.counted(pieces), _NEWLINE, offset=offset, end=limit):
        if offset == 0 and texts:
            texts[0] = texts[0].removeprefix("\ufeff")
            offset = -1
        yield [_parsed(text) for text in texts if text and not text.isspace()]


def _documents(source: Source, formats: Formats, longest: int) -> Iterator[list[Any]]:
    """Values one after the other, however they are laid out."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    buffer, tried = "", 0
    for piece in source.counted(decompressed(source.pieces(), formats.compression)):
        try:
            buffer += decoder.decode(piece)
        except UnicodeDecodeError as error:
            raise not_utf8(source.processed - len(piece) + error.start) from error
        # A value that is not whole yet is tried again when twice as much is there, so that the work stays linear.
        if len(buffer) < 2 * tried:
            continue
        found, buffer = _whole(buffer)
        tried = len(buffer)
        if tried > longest:
            raise too_long()
        yield found
    found, rest = _whole(buffer + _end(decoder, source) + "\n")
    yield found
    if rest:
        raise refuse("JSONParsingError")


def _end(decoder: codecs.IncrementalDecoder, source: Source) -> str:
    try:
        return decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise not_utf8(source.processed) from error


def _whole(buffer: str) -> tuple[list[Any], str]:
    """The values that stand whole in the buffer, and the rest of it."""
    found: list[Any] = []
    place = 0
    while True:
        while place < len(buffer) and buffer[place] in _BLANK:
            place += 1
        if place == len(buffer):
            return found, ""
        try:
            value, end = _DECODER.raw_decode(buffer, place)
        except RecursionError as error:
            raise refuse("JSONParsingError") from error
        except ValueError:
            return found, buffer[place:]
        if end == len(buffer) and not isinstance(value, dict | list | str):
            # A number may go on in the next piece; at the end of the object it is tried with a blank behind it.
            return found, buffer[place:]
        found.append(value)
        place = end
