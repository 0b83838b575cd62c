"""What an evaluation finds: one figure a row, with its interval and what it cost. Values only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.running import Bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure between its bounds at 95%, in the figure's own unit; `method` is `Wilson` or `bootstrap`."""

    value: float
    low: float
    high: float
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What calls one after the other took: items per second, and milliseconds a call."""

    per_second: float
    median: float
    slow: float
    """The 95th percentile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of a table.

    `engine` and `language` say what was measured, `data` on what, over how many `items`; `measure` is its name
    (`accuracy`, `macro recall`, `chrF`). `percent` tells whether it is shown in percent. `note` says what a reader must
    know to trust it.
    """

    engine: str
    language: str
    data: str
    measure: str
    interval: Interval
    items: int
    timing: Timing | None = None
    percent: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """What could not be measured here, and why."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a family's worker costs: seconds until it is loaded, and megabytes then and after the evaluation."""

    cold: float
    loaded: float
    worked: float


Row = Figure | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of engines: `name` is its table's mark, `task` its supervisor in `Engines` ("" where it has several,
    whose cost is not told), `folder` where its data lie below the folder of data ("" where it brings its own).
    `measure` gives the rows, asking `Bench` for calls and data.
    """

    name: str
    title: str
    task: str
    folder: str
    measure: Callable[[Bench], AsyncIterator[Row]]

    def data(self, root: Path) -> Path:
        """Where its data lie."""
        return root / self.folder
