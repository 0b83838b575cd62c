"""What a family of condition operators tells about each of its operators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from marinelayer.security.policy.wildcard import Matcher, Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One condition operator.

    `prepare` turns one value of a policy into a function over one value of a request. `negated` operators hold where
    no value fits, also where the key is absent. Operators `with_variables` take policy variables; `wild` ones take
    `*` and `?`. `prepare` raises ValueError for a value that the operator can not read.
    """

    prepare: Callable[[Pattern], Matcher]
    negated: bool = False
    with_variables: bool = False
    wild: bool = False


def plain(pattern: Pattern) -> str:
    """The text of a pattern without wildcards."""
    return "".join(piece.text for piece in pattern)
