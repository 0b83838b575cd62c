"""A query's tree as SQL over a batch's columns.

Rule 1: nothing that a user wrote stands in the SQL: texts and numbers are its parameters, names are our columns'.
Rule 2: conditions are decided from left to right, as far as need be, since a query may rule out in one what would fail
in the next; DuckDB promises that for CASE alone. Rule 3: what the types do not allow is an error where columns have
types (`strict`), and no value where each record has its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from marinelayer.engines.select.batches import MISSING, Batch
from marinelayer.engines.select.columns import DECIMAL, NULL, NUMBERS, Table, Type, Typed, is_absent
from marinelayer.engines.select.conversions import cast
from marinelayer.engines.select.functions import call, number, of_type
from marinelayer.engines.select.refusing import refuse
from marinelayer.protocol.s3_select.tree import (
    Absence,
    Aggregate,
    Arithmetic,
    Call,
    Case,
    Cast,
    Comparison,
    Constant,
    Expression,
    Likeness,
    Logic,
    Membership,
    Negation,
    Path,
    Sign,
)

_LONGEST = 1_000_000
"""Characters of SQL for one expression: where types do not agree it can grow faster than its tree."""
_KINDS: tuple[tuple[Type, ...], ...] = (NUMBERS, ("STRING",), ("BOOL",), ("TIMESTAMP",))
"""Types whose values can be compared."""


class Compiler:
    """Makes SQL for one batch: of `table`'s columns, and of `parameters`."""

    def __init__(self, batch: Batch, *, strict: bool, aggregates: Mapping[Aggregate, Any] | None = None) -> None:
        self.table = Table(len(batch))
        self.parameters: dict[str, Any] = {}
        self._batch = batch
        self._strict = strict
        self._aggregates = aggregates or {}
        self._typed: dict[Path | Aggregate, Typed] = {}
        self._absences: dict[tuple[Path, str], str] = {}

    # --- conditions -----------------------------------------------------------------------------------------

    def holds(self, node: Expression, wanted: bool = True) -> str:
        """SQL that is true where the condition is `wanted`, and false or NULL elsewhere."""
        match node:
            case Negation():
                return self.holds(node.operand, not wanted)
            case Logic():
                every = (node.operator == "AND") == wanted
                branches = [self.holds(one, wanted) for one in node.operands]
                if every:
                    whens = "".join(f"WHEN ({one}) IS NOT TRUE THEN FALSE " for one in branches)
                else:
                    whens = "".join(f"WHEN {one} THEN TRUE " for one in branches)
                return _bounded(f"(CASE {whens}ELSE {'TRUE' if every else 'FALSE'} END)")
            case _:
                sql = of_type(self.value(node), "BOOL", strict=self._strict)
                if sql is None:
                    return "FALSE"
                return sql if wanted else f"(NOT {sql})"

    # --- values ---------------------------------------------------------------------------------------------

    def value(self, node: Expression) -> Typed:
        """SQL for the value, by its types.

        Raises:
            SelectionError: it can have none.
        """
        found = self._value(node)
        for sql in found.values():
            _bounded(sql)
        return found

    def _value(self, node: Expression) -> Typed:  # noqa: C901, PLR0911, PLR0912 - one line a kind of node
        match node:
            case Constant():
                return self._constant(node.value)
            case Path():
                return self._column(node)
            case Aggregate():
                return self._column(node)
            case Negation() | Logic():
                return self._logic(node)
            case Comparison():
                return self._comparison(node)
            case Arithmetic():
                return self._arithmetic(node)
            case Sign():
                return self._sign(node)
            case Membership():
                operand = self.value(node.operand)
                return {"BOOL": "(" + " OR ".join(self._equal(operand, self.value(one)) for one in node.options) + ")"}
            case Likeness():
                return self._likeness(node)
            case Absence():
                return {"BOOL": self._absence(node)}
            case Case():
                return self._case(node)
            case Cast():
                return cast(self.value(node.operand), node.type)
            case Call():
                return self._call(node)

    def _constant(self, value: bool | float | Decimal | str | None) -> Typed:
        match value:
            case None:
                return NULL
            case bool():
                return {"BOOL": "TRUE" if value else "FALSE"}
            case int() if value < 2**63:
                return {"INT": f"CAST({value} AS BIGINT)"}
            case float():
                return {"FLOAT": f"CAST({self._parameter(repr(value))} AS DOUBLE)"}
            case str():
                return {"STRING": f"CAST({self._parameter(value)} AS VARCHAR)"}
            case _:
                number_ = Decimal(value)
                fits = abs(number_) < 10**26 and int(number_.as_tuple().exponent) >= -12
                kind, form = ("DECIMAL", DECIMAL) if fits else ("FLOAT", "DOUBLE")
                return {kind: f"CAST({self._parameter(str(number_))} AS {form})"}

    def _parameter(self, value: str) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value.encode("utf-8", "replace").decode("utf-8")
        return f"${name}"

    def _column(self, node: Path | Aggregate) -> Typed:
        if node not in self._typed:
            values = self._batch.values(node) if isinstance(node, Path) else [self._aggregates[node]]
            self._typed[node] = self.table.typed(values)
        return self._typed[node]

    def _logic(self, node: Negation | Logic) -> Typed:
        operands = (node.operand,) if isinstance(node, Negation) else node.operands
        found = [of_type(self.value(one), "BOOL", strict=self._strict) or "NULL::BOOLEAN" for one in operands]
        if isinstance(node, Negation):
            return {"BOOL": f"(NOT {found[0]})"}
        return {"BOOL": "(" + f" {node.operator} ".join(found) + ")"}

    def _comparison(self, node: Comparison) -> Typed:
        left, right = self.value(node.left), self.value(node.right)
        if node.operator in ("=", "!="):
            equal = self._equal(left, right)
            return {"BOOL": equal if node.operator == "=" else f"(NOT {equal})"}
        pairs = _pairs(left, right)
        if not pairs:
            if self._strict and NULL not in (left, right):
                raise refuse("InvalidDataType")
            return {"BOOL": "NULL::BOOLEAN"}
        forms = [f"({one} {node.operator} {other})" for one, other in pairs]
        return {"BOOL": forms[0] if len(forms) == 1 else f"COALESCE({', '.join(forms)})"}

    def _equal(self, left: Typed, right: Typed) -> str:
        """Whether two values are equal, which values of different types are not."""
        if NULL in (left, right):
            return "NULL::BOOLEAN"
        pairs = _pairs(left, right)
        if len(pairs) == len(left) == len(right) == 1:
            return f"({pairs[0][0]} = {pairs[0][1]})"
        forms = ", ".join([*(f"({one} = {other})" for one, other in pairs), "FALSE"])
        return _bounded(f"(CASE WHEN {_present(left)} AND {_present(right)} THEN COALESCE({forms}) END)")

    def _arithmetic(self, node: Arithmetic) -> Typed:
        left, right = self.value(node.left), self.value(node.right)
        if node.operator == "||":
            texts = [of_type(one, "STRING", strict=self._strict) for one in (left, right)]
            return NULL if None in texts else {"STRING": f"({texts[0]} || {texts[1]})"}
        one, other = number(left, strict=self._strict), number(right, strict=self._strict)
        if one is None or other is None:
            return NULL
        kinds = {one[0], other[0]}
        operator = node.operator
        if "FLOAT" in kinds:
            return {"FLOAT": f"(CAST({one[1]} AS DOUBLE) {operator} CAST({other[1]} AS DOUBLE))"}
        if kinds == {"INT"}:
            return {"INT": f"({one[1]} {'//' if operator == '/' else operator} {other[1]})"}
        if operator in ("*", "/"):
            # Exact products of two such decimals need more digits than the engine has.
            product = f"round(CAST({one[1]} AS DOUBLE) {operator} CAST({other[1]} AS DOUBLE), 12)"
            return {"DECIMAL": f"CAST({product} AS {DECIMAL})"}
        return {"DECIMAL": f"CAST(CAST({one[1]} AS {DECIMAL}) {operator} CAST({other[1]} AS {DECIMAL}) AS {DECIMAL})"}

    def _sign(self, node: Sign) -> Typed:
        if node.operator == "-" and isinstance(node.operand, Constant) and node.operand.value == 2**63:
            return {"INT": "CAST('-9223372036854775808' AS BIGINT)"}
        found = number(self.value(node.operand), strict=self._strict)
        return NULL if found is None else {found[0]: f"({node.operator}({found[1]}))"}

    def _likeness(self, node: Likeness) -> Typed:
        operand, pattern = self.value(node.operand), self.value(node.pattern)
        escape = _escape(node)
        if "STRING" not in operand or "STRING" not in pattern:
            if self._strict and NULL not in (operand, pattern):
                raise refuse("LikeInvalidInputs")
            return {"BOOL": "NULL::BOOLEAN"}
        end = f" ESCAPE {self._parameter(escape)}" if escape is not None else ""
        return {"BOOL": f"({operand['STRING']} LIKE {pattern['STRING']}{end})"}

    def _absence(self, node: Absence) -> str:
        if isinstance(node.operand, Path):
            return self.absent(node.operand, node.kind)
        if node.kind == "MISSING":
            return "FALSE"
        return f"(NOT ({_present(self.value(node.operand))}))"

    def absent(self, path: Path, kind: str = "NULL") -> str:
        """SQL for whether a path leads to nothing (`MISSING`), or to nothing or null (`NULL`)."""
        if (path, kind) not in self._absences:
            values = self._batch.values(path)
            flags = [value is MISSING if kind == "MISSING" else is_absent(value) for value in values]
            self._absences[path, kind] = self.table.flags(flags)
        return self._absences[path, kind]

    def _case(self, node: Case) -> Typed:
        operand = self.value(node.operand) if node.operand is not None else None
        branches: list[tuple[str, Typed]] = []
        for condition, result in node.branches:
            when = self.holds(condition) if operand is None else self._equal(operand, self.value(condition))
            branches.append((when, self.value(result)))
        otherwise = self.value(node.otherwise) if node.otherwise is not None else NULL
        return _chosen(branches, otherwise)

    def _call(self, node: Call) -> Typed:
        arguments = [self.value(one) for one in node.arguments]
        match node.name:
            case "COALESCE":
                return _chosen([(_present(one), one) for one in arguments[:-1]], arguments[-1])
            case "NULLIF":
                return _chosen([(self._equal(*arguments), NULL)], arguments[0])
            case _:
                return call(node, arguments, strict=self._strict)


