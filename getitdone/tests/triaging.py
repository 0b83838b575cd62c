"""A small month and its triage on twins, for the tests of triage."""

from __future__ import annotations

import csv
import io
from typing import Any

from twins import MemoryObjects, MemoryTopics, TableReaders

from getitdone.config import Settings
from getitdone.months import Month
from getitdone.requests import MonthOfRequests, read_files
from getitdone.triage.run import Triaged, triage_month

SCOOTER = "Shared Mobility Device"
ANGRY = "The scooter is a terrible hazard"
NEGATIVE = {"*": ("NEGATIVE", 0.97)}


def month(*rows: tuple[str, str, str, str]) -> MonthOfRequests:
    """Requests as (id, service, description, image)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["service_request_id", "date_requested", "service_name", "lat", "lng", "public_description", "image"]
    )
    for identity, service, description, image in rows:
        writer.writerow([identity, "2021-04-01T08:00:00", service, "32.7", "-117.1", description, image])
    return read_files(Month(2021, 4), [("day.csv", out.getvalue().encode())])


def with_team(objects: MemoryObjects) -> MemoryObjects:
    """The buckets, with one contact who fetches scooters, and two photos."""
    objects.put(
        "gid-contacts",
        "contacts.csv",
        b"Name,Email,Phone,Department\nEli,eli@example.com,,scooters\n",
        content_type="text/csv",
    )
    for name in ("a.jpg", "b.jpg"):
        objects.put("gid-images", name, name.encode(), content_type="image/jpeg")
    return objects


def run(
    objects: MemoryObjects, topics: MemoryTopics, readers: TableReaders, requests: MonthOfRequests, **triage: Any
) -> Triaged:
    settings = Settings.model_validate({"triage": triage, "aws": {"threads": 2}})
    return triage_month(settings, objects, topics, readers, requests)
