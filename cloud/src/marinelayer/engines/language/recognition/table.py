"""CSV files with a header, whose columns are told by their names.

Source: Comprehend Developer Guide, "Plain-text annotation files" and "Entity lists", where blanks stand behind commas.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence

from marinelayer.engines.language.training_data import LARGEST_FIELD, Ask, lines_of
from marinelayer.ports import TrainingDataError


def rows_of(ask: Ask, part: str, noun: str, columns: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of the CSV file that is a part, each with its number (the header is 1) and its fields by `columns`.

    `noun` says what the file is called. Further columns are left out.

    Raises:
        TrainingDataError: it is no such file.
    """
    csv.field_size_limit(LARGEST_FIELD)
    reader = csv.reader(lines_of(ask, {"part": part}), strict=True, skipinitialspace=True)
    try:
        places = _places(next(reader, list[str]()), noun, columns)
        for row in reader:
            if not any(field.strip() for field in row):
                continue
            if len(row) <= max(places.values()):
                raise TrainingDataError(f"Row {reader.line_num} of {noun} has {len(row)} columns only.")
            yield reader.line_num, {name: row[place].strip() for name, place in places.items()}
    except csv.Error as error:
        raise TrainingDataError(f"Row {reader.line_num} of {noun} is no CSV: {error}.") from None


def _places(header: Sequence[str], noun: str, columns: Sequence[str]) -> dict[str, int]:
    named = {name.strip().casefold(): place for place, name in reversed([*enumerate(header)])}
    lacking = [column for column in columns if column.casefold() not in named]
    if lacking:
        raise TrainingDataError(
            f"The first line of {noun} must name the columns {', '.join(columns)}: {', '.join(lacking)} is missing."
        )
    return {column: named[column.casefold()] for column in columns}
