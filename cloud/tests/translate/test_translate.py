"""TranslateText over fakes of its ports."""

from typing import Any, cast

import pytest

from marinelayer.model.errors import InternalError, OperationNotImplemented, Refusal, Throttled
from marinelayer.ports import Caller, Engine, EngineBusyError, EngineFailedError, EngineUnavailableError
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.services.translate import translate_service
from marinelayer.services.translate.errors import (
    DetectedLanguageLowConfidenceException,
    ResourceNotFoundException,
    TextSizeLimitExceededException,
    UnsupportedLanguagePairException,
)

CALLER = Caller(
    identity=ANONYMOUS_IDENTITY, account="1", region="us-east-1", request_id="r", authoriser=cast("Any", None)
)


class Interpreter:
    """Detector and translator: turns a text round, or raises what it was given."""

    def __init__(self) -> None:
        self.told: tuple[tuple[str, float], ...] = (("es", 0.95),)
        self.error: Exception | None = None
        self.asked: list[tuple[str, str, str]] = []

    async def languages(self, text: str) -> tuple[tuple[str, float], ...]:
        return self.told

    async def translate(self, text: str, source: str, target: str) -> tuple[str, Engine]:
        self.asked.append((text, source, target))
        if self.error is not None:
            raise self.error
        return text[::-1], Engine(name="Interpreter", version="1")


@pytest.fixture
def interpreter() -> Interpreter:
    return Interpreter()


async def ask(interpreter: Interpreter, text: str, source: str, target: str, **more: Any) -> dict[str, Any]:
    request = {"Text": text, "SourceLanguageCode": source, "TargetLanguageCode": target, **more}
    table = translate_service(interpreter, interpreter)
    return cast("dict[str, Any]", await table.operations["TranslateText"].run(CALLER, request))


async def test_a_text_is_translated(interpreter: Interpreter) -> None:
    answer = await ask(interpreter, "Hola", "es", "en")
    assert answer == {"TranslatedText": "aloH", "SourceLanguageCode": "es", "TargetLanguageCode": "en"}


async def test_auto_names_the_language_that_was_told(interpreter: Interpreter) -> None:
    answer = await ask(interpreter, "Hola", "auto", "en")
    assert (answer["SourceLanguageCode"], interpreter.asked) == ("es", [("Hola", "es", "en")])


@pytest.mark.parametrize("source", ["en", "auto"])
async def test_a_text_in_the_target_language_comes_back_without_an_engine(
    interpreter: Interpreter, source: str
) -> None:
    interpreter.told = (("en", 0.04),)
    interpreter.error = EngineUnavailableError("must not be asked")
    answer = await ask(interpreter, "  12345\n", source, "en")
    assert answer == {"TranslatedText": "  12345\n", "SourceLanguageCode": "en", "TargetLanguageCode": "en"}


async def test_a_pair_without_an_engine_is_unsupported_and_says_what_to_install(interpreter: Interpreter) -> None:
    interpreter.error = EngineUnavailableError("apt-get install apertium-eng-spa")
    with pytest.raises(UnsupportedLanguagePairException) as refused:
        await ask(interpreter, "Hola", "es", "en")
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
    interpreter: Interpreter, source: str, target: str, said: str
) -> None:
    with pytest.raises(UnsupportedLanguagePairException) as refused:
        await ask(interpreter, "Hello", source, target)
    assert refused.value.message == said
    assert interpreter.asked == []


async def test_a_language_that_only_comprehend_knows_is_unsupported(interpreter: Interpreter) -> None:
    interpreter.told = (("eu", 0.99),)
    with pytest.raises(UnsupportedLanguagePairException, match="Source language 'eu'"):
        await ask(interpreter, "Kaixo", "auto", "en")


async def test_an_unsure_language_is_not_translated_from(interpreter: Interpreter) -> None:
    interpreter.told = (("cy", 0.15), ("en", 0.14))
    with pytest.raises(DetectedLanguageLowConfidenceException) as refused:
        await ask(interpreter, "pothole", "auto", "es")
    assert refused.value.details == {"DetectedLanguageCode": "cy"}
    assert (await ask(interpreter, "pothole", "cy", "es"))["SourceLanguageCode"] == "cy"


async def test_a_text_over_10_000_bytes_is_refused(interpreter: Interpreter) -> None:
    await ask(interpreter, "é" * 5_000, "es", "en")
    with pytest.raises(
        TextSizeLimitExceededException, match="10000 bytes while in this request the text size is 10001"
    ):
        await ask(interpreter, "é" * 5_000 + "x", "es", "en")


async def test_what_is_not_there_is_refused_and_not_ignored(interpreter: Interpreter) -> None:
    with pytest.raises(ResourceNotFoundException):
        await ask(interpreter, "Hola", "es", "en", TerminologyNames=["city"])
    with pytest.raises(OperationNotImplemented, match="Settings"):
        await ask(interpreter, "Hola", "es", "en", Settings={"Formality": "FORMAL"})
    assert interpreter.asked == []
    assert (await ask(interpreter, "Hola", "es", "en", TerminologyNames=[], Settings={}))["TranslatedText"] == "aloH"


@pytest.mark.parametrize(("raised", "answered"), [(EngineBusyError(), Throttled), (EngineFailedError(), InternalError)])
async def test_a_broken_or_busy_engine_is_answered_as_such(
    interpreter: Interpreter, raised: Exception, answered: type[Refusal]
) -> None:
    interpreter.error = raised
    with pytest.raises(answered) as refused:
        await ask(interpreter, "Hola", "es", "en")
    assert type(refused.value) is answered


@pytest.mark.parametrize(
    ("source", "actions"),
    [
        ("es", ["translate:TranslateText"]),
        ("auto", ["translate:TranslateText", "comprehend:DetectDominantLanguage"]),
    ],
)
def test_auto_needs_the_permission_to_tell_languages(interpreter: Interpreter, source: str, actions: list[str]) -> None:
    needs = translate_service(interpreter, interpreter).operations["TranslateText"].needs
    asked = needs({"SourceLanguageCode": source}, CALLER)
    assert [(need.action, need.resource) for need in asked] == [(action, "*") for action in actions]
