"""The `:name` parameters of a statement: where they stand, and whether a call gives exactly these.

Pure text; knows neither database. A colon inside quoted text, a quoted name or a comment is no parameter, nor is
PostgreSQL's cast `::type`. Dollar quoting and E'' strings are outside the shared subset and not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

_TOKEN = re.compile(
    r"""
      '(?:[^']|'')*'          # text
    | "(?:[^"]|"")*"          # a quoted name
    | --[^\n]*                # a comment to the line's end
    | /\*.*?\*/               # a comment
    | ::                      # PostgreSQL's cast
    | (?<!\w):(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)


def parameter_names(sql: str) -> tuple[str, ...]:
    """The parameters' names in the order of their first use, each once."""
    return tuple(dict.fromkeys(match["name"] for match in _TOKEN.finditer(sql) if match["name"]))


def replace_parameters(sql: str, replacement: Callable[[str], str]) -> str:
    """`sql` with every `:name` replaced by `replacement(name)`, all else as it was."""
    return _TOKEN.sub(lambda match: replacement(match["name"]) if match["name"] else match[0], sql)


def refuse_values(statement: str, names: Iterable[str], values: Mapping[str, object]) -> TypeError:
    """What to raise when the values of a call are not exactly those that the statement names."""
    wanted = set(names)
    missing = ", ".join(sorted(wanted - values.keys())) or "none"
    strange = ", ".join(sorted(values.keys() - wanted)) or "none"
    return TypeError(f"statement {statement}: missing values: {missing}; values that it does not name: {strange}")
