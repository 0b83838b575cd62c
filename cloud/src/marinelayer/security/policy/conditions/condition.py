"""One line of a Condition block, compiled: an operator, a key and the values it may have.

What all operators share is here: an absent key, IfExists, the set operators, variables, and Null. Source: IAM User
Guide, "Condition operators" and "Multivalued context keys".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from marinelayer.security.policy.conditions import arn, binary, boolean, date, ip_address, null, numeric, string
from marinelayer.security.policy.conditions.operator import Operator
from marinelayer.security.policy.variables import Context, Template, read_template
from marinelayer.security.policy.wildcard import Matcher

Test = Callable[[Context], bool]
Quantifier = Literal["", "ForAllValues", "ForAnyValue"]

OPERATORS: dict[str, Operator] = {
    **string.OPERATORS,
    **numeric.OPERATORS,
    **date.OPERATORS,
    **boolean.OPERATORS,
    **binary.OPERATORS,
    **ip_address.OPERATORS,
    **arn.OPERATORS,
}


def split_operator(name: str) -> tuple[Quantifier, str, bool]:
    """An operator's set prefix, own name, and whether it ends in IfExists.

    Raises:
        ValueError: there is no such operator.
    """
    prefix, colon, rest = name.rpartition(":")
    if (colon and prefix not in ("ForAllValues", "ForAnyValue")) or rest == "NullIfExists":
        raise ValueError(f"Invalid Condition type : {name}")
    own = rest.removesuffix("IfExists")
    if own not in OPERATORS and rest != "Null":
        raise ValueError(f"Invalid Condition type : {name}")
    quantifier: Quantifier = "ForAllValues" if prefix == "ForAllValues" else "ForAnyValue" if colon else ""
    return quantifier, own, own != rest


def compile_condition(name: str, key: str, values: tuple[str, ...], *, variables: bool) -> Test:
    """A function over a request's condition keys. `variables` says whether the document's version has them.

    Raises:
        ValueError: there is no such operator, or it can not read a value.
    """
    quantifier, own, if_exists = split_operator(name)
    if own == "Null":
        return null.compile_null(key.lower(), values)
    operator = OPERATORS[own]
    fixed: list[Matcher] = []
    templates: list[Template] = []
    for value in values:
        read = read_template(value, variables=variables and operator.with_variables, wild=operator.wild)
        if isinstance(read, Template):
            templates.append(read)
        else:
            fixed.append(operator.prepare(read))
    fits = _any_of(operator, fixed, templates)
    return _quantified(quantifier, key.lower(), fits, negated=operator.negated, if_exists=if_exists)


Fits = Callable[[str, Context], bool]


def _any_of(operator: Operator, fixed: list[Matcher], templates: list[Template]) -> Fits:
    """Whether one value of a request fits any value of the policy."""
    if not templates:
        if len(fixed) == 1:
            only = fixed[0]
            return lambda value, _: only(value)
        return lambda value, _: any(matches(value) for matches in fixed)

    def fits(value: str, context: Context) -> bool:
        if any(matches(value) for matches in fixed):
            return True
        for template in templates:
            pattern = template.fill(context)
            if pattern is not None and operator.prepare(pattern)(value):
                return True
        return False

    return fits


def _quantified(quantifier: Quantifier, key: str, fits: Fits, *, negated: bool, if_exists: bool) -> Test:
    def one(context: Context) -> bool:
        values = context.get(key)
        if values is None:
            return negated or if_exists
        return any(fits(value, context) for value in values) != negated

    def every(context: Context) -> bool:
        values = context.get(key)
        return values is None or all(fits(value, context) != negated for value in values)

    def some(context: Context) -> bool:
        values = context.get(key)
        if values is None:
            return if_exists
        return any(fits(value, context) != negated for value in values)

    return {"": one, "ForAllValues": every, "ForAnyValue": some}[quantifier]
