"""What is changed in a text changes the answer accordingly: boto3 against a whole cloud, on the engines that it brings."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

Client = Callable[..., Any]

PRAISE, BLAME = "The new lights are good.", "The new lights are not good."
SPANISH, GERMAN = "Hay basura por todas partes de la calle.", "Es liegt überall Müll auf der Straße."
VALID, BROKEN = "Charge 4111-1111-1111-1111.", "Charge 4111-1111-1111-1112."
PHRASE, LATER = "My street is dark.", "As I said before: my street is dark."


def languages(answer: Mapping[str, Any]) -> str:
    return answer["Languages"][0]["LanguageCode"]


def sentiment(answer: Mapping[str, Any]) -> str:
    return answer["Sentiment"]


def phrases(answer: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(one["Text"].lower(), one["BeginOffset"]) for one in answer["KeyPhrases"]]


def types(answer: Mapping[str, Any]) -> list[str]:
    return [one["Type"] for one in answer["Entities"]]


def names(answer: Mapping[str, Any]) -> list[str]:
    return [one["Name"] for one in answer["Labels"]]


ENGLISH = {"LanguageCode": "en"}
CHANGES = [
    ("detect_dominant_language", {}, languages, (SPANISH, "es"), (GERMAN, "de")),
    ("detect_sentiment", ENGLISH, sentiment, (PRAISE, "POSITIVE"), (BLAME, "NEGATIVE")),
    ("detect_key_phrases", ENGLISH, phrases, (PHRASE, [("my street", 0)]), (LATER, [("my street", 18)])),
    ("detect_pii_entities", ENGLISH, types, (VALID, ["CREDIT_DEBIT_NUMBER"]), (BROKEN, [])),
    ("contains_pii_entities", ENGLISH, names, (VALID, ["CREDIT_DEBIT_NUMBER"]), (BROKEN, [])),
]
"""Operation, what is asked besides the text, what is looked at of the answer; a text and what it is to give; another."""


@pytest.mark.parametrize(("operation", "more", "seen", "one", "other"), CHANGES)
def test_another_text_has_another_answer(
    client: Client, operation: str, more: Mapping[str, str], seen: Any, one: tuple[str, Any], other: tuple[str, Any]
) -> None:
    for text, expected in (one, other):
        assert seen(getattr(client("comprehend"), operation)(Text=text, **more)) == expected


@pytest.mark.parametrize(
    ("operation", "more", "seen", "one", "other"),
    [row for row in CHANGES if row[0] not in {"detect_pii_entities", "contains_pii_entities"}],
)
def test_documents_of_a_batch_that_change_places_change_their_answers(
    client: Client, operation: str, more: Mapping[str, str], seen: Any, one: tuple[str, Any], other: tuple[str, Any]
) -> None:
    ask = getattr(client("comprehend"), f"batch_{operation}")
    for rows in ([one, other], [other, one]):
        answer = ask(TextList=[text for text, _ in rows], **more)
        assert [seen(each) for each in answer["ResultList"]] == [expected for _, expected in rows]


def test_a_language_that_joins_a_text_joins_the_answer(client: Client) -> None:
    detect = client("comprehend").detect_dominant_language
    assert [one["LanguageCode"] for one in detect(Text=SPANISH)["Languages"]] == ["es"]
    both = {one["LanguageCode"]: one["Score"] for one in detect(Text=f"{SPANISH} {GERMAN}")["Languages"]}
    assert set(both) == {"es", "de"}
    more = {one["LanguageCode"]: one["Score"] for one in detect(Text=f"{SPANISH} {GERMAN} {GERMAN}")["Languages"]}
    assert more["de"] > both["de"] > 0.3
