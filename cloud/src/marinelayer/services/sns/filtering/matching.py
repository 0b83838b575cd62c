"""Whether a message meets a filter policy.

A message is a tree of objects, arrays and values. What stands at a path is looked for in objects by each way in which
names, dots in them included, make the path. Of an array one element at a time is looked at: what is demanded at
several paths inside must be met by the same element. Time grows with the message, not with the ways to choose.

Source: https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html; arrays as in https://github.com/aws/event-ruler.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from marinelayer.services.sns.filtering.conditions import Exists, Value, meets
from marinelayer.services.sns.filtering.limits import Alternative, FilterPolicy


def accepts(policy: FilterPolicy, message: Mapping[str, Any]) -> bool:
    """Whether the message's attributes, or its body, meet one of the policy's alternatives."""
    return any(_Search(alternative).succeeds(message) for alternative in policy.alternatives)


class _Search:
    """One alternative, looked for in one message. What is met together is a set of bits, one for each demand."""

    def __init__(self, alternative: Alternative) -> None:
        self._demands = alternative
        self._present: set[int] = set()

    def succeeds(self, message: Mapping[str, Any]) -> bool:
        """Whether all demands are met together."""
        met = self._met(message, dict(enumerate(path for path, _ in self._demands)))
        absent = 0
        for number, (_, conditions) in enumerate(self._demands):
            if number not in self._present and Exists(False) in conditions:
                absent |= 1 << number
        return (1 << len(self._demands)) - 1 in {one | absent for one in met}

    def _met(self, value: Any, wanted: Mapping[int, str | None]) -> set[int]:
        """What can be met together in `value`, of the demands `wanted`, each with the rest of its path, None at its
        end."""
        if isinstance(value, Mapping):
            return self._met_in_object(cast("Mapping[str, Any]", value), wanted)
        if isinstance(value, list):
            met = {0}
            for element in _elements(cast("list[Any]", value)):
                met |= self._met(element, wanted)
            return met
        return {self._met_by(value, [number for number, path in wanted.items() if path is None])}

    def _met_in_object(self, value: Mapping[str, Any], wanted: Mapping[int, str | None]) -> set[int]:
        below: dict[str, dict[int, str | None]] = {}
        for number, path in wanted.items():
            for name, rest in _splits(path):
                if name in value:
                    below.setdefault(name, {})[number] = rest
        met = {0}
        for name, inner in below.items():
            found = self._met(value[name], inner)
            met = {left | right for left in met for right in found}
        return met

    def _met_by(self, value: Value, numbers: Sequence[int]) -> int:
        self._present.update(numbers)
        return sum(
            1 << number for number in numbers if any(meets(value, condition) for condition in self._demands[number][1])
        )


def _splits(path: str | None) -> Iterator[tuple[str, str | None]]:
    """Every way to part a path into a name and what is below it."""
    if path is None:
        return
    yield path, None
    at = path.find(".")
    while at >= 0:
        yield path[:at], path[at + 1 :]
        at = path.find(".", at + 1)


def _elements(array: list[Any]) -> Iterator[Any]:
    """What is in an array and in the arrays in it."""
    waiting = [array]
    while waiting:
        for element in waiting.pop():
            if isinstance(element, list):
                waiting.append(cast("list[Any]", element))
            else:
                yield element
