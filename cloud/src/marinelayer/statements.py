"""Named DML statements, read from the `.sql` file that lies beside their users.

A file holds statements, each headed by `-- name: put_version`. They stay in the subset that SQLite and PostgreSQL
share: `:name` parameters, ON CONFLICT, RETURNING, row values, LIMIT; no booleans (0/1), no JSON functions, LIKE or
reliance on NULL order; times are integer microseconds. Knows no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

from marinelayer.ports import Statement

_HEAD = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_REMARKS = re.compile(r"\A(?:--[^\n]*\n)+")


class Statements:
    """The statements of one file, as attributes: `SQL.put_version`."""

    def __init__(self, package: str, file: str) -> None:
        """Read `file` from `package`.

        Raises:
            ValueError: a name stands twice, or there is text before the first name.
        """
        pieces = _HEAD.split(files(package).joinpath(file).read_text("utf-8"))
        if any(line.strip() and not line.startswith("--") for line in pieces[0].splitlines()):
            raise ValueError(f"{package}/{file}: a statement without a name")
        self._statements: dict[str, Statement] = {}
        for name, sql in zip(pieces[1::2], pieces[2::2], strict=True):
            if name in self._statements:
                raise ValueError(f"{package}/{file}: {name} stands twice")
            # A statement begins with its verb: by that it is told whether it writes.
            self._statements[name] = Statement(f"{package}.{name}", _REMARKS.sub("", sql.strip()).rstrip(";"))
        # As attributes proper: `__getattr__` is what Python asks last.
        self.__dict__.update(self._statements)

    def __getattr__(self, name: str) -> Statement:
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(name) from None

    def __iter__(self) -> Iterator[Statement]:
        return iter(self._statements.values())
