"""What GET and PUT of 1 KiB cost: requests a second, CPU, latency and the share of each step, beside what the same
machine does without a cloud in the same minutes.

    python benchmarks/get_put.py [--requests N] [--clients N] [--rounds N] [--folder DIR]

The cloud is `marinelayer up` on a throw-away folder within DIR; a log line for each request goes to a file there. Its
load comes from this process over raw keep-alive connections, signed beforehand as boto3 signs, each PUT to a new key.
Every figure is the median of the rounds, in which cloud and limits take turns.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import uvloop
from limits import forced_inserts
from load import BODY, BUCKET, ROOT, Outcome, ask, cpu_seconds, run_load, signed
from steps import STOPWATCH

HERE = Path(__file__).parent
KEYS = 100
PATHS = [f"/{BUCKET}/2021/apr/photo-{number:06d}.jpg" for number in range(KEYS)]
COMMIT_GROUP = 16
LATENCIES = ("p50 ms", "p99 ms", "p50 ms, 1 client", "p99 ms, 1 client")
NAMES = {
    "cloud": "**cloud**",
    "echo": "echo server (uvloop, httptools)",
    "one row": "SQLite, one row a commit",
    "grouped rows": f"SQLite, {COMMIT_GROUP} rows a commit",
}
REST = "the rest: kernel, event loop, tasks, garbage"
_numbers = count()


@dataclass(slots=True)
class Server:
    """A server that runs in a process of its own."""

    process: subprocess.Popen[str]
    address: tuple[str, int]

    @property
    def host(self) -> str:
        """As requests name it."""
        return f"{self.address[0]}:{self.address[1]}"


@dataclass(slots=True)
class Figures:
    """What one subject (cloud or limit) came to in every round, by measure."""

    values: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def add(self, measure: str, value: float) -> None:
        """One round's figure."""
        self.values.setdefault(measure, []).append(value)

    def median(self, measure: str) -> float:
        """Of all rounds."""
        return statistics.median(self.values[measure])

    def ratio(self, other: Figures, measure: str) -> float:
        """This to the other's in the same round, the median of all rounds."""
        pairs = zip(self.values[measure], other.values[measure], strict=True)
        return statistics.median(own / its if its else math.nan for own, its in pairs)


@contextmanager
def started(folder: Path, *command: str) -> Generator[Server]:
    """A server that prints `ready URL`, until the block ends."""
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder)
        try:
            assert process.stdout is not None
            line: list[str] = process.stdout.readline().split()
            if line[:1] != ["ready"]:
                process.wait(30)
                raise RuntimeError(f"{command[0]} did not start: {Path(log.name).read_text()[-2000:]}")
            where = urlsplit(line[1])
            yield Server(process, (where.hostname or "", where.port or 0))
        finally:
            process.terminate()
            process.wait(30)


def cloud_command(folder: Path) -> list[str]:
    """What starts a cloud on `folder`."""
    marinelayer = str(Path(sys.executable).with_name("marinelayer"))
    key = f"{ROOT['access_key_id']}:{ROOT['secret_key']}"
    return [marinelayer, "up", "--data", str(folder / "data"), "--port", "0", "--console-port", "0", "--root-key", key]


def prepare(server: Server, clients: int) -> None:
    """Make the bucket and the objects that are read, and let everything be compiled and cached that is once."""
    ask(server.address, signed("PUT", f"/{BUCKET}", server.host))
    for path in PATHS:
        ask(server.address, signed("PUT", path, server.host, BODY))
    for method in ("GET", "PUT"):
        drive(server, method, 10 * KEYS, clients)


