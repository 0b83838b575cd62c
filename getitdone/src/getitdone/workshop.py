"""What the commands of one process share: settings, clients, counters, and the way to print.

It imports everything that is slow to import; `cli.py` imports it when a command runs.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from getitdone.aws import Aws
from getitdone.config import Settings
from getitdone.cost import estimate
from getitdone.errors import DataError
from getitdone.meter import Meter
from getitdone.months import Month
from getitdone.objects import Objects
from getitdone.requests import MonthOfRequests, read_month
from getitdone.summary import Summary
from getitdone.topics import Topics


class Workshop:
    """Made once for a command; what is not needed is not made."""

    def __init__(self, settings: Settings, *, as_json: bool) -> None:
        self.settings = settings
        self.as_json = as_json
        self.meter = Meter()
        self.summary = Summary()
        self.progress = Bars(Console(stderr=True))
        self._read: dict[Month, MonthOfRequests] = {}

    @functools.cached_property
    def aws(self) -> Aws:
        """The clients."""
        return Aws(self.settings.aws)

    @functools.cached_property
    def objects(self) -> Objects:
        """S3."""
        return Objects(self.aws, self.meter)

    @functools.cached_property
    def topics(self) -> Topics:
        """SNS."""
        return Topics(self.aws, self.meter)

    def requests(self, month: Month) -> MonthOfRequests:
        """The month's requests, read once.

        Raises:
            DataError: there are no daily files of it.
        """
        if month not in self._read:
            bucket = self.settings.buckets.requests
            found = read_month(
                self.objects,
                bucket,
                month,
                late_days=self.settings.requests.late_days,
                threads=self.settings.aws.threads,
            )
            if not found.frame.height and not found.quarantined:
                raise DataError(f"there are no requests of {month.title} in {bucket}/{month.prefix}")
            self._read[month] = found
            self.summary.read(found)
        return self._read[month]

    def finish(self) -> NoReturn:
        """Print the summary and what stopped a step, and exit with their code."""
        counts = self.meter.counts()
        for channel, count in self.summary.messages(self.settings.triage.channel).items():
            counts[f"sns.{channel}"] = counts.get(f"sns.{channel}", 0) + count
        self.summary.cost = estimate(counts)
        if self.as_json:
            click.echo(json.dumps(self.summary.as_dict(), indent=2, ensure_ascii=False))
        elif self.summary.months:
            console = Console() if sys.stdout.isatty() else Console(width=200)
            console.print(self.summary.table())
            # Links are longer than a terminal is wide, and must stay whole for who copies them.
            for name, link in self.summary.links():
                click.echo(f"{name}: {link}")
        for sentence in self.summary.stops:
            click.echo(f"getitdone: {sentence}", err=True)
        sys.exit(self.summary.exit_code())

    def show(self, facts: dict[str, Any]) -> None:
        """Print facts that are no summary of a month."""
        if self.as_json:
            click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        for name, value in facts.items():
            words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of any
            if value:
                click.echo(f"{name.replace('_', ' ')}: {words}")


class Bars:
    """Progress bars on a terminal; nothing elsewhere."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def step(self, name: str, total: int) -> Callable[[], object]:
        """Begin a bar."""
        task = self._progress.add_task(name, total=total)
        return lambda: self._progress.advance(task)

    def __enter__(self) -> None:
        self._progress.start()

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
