"""Figures as Markdown tables, and a document whose tables between marks are replaced by them. Pure.

<!-- eval:languages -->
...
<!-- end:languages -->
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evaluation.figures import Cost, Figure, Interval, Skipped, Timing
from evaluation.running import Measured

HEAD = (
    "| engine | language | data | measure | figure (95% interval) | items | items/s | p50, p95 ms |\n"
    "|---|---|---|---|---|---|---|---|"
)


class MarkError(Exception):
    """A document has no marks for a table, or they are out of order."""


def table(measured: Measured) -> str:
    """One family's table, what its worker costs, and what was skipped."""
    figures = [row for row in measured.rows if isinstance(row, Figure)]
    parts: list[str] = []
    if figures:
        parts.append("\n".join([HEAD, *map(_row, figures)]))
    if notes := list(dict.fromkeys(f"- {row.data}: {row.note}" for row in figures if row.note)):
        parts.append("\n".join(notes))
    if measured.cost is not None:
        parts.append(_cost(measured.cost))
    skipped = [row for row in measured.rows if isinstance(row, Skipped)]
    if skipped:
        parts.append("\n".join(f"- Not measured: {row.what}: {row.reason}" for row in skipped))
    return "\n\n".join(parts)


def replaced(document: str, tables: Sequence[tuple[str, str]]) -> str:
    """The document with each table, by its mark, in place of the old one.

    Raises:
        MarkError: the document has no place for it.
    """
    for name, text in tables:
        begin, end = f"<!-- eval:{name} -->", f"<!-- end:{name} -->"
        place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if not place.search(document):
            raise MarkError(f"there is no {begin} ... {end}")
        whole = f"{begin}\n\n{text}\n\n{end}"
        document = place.sub(lambda _, whole=whole: whole, document, count=1)
    return document


def _row(row: Figure) -> str:
    time = row.timing
    cells = (
        row.engine,
        row.language,
        row.data,
        row.measure,
        _interval(row.interval, row.percent),
        str(row.items),
        _rate(time),
        f"{time.median:.1f}, {time.slow:.1f}" if time else "",
    )
    return f"| {' | '.join(cells)} |"


def _interval(found: Interval, percent: bool) -> str:
    scale, digits = (100, 1) if percent else (1, 3)
    value, low, high = (f"{scale * each:.{digits}f}" for each in (found.value, found.low, found.high))
    return f"{value} ({low}-{high}, {found.method})"


def _rate(time: Timing | None) -> str:
    if time is None:
        return ""
    return f"{time.per_second:,.0f}" if time.per_second >= 100 else f"{time.per_second:.1f}"


def _cost(cost: Cost) -> str:
    return (
        f"Cold start {cost.cold:.2f} s; the worker holds {cost.loaded:.0f} MB when loaded, "
        f"{cost.worked:.0f} MB after this."
    )