def requests_of(method: str, server: Server, number: int) -> list[bytes]:
    """So many requests: GETs of the objects in turn, PUTs of new ones."""
    if method == "GET":
        known = [signed("GET", path, server.host) for path in PATHS]
        return (known * (number // KEYS + 1))[:number]
    return [signed("PUT", f"/{BUCKET}/new/{next(_numbers):09d}.jpg", server.host, BODY) for _ in range(number)]


def drive(server: Server, method: str, number: int, clients: int) -> tuple[Outcome, float]:
    """Send so many requests; the outcome, and the server's CPU microseconds a request."""
    requests = requests_of(method, server, number)
    answer_bytes = len(ask(server.address, requests.pop()))
    before = cpu_seconds(server.process.pid)
    outcome = uvloop.run(run_load(server.address, requests, answer_bytes, clients))
    return outcome, (cpu_seconds(server.process.pid) - before) / len(requests) * 1e6


def measure(server: Server, method: str, figures: Figures, given: argparse.Namespace) -> None:
    """One round of one subject: with many clients, and with one for the latency that a lone caller sees."""
    outcome, cpu = drive(server, method, given.requests, given.clients)
    alone, _ = drive(server, method, given.requests // 10, 1)
    figures.add("rate", outcome.rate)
    figures.add("cpu", cpu)
    for latency, value in zip(LATENCIES, (outcome.p50, outcome.p99, alone.p50, alone.p99), strict=True):
        figures.add(latency, value)


def compare(folder: Path, given: argparse.Namespace) -> dict[tuple[str, str], Figures]:
    """Every subject's figures, by name and method."""
    found = {(name, method): Figures() for name in ("cloud", "echo") for method in ("GET", "PUT")}
    found["one row", "PUT"], found["grouped rows", "PUT"] = Figures(), Figures()
    echo = (sys.executable, str(HERE / "limits.py"))
    with started(folder, *cloud_command(folder)) as cloud, started(folder, *echo) as bare:
        prepare(cloud, given.clients)
        for _ in range(given.rounds):
            for method in ("GET", "PUT"):
                measure(cloud, method, found["cloud", method], given)
                measure(bare, method, found["echo", method], given)
            for name, group in (("one row", 1), ("grouped rows", COMMIT_GROUP)):
                with tempfile.TemporaryDirectory(dir=folder) as place:
                    rate, cpu = forced_inserts(Path(place), given.requests // 10 // group * group, group)
                found[name, "PUT"].add("rate", rate)
                found[name, "PUT"].add("cpu", cpu)
    return found


def profile(folder: Path, method: str, given: argparse.Namespace) -> dict[str, float]:
    """The CPU microseconds of each step of one request, and of what is in no step."""
    with started(folder, sys.executable, str(HERE / "steps.py"), str(folder / f"steps-{method}")) as server:
        prepare(server, given.clients)
        time.sleep(0.2)
        os.kill(server.process.pid, signal.SIGUSR1)
        time.sleep(0.2)
        _, whole = drive(server, method, given.requests, given.clients)
        server.process.terminate()
        assert server.process.stdout is not None
        found: dict[str, float] = json.loads(server.process.stdout.read())
    steps = {step: spent / given.requests for step, spent in found.items()}
    steps[REST] = whole - sum(steps.values())
    del steps[STOPWATCH]
    return steps


def report(found: dict[tuple[str, str], Figures]) -> None:
    """Print the comparison as a table in Markdown, ratios first."""
    columns = ("cloud : this, CPU", "cloud : this, rate", "CPU µs", "requests/s", *LATENCIES)
    print(f"| | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for (name, method), figures in sorted(found.items(), key=lambda item: item[0][1]):
        cloud = found["cloud", method]
        row = [f"{cloud.ratio(figures, 'cpu'):.1f}", f"{cloud.ratio(figures, 'rate'):.2f}"]
        row += [f"{figures.median('cpu'):.0f}", f"{figures.median('rate'):,.0f}"]
        row += [f"{figures.median(latency):.2f}" if latency in figures.values else "" for latency in LATENCIES]
        print(f"| {method} {NAMES[name]} | {' | '.join(row)} |")


def report_steps(method: str, steps: list[dict[str, float]]) -> None:
    """Print one method's profile as a table in Markdown."""
    print(f"\n| {method} 1 KiB, by step | CPU µs | share |\n|---|---:|---:|")
    medians = {step: statistics.median(one[step] for one in steps) for step in steps[0]}
    whole = sum(medians.values())
    for step, spent in medians.items():
        print(f"| {step} | {spent:.1f} | {spent / whole:.0%} |")
    print(f"| **all** | **{whole:.0f}** | |")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--requests", type=int, default=20_000)
    options.add_argument("--clients", type=int, default=16)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--folder", type=Path, default=None, help="where the throw-away folder is made")
    options.add_argument("--no-steps", action="store_true", help="without the profile by step")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="marinelayer-benchmark-") as name:
        folder = Path(name)
        before = os.getloadavg()[0]
        found = compare(folder, given)
        print(f"{given.requests} requests by {given.clients} clients, the median of {given.rounds} rounds;")
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {before:.1f} before.\n")
        report(found)
        for method in () if given.no_steps else ("GET", "PUT"):
            steps = [profile(folder, method, given) for _ in range(given.rounds)]
            report_steps(method, steps)


if __name__ == "__main__":
    main()
