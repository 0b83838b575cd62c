"""TranslateText over a dictionary."""

from typing import Any

import pytest

from marinelayer.model.errors import InternalError, Refusal, Throttled
from marinelayer.ports import EngineBusyError, EngineFailedError, EngineUnavailableError
from marinelayer.services.translate.errors import (
    DetectedLanguageLowConfidenceException,
    ResourceNotFoundException,
    TextSizeLimitExceededException,
    UnsupportedLanguagePairException,
)
from marinelayer.services.translate.profanity import masked

pytestmark = pytest.mark.asyncio


async def test_a_text_is_translated(desk: Any) -> None:
    answer = await desk.translate("Hay un patinete en la acera")
    assert answer == {
        "TranslatedText": "there is a scooter on the pavement",
        "SourceLanguageCode": "es",
        "TargetLanguageCode": "en",
    }
    assert desk.last.told == {}


async def test_another_text_is_translated_otherwise(desk: Any) -> None:
    assert (await desk.translate("la acera"))["TranslatedText"] != (await desk.translate("un patinete"))[
        "TranslatedText"
    ]


async def test_auto_names_the_language_that_was_told(desk: Any) -> None:
    answer = await desk.translate("la acera", "auto")
    assert (answer["SourceLanguageCode"], desk.dictionary.asked) == ("es", [("la acera", "es", "en")])


async def test_a_pair_without_a_direct_engine_goes_through_english_and_says_so(desk: Any) -> None:
    answer = await desk.translate("hay un patinete", "es", "ca")
    assert answer["TranslatedText"] == "hi ha un patinet"
    assert desk.last.told == {"x-marinelayer-translated-via": "en"}


@pytest.mark.parametrize("source", ["es", "auto"])
async def test_of_html_only_the_words_are_translated(desk: Any, source: str) -> None:
    answer = await desk.translate('<p class="la">Hay <b>un</b> patinete</p>en la acera &amp; 1 &lt; 2<br>', source)
    assert answer["TranslatedText"] == '<p class="la">there is <b>a</b> scooter</p>on the pavement &amp; 1 &lt; 2<br>'
    assert [text for text, _, _ in desk.dictionary.asked] == ["Hay un patinete", "en la acera & 1 < 2"]
    assert desk.detected == (["Hay un patinete\nen la acera & 1 < 2"] if source == "auto" else [])


async def test_what_is_marked_is_not_translated(desk: Any) -> None:
    text = "<p>Hay un patinete.</p> <p translate=no>Hay un patinete.</p> <p>En la <i translate='no'>acera</i></p>"
    answer = await desk.translate(text)
    assert answer["TranslatedText"] == (
        "<p>there is a scooter.</p> <p translate=no>Hay un patinete.</p> <p>on the <i translate='no'>acera</i></p>"
    )


@pytest.mark.parametrize("text", ["si a<b y c>d", "la <acera>", "</p>", "a < b", "<3 <p"])
async def test_signs_that_are_no_element_are_text(desk: Any, text: str) -> None:
    await desk.translate(text)
    assert [asked for asked, _, _ in desk.dictionary.asked] == [text]


@pytest.mark.parametrize(("text", "source"), [("<p>  12 </p>", "es"), ("<p>so it\n  is 1 < 2</p>", "en")])
async def test_html_in_which_nothing_is_translated_is_as_it_was(desk: Any, text: str, source: str) -> None:
    assert (await desk.translate(text, source))["TranslatedText"] == text


async def test_terms_and_masks_are_found_between_tags(desk: Any) -> None:
    await desk.import_("city", "es,en\npatinete,kick scooter\n")
    answer = await desk.translate("<b>Un patinete</b> fuck", TerminologyNames=["city"], Settings={"Profanity": "MASK"})
    assert answer["TranslatedText"] == "<b>a kick scooter</b> ?$#@$"
    assert answer["AppliedTerminologies"][0]["Terms"] == [{"SourceText": "patinete", "TargetText": "kick scooter"}]


@pytest.mark.parametrize("source", ["en", "auto"])
async def test_a_text_in_the_target_language_comes_back_without_an_engine(desk: Any, source: str) -> None:
    desk.dictionary.told = (("en", 0.04),)
    desk.dictionary.error = EngineUnavailableError("must not be asked")
    answer = await desk.translate("  12345\n", source, "en")
    assert answer == {"TranslatedText": "  12345\n", "SourceLanguageCode": "en", "TargetLanguageCode": "en"}


