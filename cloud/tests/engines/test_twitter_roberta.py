"""Sentiment by Cardiff's RoBERTa where it is installed: a tiny model of the catalogue's form, and boto3 through a cloud."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from marinelayer.engines.language.sentiments import ROBERTA
from marinelayer.engines.language.twitter_roberta import MOST_PIECES, TwitterRoberta, masked
from marinelayer.testing import LocalCloud

from .nearby import cloud_with
from .tiny_roberta import MERGES, VOCABULARY, tiny_roberta


@pytest.fixture(scope="module")
def roberta() -> TwitterRoberta:
    return TwitterRoberta(tiny_roberta(), VOCABULARY, MERGES)


def test_shares_follow_the_words(roberta: TwitterRoberta) -> None:
    good, awful, neither = [roberta.shares(text) for text in ("good", "awful", "it is")]
    assert good[2] > 0.8
    assert awful[0] > 0.8
    assert neither[1] > 0.8
    assert all(sum(shares) == pytest.approx(1) for shares in (good, awful, neither))


def test_users_and_addresses_are_masked() -> None:
    assert masked("@rosa see https://example.org/a @ 5th") == "@user see http @ 5th"


def test_whoever_is_named_is_no_word_of_the_text(roberta: TwitterRoberta) -> None:
    assert roberta.shares("@good awful") == roberta.shares("@awful awful")


def test_a_long_text_is_read_to_its_end(roberta: TwitterRoberta) -> None:
    long = "good " * (2 * MOST_PIECES)
    assert roberta.shares(long + "awful " * (2 * MOST_PIECES))[0] > 10 * roberta.shares(long)[0]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    models = {ROBERTA: (tiny_roberta(), VOCABULARY, MERGES)}
    with cloud_with(models, tmp_path_factory.mktemp("models"), "sentiments_task") as running:
        yield running


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("good good", "POSITIVE"),
        ("awful awful", "NEGATIVE"),
        ("a table", "NEUTRAL"),
        ("good good, awful awful", "MIXED"),
    ],
)
def test_english_is_told_by_the_model_that_is_installed(comprehend: Any, text: str, sentiment: str) -> None:
    assert comprehend.detect_sentiment(Text=text, LanguageCode="en")["Sentiment"] == sentiment


def test_what_the_head_would_tell_is_not_asked_then(comprehend: Any) -> None:
    assert comprehend.detect_sentiment(Text="I love it, wonderful", LanguageCode="en")["Sentiment"] == "NEUTRAL"


def test_other_languages_are_still_told_by_our_head(comprehend: Any) -> None:
    told = comprehend.detect_sentiment(Text="¡Muchas gracias, qué maravilla!", LanguageCode="es")
    assert told["Sentiment"] == "POSITIVE"
