"""The commands: each reads the settings, has its steps taken, and prints what was really done.

What a command needs is imported when it runs, so that `--help` is quick.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from getitdone.config import load_settings
from getitdone.errors import GetItDoneError
from getitdone.months import month_of, months_of
from getitdone.reference import reference

if TYPE_CHECKING:
    from getitdone.workshop import Workshop

Command = TypeVar("Command", bound=Callable[..., Any])
MONTHS = "MONTH is written as 2021-04, or as apr 2021."
EXITS = (
    "Exit codes: 0 done; 1 refused or wrong; 2 the command line or the settings are wrong; 75 something is left that "
    "a later run may do."
)


def _command(function: Command) -> Command:
    """A command that takes --config and --json, and answers its errors in a sentence and an exit code."""

    @click.option("--config", type=click.Path(path_type=Path), envvar="GETITDONE_CONFIG", help="The settings' file.")
    @click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
    @functools.wraps(function)
    def wrapped(config: Path | None, *args: Any, as_json: bool, **kwargs: Any) -> Any:
        from getitdone.workshop import Workshop

        try:
            return function(Workshop(load_settings(config), as_json=as_json), *args, **kwargs)
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
def report(shop: Workshop, month: tuple[str, ...]) -> None:
    """Publish the report of a MONTH: CSV, table, chart, and the index of all reports."""
    from getitdone import steps

    steps.take(shop, months_of(month), steps.report)
    shop.finish()


@main.command()
@click.option("--resubscribe", is_flag=True, help="Ask those again who left, or never confirmed.")
@_command
def subscribe(shop: Workshop, resubscribe: bool) -> None:
    """Subscribe the contacts to their department's alerts and dispatches; mail must be confirmed by its reader."""
    from getitdone import steps

    shop.show(steps.subscribe(shop, resubscribe=resubscribe))


@main.command(epilog=MONTHS)
@click.argument("month", nargs=-1, required=True)
@click.option("--resubscribe", is_flag=True, help="Ask those again who left, or never confirmed.")
@_command
def alert(shop: Workshop, month: tuple[str, ...], resubscribe: bool) -> None:
    """Subscribe the contacts, and tell them which thresholds a MONTH's report passes."""
    from getitdone import steps

    steps.take(shop, months_of(month), functools.partial(steps.alert, resubscribe=resubscribe))
    shop.finish()


@main.command(epilog=MONTHS)
@click.argument("month", nargs=-1, required=True)
@_command
def triage(shop: Workshop, month: tuple[str, ...]) -> None:
    """Read a MONTH's descriptions, look at its photos, and dispatch what must be fetched."""
    from getitdone import steps

    steps.take(shop, months_of(month), steps.triage)
    shop.finish()


@main.command(epilog=MONTHS)
@click.argument("month", nargs=-1, required=True)
@_command
def run(shop: Workshop, month: tuple[str, ...]) -> None:
    """Report, alert and triage, for each MONTH."""
    from getitdone import steps

    steps.take(shop, months_of(month), steps.report, steps.alert, steps.triage)
    shop.finish()


@main.command()
@_command
def check(shop: Workshop) -> None:
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
@click.option(
    "--spanish", type=click.IntRange(0, 10_000), default=0, help="Add Spanish descriptions to so many that have none."
)
@click.option("--seed", type=int, default=0, help="Which requests get them.")
@_command
def load(shop: Workshop, path: Path, contacts: Path | None, photos: int, spanish: int, seed: int) -> None:
    """Make the buckets, and load a folder of daily files, photos and contacts, or one big CSV file, from PATH.

    What --photos and --spanish add is labelled as added, in the column `generated`.
    """
    from dataclasses import asdict

    from getitdone.loading import load as load_city

    with shop.progress:
        loaded = load_city(
            shop.settings,
            shop.objects,
            path,
            contacts=contacts,
            photos=photos,
            spanish=spanish,
            seed=seed,
            progress=shop.progress,
        )
    shop.show(asdict(loaded))


@main.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write to.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed writes the same files.")
@click.option("--month", default="2021-04", show_default=True, help=MONTHS)
@click.option("--schema", type=click.Choice(["22", "23", "both"]), default="both", show_default=True)
@click.option("--days", type=click.IntRange(0, 31), default=0, help="Only the first days; 0 is the whole month.")
@click.option("--per-day", type=click.IntRange(1, 5000), default=60, show_default=True, help="Requests a day, about.")
@_command
def sample(shop: Workshop, out: Path, seed: int, month: str, schema: Any, days: int, per_day: int) -> None:
    """Write a made-up city's month: daily files, photos drawn by us, contacts."""
    from getitdone.samples.write import as_dict, write_sample

    written = write_sample(out, month_of(month), seed=seed, schema=schema, days=days, per_day=per_day)
    shop.show(as_dict(written))


@main.command()
def settings() -> None:
    """Print every setting with its default and meaning, as a getitdone.toml."""
    click.echo(reference(), nl=False)
