from __future__ import annotations

import pytest
from triaging import ANGRY, NEGATIVE, SCOOTER, month, run, with_team
from twins import MemoryObjects, MemoryTopics, TableReaders, seen

from getitdone.config import Settings
from getitdone.errors import AccessRefused, FinalError, InvalidInput, NotOffered, Throttled
from getitdone.triage.reading import PATIENCE, TextReader
from getitdone.triage.results import LabelResult
from getitdone.triage.rules import Rules


@pytest.fixture
def city(objects: MemoryObjects) -> MemoryObjects:
    return with_team(objects)


def test_a_scooter_in_the_photo_and_a_negative_description_are_dispatched(
    city: MemoryObjects, topics: MemoryTopics
) -> None:
    readers = TableReaders(photos={"a.jpg": seen("Wheel", "Motor Scooter")}, sentiments=NEGATIVE)
    result = run(city, topics, readers, month(("1", "Other", "It is in the way", "a.jpg")), preset="lesson")
    assert result.rules == {"picture": 1}
    assert [(one.topic, one.subject, one.text) for one in topics.told] == [
        (
            "scooter_notifications",
            "Scooter Alert",
            "Please remove scooter at -117.100000, 32.700000. Description: It is in the way",
        )
    ]
    assert topics.asked == [("scooter_notifications", "email", "eli@example.com")]


def test_each_dispatch_says_by_which_rule(city: MemoryObjects, topics: MemoryTopics) -> None:
    readers = TableReaders(photos={"a.jpg": seen("Moped")}, sentiments=NEGATIVE)
    result = run(city, topics, readers, month(("1", SCOOTER, ANGRY, "a.jpg"), ("2", SCOOTER, ANGRY, "")))
    assert result.rules == {"picture": 1, "text": 1}
    assert "picture rule: Moped 90.0 %" in topics.told[0].text
    assert "text rule: the word “scooter”" in topics.told[1].text


@pytest.mark.parametrize(
    ("service", "description", "sentiment", "labels", "rule"),
    [
        (SCOOTER, ANGRY, "NEGATIVE", None, "text"),
        ("shared  mobility device", "BIRDS!", "NEGATIVE", None, "text"),
        (SCOOTER, ANGRY, "NEUTRAL", None, None),
        (SCOOTER, ANGRY, None, None, None),
        (SCOOTER, "It is in the way", "NEGATIVE", None, None),
        (SCOOTER, "slime everywhere", "NEGATIVE", None, None),
        ("Pothole", ANGRY, "NEGATIVE", None, None),
        ("Pothole", "hole", "NEGATIVE", ["motor scooter"], "picture"),
        (SCOOTER, ANGRY, "NEGATIVE", [], None),
        (SCOOTER, ANGRY, "NEGATIVE", ["Bicycle"], None),
        (SCOOTER, ANGRY, "POSITIVE", ["Scooter"], None),
    ],
)
def test_the_rules(
    service: str, description: str, sentiment: str | None, labels: list[str] | None, rule: str | None
) -> None:
    found = None if labels is None else [LabelResult(name=name, confidence=80.0) for name in labels]
    service = " ".join(service.split())
    verdict = Rules(Settings().triage).judge(
        service=service, description=description, sentiment=sentiment, labels=found
    )
    assert (verdict and verdict.rule) == rule


def test_without_an_engine_for_photos_the_text_rule_decides_and_the_gap_is_told(
    city: MemoryObjects, topics: MemoryTopics
) -> None:
    missing = NotOffered("no model", code="NotImplemented", operation="DetectLabels")
    readers = TableReaders(photos={"*": missing}, signs={"*": missing}, sentiments=NEGATIVE)
    result = run(city, topics, readers, month(("1", SCOOTER, ANGRY, "a.jpg"), ("2", SCOOTER, "x", "b.jpg")))
    assert (result.rules, result.photos, result.photos_looked_at) == ({"text": 1}, 2, 0)
    assert {str(gap): count for gap, count in result.gaps.items()} == {
        "labels of a photo: NotImplemented": 2,
        "words in a photo: NotImplemented": 2,
    }