async def test_a_pair_without_an_engine_is_unsupported_and_says_what_to_install(desk: Any) -> None:
    desk.dictionary.error = EngineUnavailableError("apt-get install apertium-eng-spa")
    with pytest.raises(UnsupportedLanguagePairException) as refused:
        await desk.translate("Hola")
    assert refused.value.message.startswith("Unsupported language pair: es to en. ")
    assert "apt-get install" in refused.value.message
    assert refused.value.details == {"SourceLanguageCode": "es", "TargetLanguageCode": "en"}


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("en", "ef", "Unsupported language pair: en to ef. Target language 'ef' is not supported"),
        ("ef", "en", "Unsupported language pair: ef to en. Source language 'ef' is not supported"),
        ("xx", "xx", "Unsupported language pair: xx to xx. Target language 'xx' is not supported"),
        ("en", "auto", "Unsupported language pair: en to auto. Target language 'auto' is not supported"),
    ],
)
async def test_a_code_that_translate_does_not_know_is_unsupported(
    desk: Any, source: str, target: str, said: str
) -> None:
    with pytest.raises(UnsupportedLanguagePairException) as refused:
        await desk.translate("Hello", source, target)
    assert refused.value.message == said
    assert desk.dictionary.asked == []


async def test_a_language_that_only_comprehend_knows_is_unsupported(desk: Any) -> None:
    desk.dictionary.told = (("eu", 0.99),)
    with pytest.raises(UnsupportedLanguagePairException, match="Source language 'eu'"):
        await desk.translate("Kaixo", "auto")


async def test_an_unsure_language_is_not_translated_from(desk: Any) -> None:
    desk.dictionary.told = (("es", 0.15), ("en", 0.14))
    with pytest.raises(DetectedLanguageLowConfidenceException) as refused:
        await desk.translate("patinete", "auto")
    assert refused.value.details == {"DetectedLanguageCode": "es"}
    assert (await desk.translate("patinete", "es"))["SourceLanguageCode"] == "es"


async def test_a_text_over_10_000_bytes_is_refused(desk: Any) -> None:
    await desk.translate("é" * 5_000)
    with pytest.raises(
        TextSizeLimitExceededException, match="10000 bytes while in this request the text size is 10001"
    ):
        await desk.translate("é" * 5_000 + "x")


async def test_a_terminology_that_is_not_there_is_not_found(desk: Any) -> None:
    with pytest.raises(ResourceNotFoundException, match="city"):
        await desk.translate("Hola", TerminologyNames=["city"])
    assert desk.dictionary.asked == []
    assert (await desk.translate("Hola", TerminologyNames=[], Settings={}))["TranslatedText"] == "Hola"


@pytest.mark.parametrize(("raised", "answered"), [(EngineBusyError(), Throttled), (EngineFailedError(), InternalError)])
async def test_a_broken_or_busy_engine_is_answered_as_such(
    desk: Any, raised: Exception, answered: type[Refusal]
) -> None:
    desk.dictionary.error = raised
    with pytest.raises(answered) as refused:
        await desk.translate("Hola")
    assert type(refused.value) is answered


@pytest.mark.parametrize(
    ("source", "actions"),
    [
        ("es", ["translate:TranslateText"]),
        ("auto", ["translate:TranslateText", "comprehend:DetectDominantLanguage"]),
    ],
)
async def test_auto_needs_the_permission_to_tell_languages(desk: Any, source: str, actions: list[str]) -> None:
    asked = desk.table.operations["TranslateText"].needs({"SourceLanguageCode": source}, desk.caller())
    assert [(need.action, need.resource) for need in asked] == [(action, "*") for action in actions]


# --- settings --------------------------------------------------------------------------------------------------


async def test_profane_words_are_masked_each_by_the_same_letters(desk: Any) -> None:
    answer = await desk.translate("un bullshit, Fucking shit en la acera", Settings={"Profanity": "MASK"})
    assert answer["TranslatedText"] == "a ?$#@$, ?$#@$ ?$#@$ on the pavement"
    assert answer["AppliedSettings"] == {"Profanity": "MASK"}
    assert "Fucking" in (await desk.translate("Fucking"))["TranslatedText"]


async def test_a_phrase_is_masked_as_one_and_a_word_within_a_word_is_not() -> None:
    assert masked("Son of a bitch! Scunthorpe, shiitake, scrapes", "en") == "?$#@$! Scunthorpe, shiitake, scrapes"
    assert masked("eine Scheißampel", "de") == "eine ?$#@$"
    assert masked("el computador, la puta", "es-MX") == "el computador, la ?$#@$"
    assert masked("shit", "ca") == "shit"


async def test_settings_without_effect_are_not_said_to_be_applied(desk: Any) -> None:
    asked = {"Formality": "FORMAL", "Brevity": "ON", "Profanity": "MASK"}
    answer = await desk.translate("the dog is bad", "en", "es", Settings=asked)
    assert answer["AppliedSettings"] == {"Profanity": "MASK"}
    assert desk.last.told == {"x-marinelayer-settings-not-applied": "Brevity,Formality"}
    answer = await desk.translate("bad", "en", "ca", Settings={"Profanity": "MASK"})
    assert "AppliedSettings" not in answer
    assert desk.last.told == {"x-marinelayer-settings-not-applied": "Profanity"}
