"""A month of requests: how it is written on the command line, in keys and in titles."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from getitdone.errors import SettingsError

NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_NUMBERS = re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{1,2})")
_NAMED = re.compile(r"(?P<name>[a-z]{3,9})[\s_-]+(?P<year>\d{4})|(?P<year2>\d{4})[\s/_-]+(?P<name2>[a-z]{3,9})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of one year."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= len(NAMES) and 1900 <= self.year <= 9998):
            raise SettingsError(f"there is no month {self.year}-{self.month:02}")

    @property
    def title(self) -> str:
        """`April 2021`."""
        return f"{NAMES[self.month - 1]} {self.year}"

    @property
    def slug(self) -> str:
        """`2021/apr`: where its report lies on the site."""
        return f"{self.year}/{NAMES[self.month - 1][:3].lower()}"

    @property
    def prefix(self) -> str:
        """`2021/04/`: where its daily files lie."""
        return f"{self.year}/{self.month:02}/"

    @property
    def first(self) -> dt.date:
        """Its first day."""
        return dt.date(self.year, self.month, 1)

    @property
    def following(self) -> Month:
        """The month after it."""
        return Month(self.year + 1, 1) if self.month == len(NAMES) else Month(self.year, self.month + 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


def month_of(text: str) -> Month:
    """The month that `2021-04`, `2021/04`, `apr 2021`, `April 2021` or `2021/apr` names.

    Raises:
        SettingsError: it names none.
    """
    written = text.strip().lower()
    if found := _NUMBERS.fullmatch(written):
        return Month(int(found["year"]), int(found["month"]))
    if found := _NAMED.fullmatch(written):
        name, year = found["name"] or found["name2"], found["year"] or found["year2"]
        for number, full in enumerate(NAMES, start=1):
            if full.lower().startswith(name):
                return Month(int(year), number)
    raise SettingsError(f"{text!r} is no month: write it as 2021-04 or as apr 2021")


def months_of(words: Sequence[str]) -> list[Month]:
    """The months that a command line's words name, in their order, each once; a name and its year may be two words.

    Raises:
        SettingsError: a word names no month.
    """
    months: list[Month] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.isalpha() and rest and re.fullmatch(r"\d{4}", rest[0]):
            word = f"{word} {rest.pop(0)}"
        months.append(month_of(word))
    return list(dict.fromkeys(months))
