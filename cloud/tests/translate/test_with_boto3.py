"""The lesson's calls of Translate, with boto3."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]


def test_a_text_in_the_target_language_comes_back_as_it_is(client: Client) -> None:
    answer = client("translate").translate_text(
        Text="There is trash  all along\nthe road.", SourceLanguageCode="auto", TargetLanguageCode="en"
    )
    assert answer["TranslatedText"] == "There is trash  all along\nthe road."
    assert answer["SourceLanguageCode"] == "en"


@pytest.mark.skipif(shutil.which("apertium") is None, reason="no Apertium: apt-get install apertium apertium-eng-spa")
def test_the_translation_of_the_lesson(client: Client) -> None:
    answer = client("translate").translate_text(
        Text="Hello, how are you?", SourceLanguageCode="auto", TargetLanguageCode="es"
    )
    assert (answer["SourceLanguageCode"], answer["TargetLanguageCode"]) == ("en", "es")
    assert answer["TranslatedText"].startswith("Hola")


def test_settings_without_effect_are_named_in_a_header(client: Client) -> None:
    answer = client("translate").translate_text(
        Text="What the fuck",
        SourceLanguageCode="en",
        TargetLanguageCode="en",
        Settings={"Formality": "FORMAL", "Profanity": "MASK"},
    )
    assert answer["TranslatedText"] == "What the ?$#@$"
    assert answer["AppliedSettings"] == {"Profanity": "MASK"}
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-marinelayer-settings-not-applied"] == "Formality"


def test_languages_are_listed(client: Client) -> None:
    translate = client("translate")
    codes = {one["LanguageCode"] for one in translate.list_languages()["Languages"]}
    assert ("es" in codes) == (shutil.which("apertium") is not None)
    with pytest.raises(translate.exceptions.UnsupportedDisplayLanguageCodeException) as refused:
        translate.list_languages(DisplayLanguageCode="tl")
    assert refused.value.response["DisplayLanguageCode"] == "tl"


def test_a_pair_that_is_not_supported_names_both_languages(client: Client) -> None:
    translate = client("translate")
    with pytest.raises(translate.exceptions.UnsupportedLanguagePairException) as refused:
        translate.translate_text(Text="Hello", SourceLanguageCode="en", TargetLanguageCode="ef")
    assert refused.value.response["SourceLanguageCode"] == "en"
    assert refused.value.response["TargetLanguageCode"] == "ef"
    message = "Unsupported language pair: en to ef. Target language 'ef' is not supported"
    assert refused.value.response["Error"]["Message"] == message
