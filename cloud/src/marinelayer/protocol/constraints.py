"""The model's constraints on an input, checked and worded as AWS's frameworks do.

`1 validation error detected: Value 'x' at 'tags.1.member.key' failed to satisfy constraint: Member must ...`

S3 does not check its inputs by model; the query and JSON services do. A shape's check is compiled on first use, and a
shape without constraints below it has none.

Source: the messages of IAM, Rekognition and Comprehend; https://smithy.io/2.0/spec/constraint-traits.html.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from marinelayer.model.errors import InvalidParameter, MissingParameter
from marinelayer.model.service import Operation
from marinelayer.model.shapes import (
    BlobShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Shape,
    StringShape,
    StructureShape,
)
from marinelayer.model.supplements import patch

_MOST_FAILURES = 10
_LONGEST_VALUE = 512
_LONGEST_CHECKED_TEXT = 131_072

Report = Callable[[str, str, str], None]
"""Takes `Value '...'`, the path and the constraint that is broken."""
Check = Callable[[Any, str, Report], None]


def check_input(operation: Operation, value: Mapping[str, Any]) -> None:
    """Refuse an input that breaks constraints, naming them all (up to ten).

    Raises:
        InvalidParameter: there are such.
        MissingParameter: a member that must be there is not, and the service has words of its own for that.
    """
    shape = operation.input_shape
    if shape is None:
        return
    _refuse_missing(operation.service.name, shape, value)
    failures: list[str] = []

    def report(shown: str, path: str, constraint: str) -> None:
        failures.append(f"{shown} at '{path}' failed to satisfy constraint: {constraint}")

    _check_of(shape, frozenset(patch("constraints").get(operation.service.name, ())))(value, "", report)
    if failures:
        plural = "s" if len(failures) > 1 else ""
        listed = "; ".join(failures[:_MOST_FAILURES])
        raise InvalidParameter(f"{len(failures)} validation error{plural} detected: {listed}")


def _refuse_missing(service: str, shape: StructureShape, value: Mapping[str, Any]) -> None:
    worded: str | None = patch("missing_members").get(service)
    if worded is None:
        return
    for name in shape.required:
        if value.get(name) is None and isinstance(shape.members[name].shape, StringShape):
            raise MissingParameter(worded.format(name))


@functools.cache
def _check_of(shape: Shape, unbounded: frozenset[str]) -> Check:
    check = _compile(shape, unbounded)
    return check or _nothing


def _nothing(value: Any, path: str, report: Report) -> None:
    pass


def _compile(shape: Shape, unbounded: frozenset[str]) -> Check | None:
    check: Check | None = None
    match shape:
        case StructureShape():
            check = _structure(shape, unbounded)
        case ListShape():
            check = _list(shape, unbounded)
        case MapShape():
            check = _map(shape, unbounded)
        case StringShape():
            check = _string(shape, unbounded)
        case IntegerShape() | FloatShape():
            check = _range(shape)
        case BlobShape():
            check = _length(shape, lambda value: f"'java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]'")
        case _:
            pass
    return check


def _structure(shape: StructureShape, unbounded: frozenset[str]) -> Check:
    names = [(name, name[:1].lower() + name[1:], member) for name, member in shape.members.items()]

    def check(value: Mapping[str, Any], path: str, report: Report) -> None:
        prefix = path + "." if path else ""
        for name, label, member in names:
            found = value.get(name)
            if found is not None:
                # Looked up here and not when compiling, since shapes may hold themselves.
                _check_of(member.shape, unbounded)(found, prefix + label, report)
            elif name in shape.required:
                report("Value null", prefix + label, "Member must not be null")

    return check


def _list(shape: ListShape, unbounded: frozenset[str]) -> Check:
    bounds = _length(shape, _collection)

    def check(value: Sequence[Any], path: str, report: Report) -> None:
        if bounds is not None:
            bounds(value, path, report)
        inner = _check_of(shape.member.shape, unbounded)
        if inner is not _nothing:
            for number, item in enumerate(value, 1):
                inner(item, f"{path}.{number}.member", report)

    return check


def _map(shape: MapShape, unbounded: frozenset[str]) -> Check:
    bounds = _length(shape, _collection)

    def check(value: Mapping[str, Any], path: str, report: Report) -> None:
        if bounds is not None:
            bounds(value, path, report)
        keys, values = _check_of(shape.key.shape, unbounded), _check_of(shape.value.shape, unbounded)
        for key, item in value.items():
            keys(key, f"{path}.{_shortened(key)}.key", report)
            values(item, f"{path}.{_shortened(key)}.member", report)

    return check


def _string(shape: StringShape, unbounded: frozenset[str]) -> Check | None:
    def show(value: str) -> str:
        return f"Value '{_shortened(value)}'" if not shape.sensitive else "Value"

    if shape.enum and shape.name not in unbounded:
        allowed, listed = frozenset(shape.enum), ", ".join(shape.enum)

        def check_enum(value: str, path: str, report: Report) -> None:
            if value not in allowed:
                report(show(value), path, f"Member must satisfy enum value set: [{listed}]")

        return check_enum

    if shape.name in unbounded:
        # The service looks itself, and refuses by an error of its own: too long a text, a word that is none of these.
        shape = replace(shape, max=None, pattern=None)
    bounds = _length(shape, lambda value: f"'{_shortened(value)}'")
    pattern = _pattern(shape.pattern) if shape.pattern else None
    if bounds is None and pattern is None:
        return None

    def check(value: str, path: str, report: Report) -> None:
        if bounds is not None:
            bounds(value, path, report)
        if pattern is not None and len(value) <= _LONGEST_CHECKED_TEXT and pattern.fullmatch(value) is None:
            report(show(value), path, f"Member must satisfy regular expression pattern: {shape.pattern}")

    return check


def _range(shape: IntegerShape | FloatShape) -> Check | None:
    least, most = shape.min, shape.max
    if least is None and most is None:
        return None

    def check(value: float, path: str, report: Report) -> None:
        if least is not None and not value >= least:
            report(f"Value '{value}'", path, f"Member must have value greater than or equal to {least}")
        if most is not None and not value <= most:
            report(f"Value '{value}'", path, f"Member must have value less than or equal to {most}")

    return check


def _length(shape: StringShape | BlobShape | ListShape | MapShape, show: Callable[[Any], str]) -> Check | None:
    least, most = shape.min or 0, shape.max
    if not least and most is None:
        return None

    def check(value: Any, path: str, report: Report) -> None:
        shown = "Value" if shape.sensitive else f"Value {show(value)}"
        if len(value) < least:
            report(shown, path, f"Member must have length greater than or equal to {least}")
        if most is not None and len(value) > most:
            report(shown, path, f"Member must have length less than or equal to {most}")

    return check


def _collection(value: Sequence[Any]) -> str:
    return "'[]'" if not value else "'[...]'"


def _shortened(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "..."


# Java's classes of characters, which Python's expressions lack. Each is at least as wide as Java's, so that nothing is
# refused which AWS takes. (\w without ASCII is \p{L}, \p{N} and the underscore.)
_JAVA_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    r"\p{ASCII}": r"[\x00-\x7f]",
    r"[\P{M}\p{M}]": r"[\s\S]",
    r"\P{C}": r"[^\x00-\x1f\x7f-\x9f]",
}


def _pattern(java: str) -> re.Pattern[str] | None:
    """Java's pattern as Python's, or None where Python can not express it."""
    python, flags = java, re.ASCII
    for theirs, ours in _JAVA_CLASSES.items():
        if theirs in python:
            python, flags = python.replace(theirs, ours), re.NOFLAG
    try:
        return re.compile(python, flags)
    except re.error:
        return None
