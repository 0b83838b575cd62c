"""The settings' reference: every key with its default and its meaning, as a `getitdone.toml` of the defaults.

It is printed by `getitdone settings`, and stands in the README, where a test compares it: no key goes undocumented.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from getitdone.config import Message, Section, Settings


def reference() -> str:
    """The whole file, in the order of `Settings`."""
    return "\n".join(_tables(Settings(), "")).strip() + "\n"


def _tables(section: Section, name: str) -> Iterator[str]:
    fields = type(section).model_fields
    inner = {key: getattr(section, key) for key in fields if isinstance(getattr(section, key), Section)}
    if name:
        yield f"\n[{name}]"
        yield from (f"# {line.strip()}" for line in (type(section).__doc__ or "").splitlines() if line.strip())
    tables: list[str] = []
    for key, field in fields.items():
        value = getattr(section, key)
        if key in inner:
            continue
        if _is_table(field):
            tables.append(f"\n# {name}.{key}: {field.description}")
            tables.extend(_examples(f"{name}.{key}", value))
        else:
            yield f"{key} = {_toml(value)}  # {field.description}"
    yield from tables
    for key, value in inner.items():
        yield from _tables(value, f"{name}.{key}" if name else key)


def _is_table(field: FieldInfo) -> bool:
    kinds = [field.annotation, *get_args(field.annotation)]
    return any(isinstance(kind, type) and issubclass(kind, Section) for kind in kinds if get_origin(kind) is None)


def _examples(name: str, value: Any) -> Iterator[str]:
    """Settings that are tables: the default ones as they are, absent ones as a comment that shows their form."""
    if isinstance(value, tuple):
        for table in value:  # pyright: ignore[reportUnknownVariableType] - a tuple of sections
            yield f"[[{name}]]"
            for key, field in type(table).model_fields.items():  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType, reportUnknownVariableType]
                yield f"{key} = {_toml(getattr(table, key))}  # {field.description}"  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    else:
        example = f"{name}.critical" if name == "alerts.messages" else name
        yield f"# [{example}]"
        for key, field in Message.model_fields.items():
            yield f'# {key} = "..."  # {field.description}'


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"  # pyright: ignore[reportUnknownVariableType] - of any
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"  # pyright: ignore[reportUnknownVariableType] - of any
    return str(value)
