"""Cells that spreadsheets would run: made harmless where a CSV is written, and read back as they were.

A file that is meant for people is opened in a spreadsheet, and what a stranger wrote must not be run there. OWASP, "CSV
Injection": cells that begin with `=`, `+`, `-`, `@` (also in their full-width forms), a tab or a line's end. Blanks in
front are no protection: some programs strip them.
"""

from __future__ import annotations

import re

_RUN = r"\s*?[\t\r\n=+\-@\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(f"'*{_RUN}")
_DEFUSED = re.compile(f"'+{_RUN}")


def harmless(cell: str) -> str:
    """The cell, with an apostrophe in front where a spreadsheet would run it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def original(cell: str) -> str:
    """What was made harmless."""
    return cell[1:] if _DEFUSED.match(cell) else cell
