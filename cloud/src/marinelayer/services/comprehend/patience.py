"""Documents of a job that are looked at each by itself, by engines that may be busy."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from marinelayer.model.errors import Refusal, Throttled

PAUSE = 0.2
"""Seconds before a document is tried again whose engine was busy."""

Look = Callable[[str], Awaitable[Mapping[str, Any]]]
"""What is found in one text."""


async def one_by_one(look: Look, texts: Sequence[str]) -> Sequence[Mapping[str, Any] | Refusal]:
    """What is found in each text, or the refusal that it meets. All are looked at at the same time."""
    return await asyncio.gather(*(_patiently(look, text) for text in texts))


async def _patiently(look: Look, text: str) -> Mapping[str, Any] | Refusal:
    """What is found, or the refusal; while the engine is busy it is asked again."""
    while True:
        try:
            return await look(text)
        except Throttled:
            await asyncio.sleep(PAUSE)
        except Refusal as refusal:
            return refusal
