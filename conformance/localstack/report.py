"""Write results.md from pytest's JUnit documents: counts by file, and every failure with its reason.

    python report.py COMMIT OUTCOMES.xml... > results.md

reasons.toml names, by service, the tests that fail for a reason: `file`, and tests as `Class::test`, or `Class` for all
of one. A failure without a reason is something that is not there yet. Exit code 1 if a reason is given for a test that
passes.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

HERE = Path(__file__).resolve().parent
HEAD = """\
# AWS's recorded answers beside the cloud's

Written by `report.py`; how: [README.md](README.md). LocalStack: commit `{commit}`. *Skipped* are tests that LocalStack
marks as not for AWS.

| service | file | tests | passed | failed | skipped |
|---|---|---:|---:|---:|---:|
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a test. `test` is `Class::test`, without parameters; `result` passed, failed or skipped."""

    service: str
    file: str
    test: str
    result: str


def outcomes(documents: Iterable[Path]) -> list[Outcome]:
    """The outcomes in JUnit documents, each test once for each set of its parameters. What stands in a later document
    goes before what stands in an earlier one."""
    found: dict[tuple[str, str], Outcome] = {}
    for document in documents:
        found |= outcomes_of(document)
    return list(found.values())


def outcomes_of(document: Path) -> dict[tuple[str, str], Outcome]:
    """The outcomes in one document by class and name. A test whose clean-up fails stands there twice, and failed."""
    found: dict[tuple[str, str], Outcome] = {}
    for case in ET.parse(document).getroot().iter("testcase"):
        _, _, _, service, file, *classes = case.attrib["classname"].split(".")
        said = {part.tag for part in case}
        result = "failed" if said & {"failure", "error"} else "skipped" if "skipped" in said else "passed"
        name = case.attrib["name"]
        test = "::".join((*classes, name.partition("[")[0]))
        kept = found.get((case.attrib["classname"], name))
        if kept is None or kept.result != "failed":
            found[case.attrib["classname"], name] = Outcome(service, file, test, result)
    return found


def counts(of: list[Outcome]) -> str:
    """The columns of a table: tests, passed, failed, skipped."""
    found = Counter(outcome.result for outcome in of)
    return f"{len(of)} | {found['passed']} | {found['failed']} | {found['skipped']}"


def read_reasons() -> dict[tuple[str, str], str]:
    """The reason of each test that has one, by service and test."""
    services: dict[str, list[dict[str, Any]]] = tomllib.loads((HERE / "reasons.toml").read_text("utf-8"))
    return {
        (service, test): entry["reason"]
        for service, entries in services.items()
        for entry in entries
        for test in entry["tests"]
    }


def reason_of(outcome: Outcome, reasons: dict[tuple[str, str], str]) -> str | None:
    """Why a test fails: its own reason, or that of its class."""
    of_class = (outcome.service, outcome.test.partition("::")[0])
    return reasons.get((outcome.service, outcome.test)) or reasons.get(of_class)


def listed(of: list[Outcome]) -> str:
    """The names of tests, each once for all its parameters."""
    return ", ".join(f"`{name}`" for name in dict.fromkeys(outcome.test.rpartition("::")[2] for outcome in of))


def report(commit: str, of: list[Outcome], reasons: dict[tuple[str, str], str]) -> str:
    """The page."""
    lines = [HEAD.format(commit=commit).rstrip()]
    for service, file in sorted({(outcome.service, outcome.file) for outcome in of}):
        lines.append(
            f"| {service} | `{file}.py` | {counts([o for o in of if (o.service, o.file) == (service, file)])} |"
        )
    failed = [outcome for outcome in of if outcome.result == "failed"]
    for service in sorted({outcome.service for outcome in failed}):
        lines += ["", f"## {service}: what fails, and why", "", "| reason | | tests |", "|---|---:|---|"]
        own = [(reason_of(outcome, reasons), outcome) for outcome in failed if outcome.service == service]
        for reason in dict.fromkeys(text for (of_service, _), text in reasons.items() if of_service == service):
            named = [outcome for given, outcome in own if given == reason]
            if named:
                lines.append(f"| {reason} | {len(named)} | {listed(named)} |")
        lacking = [outcome for given, outcome in own if given is None]
        if lacking:
            lines.append(f"| not there yet | {len(lacking)} | {listed(lacking)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the page of results."""
    commit, *documents = sys.argv[1:]
    found = outcomes(map(Path, documents))
    reasons = read_reasons()
    sys.stdout.write(report(commit, found, reasons))
    failed = {(outcome.service, outcome.test) for outcome in found if outcome.result == "failed"}
    idle = {(outcome.service, outcome.test) for outcome in found} & reasons.keys() - failed
    if idle:
        sys.exit(f"these pass and need no reason: {', '.join(sorted(test for _, test in idle))}")


if __name__ == "__main__":
    main()
