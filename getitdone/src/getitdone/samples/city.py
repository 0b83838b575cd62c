"""A month of a made-up city, from a seed: the same seed writes the same files.

On purpose among them: lines that can not be read, requests that come twice, and corrections that come a day late.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from getitdone.months import Month
from getitdone.samples.texts import OTHER_LANGUAGES, SCOOTERS, SERVICES, SHARES, Service

Schema = Literal["22", "23", "both"]

COLUMNS_22 = (
    "service_request_id",
    "service_request_parent_id",
    "sap_notification_number",
    "date_requested",
    "case_age_days",
    "service_name",
    "case_record_type",
    "date_closed",
    "status",
    "lat",
    "lng",
    "street_address",
    "zipcode",
    "council_district",
    "comm_plan_code",
    "comm_plan_name",
    "park_name",
    "case_origin",
    "referred",
    "public_description",
    "iamfloc",
    "floc",
)
COLUMNS_23 = (*COLUMNS_22[:6], "service_name_detail", *COLUMNS_22[6:])
ADDED = ("image", "generated")
"""Columns that the city's files do not have: a photo's key, and what else of the line was generated specially."""

PLACES: tuple[tuple[str, float, float], ...] = (
    ("Downtown", 32.7157, -117.1611),
    ("Pacific Beach", 32.7978, -117.2403),
    ("North Park", 32.7407, -117.1300),
    ("City Heights", 32.7497, -117.1010),
    ("Mission Beach", 32.7700, -117.2525),
    ("Uptown", 32.7500, -117.1720),
    ("Barrio Logan", 32.6975, -117.1420),
    ("Clairemont Mesa", 32.8200, -117.1800),
)
STREETS = ("Ash St", "Birch Ave", "Cedar St", "Dune Rd", "Elm St", "Fern Way", "Garnet Ave", "Harbor Dr", "Juniper St")


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """The month: files by key (`2021/04/2021-04-01.csv`), and which photo (kind and seed) each image key shows."""

    files: Mapping[str, bytes]
    photos: Mapping[str, tuple[str, int]]
    rows: int
    broken: int
    duplicates: int
    corrections: int


@dataclass(slots=True)
class _Day:
    date: dt.date
    columns: Sequence[str]
    lines: list[str]


class _Writer:
    """Makes the requests of one city, one after the other."""

    def __init__(self, month: Month, seed: int) -> None:
        self.rng = random.Random(f"{seed}/{month}")  # noqa: S311 - samples, not secrets
        self.number = 9_000_000 + self.rng.randrange(1, 90) * 10_000
        self.photos: dict[str, tuple[str, int]] = {}
        self.month = month

    def request(self, day: dt.date) -> dict[str, str]:
        """One request of the day, as the city's columns have it, the time as a `datetime.isoformat`."""
        rng = self.rng
        self.number += rng.randrange(1, 4)
        service = rng.choices(SERVICES, [one.weight for one in SERVICES])[0]
        text, language = self._text(service)
        place, lat, long = rng.choice(PLACES)
        located = rng.random() > 0.02
        closed = rng.random() < 0.5
        when = dt.datetime.combine(day, dt.time(rng.choices(range(24), _HOURS)[0], rng.randrange(60)))
        row: dict[str, str] = dict.fromkeys((*COLUMNS_23, *ADDED), "")
        row |= {
            "service_request_id": str(self.number),
            "date_requested": when.isoformat(),
            "case_age_days": str(rng.randrange(1, 30)),
            "service_name": service.name,
            "service_name_detail": service.name.strip(),
            "case_record_type": service.record_type,
            "date_closed": (day + dt.timedelta(days=rng.randrange(5))).isoformat() if closed else "",
            "status": "Closed" if closed else rng.choice(("New", "In Process", "Referred")),
            "lat": f"{lat + rng.gauss(0, 0.006):.7f}" if located else "",
            "lng": f"{long + rng.gauss(0, 0.006):.7f}" if located else "",
            "street_address": f"{rng.randrange(100, 9999)} {rng.choice(STREETS)}" if rng.random() < 0.4 else "",
            "council_district": str(rng.randrange(1, 10)),
            "comm_plan_name": place,
            "case_origin": rng.choices(("Mobile", "Web", "Phone"), (70, 22, 8))[0],
            "public_description": text,
            "generated": f"text in {language}" if language != "en" else "",
        }
        self._add_photo(row, service)
        return row

    def _text(self, service: Service) -> tuple[str, str]:
        if self.rng.random() < 0.14:
            return "", "en"
        draw = self.rng.random()
        for language, share in SHARES.items():
            texts = OTHER_LANGUAGES[language].get(service.name)
            if texts and draw < share:
                return self.rng.choice(texts), language
            draw -= share
        return self.rng.choice(service.texts), "en"

    def _add_photo(self, row: dict[str, str], service: Service) -> None:
        if not service.photo or self.rng.random() > (0.25 if service.name == SCOOTERS else 0.1):
            return
        kind = service.photo
        if kind == "motor-scooter" and self.rng.random() < 0.4:
            kind = "kick-scooter"
        key = f"{self.month.prefix}{row['service_request_id']}.jpg"
        # A few drawings serve all: every photo is still an object of its own.
        self.photos[key] = (kind, self.rng.randrange(8))
        row["image"] = key
        row["generated"] = "; ".join(filter(None, (row["generated"], f"photo drawn: {kind}")))


