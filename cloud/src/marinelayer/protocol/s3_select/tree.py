"""What a SELECT is, once it is read. Frozen values: no names are resolved, no types known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any
from typing import Literal as Either


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands in the expression; both count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"at line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Name:
    """A step to a member of an object or a column. Only a `quoted` one is told apart by case."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Index:
    """A step to an element of an array, from 0."""

    number: int


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A step to every element of an array (`[*]`), or to every member of an object (`.*`)."""

    of: Either["array", "object"]


Step = Name | Index
SourceStep = Name | Index | Wildcard
ScalarType = Either["BOOL", "INT", "STRING", "FLOAT", "DECIMAL", "TIMESTAMP"]
DatePart = Either["year", "month", "day", "hour", "minute", "second", "timezone_hour", "timezone_minute"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: bool | int | Decimal | float | str | None


@dataclass(frozen=True, slots=True)
class Path:
    """A column, or something within a record."""

    steps: tuple[Step, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Negation:
    """NOT."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Logic:
    """Two or more conditions, in their order."""

    operator: Either["AND", "OR"]
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values compared; `<>` is written `!=`."""

    operator: Either["=", "!=", "<", "<=", ">", ">="]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers, or two texts for `||`."""

    operator: Either["+", "-", "*", "/", "%", "||"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Sign:
    """A number's sign before it."""

    operator: Either["+", "-"]
    operand: Expression


@dataclass(frozen=True, slots=True)
class Membership:
    """IN."""

    operand: Expression
    options: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """LIKE, `escape` being one character or None."""

    operand: Expression
    pattern: Expression
    escape: Expression | None


@dataclass(frozen=True, slots=True)
class Absence:
    """IS NULL (which holds for what is missing too), or IS MISSING."""

    operand: Expression
    kind: Either["NULL", "MISSING"]


@dataclass(frozen=True, slots=True)
class Case:
    """CASE in both forms: with an operand, each condition is a value that it may equal."""

    operand: Expression | None
    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None


@dataclass(frozen=True, slots=True)
class Cast:
    """CAST."""

    operand: Expression
    type: ScalarType


@dataclass(frozen=True, slots=True)
class Call:
    """A scalar function by its upper-case name. `part` is the date part of those that take one, `side` where TRIM
    trims."""

    name: str
    arguments: tuple[Expression, ...]
    at: Position
    part: DatePart | None = None
    side: Either["BOTH", "LEADING", "TRAILING"] = "BOTH"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate over all records; only COUNT has no operand, for `COUNT(*)`."""

    name: Either["AVG", "COUNT", "MAX", "MIN", "SUM"]
    operand: Expression | None
    at: Position


Expression = (
    Constant
    | Path
    | Negation
    | Logic
    | Comparison
    | Arithmetic
    | Sign
    | Membership
    | Likeness
    | Absence
    | Case
    | Cast
    | Call
    | Aggregate
)


@dataclass(frozen=True, slots=True)
class Projection:
    """One column of the result."""

    expression: Expression
    alias: str | None

    def name(self, number: int) -> str:
        """What it is called in the result, `number` being its place from 1."""
        if self.alias is not None:
            return self.alias
        if isinstance(self.expression, Path):
            for step in reversed(self.expression.steps):
                if isinstance(step, Name):
                    return step.text
        return f"_{number}"


@dataclass(frozen=True, slots=True)
class Select:
    """A whole expression. `projections` is None for `*`; `source` is the way from a record to the rows in it."""

    projections: tuple[Projection, ...] | None
    source: tuple[SourceStep, ...]
    where: Expression | None
    limit: int | None

    @property
    def aggregates(self) -> bool:
        """Whether the result is one row over all records."""
        return self.projections is not None and any(has_aggregate(one.expression) for one in self.projections)


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions that an expression is made of, in their order."""
    return tuple(_expressions(getattr(node, field.name) for field in fields(node)))


def _expressions(values: Iterable[Any]) -> Iterator[Expression]:
    for value in values:
        if isinstance(value, Expression):
            yield value
        elif isinstance(value, tuple):
            yield from _expressions(value)  # pyright: ignore[reportUnknownArgumentType]  # branches of a CASE


def has_aggregate(node: Expression) -> bool:
    """Whether there is an aggregate in the expression."""
    return isinstance(node, Aggregate) or any(has_aggregate(child) for child in children(node))
