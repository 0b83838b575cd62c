"""TranslateText: one text into another language.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/API_TranslateText.html. A text that is in the target
language already comes back as it is, and needs no engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Run
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import operation
from marinelayer.services.translate.errors import (
    ResourceNotFoundException,
    TextSizeLimitExceededException,
)
from marinelayer.services.translate.interpreting import Interpretation, Interpreter, Order
from marinelayer.services.translate.languages import AUTO

if TYPE_CHECKING:
    from marinelayer.model.types import translate as wire

MOST_BYTES = 10_000
VIA = "x-marinelayer-translated-via"
"""The header that names the languages that a translation went through, where there are any."""
NOT_APPLIED = "x-marinelayer-settings-not-applied"
"""The header that names the settings that were asked for and took no effect."""


def translation_needs(action: str, request: Mapping[str, Any]) -> Sequence[Requirement]:
    """What translating now needs: the action, and to tell the language where that is not named, since AWS asks
    Comprehend for it on the caller's behalf."""
    detection = Requirement(action="comprehend:DetectDominantLanguage", resource="*")
    translation = Requirement(action=action, resource="*")
    return (translation, detection) if request.get("SourceLanguageCode") == AUTO else (translation,)


def _needs(request: Mapping[str, Any], _: Caller) -> Sequence[Requirement]:
    return translation_needs("translate:TranslateText", request)


class Translation:
    """Translates texts."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter

    @operation("TranslateText", needs=_needs)
    async def translate(self, caller: Caller, request: wire.TranslateTextRequest) -> wire.TranslateTextResponse:
        """The text in the target language.

        Raises:
            TextSizeLimitExceededException: over 10,000 bytes.
            UnsupportedLanguagePairException: a code is none of Translate's, or no engine here knows the pair.
            DetectedLanguageLowConfidenceException: the source is `auto`, and not sure enough to translate from.
            ResourceNotFoundException: a terminology is named; there are none here.
        """
        text, source, target = request["Text"], request["SourceLanguageCode"], request["TargetLanguageCode"]
        _check_size(text)
        if request.get("TerminologyNames"):
            raise ResourceNotFoundException("The terminologies are not found: there are none here.")
        self._interpreter.check_pair(source, target)
        if source == AUTO:
            source = await self._interpreter.told(text, target)
        order = Order(source=source, target=target, settings=request.get("Settings", {}))
        done = await self._interpreter.interpret([[Run(text)]], order)
        tell(caller, order, done)
        answer: wire.TranslateTextResponse = {
            "TranslatedText": "".join(run.text for run in done.texts[0]),
            "SourceLanguageCode": source,
            "TargetLanguageCode": target,
        }
        if done.settings:
            answer["AppliedSettings"] = done.settings
        return answer


def tell(caller: Caller, order: Order, done: Interpretation) -> None:
    """Say in headers what the model has no member for."""
    if done.via:
        caller.told[VIA] = ",".join(done.via)
    let_be = sorted(name for name, value in order.settings.items() if value and name not in done.settings)
    if let_be:
        caller.told[NOT_APPLIED] = ",".join(let_be)


def _check_size(text: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        raise TextSizeLimitExceededException(
            f"Input text size exceeds limit. Max length of request text allowed is {MOST_BYTES} bytes while in this "
            f"request the text size is {size} bytes"
        )
