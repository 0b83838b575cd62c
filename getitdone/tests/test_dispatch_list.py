from __future__ import annotations

import csv
import io

import pytest
from triaging import ANGRY, NEGATIVE, SCOOTER, month, run, with_team
from twins import MemoryObjects, MemoryTopics, TableReaders, seen

from getitdone.additions import SPANISH_ADDED
from getitdone.config import Settings
from getitdone.errors import AccessRefused
from getitdone.months import Month
from getitdone.requests import MonthOfRequests, read_files
from getitdone.triage.dispatch_list import write_dispatch_list
from getitdone.triage.run import Triaged, triage_month
from getitdone.triage.services import Words


@pytest.fixture
def city(objects: MemoryObjects) -> MemoryObjects:
    return with_team(objects)


def test_the_dispatch_list_is_private_and_whole_and_harmless(city: MemoryObjects, topics: MemoryTopics) -> None:
    evil = '=HYPERLINK("http://x","scooter") <script>alert(1)</script>'
    requests = month(("1", SCOOTER, evil, "a.jpg"), ("2", SCOOTER, "No me gusta el scooter", ""))
    readers = TableReaders(
        languages={"No me gusta el scooter": ("es", 0.99)},
        photos={"a.jpg": seen("Moped")},
        signs={"a.jpg": Words(lines=("NO PARKING",), model="t-1")},
        sentiments=NEGATIVE,
    )
    settings = Settings()
    triaged = triage_month(settings, city, topics, readers, requests)
    listed = write_dispatch_list(settings, city, requests, triaged)
    assert listed.link == "http://cloud.test/gid-requests/dispatches/2021/apr.html?signed=86400"
    rows = list(csv.DictReader(io.StringIO(city.text("gid-requests", "dispatches/2021/apr.csv"))))
    assert [(row["rule"], row["state"], row["words_in_photo"]) for row in rows] == [
        ("picture", "sent", "NO PARKING"),
        ("text", "sent", ""),
    ]
    assert rows[0]["public_description"].startswith("'=HYPERLINK")
    assert rows[1]["in_english"] == "[es] No me gusta el scooter"
    page = city.text("gid-requests", "dispatches/2021/apr.html")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert 'lang="es"' in page
    assert city.types["gid-requests", "dispatches/2021/apr.html"] == "text/html; charset=utf-8"
    assert not any(bucket == "gid-reports" for bucket, _ in city.stored)


def listed(objects: MemoryObjects, requests: MonthOfRequests, triaged: Triaged) -> list[dict[str, str]]:
    write_dispatch_list(Settings(), objects, requests, triaged)
    return list(csv.DictReader(io.StringIO(objects.text("gid-requests", "dispatches/2021/apr.csv"))))


def test_what_was_sent_under_other_settings_stays_on_the_list(city: MemoryObjects, topics: MemoryTopics) -> None:
    requests = month(("1", SCOOTER, ANGRY, ""), ("2", SCOOTER, "A terrible moped", ""))
    run(city, topics, TableReaders(sentiments=NEGATIVE), requests)
    result = run(city, topics, TableReaders(), requests, text_words=["moped"])
    assert (result.rules, len(topics.told)) == ({"text": 1}, 2)
    rows = listed(city, requests, result)
    assert [(row["service_request_id"], row["rule"], row["found"], row["state"]) for row in rows] == [
        ("2", "text", "the word “moped”", "sent"),
        ("1", "earlier", "text rule: the word “scooter”", "sent"),
    ]
    assert (rows[1]["public_description"], bool(rows[1]["sent_at"])) == (ANGRY, True)
    page = city.text("gid-requests", "dispatches/2021/apr.html")
    assert "sent earlier" in page
    assert "text rule: the word “scooter”" in page
    back = run(city, topics, TableReaders(), requests)
    assert ({row["rule"] for row in listed(city, requests, back)}, len(topics.told)) == ({"text"}, 2)


def test_what_was_sent_stays_on_the_list_when_its_service_is_not_read_or_its_request_is_gone(
    city: MemoryObjects, topics: MemoryTopics
) -> None:
    requests = month(("1", SCOOTER, ANGRY, ""), ("2", SCOOTER, ANGRY, ""))
    run(city, topics, TableReaders(sentiments=NEGATIVE), requests)
    left = month(("1", SCOOTER, ANGRY, ""), ("3", "Pothole", "hole", ""))
    rows = listed(city, left, run(city, topics, TableReaders(), left, services=["Pothole"]))
    assert [(row["service_request_id"], row["rule"], row["public_description"]) for row in rows] == [
        ("1", "earlier", ANGRY),
        ("2", "earlier", ""),
    ]
    assert "files any more" in city.text("gid-requests", "dispatches/2021/apr.html")


def test_what_sns_refused_is_not_called_sent(city: MemoryObjects, topics: MemoryTopics) -> None:
    requests = month(("1", SCOOTER, ANGRY, ""))
    topics.fails = [AccessRefused("no", code="AuthorizationError", operation="Publish")]
    run(city, topics, TableReaders(sentiments=NEGATIVE), requests)
    assert listed(city, requests, run(city, topics, TableReaders(), requests, text_words=["moped"])) == []


def test_the_list_says_what_of_a_dispatch_was_added(city: MemoryObjects, topics: MemoryTopics) -> None:
    text = "Los patinetes bloquean la acera"
    head = "service_request_id,date_requested,service_name,public_description,generated\n"
    line = f"1,2021-04-01T08:00:00,{SCOOTER},{text},{SPANISH_ADDED}\n"
    requests = read_files(Month(2021, 4), [("day.csv", (head + line).encode())])
    readers = TableReaders(
        languages={text: ("es", 0.99)},
        translations={text: ("The scooters block the footpath", "es")},
        sentiments=NEGATIVE,
    )
    result = run(city, topics, readers, requests)
    assert (result.made_up, result.translated, result.rules) == (1, 1, {"text": 1})
    (row,) = listed(city, requests, result)
    assert (row["generated"], row["in_english"]) == (SPANISH_ADDED, "The scooters block the footpath")
    assert f"Not real: {SPANISH_ADDED}" in city.text("gid-requests", "dispatches/2021/apr.html")
