"""The operator that asks whether a key is there at all."""

from __future__ import annotations

from collections.abc import Callable

from marinelayer.security.policy.variables import Context


def compile_null(key: str, values: tuple[str, ...]) -> Callable[[Context], bool]:
    """`true` holds where `key` (lower-case) is absent, `false` where it has a value.

    Raises:
        ValueError: a value is neither.
    """
    wanted = {value.strip().lower() for value in values}
    if not wanted or not wanted <= {"true", "false"}:
        raise ValueError("Null takes true or false")
    return lambda context: ("true" if context.get(key) is None else "false") in wanted
