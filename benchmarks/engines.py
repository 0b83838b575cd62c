"""What the engines can and what they cost: accuracy on labelled data with its interval, items per second, cold start,
memory.

    python benchmarks/engines.py [FAMILY ...] [--models DIR] [--data DIR] [--quick] [--write]

`make eval` runs it. `--models` is the folder of model files, `--data` the evaluation data; by default both are looked
for in ../shared. What data or models are not there for is said, not guessed. Nothing is downloaded. `--quick` takes
every tenth item; `--write` puts the tables into docs/engines.md, each between its marks, and leaves alone those of
families that could not be measured.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from evaluation.families import FAMILIES
from evaluation.figures import Family, Figure
from evaluation.running import Bench, Measured
from evaluation.tables import replaced, table
from marinelayer.engines.assembly import open_engines

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "engines.md"


async def run(families: Sequence[Family], models: Path | None, data: Path, step: int) -> list[Measured]:
    """Every family, one after the other, printed as it is found."""
    engines = open_engines(models, workers=1)
    bench = Bench(engines, data, step)
    found: list[Measured] = []
    try:
        for family in families:
            found.append(await bench.measured(family))
            print(f"## {family.title}\n\n{table(found[-1])}\n", flush=True)
    finally:
        await engines.close()
    return found


def write(found: Sequence[Measured]) -> None:
    """Put the tables that hold figures into the document."""
    tables = [(each.family.name, table(each)) for each in found if any(isinstance(row, Figure) for row in each.rows)]
    DOCUMENT.write_text(replaced(DOCUMENT.read_text("utf-8"), tables), "utf-8")
    print(f"written into {DOCUMENT.relative_to(ROOT)}: {', '.join(name for name, _ in tables) or 'nothing'}")


def main() -> None:
    """The command line."""
    shared = ROOT.parent / "shared"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [family.name for family in FAMILIES]
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(names))
    parser.add_argument("--models", type=Path, default=shared / "models")
    parser.add_argument("--data", type=Path, default=shared / "data" / "engines")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if unknown := set(arguments.families) - set(names):
        parser.error(f"no such family: {', '.join(sorted(unknown))}")
    if arguments.write and arguments.quick:
        parser.error("--write wants every item")
    models = arguments.models if arguments.models.is_dir() else None
    chosen = [family for family in FAMILIES if not arguments.families or family.name in arguments.families]
    found = asyncio.run(run(chosen, models, arguments.data, 10 if arguments.quick else 1))
    if arguments.write:
        write(found)


if __name__ == "__main__":
    main()
