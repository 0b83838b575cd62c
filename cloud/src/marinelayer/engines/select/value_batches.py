"""Batches of records that are values: what JSON and Parquet hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from marinelayer.engines.select.batches import MISSING
from marinelayer.engines.select.refusing import refuse
from marinelayer.protocol.s3_select.tree import Index, Name, Path, Step

_REMEMBERED = 10_000


_NOTHING: dict[str, Any] = {}


def as_object(value: Any) -> dict[str, Any]:
    """The members of a value, none where it is no object."""
    return value if isinstance(value, dict) else _NOTHING  # pyright: ignore[reportUnknownVariableType]  # JSON


def as_array(value: Any) -> list[Any]:
    """The elements of a value, none where it is no array."""
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]  # JSON


def _element(value: Any, number: int) -> Any:
    items = as_array(value)
    return items[number] if number < len(items) else MISSING


class Steps:
    """Takes steps into values. Unquoted names may be spelled in either case; which member they mean is remembered by
    the members' names."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, tuple[str, ...]], str | None] = {}

    def along(self, steps: Sequence[Step]) -> Callable[[Any], Any]:
        """How to go along a path: to MISSING where it leads nowhere."""
        walks = [self._walk(step) for step in steps]

        def go(value: Any) -> Any:
            for walk in walks:
                value = walk(value)
            return value

        return go

    def _walk(self, step: Step) -> Callable[[Any], Any]:
        if isinstance(step, Index):
            return lambda value: _element(value, step.number)
        if step.quoted:
            return lambda value: as_object(value).get(step.text, MISSING)
        return lambda value: self._member(step, as_object(value))

    def _member(self, step: Name, value: dict[str, Any]) -> Any:
        names = step.text.lower(), tuple(value)
        try:
            name = self._found[names]
        except KeyError:
            fitting = [one for one in value if one.lower() == names[0]]
            if len(fitting) > 1:
                raise refuse("AmbiguousFieldName") from None
            if len(self._found) > _REMEMBERED:
                self._found.clear()
            name = self._found[names] = fitting[0] if fitting else None
        return MISSING if name is None else value[name]


class ValueBatch:
    """Records that are values, dicts mostly (Batch)."""

    def __init__(self, rows: Sequence[Any], steps: Steps) -> None:
        self._rows = rows
        self._steps = steps

    def __len__(self) -> int:
        return len(self._rows)

    def values(self, path: Path) -> Sequence[Any]:
        """See Batch."""
        go = self._steps.along(path.steps)
        return [go(row) for row in self._rows]

    def fields(self, number: int) -> Sequence[Any]:
        """See Batch."""
        row = self._rows[number]
        return list(as_object(row).values()) if isinstance(row, dict) else [row]

    def members(self, number: int) -> Sequence[tuple[str, Any]]:
        """See Batch."""
        row = self._rows[number]
        if row is MISSING:
            return []
        return list(as_object(row).items()) if isinstance(row, dict) else [("_1", row)]
