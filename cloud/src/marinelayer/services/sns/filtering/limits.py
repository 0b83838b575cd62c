"""A filter policy that keeps to AWS's limits, as the alternatives of which a message must meet one.

Source: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html. Pure.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from marinelayer.services.sns.filtering.reading import Conditions, Either, Object, read_object
from marinelayer.services.sns.filtering.tokens import FilterPolicyError

Scope = Literal["MessageAttributes", "MessageBody"]
POLICY_BYTES = 256 * 1024
_KEYS = 5
_COMBINATIONS = 150

Alternative = tuple[tuple[str, Conditions], ...]
"""Paths, their names joined by dots, each with conditions of which one must be met by a value there."""


@dataclass(frozen=True, slots=True)
class FilterPolicy:
    """A policy as it is asked of messages; `nested` ones are for bodies only."""

    alternatives: tuple[Alternative, ...]
    nested: bool


@functools.lru_cache(maxsize=256)
def read_filter_policy(source: str) -> FilterPolicy:
    """The policy that a text is.

    Raises:
        FilterPolicyError: it can not be read, demands what can not be demanded, or is beyond the limits.
    """
    if len(source.encode(errors="replace")) > POLICY_BYTES:
        raise FilterPolicyError(f"Filter policy can not be longer than {POLICY_BYTES} bytes")
    tree = read_object(source)
    if _keys(tree) > _KEYS:
        raise FilterPolicyError(f"Filter policy can not have more than {_KEYS} keys")
    if _combinations(tree, 1) > _COMBINATIONS:
        raise FilterPolicyError("Filter policy is too complex")
    return FilterPolicy(tuple(_alternatives(tree, "")), _nested(tree))


def _keys(tree: Object) -> int:
    """How many names the policy has at its top; those of all objects of a `$or` count."""
    count = 0
    for value in tree.values():
        count += sum(map(_keys, value.objects)) if isinstance(value, Either) else 1
    return count


def _combinations(tree: Object, depth: int) -> int:
    """The product of what each list has, times how deep it stands; objects of a `$or` are added."""
    product = 1
    for value in tree.values():
        match value:
            case Either(objects):
                product *= sum(_combinations(one, depth) for one in objects)
            case tuple():
                product *= len(value) * depth
            case _:
                product *= _combinations(value, depth + 1)
        if product > _COMBINATIONS:
            return product
    return product


def _nested(tree: Object) -> bool:
    return any(
        any(map(_nested, value.objects)) if isinstance(value, Either) else not isinstance(value, tuple)
        for value in tree.values()
    )


def _alternatives(tree: Object, path: str) -> Sequence[Alternative]:
    found: list[Alternative] = [()]
    for name, value in tree.items():
        match value:
            case Either(objects):
                more = [one for inner in objects for one in _alternatives(inner, path)]
            case tuple():
                more = [((path + name, value),)]
            case _:
                more = list(_alternatives(value, f"{path}{name}."))
        found = [left + right for left in found for right in more]
    return found
