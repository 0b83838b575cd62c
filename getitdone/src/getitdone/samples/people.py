"""Made-up contacts: addresses at example.com (RFC 2606) and numbers 555-0100 to 555-0199, kept for fiction."""

from __future__ import annotations

import csv
import io
import random

NAMES = ("Ada Moreno", "Ben Ortiz", "Chi Nguyen", "Dana Reyes", "Eli Park", "Fay Brooks", "Gus Lindqvist", "Hana Sato")
DEPARTMENTS = ("streets", "trash", "water", "scooters")


def contacts_csv(seed: int) -> bytes:
    """`contacts.csv`: two people a department, their numbers written in the ways that such lists have them."""
    rng = random.Random(f"{seed}/contacts")  # noqa: S311 - samples, not secrets
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["Name", "Email", "Phone", "Department"])
    numbers = rng.sample(range(100, 200), len(NAMES))
    for at, name in enumerate(NAMES):
        line = f"619555{numbers[at]:04}"
        written = (f"+1{line}", f"1{line}.0", f"({line[:3]}) {line[3:6]}-{line[6:]}", f"1{line}")[at % 4]
        address = name.lower().replace(" ", ".") + "@example.com"
        writer.writerow([name, address, written, DEPARTMENTS[at % len(DEPARTMENTS)]])
    return out.getvalue().encode()