_HOURS = (1, 1, 1, 1, 1, 2, 5, 9, 11, 10, 9, 8, 8, 8, 8, 8, 8, 8, 7, 6, 5, 4, 3, 2)


def make_city(month: Month, *, seed: int, schema: Schema = "both", days: int = 0, per_day: int = 60) -> City:
    """A month's daily files. `schema` `both` writes the first half of the days with 22 columns and the rest with 23,
    as if the city had changed its export; `days` 0 means the whole month.

    Raises:
        SettingsError: there is no such month.
    """
    writer = _Writer(month, seed)
    rng = writer.rng
    length = calendar.monthrange(month.year, month.month)[1]
    count = min(days or length, length)
    written: list[_Day] = []
    rows = broken = duplicates = corrections = 0
    late: list[dict[str, str]] = []
    for number in range(1, count + 1):
        date = dt.date(month.year, month.month, number)
        wide = schema == "23" or (schema == "both" and number > count // 2)
        day = _Day(date=date, columns=(*(COLUMNS_23 if wide else COLUMNS_22), *ADDED), lines=[])
        fresh = [writer.request(date) for _ in range(round(per_day * rng.uniform(0.8, 1.2)))]
        fresh.sort(key=lambda row: row["date_requested"])
        for row in (*fresh, *late):
            day.lines.append(_line(row, day.columns, wide=wide))
        rows += len(fresh)
        corrections += len(late)
        late = [_corrected(row, rng) for row in fresh if rng.random() < 0.01]
        if rng.random() < 0.25:
            day.lines.append(_line(rng.choice(fresh), day.columns, wide=wide))
            duplicates += 1
        bad = list(_broken(fresh, day.columns, rng, wide=wide)) if number % 9 == 3 else []
        for line in bad:
            day.lines.insert(rng.randrange(len(day.lines) + 1), line)
        broken += len(bad)
        written.append(day)
    files = {
        f"{month.prefix}{day.date}.csv": (_row(day.columns) + "".join(day.lines)).encode("utf-8", "surrogateescape")
        for day in written
    }
    return City(
        files=files,
        photos=writer.photos,
        rows=rows,
        broken=broken,
        duplicates=duplicates,
        corrections=corrections,
    )


def _line(row: Mapping[str, str], columns: Sequence[str], *, wide: bool) -> str:
    values = dict(row)
    if wide:
        # The newer export writes its times with a blank and milliseconds.
        values["date_requested"] = values["date_requested"].replace("T", " ") + ".000"
    return _row([values[column] for column in columns])


def _row(values: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()


def _corrected(row: Mapping[str, str], rng: random.Random) -> dict[str, str]:
    """The request as a later file has it: filed under another service, or closed."""
    service = rng.choice([one.name for one in SERVICES if one.name]) if rng.random() < 0.5 else row["service_name"]
    return {**row, "service_name": service, "service_name_detail": service.strip(), "status": "Closed"}


def _broken(
    rows: Sequence[Mapping[str, str]], columns: Sequence[str], rng: random.Random, *, wide: bool
) -> Iterator[str]:
    """Lines as bad exports have them: cut off, without a number, without a time, with a stray quote, in Latin-1."""
    whole = _line(rng.choice(rows), columns, wide=wide)
    yield whole.split(",")[0] + ",,\n"
    yield "," + whole.partition(",")[2]
    yield _line({**rng.choice(rows), "date_requested": "yesterday", "service_request_id": "1"}, columns, wide=False)
    yield '9000001,,"a quote that never ends\n'
    yield "9000002," + "," * (len(columns) - 4) + "caf\udce9,\n"
