"""The lesson's calls of Comprehend, with boto3, on the engines that the packages bring."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]


def test_the_dominant_language_of_the_lesson(client: Client) -> None:
    answer = client("comprehend").detect_dominant_language(
        Text="Hay basura por todas partes a lo largo de la carretera."
    )
    assert answer["Languages"][0]["LanguageCode"] == "es"
    assert answer["Languages"][0]["Score"] > 0.9


def test_the_sentiment_of_the_lesson(client: Client) -> None:
    comprehend = client("comprehend")
    assert comprehend.detect_sentiment(Text="Maksim is amazing.", LanguageCode="en")["Sentiment"] == "POSITIVE"
    answer = comprehend.detect_sentiment(Text="This is a terrible, ugly mess.", LanguageCode="en")
    assert answer["Sentiment"] == "NEGATIVE"
    assert sum(answer["SentimentScore"].values()) == pytest.approx(1)


def test_a_language_outside_the_model_and_one_without_an_engine(client: Client) -> None:
    comprehend = client("comprehend")
    with pytest.raises(ClientError) as refused:
        comprehend.detect_sentiment(Text="Halló", LanguageCode="is")
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert "enum value set" in refused.value.response["Error"]["Message"]
    with pytest.raises(comprehend.exceptions.UnsupportedLanguageException, match="translate first"):
        comprehend.detect_sentiment(Text="素晴らしい", LanguageCode="ja")


def test_batches_have_places_and_errors(client: Client) -> None:
    comprehend = client("comprehend")
    texts = ["Maksim is amazing.", "x" * 5_001, "This is a terrible, ugly mess."]
    answer = comprehend.batch_detect_sentiment(TextList=texts, LanguageCode="en")
    assert [(each["Index"], each["Sentiment"]) for each in answer["ResultList"]] == [(0, "POSITIVE"), (2, "NEGATIVE")]
    assert [(each["Index"], each["ErrorCode"]) for each in answer["ErrorList"]] == [(1, "TEXT_SIZE_LIMIT_EXCEEDED")]
    texts = ["There is trash everywhere.", "Hay basura por todas partes.", "Il y a des ordures partout."]
    answer = comprehend.batch_detect_dominant_language(TextList=texts)
    assert [each["Languages"][0]["LanguageCode"] for each in answer["ResultList"]] == ["en", "es", "fr"]
    answer = comprehend.batch_detect_key_phrases(TextList=["The pothole is huge.", "My street"], LanguageCode="en")
    assert [[one["Text"] for one in each["KeyPhrases"]] for each in answer["ResultList"]] == [
        ["The pothole"],
        ["My street"],
    ]
    with pytest.raises(comprehend.exceptions.BatchSizeLimitExceededException, match="limit of 25"):
        comprehend.batch_detect_sentiment(TextList=["x"] * 26, LanguageCode="en")


def test_what_identifies_people_is_found_at_its_code_points(client: Client) -> None:
    comprehend = client("comprehend")
    text = "🚲 My name is Mary Major, paid by 4111-1111-1111-1111, write to mary@example.com."
    found = comprehend.detect_pii_entities(Text=text, LanguageCode="en")["Entities"]
    assert [(each["Type"], text[each["BeginOffset"] : each["EndOffset"]]) for each in found] == [
        ("NAME", "Mary Major"),
        ("CREDIT_DEBIT_NUMBER", "4111-1111-1111-1111"),
        ("EMAIL", "mary@example.com"),
    ]
    labels = comprehend.contains_pii_entities(Text=text, LanguageCode="en")["Labels"]
    assert [each["Name"] for each in labels] == ["CREDIT_DEBIT_NUMBER", "EMAIL", "NAME"]
    broken = text.replace("4111-1111-1111-1111", "4111-1111-1111-1112")
    names = [each["Name"] for each in comprehend.contains_pii_entities(Text=broken, LanguageCode="en")["Labels"]]
    assert names == ["EMAIL", "NAME"]
    with pytest.raises(comprehend.exceptions.UnsupportedLanguageException, match="en, es"):
        comprehend.detect_pii_entities(Text=text, LanguageCode="fr")


def test_key_phrases_are_pieces_of_the_text(client: Client) -> None:
    text = "The huge pothole on Oak Street popped my front tire. 🚲"
    found = client("comprehend").detect_key_phrases(Text=text, LanguageCode="en")["KeyPhrases"]
    assert [each["Text"] for each in found] == ["The huge pothole", "Oak Street", "my front tire"]
    assert all(text[each["BeginOffset"] : each["EndOffset"]] == each["Text"] for each in found)


@pytest.mark.parametrize("operation", ["detect_entities", "detect_syntax", "detect_targeted_sentiment"])
def test_what_needs_a_model_names_it(client: Client, operation: str) -> None:
    comprehend = client("comprehend")
    with pytest.raises(comprehend.exceptions.UnsupportedLanguageException, match="spaCy-en-core-web-sm"):
        getattr(comprehend, operation)(Text="Maksim lives in San Diego.", LanguageCode="en")