def test_a_missing_photo_is_told_and_leaves_the_text_rule(city: MemoryObjects, topics: MemoryTopics) -> None:
    result = run(city, topics, TableReaders(sentiments=NEGATIVE), month(("1", SCOOTER, ANGRY, "gone.jpg")))
    assert result.rules == {"text": 1}
    assert [str(gap) for gap in result.gaps] == ["a photo: NoSuchKey"]


def test_a_photo_that_can_not_be_asked_for_costs_itself_only(
    city: MemoryObjects, topics: MemoryTopics, monkeypatch: pytest.MonkeyPatch
) -> None:
    def head(bucket: str, key: str) -> None:
        raise FinalError("Your key is too long", code="KeyTooLongError", operation="HeadObject")

    monkeypatch.setattr(city, "head", head)
    result = run(city, topics, TableReaders(sentiments=NEGATIVE), month(("1", SCOOTER, ANGRY, "x" * 2000)))
    assert (result.rules, [str(gap) for gap in result.gaps]) == ({"text": 1}, ["a photo: KeyTooLongError"])


def test_english_is_not_translated_and_another_language_is_before_it_is_scored(
    city: MemoryObjects, topics: MemoryTopics
) -> None:
    readers = TableReaders(
        languages={"hola": ("es", 0.99)},
        translations={"hola": ("hello", "es")},
        sentiments={"hello": ("POSITIVE", 0.9), "good": ("NEUTRAL", 0.9)},
    )
    result = run(city, topics, readers, month(("1", "Other", "good", ""), ("2", "Other", "hola", "")))
    assert sorted(readers.calls) == [
        "language good",
        "language hola",
        "sentiment-en good",
        "sentiment-en hello",
        "translate hola",
    ]
    assert (result.scored, result.translated) == (2, 1)
    assert result.sentiments == {("NEUTRAL", "en"): 1, ("POSITIVE", "es"): 1}


def test_what_can_not_be_translated_is_scored_in_its_own_language_where_that_is_known(
    city: MemoryObjects, topics: MemoryTopics
) -> None:
    pair = NotOffered("no", code="UnsupportedLanguagePairException", operation="TranslateText")
    readers = TableReaders(
        languages={"hola": ("es", 0.99), "kumusta": ("tl", 0.99)},
        translations={"*": pair},
        sentiments={"hola": ("POSITIVE", 0.9)},
    )
    result = run(city, topics, readers, month(("1", "Other", "hola", ""), ("2", "Other", "kumusta", "")))
    assert result.sentiments == {("POSITIVE", "es"): 1, ("(not scored)", "tl"): 1}
    assert sorted(map(str, result.gaps)) == [
        "translation from es: UnsupportedLanguagePairException",
        "translation from tl: UnsupportedLanguagePairException",
    ]
    assert "sentiment-es hola" in readers.calls


def test_a_doubtful_language_is_taken_as_the_settings_say_and_counted(
    city: MemoryObjects, topics: MemoryTopics
) -> None:
    readers = TableReaders(languages={"Lyft": ("da", 0.3)})
    result = run(city, topics, readers, month(("1", "Other", "Lyft", "")))
    assert (result.assumed, result.sentiments) == (1, {("NEUTRAL", "en"): 1})


def test_the_same_text_is_asked_about_once_and_counted_for_each_request(
    city: MemoryObjects, topics: MemoryTopics
) -> None:
    readers = TableReaders()
    result = run(city, topics, readers, month(*((str(number), "Other", "same", "") for number in range(5))))
    assert readers.calls == ["language same", "sentiment-en same"]
    assert (result.scored, result.asked["texts"]) == (5, 1)


def test_a_second_run_asks_nothing_and_sends_nothing(city: MemoryObjects, topics: MemoryTopics) -> None:
    requests = month(("1", SCOOTER, ANGRY, "a.jpg"), ("2", SCOOTER, ANGRY, ""))
    first = TableReaders(photos={"a.jpg": seen("Scooter")}, sentiments=NEGATIVE)
    run(city, topics, first, requests)
    second = TableReaders()
    result = run(city, topics, second, requests)
    assert second.calls == []
    assert (len(topics.told), len(topics.asked)) == (2, 1)
    assert (result.rules, result.dispatched.delivered.earlier) == ({"picture": 1, "text": 1}, ["1", "2"])


