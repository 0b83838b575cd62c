"""An S3 Select expression as a tree. Knows no records.

    SELECT * | expression [[AS] alias], ...  FROM S3Object[path] [[AS] alias]  [WHERE expression]  [LIMIT number]

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from marinelayer.protocol.s3_select import refusals as say
from marinelayer.protocol.s3_select.cursor import Cursor
from marinelayer.protocol.s3_select.expressions import check_size, read_expression, read_step
from marinelayer.protocol.s3_select.tree import (
    Aggregate,
    Expression,
    Name,
    Path,
    Projection,
    Select,
    SourceStep,
    Wildcard,
    children,
    has_aggregate,
)

MAX_BYTES = 256 * 1024
TABLE = "s3object"


@dataclass(frozen=True, slots=True)
class _Source:
    steps: tuple[SourceStep, ...]
    alias: Name | None
    """None where a row is called by the table's own name."""


def parse(expression: str) -> Select:
    """The one SELECT that the expression is. Paths in it begin at a row, without the table's name or alias.

    Raises:
        SelectRefusal: it is none, or asks for what S3 Select has not.
    """
    if len(expression.encode("utf-8", "replace")) > MAX_BYTES:
        raise say.ExpressionTooLong
    cursor = Cursor(expression)
    cursor.expect("select", say.ParseUnsupportedSyntax)
    stars, projections = _projections(cursor)
    cursor.expect("from", say.ParseSelectMissingFrom)
    source = _source(cursor)
    for alias in stars:
        _check_star(alias, source)
    where = read_expression(cursor) if cursor.accept("where") else None
    _refuse_grouping(cursor)
    limit = _limit(cursor)
    cursor.accept(";")
    if cursor.token.kind != "EOF":
        raise cursor.unexpected()
    found = _unaliased(projections, source)
    condition = _without_alias(where, source.alias) if where is not None else None
    select = Select(found if not stars else None, source.steps, condition, limit)
    _check(select)
    return select


def _projections(cursor: Cursor) -> tuple[list[Name | None], list[Projection]]:
    """Which stars there are (None for the bare one), and the other projections."""
    if cursor.is_keyword("from") or cursor.token.kind == "EOF":
        raise cursor.unexpected(say.ParseEmptySelect)
    if cursor.is_keyword("distinct", "all"):
        raise cursor.unexpected(say.ParseUnsupportedSelect)
    stars: list[Name | None] = []
    projections: list[Projection] = []
    while True:
        if cursor.accept("*"):
            stars.append(None)
        elif cursor.peek().text == "." and cursor.peek(2).text == "*" and cursor.peek(2).kind == "OPERATOR":
            token = cursor.take()
            stars.append(Name(token.text, token.kind == "QUOTED_IDENTIFIER"))
            cursor.take()
            cursor.take()
        else:
            projections.append(_projection(cursor))
        if not cursor.accept(","):
            break
    if stars and (projections or len(stars) > 1):
        raise say.ParseAsteriskIsNotAloneInSelectList
    return stars, projections


def _projection(cursor: Cursor) -> Projection:
    expression = read_expression(cursor)
    alias = None
    if cursor.accept("as"):
        if cursor.token.kind not in ("IDENTIFIER", "QUOTED_IDENTIFIER"):
            raise cursor.unexpected(say.ParseExpectedIdentForAlias)
        alias = cursor.take().text
    elif cursor.token.kind in ("IDENTIFIER", "QUOTED_IDENTIFIER"):
        alias = cursor.take().text
    return Projection(expression, alias)


