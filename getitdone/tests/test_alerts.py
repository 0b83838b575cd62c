from __future__ import annotations

import pytest
from twins import MemoryObjects, MemoryTopics

from getitdone.alerts.send import AlertsSent, send_alerts
from getitdone.alerts.thresholds import plan
from getitdone.config import AlertRule, Settings
from getitdone.errors import AccessRefused, DataError
from getitdone.months import Month

APRIL = Month(2021, 4)
CONTACTS = b"""Name,Email,Phone,Department
Ada,ada@example.com,13125550101.0,streets
Ben,ben@example.com,13125550102,trash
Chi,chi@example.com,,water
Dan,dan@example.com,13125550104,parks
Eli,eli@example.com,13125550105,scooters
"""
WATER = AlertRule(department="water", services=("Flood", "Drain"), what="water", over={"critical": 100, "extreme": 300})


@pytest.fixture
def city(objects: MemoryObjects) -> MemoryObjects:
    objects.put("gid-contacts", "contacts.csv", CONTACTS, content_type="text/csv")
    return objects


def report(objects: MemoryObjects, **counts: int) -> None:
    lines = ["service_name,count", *(f"{name.replace('_', ' ')},{count}" for name, count in counts.items())]
    objects.put("gid-reports", "2021/apr/final_report.csv", "\n".join(lines).encode(), content_type="text/csv")


def send(objects: MemoryObjects, topics: MemoryTopics, settings: Settings | None = None) -> AlertsSent:
    return send_alerts(settings or Settings(), objects, topics, APRIL)


def told(topics: MemoryTopics) -> list[str]:
    return [one.topic for one in topics.told]


@pytest.mark.parametrize(
    ("count", "highest", "every"),
    [
        (100, [], []),
        (101, ["critical"], ["critical"]),
        (300, ["critical"], ["critical"]),
        (320, ["extreme"], ["critical", "extreme"]),
    ],
)
def test_a_level_is_reached_when_its_threshold_is_exceeded(count: int, highest: list[str], every: list[str]) -> None:
    counts = {"Flood": count - 1, "Drain": 1, "Other": 1000}
    levels = ["critical", "extreme"]
    assert [one.level for one in plan([WATER], levels, counts, mode="highest").send] == highest
    assert [one.level for one in plan([WATER], levels, counts, mode="all").send] == every


def test_the_lessons_thresholds_tell_streets_of_potholes_and_trash_of_dumping(
    city: MemoryObjects, topics: MemoryTopics
) -> None:
    report(city, Pothole=101, Illegal_Dumping=31, Graffiti=5000)
    sent = send(city, topics)
    assert told(topics) == ["streets_critical", "trash_critical"]
    assert sent.by_channel == {"email": 2}
    assert topics.told[0].subject == "critical: 101 requests for potholes in April 2021"


def test_at_the_thresholds_themselves_nobody_is_told(city: MemoryObjects, topics: MemoryTopics) -> None:
    report(city, Pothole=100, Illegal_Dumping=30)
    assert not send(city, topics).delivered.sent


def test_only_the_highest_level_newly_reached_is_told(city: MemoryObjects, topics: MemoryTopics) -> None:
    report(city, Pothole=320)
    sent = send(city, topics)
    assert told(topics) == ["streets_extreme"]
    assert (sent.by_channel, sent.covered) == ({"sms": 1}, 1)
    report(city, Pothole=150)
    send(city, topics)
    assert told(topics) == ["streets_extreme"], "who was told of 320 is not told of 150 when lines are corrected"


def test_a_month_that_grows_is_told_level_by_level(city: MemoryObjects, topics: MemoryTopics) -> None:
    for count in (50, 150, 160, 320, 330):
        report(city, Pothole=count)
        send(city, topics)
    assert told(topics) == ["streets_critical", "streets_extreme"]


def test_every_level_is_told_the_lessons_way(city: MemoryObjects, topics: MemoryTopics) -> None:
    lesson = Settings.model_validate({"alerts": {"levels": "all", "preset": "lesson"}})
    report(city, Street_Flooded=320)
    send(city, topics, lesson)
    send(city, topics, lesson)
    assert [(one.topic, one.subject, one.text) for one in topics.told] == [
        ("water_critical", "Help fix water violations NOW!", "320 water issues"),
        ("water_extreme", "THIS IS BAD.  WE ARE FLOODING!", "320 violations! RUN!"),
    ]


def test_a_second_run_subscribes_nobody_and_tells_nobody(city: MemoryObjects, topics: MemoryTopics) -> None:
    report(city, Pothole=101)
    send(city, topics)
    asked = list(topics.asked)
    again = send(city, topics)
    assert (topics.asked, told(topics)) == (asked, ["streets_critical"])
    assert again.delivered.earlier == ["streets/critical"]


def test_the_next_month_is_told_anew(city: MemoryObjects, topics: MemoryTopics) -> None:
    report(city, Pothole=101)
    send(city, topics)
    city.put("gid-reports", "2021/may/final_report.csv", b"service_name,count\nPothole,101\n", content_type="text/csv")
    send_alerts(Settings(), city, topics, Month(2021, 5))
    assert told(topics) == ["streets_critical", "streets_critical"]


def test_mail_goes_to_critical_and_sms_to_extreme(city: MemoryObjects, topics: MemoryTopics) -> None:
    report(city)
    sent = send(city, topics)
    assert set(topics.asked) == {
        ("streets_critical", "email", "ada@example.com"),
        ("streets_extreme", "sms", "+13125550101"),
        ("trash_critical", "email", "ben@example.com"),
        ("trash_extreme", "sms", "+13125550102"),
        ("water_critical", "email", "chi@example.com"),
    }
    assert sent.problems == ["no alert rule is for the department 'parks' of the contacts"]


def test_a_refused_alert_is_tried_again_and_covers_nothing(city: MemoryObjects, topics: MemoryTopics) -> None:
    report(city, Pothole=320)
    topics.fails = [AccessRefused("no", code="AuthorizationError", operation="Publish")]
    first = send(city, topics)
    assert (first.covered, list(first.delivered.failed)) == (0, ["streets/extreme"])
    assert send(city, topics).delivered.sent == ["streets/extreme"]


def test_without_a_report_or_contacts_it_says_what_to_do(objects: MemoryObjects, topics: MemoryTopics) -> None:
    with pytest.raises(DataError, match="getitdone load"):
        send(objects, topics)
    objects.put("gid-contacts", "contacts.csv", CONTACTS, content_type="text/csv")
    with pytest.raises(DataError, match="getitdone report 2021-04"):
        send(objects, topics)
