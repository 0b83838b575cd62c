"""What S3 costs beside other servers: CPU a request and rate of GET, PUT and LIST, in ratios to moto server, MiniStack
and nginx.

    python benchmarks/peers.py [--rounds N] [--seconds S] [--requests N] [--keys N] [--port P] [--folder DIR]

All servers run at once; in each round they take turns, so that what the machine does besides falls on all alike. The
load comes from a third process over 16 keep-alive connections, signed as boto3 signs. CPU is that of a server's whole
process tree, user and system: it holds on a machine that is busy with other things, where a rate does not. Ratios are
taken within a round; every figure is the median of the rounds. Linux only. Environments are made on the first run.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from generator import GETS, LARGE, LISTED, Kind, Load, Report, run_apart, small_key
from load import BODY, BUCKET, ask, signed, tree_cpu_seconds
from subjects import Subject, cloud, ministack, moto, nginx

LARGE_BYTES = 64 * 1024 * 1024
CLIENTS = 16
CLOUD, MOTO, MINISTACK, PERSISTING, NGINX = "cloud", "moto", "MiniStack", "MiniStack, persisting", "nginx"
TITLES: dict[Kind, str] = {"get": "GET 1 KiB", "put": "PUT 1 KiB", "list": "LIST 1,000", "file": "GET 64 MiB"}
WHO: dict[Kind, tuple[str, ...]] = {
    "get": (CLOUD, MOTO, MINISTACK, NGINX),
    "put": (CLOUD, MOTO, MINISTACK, PERSISTING),
    "list": (CLOUD, MINISTACK),
    "file": (CLOUD, MINISTACK, NGINX),
}


@dataclass(frozen=True, slots=True)
class Round:
    """One subject in one round of one kind: CPU microseconds a request, and the load's report."""

    cpu: float
    report: Report


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for: that a ratio between a peer and the cloud is at least so much."""

    kind: Kind
    measure: str
    peer: str
    least: float


TARGETS = (
    Target("get", "cpu", MOTO, 10),
    Target("get", "cpu", MINISTACK, 2.5),
    Target("put", "cpu", MOTO, 8),
    Target("put", "cpu", PERSISTING, 2),
    Target("list", "rate", MINISTACK, 10),
    Target("file", "rate", NGINX, 0.8),
)

Found = dict[tuple[str, Kind], list[Round]]


def prepare(subjects: dict[str, Subject], folder: Path, keys: int) -> None:
    """Put what will be read: small objects, a large one, and a bucket of many keys."""
    large = os.urandom(1024) * (LARGE_BYTES // 1024)
    for name, subject in subjects.items():
        if name == NGINX:
            (folder / "nginx" / "root" / BUCKET / "2021" / "apr").mkdir(parents=True)
            for number in range(GETS):
                (folder / "nginx" / "root" / BUCKET / small_key(number)).write_bytes(BODY)
            (folder / "nginx" / "root" / BUCKET / LARGE).write_bytes(large)
            continue
        address, host = (subject.host, subject.port), f"{subject.host}:{subject.port}"
        ask(address, signed("PUT", f"/{BUCKET}", host))
        for number in range(GETS):
            ask(address, signed("PUT", f"/{BUCKET}/{small_key(number)}", host, BODY))
        if name in WHO["file"]:
            ask(address, signed("PUT", f"/{BUCKET}/{LARGE}", host, large))
        if name in WHO["list"]:
            ask(address, signed("PUT", f"/{LISTED}", host))
            for first in range(0, keys, 10_000):
                run_apart(_load(subject, "fill", min(10_000, keys - first), first=first))


def _load(subject: Subject, kind: Kind, count: int, *, first: int = 0, seconds: float = 3600.0) -> Load:
    return Load(
        host=subject.host, port=subject.port, kind=kind, count=count, first=first, seconds=seconds, clients=CLIENTS
    )


def measure(subject: Subject, load: Load) -> Round:
    """Put a load on one subject."""
    begun = 0.0

    def begin() -> None:
        nonlocal begun
        begun = tree_cpu_seconds(subject.pid)

    report = run_apart(load, begin)
    spent = tree_cpu_seconds(subject.pid) - begun
    return Round(spent / report.answers * 1e6, report)


def compare(subjects: dict[str, Subject], given: argparse.Namespace) -> Found:
    """Every subject's rounds by name and kind, after one that does not count."""
    found: Found = defaultdict(list)
    first = 0
    for number in range(given.rounds + 1):
        for kind, names in WHO.items():
            for name in names if number % 2 else reversed(names):
                load = _load(subjects[name], kind, given.requests, first=first, seconds=given.seconds)
                one = measure(subjects[name], load)
                if number:
                    found[name, kind].append(one)
        first += given.requests
    return found


