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
