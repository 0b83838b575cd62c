"""The main job, end to end: a cloud on a folder, a city's month in it, and getitdone over it.

Starts `marinelayer up`, loads daily CSVs with photos (made up from a seed, or split from one real file), subscribes the
contacts, opens the confirmation links from the inbox as a person would, and runs the report, the alerts and the triage.
Everything that is printed was really done: this script only calls the two command lines and the cloud's addresses.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from rich.console import Console
from rich.rule import Rule

BIN = Path(sys.prefix) / "bin"
SAMPLE_MONTH = "2021-04"
REAL_MONTHS = ("2021-03", "2021-04")
PHOTOS_ADDED = 60
SPANISH_ADDED = 80
"""San Diego's file has no photos and almost no Spanish; what is added says so in its column `generated`."""
LEFT_UNCONFIRMED = 1
"""So many people do not click their link, as it is in life."""

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Run the demo; the exit code of what failed, else 0."""
    signal.signal(signal.SIGTERM, _end)
    options = _options()
    folder = options.dir.absolute()
    with cloud(folder, options.models) as environment:
        months = load(folder, options.data, environment)
        step("Subscribing the contacts")
        getitdone("subscribe", environment=environment)
        confirm(environment)
        step(f"Running getitdone over {' and '.join(months)}")
        code = getitdone("run", *months, environment=environment, accept=(0, 75))
        print_where_to_look(folder, environment)
        if not options.once:
            console.print(
                "\nThe cloud stays up until Ctrl-C; afterwards: "
                f"[bold].venv/bin/marinelayer up --data {options.dir}[/bold]"
            )
            wait()
    return 0 if code in {0, 75} else code


def _end(number: int, _: object) -> None:
    sys.exit(128 + number)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path(".demo"), help="the cloud's data folder")
    parser.add_argument("--data", type=Path, help="one CSV of San Diego's requests, in place of the made-up month")
    parser.add_argument("--models", type=Path, help="a folder with model files")
    parser.add_argument("--once", action="store_true", help="end after the summary")
    options = parser.parse_args()
    if options.data and not options.data.is_file():
        parser.error(f"{options.data} is no file")
    return options


def step(text: str) -> None:
    """Say what comes next."""
    console.print(Rule(text, align="left", style="cyan"))


@contextmanager
def cloud(folder: Path, models: Path | None) -> Generator[dict[str, str]]:
    """A cloud on the folder; yields the variables that point AWS clients at it."""
    step(f"Starting the cloud on {folder.name}")
    command = [str(BIN / "marinelayer"), "up", "--data", str(folder)]
    command += ["--port", str(_port(4566)), "--console-port", str(_port(4567))]
    command += ["--models", str(models)] if models and models.is_dir() else []
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "requests.log").open("ab") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
    try:
        assert server.stdout is not None  # noqa: S101 - it is a pipe
        line = server.stdout.readline()
        if not line.startswith("ready "):
            raise SystemExit(f"demo: the cloud did not start; see {folder / 'requests.log'}")
        console.print(f"{line.strip()}; every request is a line in {folder.name}/requests.log")
        shown = _output("marinelayer", "env", "--data", str(folder))
        pairs = (each.removeprefix("export ").split("=", 1) for each in shown.splitlines())
        yield {**os.environ, **{name: value.strip("'") for name, value in pairs}}
    finally:
        server.terminate()
        server.wait(30)


def load(folder: Path, data: Path | None, environment: dict[str, str]) -> tuple[str, ...]:
    """Put a month, or the months of a real file, into the buckets; which months those are."""
    if data is None:
        source = folder / "sample"
        step("Making up a city's month, with drawn photos")
        getitdone("sample", "--out", str(source), "--month", SAMPLE_MONTH, environment=environment)
        getitdone("load", str(source), environment=environment)
        return (SAMPLE_MONTH,)
    step(f"Loading {data.name}; photos, Spanish added")
    console.print(
        f"{PHOTOS_ADDED} drawn photos are added, and {SPANISH_ADDED} made-up Spanish descriptions where "
        "there was none; each is labelled as added (column “generated”), and the counts by service stay the city's"
    )
    contacts = folder / "contacts"
    getitdone("sample", "--out", str(contacts), "--days", "1", "--per-day", "1", environment=environment, quiet=True)
    added = ["--photos", str(PHOTOS_ADDED), "--spanish", str(SPANISH_ADDED)]
    people = ["--contacts", str(contacts / "contacts.csv")]
    getitdone("load", str(data), *added, *people, environment=environment)
    return REAL_MONTHS


def confirm(environment: dict[str, str]) -> None:
    """Open the links in the confirmation mails, as a person would, but for a few people who do not."""
    step("Opening the confirmation links in the inbox")
    deadline = time.monotonic() + 30
    mails: list[dict[str, Any]] = []
    quiet_since = time.monotonic()
    while time.monotonic() < deadline and time.monotonic() - quiet_since < 1:
        found = [m for m in inbox(environment) if any("Token=" in link for link in m["links"])]
        if len(found) != len(mails):
            mails, quiet_since = found, time.monotonic()
        time.sleep(0.1)
    clicking = sorted({m["to"] for m in mails})[LEFT_UNCONFIRMED:]
    opened = 0
    for mail in mails:
        if mail["to"] in clicking:
            link = next(link for link in mail["links"] if "Token=" in link)
            with urllib.request.urlopen(link) as page:
                opened += page.status == 200
    console.print(
        f"{len(mails)} mails ask for a confirmation; {opened} links opened, the rest left as people leave them"
    )


def inbox(environment: dict[str, str]) -> list[dict[str, Any]]:
    """The newest messages, by a signed request of our own."""
    url = f"{environment['AWS_ENDPOINT_URL']}/_marinelayer/inbox?limit=1000"
    request = AWSRequest("GET", url)
    keys = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(keys, "marinelayer", environment["AWS_DEFAULT_REGION"]).add_auth(request)
    with urllib.request.urlopen(urllib.request.Request(url, headers=dict(request.headers))) as answer:
        return json.load(answer)["messages"]


def print_where_to_look(folder: Path, environment: dict[str, str]) -> None:
    """Addresses that work in any browser."""
    step("Where to look")
    by_channel: dict[str, int] = {}
    for message in inbox(environment):
        by_channel[message["channel"]] = by_channel.get(message["channel"], 0) + 1
    caught = ", ".join(f"{count} by {channel}" for channel, count in sorted(by_channel.items()))
    console.print(f"Report site    {environment['AWS_ENDPOINT_URL']}/gid-reports/index.html", soft_wrap=True)
    console.print(f"Inbox          {_output('marinelayer', 'open', '--data', str(folder)).strip()}", soft_wrap=True)
    console.print(
        f"               holds {caught or 'no messages'} (a link signs in once; `marinelayer open` makes another)"
    )


def getitdone(*arguments: str, environment: dict[str, str], accept: tuple[int, ...] = (0,), quiet: bool = False) -> int:
    """Run the application as a user would.

    Raises:
        SystemExit: it failed.
    """
    if not quiet:
        console.print(f"[dim]$ getitdone {' '.join(arguments)}[/dim]", soft_wrap=True)
    out = subprocess.DEVNULL if quiet else None
    code = subprocess.run([str(BIN / "getitdone"), *arguments], env=environment, stdout=out, check=False).returncode
    if code not in accept:
        raise SystemExit(code)
    return code


def wait() -> None:
    """Until Ctrl-C."""
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("\nStopping the cloud")


def _output(command: str, *arguments: str) -> str:
    return subprocess.run([str(BIN / command), *arguments], check=True, capture_output=True, text=True).stdout


def _port(wanted: int) -> int:
    """The usual port, or a free one where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


if __name__ == "__main__":
    sys.exit(main())
