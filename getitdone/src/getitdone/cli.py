"""The commands: each reads the settings, does its work through the rooms below, and prints what was really done."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from getitdone.config import Settings, load_settings, reference
from getitdone.errors import GetItDoneError
from getitdone.months import Month, month_of, months_of

if TYPE_CHECKING:
    from getitdone.aws import Aws
    from getitdone.objects import Objects
    from getitdone.requests import MonthOfRequests
    from getitdone.summary import Summary
    from getitdone.topics import Topics

Command = TypeVar("Command", bound=Callable[..., Any])
MONTHS = "MONTH is written as 2021-04, or as apr 2021."
EXITS = (
    "Exit codes: 0 done; 1 refused or wrong; 2 the command line or the settings are wrong; 75 something is left that "
    "a later run may do."
)


class _Workshop:
    """What the commands share: settings, clients, counters, and the way to print."""

    def __init__(self, settings: Settings, *, as_json: bool) -> None:
        from rich.console import Console

        from getitdone.meter import Meter
        from getitdone.summary import Summary

        self.settings = settings
        self.as_json = as_json
        self.meter = Meter()
        self.summary: Summary = Summary()
        self.console = Console() if sys.stdout.isatty() else Console(width=200)
        self.progress = _Bars(Console(stderr=True))
        self._read: dict[Month, MonthOfRequests] = {}

    @functools.cached_property
    def aws(self) -> Aws:
        """The clients."""
        from getitdone.aws import Aws

        return Aws(self.settings.aws)

    @functools.cached_property
    def objects(self) -> Objects:
        """S3."""
        from getitdone.objects import Objects

        return Objects(self.aws, self.meter)

    @functools.cached_property
    def topics(self) -> Topics:
        """SNS."""
        from getitdone.topics import Topics

        return Topics(self.aws, self.meter)

    def requests(self, month: Month) -> MonthOfRequests:
        """The month's requests, read once.

        Raises:
            DataError: there are no daily files of it.
        """
        from getitdone.errors import DataError
        from getitdone.requests import read_month

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

    def finish(self) -> None:
        """Print the summary, and exit with its code."""
        from getitdone.cost import estimate

        counts = self.meter.counts()
        for facts in self.summary.months.values():
            for channel, count in facts.get("alerts", {}).get("by_channel", {}).items():
                counts[f"sns.{channel}"] = counts.get(f"sns.{channel}", 0) + count
            channel = self.settings.triage.channel
            counts[f"sns.{channel}"] = counts.get(f"sns.{channel}", 0) + facts.get("triage", {}).get("sent", 0)
        self.summary.cost = estimate(counts)
        if self.as_json:
            click.echo(json.dumps(self.summary.as_dict(), indent=2, ensure_ascii=False))
        else:
            self.console.print(self.summary.table())
            # Links are longer than a terminal is wide, and must stay whole for who copies them.
            for name, link in self.summary.links():
                click.echo(f"{name}: {link}")
        sys.exit(self.summary.exit_code())


class _Bars:
    """Progress bars on a terminal; nothing elsewhere."""

    def __init__(self, console: Any) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

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


def _command(function: Command) -> Command:
    """A command that takes --config and --json, and answers its errors in a sentence and an exit code."""

    @click.option("--config", type=click.Path(path_type=Path), envvar="GETITDONE_CONFIG", help="The settings' file.")
    @click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
    @functools.wraps(function)
    def wrapped(config: Path | None, *args: Any, as_json: bool, **kwargs: Any) -> Any:
        try:
            return function(_Workshop(load_settings(config), as_json=as_json), *args, **kwargs)
        except GetItDoneError as error:
            click.echo(f"getitdone: {error}", err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("getitdone: stopped; run it again to go on", err=True)
            sys.exit(130)

    return wrapped  # pyright: ignore[reportReturnType] - the same command, with two more options


@click.group(epilog=EXITS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="getitdone")
def main() -> None:
    """A city's service requests: a report site, alerts, and triaged dispatches, on S3, SNS and AWS's readers."""


@main.command(epilog=MONTHS)
@click.argument("month", nargs=-1, required=True)
@_command
def report(shop: _Workshop, month: tuple[str, ...]) -> None:
    """Publish the report of a MONTH: CSV, table, chart, and the index of all reports."""
    for one in months_of(month):
        with shop.progress:
            _report(shop, one)
    shop.finish()


@main.command()
@click.option("--resubscribe", is_flag=True, help="Ask those again who left, or never confirmed.")
@_command
def subscribe(shop: _Workshop, resubscribe: bool) -> None:
    """Subscribe the contacts to their department's alerts and dispatches; mail must be confirmed by its reader."""
    from getitdone.alerts.send import subscribe_contacts
    from getitdone.triage.run import subscribe_team

    steps = (subscribe_contacts, subscribe_team)
    done = [step(shop.settings, shop.objects, shop.topics, again=resubscribe) for step in steps]
    subscribed = [each for each, _ in done]
    _print_facts(
        {
            "confirmed": sum(each.confirmed for each in subscribed),
            "pending": sum(each.pending for each in subscribed),
            "new": sum(each.new for each in subscribed),
            "left_or_lapsed": sum(each.left for each in subscribed),
            "problems": sorted({problem for _, problems in done for problem in problems}),
        },
        as_json=shop.as_json,
    )


