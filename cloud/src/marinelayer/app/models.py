"""`marinelayer models` for people: a table, a progress bar, and a line of what was done."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from marinelayer.config import CloudError
from marinelayer.engines.catalogue import Installed, ModelFile, catalogue, find
from marinelayer.engines.models.fetching import PullError
from marinelayer.engines.models.installing import add, pull, remove

MEBIBYTE = 1 << 20
WIDE = 200
"""Columns of a table that nobody looks at on a terminal."""


def show_models(folder: Path, *, as_json: bool) -> None:
    """Print every model of the catalogue, as a table or as JSON lines."""
    everything = [find(name, folder) for name in catalogue()]
    if as_json:
        for found in everything:
            click.echo(json.dumps(_described(found), ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "task", "MiB", "licence", "here"):
        table.add_column(heading, justify="right" if heading == "MiB" else "left", no_wrap=True)
    table.add_column("accuracy", overflow="fold")
    for found in everything:
        size = found.model.size
        table.add_row(
            found.model.name,
            found.model.task,
            f"{size / MEBIBYTE:.1f}" if size else "?" if size is None else "",
            found.model.licence.partition(",")[0],
            _here(found),
            found.model.accuracy,
        )
    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console.width = WIDE
    console.print(f"Models folder: {folder}", highlight=False)
    console.print(table, highlight=False)


def pull_models(name: str, folder: Path) -> None:
    """Download one model, with a progress bar on stderr, and print where it is.

    Raises:
        CloudError: it can not be had.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(binary_units=True))
    shown = Progress(*columns, TransferSpeedColumn(), TimeRemainingColumn(), console=Console(stderr=True))
    bars: dict[str, Any] = {}

    def progress(file: ModelFile, have: int, total: int | None) -> None:
        shown.start()
        if file.name not in bars:
            bars[file.name] = shown.add_task(file.name, total=total)
        shown.update(bars[file.name], completed=have, total=total)

    try:
        found = pull(name, folder, progress)
    except PullError as error:
        raise CloudError(f"{name}: {error}") from None
    finally:
        if bars:
            shown.stop()
    click.echo(f"{name} is installed: {_places(found)}")


def add_models(source: Path, folder: Path) -> None:
    """Install what is found in `source`, and print what that was and what lacks files.

    Raises:
        CloudError: nothing was found, or it can not be read or written.
    """
    try:
        added = add(source, folder)
    except PullError as error:
        raise CloudError(str(error)) from None
    for name in added.installed:
        click.echo(f"{name} is installed in {folder}")
    for found in added.incomplete:
        lacking = ", ".join(file.name for file in found.model.files if file.name not in found.paths)
        click.echo(f"{found.model.name} lacks {lacking}", err=True)
    if not added.installed:
        raise CloudError(f"{source} holds no whole model of the catalogue (files are known by their sha256)")


def remove_model(name: str, folder: Path) -> None:
    """Remove one model.

    Raises:
        CloudError: it is not there, or not ours to remove.
    """
    try:
        remove(name, folder)
    except PullError as error:
        raise CloudError(str(error)) from None
    click.echo(f"{name} is removed")


def _described(found: Installed) -> dict[str, Any]:
    model = found.model
    return {
        "name": model.name,
        "task": model.task,
        "version": model.version,
        "languages": list(model.languages),
        "licence": model.licence,
        "source": model.source,
        "size": model.size,
        "accuracy": model.accuracy,
        "measured_by": model.measured_by,
        "downloadable": model.downloadable,
        "state": found.state if model.where != "system" else "system",
        "install": model.install,
    }


def _here(found: Installed) -> str:
    if found.model.where == "system":
        return "program"
    if found.state == "present":
        return "package" if found.model.where != "models" else "yes"
    return "another file" if found.state == "wrong" else "no"


def _places(found: Installed) -> str:
    return ", ".join(str(path) for path in found.paths.values())
