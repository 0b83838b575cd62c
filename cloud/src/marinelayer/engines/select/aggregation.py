"""Aggregates over batch after batch: what of each is kept, and what it comes to in the end."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from marinelayer.engines.select.columns import NUMBERS
from marinelayer.engines.select.compiler import Compiler
from marinelayer.engines.select.refusing import refuse
from marinelayer.protocol.s3_select.tree import Aggregate, Expression, Path, children


def aggregates_in(expressions: Sequence[Expression]) -> tuple[Aggregate, ...]:
    """Every aggregate in the expressions, each once."""
    found: dict[Aggregate, None] = {}
    level = list(expressions)
    while level:
        node = level.pop()
        if isinstance(node, Aggregate):
            found[node] = None
        else:
            level += children(node)
    return tuple(found)


class Total:
    """One aggregate so far."""

    def __init__(self, aggregate: Aggregate) -> None:
        self._aggregate = aggregate
        self._count = 0
        self._value: Any = None

    def sql(self, compiler: Compiler, *, strict: bool) -> tuple[str, str]:
        """SQL for what a batch adds: the number of its values, and their sum, least or greatest.

        Raises:
            SelectionError: the values are no numbers, and numbers they must be.
        """
        operand = self._aggregate.operand
        if operand is None:
            return "count(*)", "NULL"
        if self._aggregate.name == "COUNT":
            if isinstance(operand, Path):
                return f"count(CASE WHEN NOT {compiler.absent(operand)} THEN 1 END)", "NULL"
            counts = [f"count({sql})" for sql in compiler.value(operand).values()]
            return " + ".join(counts), "NULL"
        value = compiler.value(operand)
        number = next((value[kind] for kind in NUMBERS if kind in value), None)
        if number is None:
            if strict and set(value) != {"NULL"}:
                raise refuse("IncorrectSqlFunctionArgumentType")
            return "0", "NULL"
        function = {"MAX": "max", "MIN": "min"}.get(self._aggregate.name, "sum")
        return f"count({number})", f"{function}({number})"

    def add(self, count: int, value: Any) -> None:
        """What a batch adds."""
        self._count += count
        if value is None:
            return
        if self._value is None:
            self._value = value
            return
        one, other = self._value, value
        if isinstance(one, float) or isinstance(other, float):
            one, other = float(one), float(other)
        match self._aggregate.name:
            case "MAX":
                self._value = max(one, other)
            case "MIN":
                self._value = min(one, other)
            case _:
                self._value = one + other

    @property
    def result(self) -> Any:
        """What it comes to: None over no values, but for COUNT."""
        if self._aggregate.name == "COUNT":
            return self._count
        if self._value is None or self._aggregate.name != "AVG":
            return self._value
        if isinstance(self._value, float):
            return self._value / self._count
        return round(Decimal(self._value) / self._count, 12)