def test_a_photo_that_was_replaced_is_looked_at_again(city: MemoryObjects, topics: MemoryTopics) -> None:
    requests = month(("1", SCOOTER, ANGRY, "a.jpg"))
    run(city, topics, TableReaders(), requests)
    city.put("gid-images", "a.jpg", b"another", content_type="image/jpeg")
    again = TableReaders()
    run(city, topics, again, requests)
    assert again.calls == ["labels a.jpg", "words a.jpg"]


def test_what_had_no_answer_is_asked_again_from_where_it_is_missing(city: MemoryObjects, topics: MemoryTopics) -> None:
    slow = Throttled("Rate exceeded", code="ThrottlingException", operation="DetectSentiment")
    requests = month(("1", SCOOTER, ANGRY, ""))
    first = run(city, topics, TableReaders(sentiments={"*": slow}), requests)
    assert [gap.retry for gap in first.gaps] == [True]
    assert not topics.told
    again = TableReaders(sentiments=NEGATIVE)
    run(city, topics, again, requests)
    assert again.calls == [f"sentiment-en {ANGRY}"]
    assert len(topics.told) == 1


def test_on_a_bad_day_nothing_is_assumed(city: MemoryObjects, topics: MemoryTopics) -> None:
    down = Throttled("Rate exceeded", code="ThrottlingException", operation="DetectDominantLanguage")
    readers = TableReaders(languages={"*": down})
    result = run(city, topics, readers, month(("1", SCOOTER, ANGRY, "")))
    assert readers.calls == [f"language {ANGRY}"]
    assert (result.scored, result.assumed) == (0, 0)


def test_a_service_that_keeps_failing_is_left_alone(city: MemoryObjects) -> None:
    down = Throttled("Rate exceeded", code="ThrottlingException", operation="DetectDominantLanguage")
    readers = TableReaders(languages={"*": down})
    reader = TextReader(readers, Settings().triage)
    reads = [reader.read(f"text {number}") for number in range(PATIENCE + 10)]
    assert len(readers.calls) == PATIENCE
    assert all(read.gaps[0].retry for read in reads)


def test_a_refused_service_stops_the_run_and_what_was_learnt_is_kept(city: MemoryObjects, topics: MemoryTopics) -> None:
    refused = AccessRefused("no", code="AccessDeniedException", operation="DetectSentiment")
    rows = [(str(number), "Other", f"text {number}", "") for number in range(20)]
    with pytest.raises(AccessRefused):
        run(city, topics, TableReaders(sentiments={"text 19": refused}), month(*rows))
    again = TableReaders()
    run(city, topics, again, month(*rows))
    assert 2 <= len(again.calls) < 40


def test_a_text_over_the_services_limit_is_cut_at_a_character_and_counted(
    city: MemoryObjects, topics: MemoryTopics
) -> None:
    asked: list[str] = []
    readers = TableReaders()
    readers.sentiment = lambda text, language: (asked.append(text), ("NEUTRAL", 0.9))[1]
    result = run(city, topics, readers, month(("1", "Other", "滑" * 4000, "")))
    assert (asked, result.truncated) == (["滑" * 1666], 1)


def test_a_text_that_the_service_can_not_use_is_told(city: MemoryObjects, topics: MemoryTopics) -> None:
    bad = InvalidInput("Value 'xx' at 'languageCode'", code="ValidationException", operation="DetectSentiment")
    result = run(city, topics, TableReaders(sentiments={"*": bad}), month(("1", "Other", "text", "")))
    assert [str(gap) for gap in result.gaps] == ["sentiment in en: ValidationException"]


def test_only_the_services_of_the_settings_are_read(city: MemoryObjects, topics: MemoryTopics) -> None:
    readers = TableReaders()
    result = run(
        city, topics, readers, month(("1", "Pothole", "hole", ""), ("2", SCOOTER, "x", "")), services=[SCOOTER.lower()]
    )
    assert result.requests == 1
    assert "language hole" not in readers.calls


def test_without_contacts_it_works_and_says_so(objects: MemoryObjects, topics: MemoryTopics) -> None:
    result = run(objects, topics, TableReaders(sentiments=NEGATIVE), month(("1", SCOOTER, ANGRY, "")))
    assert len(topics.told) == 1
    assert "no contacts in gid-contacts/contacts.csv" in result.dispatched.problems[0]
