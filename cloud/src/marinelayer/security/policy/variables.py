"""Policy variables: `${aws:username}`, with defaults, and the escapes `${*}`, `${?}`, `${$}`.

Source: IAM User Guide, "IAM policy elements: Variables and tags". Variables belong to version 2012-10-17; in older
documents the same characters are plain text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from marinelayer.security.policy.wildcard import Pattern, Text
from marinelayer.security.requirement import ContextKeys

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_WITH_DEFAULT = re.compile(r"\s*([^,\s]+)\s*(?:,\s*'([^']*)')?\s*")
_ESCAPES = ("*", "?", "$")


class Context:
    """Condition keys in layers: what the request's input says, what the resource says, what the request is."""

    __slots__ = ("_layers",)

    def __init__(self, *layers: ContextKeys) -> None:
        self._layers: tuple[Mapping[str, tuple[str, ...]], ...] = tuple(layer for layer in layers if layer)

    def get(self, key: str) -> tuple[str, ...] | None:
        """The values of the lower-case `key` in the first layer that has it; None where none has a value."""
        for layer in self._layers:
            values = layer.get(key)
            if values:
                return values
        return None


@dataclass(frozen=True, slots=True)
class Variable:
    """A place that a condition key's single value takes; `default` is None where there is none."""

    key: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A pattern with places for variables."""

    pieces: tuple[Text | Variable, ...]

    def fill(self, context: Context) -> Pattern | None:
        """The pattern for one request; None if a variable has no value (or several), so that nothing can match."""
        filled: list[Text] = []
        for piece in self.pieces:
            if isinstance(piece, Text):
                filled.append(piece)
                continue
            values = context.get(piece.key)
            if values is None and piece.default is not None:
                values = (piece.default,)
            if values is None or len(values) != 1:
                return None
            filled.append(Text(values[0], wild=False))
        return tuple(filled)


def variable_names(text: str) -> tuple[str, ...]:
    """The condition keys that a text of a policy takes in, as they are written."""
    named = (_WITH_DEFAULT.fullmatch(inner) for inner in _VARIABLE.findall(text) if inner not in _ESCAPES)
    return tuple(match.group(1) for match in named if match is not None)


def read_template(text: str, *, variables: bool, wild: bool) -> Pattern | Template:
    """A policy's text as a pattern, or as a template if it names variables. `variables` says whether the document's
    version has them, `wild` whether `*` and `?` are wildcards where the text stands."""
    if not variables or "${" not in text:
        return (Text(text, wild=wild),)
    pieces: list[Text | Variable] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        if found.start() > end:
            pieces.append(Text(text[end : found.start()], wild=wild))
        end = found.end()
        inner = found.group(1)
        named = _WITH_DEFAULT.fullmatch(inner)
        if inner in _ESCAPES:
            pieces.append(Text(inner, wild=False))
        elif named is not None:
            pieces.append(Variable(named.group(1).lower(), named.group(2)))
        else:
            pieces.append(Text(found.group(), wild=False))
    if end < len(text):
        pieces.append(Text(text[end:], wild=wild))
    fixed = tuple(piece for piece in pieces if isinstance(piece, Text))
    return fixed if len(fixed) == len(pieces) else Template(tuple(pieces))
