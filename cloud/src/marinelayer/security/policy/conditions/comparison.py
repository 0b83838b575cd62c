"""The six comparisons that numeric and date operators share."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal

from marinelayer.security.policy.conditions.operator import Operator, plain
from marinelayer.security.policy.wildcard import Matcher, Pattern

Comparable = Decimal | int

_COMPARISONS: dict[str, tuple[Callable[[Comparable, Comparable], bool], bool]] = {
    "Equals": (operator.eq, False),
    "NotEquals": (operator.eq, True),
    "LessThan": (operator.lt, False),
    "LessThanEquals": (operator.le, False),
    "GreaterThan": (operator.gt, False),
    "GreaterThanEquals": (operator.ge, False),
}


def comparisons(family: str, read: Callable[[str], Comparable]) -> dict[str, Operator]:
    """The operators of `family` (`Numeric`, `Date`) over values that `read` reads; a value of a request that it can
    not read compares to nothing."""

    def prepare(compare: Callable[[Comparable, Comparable], bool]) -> Callable[[Pattern], Matcher]:
        def prepared(pattern: Pattern) -> Matcher:
            limit = read(plain(pattern))

            def matches(value: str) -> bool:
                try:
                    return compare(read(value), limit)
                except ValueError:
                    return False

            return matches

        return prepared

    return {
        f"{family}{name}": Operator(prepare=prepare(compare), negated=negated)
        for name, (compare, negated) in _COMPARISONS.items()
    }