def ratio(found: Found, target: Target) -> float:
    """A target's ratio in each round, their median: the peer's CPU to ours, or our rate to the peer's."""
    pairs = zip(found[CLOUD, target.kind], found[target.peer, target.kind], strict=True)
    if target.measure == "cpu":
        return statistics.median(theirs.cpu / ours.cpu if ours.cpu else math.nan for ours, theirs in pairs)
    return statistics.median(ours.report.rate / theirs.report.rate for ours, theirs in pairs)


def report(found: Found) -> None:
    """Print what was asked for and what was found, then all figures, in Markdown."""
    print("| | ratio | found | asked |\n|---|---|---:|---:|")
    for target in TARGETS:
        words = f"{target.peer}'s CPU : ours" if target.measure == "cpu" else f"our rate : {target.peer}'s"
        found_ratio = ratio(found, target)
        missed = "" if found_ratio >= target.least else " (missed)"
        print(f"| {TITLES[target.kind]} | {words} | {found_ratio:.2f} | at least {target.least}{missed} |")
    print("\n| | CPU µs a request | requests/s | MiB/s | p50 ms | p99 ms |\n|---|---:|---:|---:|---:|---:|")
    for kind, names in WHO.items():
        for name in names:
            rounds = found[name, kind]
            cpu = statistics.median(one.cpu for one in rounds)
            rate = statistics.median(one.report.rate for one in rounds)
            volume = statistics.median(one.report.body_bytes / one.report.seconds for one in rounds) / 1024**2
            p50 = statistics.median(one.report.p50 for one in rounds)
            p99 = statistics.median(one.report.p99 for one in rounds)
            shown = f"{volume:,.0f}" if kind == "file" else ""
            print(f"| {TITLES[kind]} {name} | {cpu:,.0f} | {rate:,.0f} | {shown} | {p50:.1f} | {p99:.1f} |")


def main() -> None:
    """Start all, measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=5.0, help="the longest that one load may last")
    options.add_argument("--requests", type=int, default=8_000, help="the most requests of one load")
    options.add_argument("--keys", type=int, default=100_000, help="keys in the bucket that is listed")
    options.add_argument("--port", type=int, default=4730, help="the first of five ports")
    options.add_argument("--folder", type=Path, default=None, help="where the throw-away folder is made")
    given = options.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="marinelayer-peers-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        port = given.port
        subjects = {
            CLOUD: stack.enter_context(cloud(folder / "cloud", port)),
            MOTO: stack.enter_context(moto(folder / "moto", port + 1)),
            MINISTACK: stack.enter_context(ministack(folder / "ministack", port + 2)),
            PERSISTING: stack.enter_context(ministack(folder / "persisting", port + 3, persisting=True)),
            NGINX: stack.enter_context(nginx(folder / "nginx", port + 4)),
        }
        prepare(subjects, folder, given.keys)
        found = compare(subjects, given)
    print(f"{CLIENTS} clients, at most {given.requests} requests or {given.seconds:g} s a load, the median of")
    print(f"{given.rounds} rounds; LIST in {given.keys:,} keys; Python {platform.python_version()},")
    print(f"{os.cpu_count()} cores, load average {before:.1f} before.\n")
    report(found)


if __name__ == "__main__":
    main()
