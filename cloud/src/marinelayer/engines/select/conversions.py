"""CAST: SQL that makes one type of another, and fails where S3 Select's does.

Each form names its value once, so that casts in casts do not grow beyond measure. What is no number matches nothing,
becomes an empty text, and makes DuckDB raise the conversion's error.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-conversion.html
"""

from __future__ import annotations

from marinelayer.engines.select.columns import DECIMAL, NULL, NUMBERS, Type, Typed
from marinelayer.engines.select.refusing import refuse
from marinelayer.protocol.s3_select.tree import ScalarType

MOMENT = "%Y-%m-%dT%H:%M:%S"

_WHOLE = r"'^\s*[+-]?[0-9]+\s*$'"
_NUMBER = r"'^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$'"
_ZONE = "(Z|[+-][0-9]{2}:[0-9]{2})"
_TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
_TIMESTAMP = f"'^([0-9]{{4}}T|[0-9]{{4}}-[0-9]{{2}}T|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(T|T{_TIME}{_ZONE})?)$'"


def cast(value: Typed, to: ScalarType) -> Typed:
    """The value as another type.

    Raises:
        SelectionError: CastFailed, for types of which none can become the other.
    """
    if set(value) == {"NULL"}:
        return NULL
    forms = [_form(sql, kind, to) for kind, sql in value.items()]
    if len(forms) == 1:
        return {to: forms[0]}
    return {to: f"COALESCE({', '.join(forms)})"}


def _form(sql: str, kind: Type, to: ScalarType) -> str:
    if kind == to:
        return sql
    made = _TO[to](sql, kind)
    if made is None:
        raise refuse("CastFailed")
    return made


def _to_bool(sql: str, kind: Type) -> str | None:
    if kind == "STRING":
        return f"CAST(regexp_extract(lower({sql}), '^(true|false)$') AS BOOLEAN)"
    return f"({sql} != 0)" if kind in NUMBERS else None


def _to_int(sql: str, kind: Type) -> str | None:
    match kind:
        case "STRING":
            return f"CAST(trim(regexp_extract({sql}, {_WHOLE})) AS BIGINT)"
        case "FLOAT" | "DECIMAL":
            return f"CAST(trunc({sql}) AS BIGINT)"
        case "BOOL":
            return f"CAST({sql} AS BIGINT)"
        case _:
            return None


def _to_float(sql: str, kind: Type) -> str | None:
    if kind == "STRING":
        return f"CAST(trim(regexp_extract({sql}, {_NUMBER})) AS DOUBLE)"
    return None if kind == "TIMESTAMP" else f"CAST({sql} AS DOUBLE)"


def _to_decimal(sql: str, kind: Type) -> str | None:
    match kind:
        case "STRING":
            return f"CAST(trim(regexp_extract({sql}, {_NUMBER})) AS {DECIMAL})"
        case "BOOL":
            return f"CAST(CAST({sql} AS BIGINT) AS {DECIMAL})"
        case "TIMESTAMP":
            return None
        case _:
            return f"CAST({sql} AS {DECIMAL})"


def _to_string(sql: str, kind: Type) -> str | None:
    match kind:
        case "DECIMAL":
            return rf"regexp_replace(CAST({sql} AS VARCHAR), '\.?0+$', '')"
        case "TIMESTAMP":
            return rf"regexp_replace(strftime({sql}, '{MOMENT}.%f'), '\.?0*$', '') || 'Z'"
        case _:
            return f"CAST({sql} AS VARCHAR)"


def _to_timestamp(sql: str, kind: Type) -> str | None:
    if kind != "STRING":
        return None
    text = f"regexp_extract(trim({sql}), {_TIMESTAMP})"
    # A year or month alone is its first day, at the beginning of the day in UTC.
    for pattern, first in (("^([0-9]{4})T$", r"\1-01-01"), ("^([0-9]{4}-[0-9]{2})T$", r"\1-01"), ("T$", "")):
        text = f"regexp_replace({text}, '{pattern}', '{first}')"
    return f"(CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"


_TO = {
    "BOOL": _to_bool,
    "INT": _to_int,
    "FLOAT": _to_float,
    "DECIMAL": _to_decimal,
    "STRING": _to_string,
    "TIMESTAMP": _to_timestamp,
}