@main.command(epilog=MONTHS)
@click.argument("month", nargs=-1, required=True)
@click.option("--resubscribe", is_flag=True, help="Ask those again who left, or never confirmed.")
@_command
def alert(shop: _Workshop, month: tuple[str, ...], resubscribe: bool) -> None:
    """Subscribe the contacts, and tell them which thresholds a MONTH's report passes."""
    for one in months_of(month):
        with shop.progress:
            _alert(shop, one, resubscribe=resubscribe)
    shop.finish()


@main.command(epilog=MONTHS)
@click.argument("month", nargs=-1, required=True)
@_command
def triage(shop: _Workshop, month: tuple[str, ...]) -> None:
    """Read a MONTH's descriptions, look at its photos, and dispatch what must be fetched."""
    for one in months_of(month):
        with shop.progress:
            _triage(shop, one)
    shop.finish()


@main.command(epilog=MONTHS)
@click.argument("month", nargs=-1, required=True)
@_command
def run(shop: _Workshop, month: tuple[str, ...]) -> None:
    """Report, alert and triage, for each MONTH."""
    for one in months_of(month):
        with shop.progress:
            _report(shop, one)
            _alert(shop, one)
            _triage(shop, one)
    shop.finish()


def _report(shop: _Workshop, month: Month) -> None:
    from getitdone.reports.publish import publish_month

    shop.summary.published(publish_month(shop.settings, shop.objects, shop.requests(month)))


def _alert(shop: _Workshop, month: Month, *, resubscribe: bool = False) -> None:
    from getitdone.alerts.send import send_alerts

    sent = send_alerts(shop.settings, shop.objects, shop.topics, month, resubscribe=resubscribe)
    shop.summary.alerted(month, sent)


def _triage(shop: _Workshop, month: Month) -> None:
    from getitdone.triage.dispatch_list import write_dispatch_list
    from getitdone.triage.run import triage_month
    from getitdone.triage.services import AwsReaders

    settings, requests = shop.settings, shop.requests(month)
    readers = AwsReaders(
        shop.aws,
        shop.meter,
        images=settings.buckets.images,
        max_labels=settings.triage.max_labels,
        min_confidence=settings.triage.min_confidence,
    )
    triaged = triage_month(settings, shop.objects, shop.topics, readers, requests, progress=shop.progress)
    listed = write_dispatch_list(settings, shop.objects, requests, triaged)
    shop.summary.triaged(month, triaged, listed)


@main.command()
@_command
def check(shop: _Workshop) -> None:
    """Look at settings, credentials and buckets; fails where what must be private is public."""
    from getitdone.checking import check as look

    findings = list(look(shop.settings, shop.aws, shop.objects))
    if shop.as_json:
        rows = [{"name": one.name, "state": one.state, "detail": one.detail} for one in findings]
        click.echo(json.dumps({"findings": rows}, indent=2, ensure_ascii=False))
    else:
        for one in findings:
            click.echo(f"{one.state:8} {one.name}: {one.detail}")
    sys.exit(1 if any(one.state == "failed" for one in findings) else 0)


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--contacts", type=click.Path(path_type=Path), help="The contacts' CSV file, if not PATH/contacts.csv.")
@click.option("--photos", type=click.IntRange(0, 10_000), default=0, help="Add drawn photos to so many requests.")
@click.option("--seed", type=int, default=0, help="Which requests get them.")
@_command
def load(shop: _Workshop, path: Path, contacts: Path | None, photos: int, seed: int) -> None:
    """Make the buckets, and load a folder of daily files, photos and contacts, or one big CSV file, from PATH."""
    from dataclasses import asdict

    from getitdone.loading import load as load_city

    with shop.progress:
        loaded = load_city(
            shop.settings,
            shop.objects,
            path,
            contacts=contacts,
            photos=photos,
            seed=seed,
            progress=shop.progress,
        )
    _print_facts(asdict(loaded), as_json=shop.as_json)


@main.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write to.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed writes the same files.")
@click.option("--month", default="2021-04", show_default=True, help=MONTHS)
@click.option("--schema", type=click.Choice(["22", "23", "both"]), default="both", show_default=True)
@click.option("--days", type=click.IntRange(0, 31), default=0, help="Only the first days; 0 is the whole month.")
@click.option("--per-day", type=click.IntRange(1, 5000), default=60, show_default=True, help="Requests a day, about.")
@_command
def sample(shop: _Workshop, out: Path, seed: int, month: str, schema: Any, days: int, per_day: int) -> None:
    """Write a made-up city's month: daily files, photos drawn by us, contacts."""
    from getitdone.samples.write import as_dict, write_sample

    written = write_sample(out, month_of(month), seed=seed, schema=schema, days=days, per_day=per_day)
    _print_facts(as_dict(written), as_json=shop.as_json)


@main.command()
def settings() -> None:
    """Print every setting with its default and meaning, as a getitdone.toml."""
    click.echo(reference(), nl=False)


def _print_facts(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for name, value in facts.items():
        words = ", ".join(cast("list[str]", value)) if isinstance(value, list) else str(value)
        if value:
            click.echo(f"{name.replace('_', ' ')}: {words}")
