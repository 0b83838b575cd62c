"""What stops one step or month, and what it does not stop."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twins import MemoryObjects, MemoryTopics, TableReaders

from getitdone import steps
from getitdone.config import AwsSettings, Settings
from getitdone.errors import Unreachable
from getitdone.months import Month
from getitdone.workshop import Workshop

MARCH, APRIL = Month(2021, 3), Month(2021, 4)
HEADER = "service_request_id,date_requested,service_name,public_description\n"


@pytest.fixture
def shop(objects: MemoryObjects, topics: MemoryTopics, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A workshop on twins, with one request in April and no contacts."""
    line = "1,2021-04-01T08:00:00,Shared Mobility Device,The scooter is a terrible hazard\n"
    objects.put("gid-requests", "2021/04/2021-04-01.csv", (HEADER + line).encode(), content_type="text/csv")
    made = Workshop(Settings(aws=AwsSettings(threads=1)), as_json=True)
    made.objects, made.topics = objects, topics
    readers = TableReaders(sentiments={"*": ("NEGATIVE", 0.9)})
    monkeypatch.setattr(steps, "AwsReaders", lambda *_args, **_more: readers)
    return made


def finish(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any], str]:
    with pytest.raises(SystemExit) as ended:
        shop.finish()
    out, err = capsys.readouterr()
    return int(str(ended.value.code)), json.loads(out), err


def test_without_contacts_the_report_and_the_triage_are_done_all_the_same(
    shop: Workshop, topics: MemoryTopics, capsys: pytest.CaptureFixture[str]
) -> None:
    steps.take(shop, [APRIL], steps.report, steps.alert, steps.triage)
    code, summary, errors = finish(shop, capsys)
    done = summary["months"]["2021-04"]
    assert ("report" in done, "alerts" in done, done["triage"]["sent"]) == (True, False, 1)
    assert (code, summary["exit"]) == (1, 1)
    assert errors.startswith("getitdone: 2021-04: there are no contacts in gid-contacts/contacts.csv")
    assert [one.topic for one in topics.told] == ["scooter_notifications"]


def test_with_a_list_of_contacts_that_is_empty_nothing_fails(
    shop: Workshop, objects: MemoryObjects, topics: MemoryTopics, capsys: pytest.CaptureFixture[str]
) -> None:
    objects.put("gid-contacts", "contacts.csv", b"Name,Email,Phone,Department\n", content_type="text/csv")
    steps.take(shop, [APRIL], steps.report, steps.alert, steps.triage)
    code, summary, errors = finish(shop, capsys)
    assert (code, errors, topics.asked) == (0, "", [])
    assert summary["months"]["2021-04"]["alerts"]["sent"] == 0


def test_a_month_without_requests_stops_no_other(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    steps.take(shop, [MARCH, APRIL], steps.report, steps.triage)
    code, summary, errors = finish(shop, capsys)
    assert errors == "getitdone: 2021-03: there are no requests of March 2021 in gid-requests/2021/03/\n"
    assert (code, list(summary["months"])) == (1, ["2021-04"])


def test_when_the_cloud_goes_away_what_was_done_is_told_and_nothing_more_is_tried(
    shop: Workshop, topics: MemoryTopics, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(name: str) -> str:
        raise Unreachable("Could not connect")

    monkeypatch.setattr(topics, "ensure", away)
    steps.take(shop, [APRIL, MARCH], steps.report, steps.triage)
    code, summary, errors = finish(shop, capsys)
    assert errors == "getitdone: 2021-04: Could not connect\n"
    assert (code, summary["stopped"]) == (75, ["2021-04: Could not connect"])
    assert len(summary["months"]["2021-04"]["report"]["published"]) == 3
