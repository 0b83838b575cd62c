"""Make the model of letter runs that languages are told by, and write it into the cloud's package.

    pip download --no-deps lingua-language-detector==1.3.5 brotli
    python training/languages.py --models lingua_language_detector-1.3.5-py3-none-any.whl

The wheel (Apache-2.0) holds, for each language, how likely each letter is after up to four others, counted by its
author, Peter M. Stahl, in a million sentences of newspapers (Leipzig Corpora Collection, CC BY 4.0). It holds none of
the texts, and none of what lingua is tested on, which is from other sources; nothing of `../shared/data` is used here.
Of some 20 million runs those are kept that say most: how often a run is met in its language, times what it adds to what
the shorter run inside it says. Needs the cloud's packages and brotli, two minutes and 2 GB; the same wheel gives the
same bytes.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import math
import tomllib
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import brotli
import numpy as np

from marinelayer.engines.language import letter_runs

ROOM = Path(letter_runs.__file__).parent
CODES: list[str] = tomllib.loads((ROOM / "languages.toml").read_text("utf-8"))["codes"]
WRITTEN_FORMS = ("nb", "nn")
"""Norwegian has two columns, and is as likely as the likelier of them."""
SIZES = ("unigrams", "bigrams", "trigrams", "quadrigrams", "fivegrams")
FLOOR, BACKOFF = -14.0, -0.7
LEAST = -12.6
"""Runs that are worth less are left out."""
NEVER = -20.0

BARE = {"vi-bare": "vi"}
"""Languages that are often typed without their accents, which leaves too little of them to be told by: a column more
for each, made of the same counts."""
_LETTERS_WITHOUT_MARKS = str.maketrans("đ", "d")

Entry = tuple[str, int, float]
"""A run, the column and the weight."""


def conditional(wheel: zipfile.ZipFile, language: str, size: str) -> dict[str, float]:
    """The log of how likely the last letter of each run is after the others."""
    name = f"lingua/language-models/{language}/{size}.json.br"
    if name not in wheel.namelist():
        return {}
    likely: dict[str, float] = {}
    model: Mapping[str, str] = json.loads(brotli.decompress(wheel.read(name)))["ngrams"]
    for fraction, runs in model.items():
        above, _, below = fraction.partition("/")
        likely |= dict.fromkeys(runs.split(" "), math.log(int(above) / int(below)))
    return likely


def bare(text: str) -> str:
    """A text without accents."""
    plain = unicodedata.normalize("NFD", text.translate(_LETTERS_WITHOUT_MARKS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def models(wheel: zipfile.ZipFile, language: str) -> Iterator[dict[str, float]]:
    """How likely the last letter of each run is after the others, a table for each length of runs."""
    met: dict[str, float] = {"": 0.0}
    bare_met: dict[str, float] = {"": 1.0}
    for length, size in enumerate(SIZES, 1):
        likely = _of_letters(conditional(wheel, BARE.get(language, language), size), length)
        if language not in BARE:
            yield likely
            continue
        met = {run: log + met.get(run[:-1], NEVER) for run, log in likely.items()}
        shorter, bare_met = bare_met, {}
        for run, log in met.items():
            bare_met[bare(run)] = bare_met.get(bare(run), 0.0) + math.exp(log)
        yield {
            run: min(0.0, math.log(share / shorter[run[:-1]])) for run, share in bare_met.items() if run[:-1] in shorter
        }


def entries(wheel: zipfile.ZipFile, language: str, column: int) -> Iterator[Entry]:
    """The runs of a language that are worth their place."""
    shorter: dict[str, float] = {}
    met: dict[str, float] = {"": 0.0}
    for length, likely in enumerate(models(wheel, language), 1):
        met = {run: log + met.get(run[:-1], NEVER) for run, log in likely.items()}
        for run, log in likely.items():
            weight = log - shorter.get(run[1:], FLOOR) - (BACKOFF if length > 1 else 0.0)
            if met[run] + math.log(abs(weight) or 1e-9) > LEAST:
                yield run, column, weight
        shorter = likely


def _of_letters(likely: Mapping[str, float], length: int) -> dict[str, float]:
    """Those that are of letters and marks alone, as the model reads them."""
    runs = [run for run in likely if len(run) == length]
    points = np.frombuffer("".join(runs).encode("utf-32-le"), np.uint32).reshape(len(runs), length)
    kinds = letter_runs.kinds(points)
    whole = ((kinds == 1) | (length == 1) & (kinds == 2)).all(1)
    return {run: likely[run] for run, good in zip(runs, whole.tolist(), strict=True) if good}


def written(languages: list[str], kept: list[Entry]) -> bytes:
    """The model's file."""
    kept.sort()
    steps = np.round(np.array([weight for *_, weight in kept]) / letter_runs.STEP)
    runs: dict[str, int] = {}
    for run, _, _ in kept:
        runs[run] = runs.get(run, 0) + 1
    file = io.BytesIO()
    np.savez(
        file,
        languages=np.array(languages),
        floor=np.float64(FLOOR),
        backoff=np.float64(BACKOFF),
        runs=np.frombuffer("\n".join(runs).encode(), np.uint8),
        counts=np.fromiter(runs.values(), np.uint8, len(runs)),
        columns=np.array([column for _, column, _ in kept], np.uint8),
        weights=np.clip(steps, -127, 127).astype(np.int8),
    )
    return lzma.compress(file.getvalue(), preset=6)


def main() -> None:
    """Build and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--to", type=Path, default=ROOM / "languages.npz.xz")
    arguments = parser.parse_args()
    with zipfile.ZipFile(arguments.models) as wheel:
        there = {name.split("/")[2] for name in wheel.namelist() if name.startswith("lingua/language-models/")}
        languages = sorted(there & {*CODES, *WRITTEN_FORMS}) + sorted(BARE)
        kept = list(chain.from_iterable(entries(wheel, language, n) for n, language in enumerate(languages)))
    arguments.to.write_bytes(written(languages, kept))
    print(f"{len(languages)} languages, {len(kept)} weights, {arguments.to.stat().st_size} bytes")


if __name__ == "__main__":
    main()
