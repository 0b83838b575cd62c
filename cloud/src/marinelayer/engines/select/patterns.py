"""TO_STRING's patterns as calls of DuckDB's strftime.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-date.html. Moments are in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from marinelayer.engines.select.refusing import refuse

_SYMBOLS: Mapping[str, str] = {
    "yy": "%y",
    "y": "%Y",
    "yyyy": "%Y",
    "M": "%-m",
    "MM": "%m",
    "MMM": "%b",
    "MMMM": "%B",
    "d": "%-d",
    "dd": "%d",
    "a": "%p",
    "h": "%-I",
    "hh": "%I",
    "H": "%-H",
    "HH": "%H",
    "m": "%-M",
    "mm": "%M",
    "s": "%-S",
    "ss": "%S",
    "X": "Z",
    "XX": "Z",
    "XXX": "Z",
    "XXXX": "Z",
    "XXXXX": "Z",
    "x": "+00",
    "xx": "+0000",
    "xxxx": "+0000",
    "xxx": "+00:00",
    "xxxxx": "+00:00",
}
_PIECE = re.compile(r"'(?P<quoted>[^']*)'|(?P<open>')|(?P<symbol>([A-Za-z])\4*)|(?P<plain>[^A-Za-z']+)")


def formatted(moment: str, pattern: str) -> str:
    """SQL for a moment as a text.

    Raises:
        SelectionError: EvaluatorInvalidTimestampFormatPattern..., for what is no pattern.
    """
    pieces: list[str] = []
    together = ""
    for directive, special in _pieces(pattern):
        if special is None:
            together += directive
            continue
        if together:
            pieces.append(_strftime(moment, together))
        together = ""
        pieces.append(special.format(moment=moment))
    if together or not pieces:
        pieces.append(_strftime(moment, together))
    return "(" + " || ".join(pieces) + ")"


def _strftime(moment: str, form: str) -> str:
    return f"strftime({moment}, '" + form.replace("'", "''") + "')"


def _pieces(pattern: str) -> Iterator[tuple[str, str | None]]:
    """Directives of strftime, or SQL where it has none."""
    for match in _PIECE.finditer(pattern):
        if match["open"]:
            raise refuse("EvaluatorUnterminatedTimestampFormatPatternToken")
        symbol = match["symbol"]
        if symbol is None:
            text = match["plain"] if match["quoted"] is None else match["quoted"] or "'"
            yield text.replace("%", "%%"), None
        elif symbol in _SYMBOLS:
            yield _SYMBOLS[symbol], None
        elif symbol == "MMMMM":
            yield "", "left(strftime({moment}, '%B'), 1)"
        elif set(symbol) == {"S"} and len(symbol) <= 9:
            yield "", f"left(strftime({{moment}}, '%f000'), {len(symbol)})"
        elif symbol == "n":
            yield "", "CAST(CAST(strftime({moment}, '%f') AS BIGINT) * 1000 AS VARCHAR)"
        else:
            raise refuse("EvaluatorInvalidTimestampFormatPatternSymbol")