def _source(cursor: Cursor) -> _Source:
    token = cursor.token
    if token.kind not in ("IDENTIFIER", "QUOTED_IDENTIFIER"):
        raise cursor.unexpected()
    if token.text.lower() != TABLE:
        raise say.EvaluatorBindingDoesNotExist
    cursor.take()
    steps: list[SourceStep] = []
    while cursor.is_operator(".", "["):
        steps.append(_source_step(cursor))
    # The first wildcard is all records of the object; what follows leads on from each.
    if steps and isinstance(steps[0], Wildcard) and steps[0].of == "array":
        steps = steps[1:]
    alias = next((step for step in reversed(steps) if isinstance(step, Name)), None)
    if steps and not isinstance(steps[-1], Name):
        alias = None
    if cursor.accept("as") and cursor.token.kind not in ("IDENTIFIER", "QUOTED_IDENTIFIER"):
        raise cursor.unexpected(say.ParseExpectedIdentForAlias)
    if cursor.token.kind in ("IDENTIFIER", "QUOTED_IDENTIFIER"):
        token = cursor.take()
        alias = Name(token.text, token.kind == "QUOTED_IDENTIFIER")
    if cursor.is_operator(","):
        raise say.MultipleDataSourcesUnsupported
    if cursor.is_keyword("join", "inner", "left", "right", "cross", "full", "natural"):
        raise say.ParseMalformedJoin
    return _Source(tuple(steps), alias)


def _source_step(cursor: Cursor) -> SourceStep:
    if cursor.peek().text == "*" and cursor.peek().kind == "OPERATOR":
        bracket = cursor.take().text == "["
        cursor.take()
        if bracket:
            cursor.expect("]", say.ParseInvalidPathComponent)
        return Wildcard("array" if bracket else "object")
    return read_step(cursor)


def _check_star(alias: Name | None, source: _Source) -> None:
    if alias is not None and not _is_called(alias, source.alias):
        raise say.ParseInvalidContextForWildcardInSelectList


def _is_called(name: Name, alias: Name | None) -> bool:
    """Whether `name` is what rows are called."""
    if alias is None:
        return name.text.lower() == TABLE
    if name.quoted or alias.quoted:
        return name.text == alias.text
    return name.text.lower() == alias.text.lower()


def _refuse_grouping(cursor: Cursor) -> None:
    if cursor.is_keyword("group"):
        raise say.ParseExpectedIdentForGroupName


def _limit(cursor: Cursor) -> int | None:
    if not cursor.accept("limit"):
        return None
    negative = cursor.accept("-")
    token = cursor.token
    if token.kind != "NUMBER" or not token.text.isdecimal() or len(token.text) > 18:
        raise cursor.unexpected(say.ParseExpectedNumber)
    cursor.take()
    if negative and int(token.text):
        raise say.EvaluatorNegativeLimit
    return int(token.text)


def _unaliased(projections: list[Projection], source: _Source) -> tuple[Projection, ...]:
    """The projections with their paths from the row on, each keeping the name that it was given."""
    found: list[Projection] = []
    for number, one in enumerate(projections, 1):
        check_size(one.expression)
        found.append(Projection(_without_alias(one.expression, source.alias), one.name(number)))
    return tuple(found)


def _without_alias(expression: Expression, alias: Name | None) -> Expression:
    """The expression with its paths from the row on."""
    check_size(expression)

    def rewritten(node: Any) -> Any:
        if isinstance(node, Path):
            first = node.steps[0]
            return Path(node.steps[1:], node.at) if isinstance(first, Name) and _is_called(first, alias) else node
        if isinstance(node, tuple):
            items: tuple[Any, ...] = node  # pyright: ignore[reportUnknownVariableType]
            return tuple(rewritten(item) for item in items)
        if is_dataclass(node) and not isinstance(node, type):
            return replace(node, **{one.name: rewritten(getattr(node, one.name)) for one in fields(node)})
        return node

    return rewritten(expression)


def _check(select: Select) -> None:
    if select.where is not None and has_aggregate(select.where):
        raise say.UnsupportedSqlStructure
    if select.aggregates and any(_outside_aggregate(one.expression) for one in select.projections or ()):
        raise say.UnsupportedSqlStructure("Columns beside aggregates need GROUP BY, which is not supported.")


def _outside_aggregate(node: Expression) -> bool:
    """Whether a path stands in the expression that no aggregate goes over."""
    if isinstance(node, Aggregate):
        return False
    return isinstance(node, Path) or any(_outside_aggregate(child) for child in children(node))
