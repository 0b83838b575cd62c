"""Expressions by recursive descent, from the loosest operator to what stands alone.

    OR   AND   NOT   comparisons, IS, IN, LIKE, BETWEEN   + - ||   * / %   signs   the rest

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-operators.html. Messages are S3's
where its answers are known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marinelayer.protocol.s3_select import refusals as say
from marinelayer.protocol.s3_select.calls import read_call
from marinelayer.protocol.s3_select.cursor import MAX_DEPTH, Cursor
from marinelayer.protocol.s3_select.lexer import Token
from marinelayer.protocol.s3_select.literals import ion_value, number
from marinelayer.protocol.s3_select.tree import (
    Absence,
    Arithmetic,
    Case,
    Comparison,
    Constant,
    Expression,
    Index,
    Likeness,
    Logic,
    Membership,
    Name,
    Negation,
    Path,
    Sign,
    Step,
    children,
)

MAX_NODES = 5000
"""Of one expression: what the engine can plan in well under a second."""

_COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def read_expression(cursor: Cursor) -> Expression:
    """The expression that begins at the next token.

    Raises:
        SelectRefusal: there is none.
    """
    with cursor.deeper():
        return _logic(cursor, "or", lambda: _logic(cursor, "and", lambda: _negation(cursor)))


def check_size(expression: Expression) -> None:
    """Raises MaxOperatorsExceeded if an expression is too deep or too large."""
    level, nodes, depth = (expression,), 0, 0
    while level:
        nodes, depth = nodes + len(level), depth + 1
        if nodes > MAX_NODES or depth > 2 * MAX_DEPTH:
            raise say.MaxOperatorsExceeded
        level = tuple(child for node in level for child in children(node))


def _logic(cursor: Cursor, word: str, read: Callable[[], Expression]) -> Expression:
    operands = [read()]
    while cursor.accept(word):
        operands.append(read())
    return operands[0] if len(operands) == 1 else Logic("AND" if word == "and" else "OR", tuple(operands))


def _negation(cursor: Cursor) -> Expression:
    if cursor.accept("not"):
        with cursor.deeper():
            return Negation(_negation(cursor))
    return _comparison(cursor)


def _comparison(cursor: Cursor) -> Expression:
    left = _sum(cursor)
    while True:
        operator: Any = _COMPARISONS.get(cursor.token.text) if cursor.token.kind == "OPERATOR" else None
        if operator is not None:
            cursor.take()
            left = Comparison(operator, left, _sum(cursor))
        elif cursor.is_keyword("is"):
            left = _absence(cursor, left)
        elif cursor.is_keyword("in", "like", "between"):
            left = _predicate(cursor, left)
        elif cursor.is_keyword("not") and cursor.peek().text in ("in", "like", "between"):
            cursor.take()
            left = Negation(_predicate(cursor, left))
        else:
            return left


def _absence(cursor: Cursor, operand: Expression) -> Expression:
    cursor.expect("is")
    negated = cursor.accept("not")
    if not cursor.is_keyword("null", "missing"):
        raise say.ParseExpectedTypeName(f"Expected type name, found {cursor.token} {cursor.token.at}.")
    found = Absence(operand, "NULL" if cursor.take().text == "null" else "MISSING")
    return Negation(found) if negated else found


def _predicate(cursor: Cursor, operand: Expression) -> Expression:
    if cursor.accept("between"):
        low = _sum(cursor)
        cursor.expect("and", say.ParseExpectedKeyword)
        return Logic("AND", (Comparison(">=", operand, low), Comparison("<=", operand, _sum(cursor))))
    if cursor.accept("like"):
        pattern = _sum(cursor)
        return Likeness(operand, pattern, _sum(cursor) if cursor.accept("escape") else None)
    cursor.expect("in")
    cursor.expect("(", say.ParseExpectedLeftParenValueConstructor)
    options = [read_expression(cursor)]
    while cursor.accept(","):
        options.append(read_expression(cursor))
    cursor.expect(")", say.ParseExpectedArgumentDelimiter)
    return Membership(operand, tuple(options))


def _sum(cursor: Cursor) -> Expression:
    return _chain(cursor, ("+", "-", "||"), _product)


def _product(cursor: Cursor) -> Expression:
    return _chain(cursor, ("*", "/", "%"), _signed)


def _chain(cursor: Cursor, signs: tuple[str, ...], read: Callable[[Cursor], Expression]) -> Expression:
    left = read(cursor)
    while cursor.is_operator(*signs):
        operator: Any = cursor.take().text
        left = Arithmetic(operator, left, read(cursor))
    return left


def _signed(cursor: Cursor) -> Expression:
    if cursor.is_operator("+", "-"):
        operator: Any = cursor.take().text
        with cursor.deeper():
            return Sign(operator, _signed(cursor))
    return _alone(cursor)


def _alone(cursor: Cursor) -> Expression:
    match cursor.token.kind:
        case "NUMBER" | "STRING" | "ION_LITERAL":
            return _literal(cursor.take())
        case "IDENTIFIER" if cursor.peek().text == "(":
            return read_call(cursor, read_expression)
        case "IDENTIFIER" | "QUOTED_IDENTIFIER":
            return _path(cursor)
        case "KEYWORD":
            return _keyword(cursor)
        case _:
            return _parenthesised(cursor)


def _literal(token: Token) -> Expression:
    match token.kind:
        case "NUMBER":
            return Constant(number(token))
        case "STRING":
            return Constant(token.text)
        case _:
            return ion_value(token)


def _parenthesised(cursor: Cursor) -> Expression:
    if not cursor.accept("("):
        if cursor.token.kind == "EOF":
            raise cursor.unexpected(say.ParseExpectedExpression)
        raise say.ParseUnexpectedTerm(f"Unexpected term found {cursor.token} {cursor.token.at}.")
    if cursor.is_keyword("select"):
        raise cursor.unexpected(say.ParseUnsupportedSelect)
    inside = read_expression(cursor)
    if cursor.is_operator(","):
        raise cursor.unexpected(say.ParseUnsupportedSyntax)  # a list of values
    cursor.expect(")")
    return inside


def _keyword(cursor: Cursor) -> Expression:
    match cursor.token.text:
        case "true" | "false":
            return Constant(cursor.take().text == "true")
        case "null":
            cursor.take()
            return Constant(None)
        case "case":
            return _case(cursor)
        case _ if cursor.peek().text == "(" or cursor.is_keyword("cast"):
            return read_call(cursor, read_expression)
        case _:
            raise say.ParseUnExpectedKeyword(f"Unexpected keyword found, {cursor.token} {cursor.token.at}.")


def _case(cursor: Cursor) -> Expression:
    cursor.expect("case")
    operand = None if cursor.is_keyword("when") else read_expression(cursor)
    if not cursor.is_keyword("when"):
        raise cursor.unexpected(say.ParseExpectedWhenClause)
    branches: list[tuple[Expression, Expression]] = []
    while cursor.accept("when"):
        condition = read_expression(cursor)
        cursor.expect("then", say.ParseExpectedKeyword)
        branches.append((condition, read_expression(cursor)))
    otherwise = read_expression(cursor) if cursor.accept("else") else None
    cursor.expect("end", say.ParseExpectedKeyword)
    return Case(operand, tuple(branches), otherwise)


def _path(cursor: Cursor) -> Path:
    first = cursor.take()
    steps: list[Step] = [Name(first.text, first.kind == "QUOTED_IDENTIFIER")]
    while cursor.is_operator(".", "["):
        steps.append(read_step(cursor))
    return Path(tuple(steps), first.at)


def read_step(cursor: Cursor) -> Step:
    """One step of a path, which begins with a dot or a bracket.

    Raises:
        ParseInvalidPathComponent: it is none.
    """
    if cursor.accept("."):
        token = cursor.token
        if token.kind not in ("IDENTIFIER", "QUOTED_IDENTIFIER"):
            kind = "LITERAL" if str(token).startswith("LITERAL") else token.kind
            message = "Invalid Path component, expecting either an IDENTIFIER or STAR"
            raise say.ParseInvalidPathComponent(f"{message}, got: {kind},{token.at}.")
        cursor.take()
        return Name(token.text, token.kind == "QUOTED_IDENTIFIER")
    cursor.expect("[")
    token = cursor.take()
    if token.kind == "STRING":
        step: Step = Name(token.text, quoted=True)
    elif token.kind == "NUMBER" and token.text.isdecimal() and len(token.text) < 10:
        step = Index(int(token.text))
    else:
        raise say.ParseInvalidPathComponent(f"Invalid Path component, got: {token},{token.at}.")
    cursor.expect("]", say.ParseInvalidPathComponent)
    return step
