"""Counts what a run asks of the cloud, for the summary and the estimate of its cost."""

from __future__ import annotations

import threading
from collections import Counter


class Meter:
    """Counters by name; threads may add to them at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, amount: int = 1) -> None:
        """Count `amount` more of `name`."""
        with self._lock:
            self._counts[name] += amount

    def counts(self) -> dict[str, int]:
        """What was counted up to now."""
        with self._lock:
            return dict(self._counts)
