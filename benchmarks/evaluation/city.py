"""San Diego's requests of residents, and a rule that tells the streets in them.

Data: `get_it_done_2021_requests_datasd.csv`, beside the folder of evaluation data.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

NAME = "get_it_done_2021_requests_datasd.csv"
LEAST_OF_A_LABEL = 20

_SUFFIX = (
    "St|Street|Ave|Avenue|Blvd|Boulevard|Dr|Drive|Rd|Road|Way|Ct|Court|Ln|Lane|Pl|Place|Pkwy|Parkway|Ter|Terrace|Cir"
)
_WORD = r"(?:[A-Z][a-z]+|\d+(?:st|nd|rd|th))"
_STREET = re.compile(rf"\b(?:(?:[NSEW]|North|South|East|West)\.? )?{_WORD}(?: {_WORD}){{0,2}} (?:{_SUFFIX})\b")
_NO_NAME = re.compile(
    r"(?:The|This|That|On|In|At|Of|My|Our|Your|Please|Corner|Between|Near|From|And|Along|Off|Across|Behind|Front) "
)

Labelled = tuple[str, str]
"""A label and the text that has it."""


class Street(NamedTuple):
    """A street in a text: its first letter, and that after its last."""

    begin: int
    end: int


Placed = tuple[str, list[Street]]
"""A text and the streets in it."""


def descriptions(folder: Path) -> list[Labelled]:
    """What residents asked for, with the service that it is about; each text once."""
    with (folder / NAME).open(encoding="utf-8", newline="") as file:
        rows = [(row["service_name"], row["public_description"].strip()) for row in csv.DictReader(file)]
    first = {text: label for label, text in reversed(rows) if text and label}
    return [(label, text) for text, label in first.items()]


def with_frequent_labels(rows: Sequence[Labelled]) -> list[Labelled]:
    """Those whose label enough others have."""
    counts = Counter(label for label, _ in rows)
    return [row for row in rows if counts[row[0]] >= LEAST_OF_A_LABEL]


def streets(text: str) -> list[Street]:
    """The streets that the rule finds: words with capitals, or numbers, before a word for a street."""
    found: list[Street] = []
    for match in _STREET.finditer(text):
        begin, end = match.span()
        while word := _NO_NAME.match(text, begin, end):
            begin = word.end()
        if " " in text[begin:end]:
            found.append(Street(begin, end))
    return found
