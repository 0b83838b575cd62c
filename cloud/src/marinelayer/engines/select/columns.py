"""The values that a query looks at, as columns of DuckDB's types.

A column's type is that of the values in one batch, so that a column of JSON whose records agree is computed with as one
of Parquet is. Where they do not agree, the column becomes one for each type, of which at most one has a value in each
record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

import numpy as np

from marinelayer.engines.select.batches import MISSING
from marinelayer.protocol.s3_select.tree import ScalarType

Type = ScalarType | Literal["NULL"]
Typed = Mapping[Type, str]
"""SQL by the type of its values. More than one where the records do not agree; {"NULL": ...} where there are none."""
NULL: Typed = {"NULL": "NULL"}
Number = Literal["INT", "DECIMAL", "FLOAT"]
NUMBERS: tuple[Number, ...] = ("INT", "DECIMAL", "FLOAT")

DECIMAL = "DECIMAL(38, 12)"
"""What decimals are computed with: 26 digits before the point and 12 behind it."""
_INT64 = range(-(2**63), 2**63)
_LARGEST = Decimal(10) ** 26


@dataclass(slots=True)
class Table:
    """Arrays by their names, which DuckDB scans as one table."""

    rows: int
    arrays: dict[str, Any] = field(default_factory=dict[str, Any])

    def add(self, array: Any) -> str:
        """Keep an array; its name."""
        name = f"c{len(self.arrays)}"
        self.arrays[name] = array
        return name

    def flags(self, values: Sequence[bool]) -> str:
        """A column of booleans, as SQL."""
        return self.add(np.array(values, dtype=np.bool_))

    def typed(self, values: Sequence[Any]) -> Typed:
        """Columns of these values, as SQL. Lists and dicts are left out: nothing can be computed with them."""
        kinds: set[ScalarType] = {kind for kind in map(_kind, set(map(type, values))) if kind is not None}
        if kinds <= {"STRING"} or kinds <= {"TIMESTAMP"} or kinds <= {"BOOL"}:
            return {kind: self._column(kind, values) for kind in kinds} or NULL
        found: dict[Type, str] = {}
        numbers: set[ScalarType] = {kind for kind in NUMBERS if kind in kinds}
        if numbers:
            kind = _number_type(values, numbers)
            found[kind] = self._column(kind, values)
        others: list[ScalarType] = sorted(kinds - numbers)
        for kind in others:
            found[kind] = self._column(kind, values)
        return found

    def _column(self, kind: ScalarType, values: Sequence[Any]) -> str:
        match kind:
            case "STRING":
                texts = [_text(value) if isinstance(value, str) else None for value in values]
                return self.add(np.array(texts, dtype=object))
            case "TIMESTAMP":
                moments = [_moment(value) if isinstance(value, date) else "NaT" for value in values]
                return self.add(np.array(moments, dtype="datetime64[us]"))
            case "BOOL":
                return self._with_nulls(kind, [value if isinstance(value, bool) else None for value in values])
            case "DECIMAL":
                decimals = [str(value) if _is_number(value) else None for value in values]
                return f"CAST({self.add(np.array(decimals, dtype=object))} AS {DECIMAL})"
            case _:
                return self._with_nulls(kind, [value if _is_number(value) else None for value in values])

    def _with_nulls(self, kind: ScalarType, values: Sequence[Any]) -> str:
        dtype = {"BOOL": np.bool_, "INT": np.int64, "FLOAT": np.float64}[kind]
        name = self.add(np.array([0 if value is None else value for value in values], dtype=dtype))
        if None not in values:
            return name
        there = self.flags([value is not None for value in values])
        return f"(CASE WHEN {there} THEN {name} END)"


def _kind(kind: type) -> ScalarType | None:
    if kind is bool:
        return "BOOL"
    for types, name in _KINDS:
        if issubclass(kind, types):
            return name
    return None


_KINDS: tuple[tuple[type, ScalarType], ...] = (
    (str, "STRING"),
    (int, "INT"),
    (float, "FLOAT"),
    (Decimal, "DECIMAL"),
    (date, "TIMESTAMP"),
)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _number_type(values: Sequence[Any], kinds: set[ScalarType]) -> Number:
    """The narrowest type that holds all the numbers."""
    if "FLOAT" in kinds:
        return "FLOAT"
    if kinds == {"INT"} and all(value in _INT64 for value in values if _is_number(value)):
        return "INT"
    return "DECIMAL" if all(abs(value) < _LARGEST for value in values if _is_number(value)) else "FLOAT"


def _text(value: str) -> str:
    """A text without the halves of characters that JSON can hold and UTF-8 can not."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode("utf-8")
    return value


def _moment(value: date) -> datetime:
    """A date or moment in UTC, as numpy takes it."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - numpy knows no zones
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo is not None else value


def is_absent(value: Any) -> bool:
    """Whether there is no value."""
    return value is None or value is MISSING
