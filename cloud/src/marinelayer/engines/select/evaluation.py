"""Compiled SQL run on a batch's columns, its errors being S3's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb
import numpy as np

from marinelayer.engines.select.compiler import Compiler
from marinelayer.engines.select.refusing import refuse

_PARAMETER = re.compile(r"\$(now|p\d+)")


class Evaluator:
    """Runs what compilers make, on one locked engine. `now` is what UTCNOW() gives in the whole query."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, now: datetime) -> None:
        self._engine = engine
        self._now = now

    def rows(
        self, compiler: Compiler, values: Sequence[str], condition: str | None = None, limit: int | None = None
    ) -> list[tuple[Any, ...]]:
        """For each record for which the condition holds, in order: its number, and the values. At most `limit`."""
        numbers = np.arange(compiler.table.rows, dtype=np.int64)
        end = f" LIMIT {int(limit)}" if limit is not None else ""
        where = f" WHERE {condition}" if condition is not None else ""
        sql = f"SELECT {', '.join(('row', *values))} FROM records{where}{end}"  # noqa: S608 - ours, see compiler
        found = self._run(compiler, numbers, sql)
        return sorted(found, key=_first)

    def totals(self, compiler: Compiler, values: Sequence[str], condition: str | None = None) -> tuple[Any, ...]:
        """The values of aggregates over the records for which the condition holds."""
        numbers = np.arange(compiler.table.rows, dtype=np.int64)
        where = f" WHERE {condition}" if condition is not None else ""
        sql = f"SELECT {', '.join(values)} FROM records{where}"  # noqa: S608 - ours, see compiler
        return self._run(compiler, numbers, sql)[0]

    def forget(self) -> None:
        """Let go of the last batch."""
        self._engine.unregister("records")

    def _run(self, compiler: Compiler, numbers: Any, sql: str) -> list[tuple[Any, ...]]:
        # What was compiled may not have been needed, and an engine that gets more parameters than it knows refuses.
        needed = set(_PARAMETER.findall(sql))
        parameters = {name: value for name, value in compiler.parameters.items() if name in needed}
        if "now" in needed:
            parameters["now"] = self._now
        try:
            self._engine.register("records", {"row": numbers, **compiler.table.arrays})
            return self._engine.execute(sql, parameters).fetchall()
        except duckdb.ConversionException as error:
            raise refuse("CastFailed") from error
        except duckdb.OutOfRangeException as error:
            raise refuse("IntegerOverflow") from error
        except duckdb.SyntaxException as error:
            # Found while it runs: the SQL itself was read before.
            raise refuse("EvaluatorLikePatternInvalidEscapeSequence") from error
        except (duckdb.ParserException, duckdb.BinderException) as error:
            if "depth" in str(error):
                raise refuse("MaxOperatorsExceeded") from error
            raise
        except (duckdb.InvalidInputException, duckdb.OutOfMemoryException) as error:
            raise refuse("ExternalEvalException") from error


def _first(row: tuple[Any, ...]) -> int:
    return row[0]