def _escape(node: Likeness) -> str | None:
    """The escape character of a LIKE, which must stand before a wildcard or itself."""
    if node.escape is None:
        return None
    escape = node.escape.value if isinstance(node.escape, Constant) else None
    if not isinstance(escape, str) or len(escape) != 1:
        raise refuse("EvaluatorLikePatternInvalidEscapeSequence")
    if isinstance(node.pattern, Constant) and isinstance(node.pattern.value, str):
        rest = node.pattern.value.replace(escape + escape, "").replace(escape + "%", "").replace(escape + "_", "")
        if escape in rest:
            raise refuse("EvaluatorLikePatternInvalidEscapeSequence")
    return escape


def _pairs(left: Typed, right: Typed) -> list[tuple[str, str]]:
    """What can be compared of two values."""
    pairs: list[tuple[str, str]] = []
    for kinds in _KINDS:
        one = next((left[kind] for kind in kinds if kind in left), None)
        other = next((right[kind] for kind in kinds if kind in right), None)
        if one is not None and other is not None:
            pairs.append((one, other))
    return pairs


def _present(value: Typed) -> str:
    """SQL for whether there is a value of any type."""
    return "(" + " OR ".join(f"({sql}) IS NOT NULL" for sql in value.values()) + ")"


def _chosen(branches: Sequence[tuple[str, Typed]], otherwise: Typed) -> Typed:
    """The value of the first branch whose condition holds, for each type that any branch has."""
    results = [*(result for _, result in branches), otherwise]
    found: dict[Type, str] = {}
    for kinds in _KINDS:
        present: list[Type] = [kind for kind in kinds if any(kind in result for result in results)]
        if not present:
            continue
        widest = present[-1]  # of numbers, which are named from the narrowest on
        whens = "".join(f"WHEN {when} THEN {_one_of(result, kinds)} " for when, result in branches)
        sql = f"(CASE {whens}ELSE {_one_of(otherwise, kinds)} END)"
        if len(present) > 1:
            sql = f"CAST({sql} AS {'DOUBLE' if widest == 'FLOAT' else DECIMAL})"
        found[widest] = _bounded(sql)
    return found or NULL


def _one_of(value: Typed, kinds: Sequence[Type]) -> str:
    return next((value[kind] for kind in kinds if kind in value), "NULL")


def _bounded(sql: str) -> str:
    if len(sql) > _LONGEST:
        raise refuse("MaxOperatorsExceeded")
    return sql
