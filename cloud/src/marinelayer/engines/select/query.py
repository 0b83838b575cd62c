"""One query over an object's batches: which records it finds, and what the answer says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marinelayer.engines.select.aggregation import Total, aggregates_in
from marinelayer.engines.select.batches import Batch
from marinelayer.engines.select.compiler import Compiler
from marinelayer.engines.select.evaluation import Evaluator
from marinelayer.engines.select.value_batches import Steps, ValueBatch
from marinelayer.engines.select.writing import Writer
from marinelayer.protocol.s3_select.tree import Constant, Expression, Path, Projection, Select, children


def paths_in(select: Select) -> tuple[Path, ...] | None:
    """Every path that a query looks at; None where it is whole records."""
    if select.projections is None:
        return None
    found: dict[Path, None] = {}
    level: list[Expression] = [one.expression for one in select.projections]
    if select.where is not None:
        level.append(select.where)
    while level:
        node = level.pop()
        if isinstance(node, Path):
            found[node] = None
        level += children(node)
    return tuple(found)


class Query:
    """A query under way. `strict` as for the compiler."""

    def __init__(self, select: Select, evaluator: Evaluator, writer: Writer, *, strict: bool) -> None:
        self._select = select
        self._evaluator = evaluator
        self._writer = writer
        self._strict = strict
        self._left = select.limit
        expressions = [one.expression for one in select.projections or ()]
        self._names = [one.name(number) for number, one in enumerate(select.projections or (), 1)]
        self._totals = {one: Total(one) for one in aggregates_in(expressions)} if select.aggregates else {}

    @property
    def done(self) -> bool:
        """Whether no further record can change the answer."""
        return self._left == 0

    def feed(self, batch: Batch) -> bytes:
        """What the records of a batch add to the answer.

        Raises:
            SelectionError: the query fails on them.
        """
        if not len(batch):
            return b""
        compiler = Compiler(batch, strict=self._strict)
        where = self._select.where
        condition = compiler.holds(where) if where is not None else None
        if self._totals:
            self._add(compiler, condition)
            return b""
        projections = self._select.projections
        # What a path leads to is taken as it is; DuckDB only computes.
        expressions = [one.expression for one in projections or ()]
        computed = [one for one in expressions if not isinstance(one, Path | Constant)]
        rows = self._rows(compiler, computed, condition)
        if self._left is not None:
            self._left -= len(rows)
        if projections is None:
            return self._writer.whole(batch, (row[0] for row in rows))
        return self._writer.rows(self._names, _projected(batch, projections, rows))

    def finish(self) -> bytes:
        """What the end of the object adds: the row of aggregates."""
        projections = self._select.projections
        if not self._totals or projections is None or self._left == 0:
            return b""
        results = {aggregate: total.result for aggregate, total in self._totals.items()}
        compiler = Compiler(ValueBatch([None], Steps()), strict=self._strict, aggregates=results)
        row = self._rows(compiler, [one.expression for one in projections], None)[0][1:]
        return self._writer.rows(self._names, [row])

    def _rows(self, compiler: Compiler, computed: Sequence[Expression], condition: str | None) -> list[tuple[Any, ...]]:
        """The numbers of the records found, each with the values of the expressions."""
        if condition is None and not computed:
            return [(number,) for number in range(compiler.table.rows)][: self._left]
        values = [list(compiler.value(one).values()) for one in computed]
        found = self._evaluator.rows(compiler, [sql for forms in values for sql in forms], condition, self._left)
        if all(len(forms) == 1 for forms in values):
            return found
        return [_gathered(row, [len(forms) for forms in values]) for row in found]

    def _add(self, compiler: Compiler, condition: str | None) -> None:
        values = [sql for total in self._totals.values() for sql in total.sql(compiler, strict=self._strict)]
        found = self._evaluator.totals(compiler, values, condition)
        for total, count, value in zip(self._totals.values(), found[::2], found[1::2], strict=True):
            total.add(count, value)


def _gathered(row: tuple[Any, ...], widths: Sequence[int]) -> tuple[Any, ...]:
    """A row whose values of several types, of which one at most is there, are one again."""
    gathered: list[Any] = [row[0]]
    place = 1
    for width in widths:
        gathered.append(next((value for value in row[place : place + width] if value is not None), None))
        place += width
    return tuple(gathered)


def _projected(
    batch: Batch, projections: Sequence[Projection], rows: Sequence[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """The projections of the records found, in their order."""
    columns: list[Sequence[Any]] = []
    place = 1
    for one in projections:
        if isinstance(one.expression, Path):
            values = batch.values(one.expression)
            columns.append([values[row[0]] for row in rows])
        elif isinstance(one.expression, Constant):
            columns.append([one.expression.value] * len(rows))
        else:
            columns.append([row[place] for row in rows])
            place += 1
    return list(zip(*columns, strict=True))
