from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getitdone.config import Settings
from getitdone.messages import alert_message, dispatch_message, marked_repeated
from getitdone.topics import cut, message_text, subject_line

FIELDS = {
    "count": "320",
    "department": "water",
    "what": "x",
    "level": "l",
    "threshold": "1",
    "month": "m",
    "report": "r",
}


def settings(preset: str) -> Settings:
    return Settings.model_validate({"alerts": {"preset": preset}, "triage": {"preset": preset}})


def test_the_lessons_texts_are_word_for_word() -> None:
    lesson = settings("lesson")
    critical, extreme = (alert_message(lesson.alerts, level, FIELDS) for level in ("critical", "extreme"))
    assert (critical.subject, critical.text) == ("Help fix water violations NOW!", "320 water issues")
    assert (extreme.subject, extreme.text) == ("THIS IS BAD.  WE ARE FLOODING!", "320 violations! RUN!")
    dispatch = dispatch_message(lesson.triage, {"long": "-117.1", "lat": "32.7", "description": "Move it"})
    assert (dispatch.subject, dispatch.text) == (
        "Scooter Alert",
        "Please remove scooter at -117.1, 32.7. Description: Move it",
    )
    assert subject_line(extreme.subject) == "THIS IS BAD.  WE ARE FLOODING!"


def test_own_texts_replace_the_presets() -> None:
    own = Settings.model_validate({"alerts": {"messages": {"critical": {"subject": "{count}!", "text": "{what}"}}}})
    assert alert_message(own.alerts, "critical", FIELDS).subject == "320!"


def test_braces_in_a_description_are_text() -> None:
    fields = dict.fromkeys(("long", "lat", "service", "request", "date", "address", "rule", "found"), "-")
    assert "{oops} {0}" in dispatch_message(settings("plain").triage, {**fields, "description": "{oops} {0}"}).text


def test_a_repetition_says_so() -> None:
    message = marked_repeated(alert_message(settings("plain").alerts, "critical", FIELDS))
    assert "may be a repetition" in message.text


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\nb\r\n", "a b"), ("Über 100 Löcher", "Uber 100 Locher"), ("滑板车", "Alert"), ("x" * 200, "x" * 99)],
)
def test_subjects_are_one_line_of_ascii_under_100_characters(text: str, line: str) -> None:
    assert subject_line(text) == line


@given(st.text())
def test_any_text_makes_a_subject_and_a_message_that_sns_takes(text: str) -> None:
    line = subject_line(text)
    assert 1 <= len(line) < 100
    assert line.isascii()
    assert line.isprintable()
    assert message_text(text)


@given(st.text(alphabet=st.sampled_from("aé滑\U0001f6f4"), max_size=40), st.integers(0, 60))
def test_a_text_is_cut_between_characters(text: str, limit: int) -> None:
    part = cut(text, limit)
    assert text.startswith(part)
    assert len(part.encode()) <= limit
    assert part == text or len(part.encode()) > limit - 4
