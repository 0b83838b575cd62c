"""TranslateText: one text into another language.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/API_TranslateText.html. A text that is in the target
language already comes back as it is, and needs no engine. Of a text that is HTML the tags stay letter for letter, and
what is marked `translate="no"`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import BadDocumentError, Caller, Documents, Run, Text
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import Needs, operation
from marinelayer.services.translate.errors import (
    InvalidRequestException,
    TextSizeLimitExceededException,
    engine_errors,
)
from marinelayer.services.translate.interpreting import Interpretation, Interpreter, Order
from marinelayer.services.translate.languages import AUTO
from marinelayer.services.translate.markup import MEDIA_TYPE, is_html
from marinelayer.services.translate.terminology_store import TerminologyName, TermsAtHand
from marinelayer.services.translate.terms import MOST_APPLIED

if TYPE_CHECKING:
    from marinelayer.model.types import translate as wire

MOST_BYTES = 10_000
VIA = "x-marinelayer-translated-via"
"""The header that names the languages that a translation went through, where there are any."""
NOT_APPLIED = "x-marinelayer-settings-not-applied"
"""The header that names the settings that were asked for and took no effect."""


def on_terminologies(action: str, request: Mapping[str, Any], caller: Caller) -> list[Requirement]:
    """An action, on each terminology that a request names."""
    names: Sequence[str] = request.get("TerminologyNames") or ()
    resources = [TerminologyName(caller.account, caller.region, name).arn for name in names] or ["*"]
    return [Requirement(action=action, resource=resource) for resource in resources]


def translation_needs(action: str) -> Needs:
    """What translating needs: the action, and to tell the language where that is not named, since AWS asks Comprehend
    for it on the caller's behalf."""

    def needs(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
        needed = on_terminologies(action, request, caller)
        if request.get("SourceLanguageCode") == AUTO:
            needed.append(Requirement(action="comprehend:DetectDominantLanguage", resource="*"))
        return needed

    return needs


class Translation:
    """Translates texts."""

    def __init__(self, interpreter: Interpreter, terms: TermsAtHand, documents: Documents) -> None:
        self._interpreter = interpreter
        self._terms = terms
        self._documents = documents

    @operation("TranslateText", needs=translation_needs("translate:TranslateText"))
    async def translate(self, caller: Caller, request: wire.TranslateTextRequest) -> wire.TranslateTextResponse:
        """The text in the target language.

        Raises:
            TextSizeLimitExceededException: over 10,000 bytes.
            UnsupportedLanguagePairException: a code is none of Translate's, or no engine here knows the pair.
            DetectedLanguageLowConfidenceException: the source is `auto`, and not sure enough to translate from.
            ResourceNotFoundException: there is no terminology of that name.
            InvalidRequestException: more than one is named.
        """
        text, source, target = request["Text"], request["SourceLanguageCode"], request["TargetLanguageCode"]
        _check_size(text)
        name = chosen_terminology(request.get("TerminologyNames"), caller)
        self._interpreter.check_pair(source, target)
        texts, marked_up = await self._taken_apart(text)
        if source == AUTO:
            source = await self._interpreter.told(_words(texts) or text, target)
        terms = None if name is None else await self._terms.find(name, source, target)
        order = Order(source=source, target=target, terms=terms, settings=request.get("Settings", {}))
        done = await self._interpreter.interpret(texts, order)
        tell(caller, order, done)
        if done.texts is texts:
            translated = text
        else:
            translated = await self._put_together(text, done.texts) if marked_up else _words(done.texts)
        answer: wire.TranslateTextResponse = {
            "TranslatedText": translated,
            "SourceLanguageCode": source,
            "TargetLanguageCode": target,
        }
        if name is not None:
            answer["AppliedTerminologies"] = [applied_terminology(name, done)]
        if done.settings:
            answer["AppliedSettings"] = done.settings
        return answer

    async def _taken_apart(self, text: str) -> tuple[Sequence[Text], bool]:
        """The texts between the tags of HTML, and that it is that; else the text as it is."""
        if not is_html(text):
            return [[Run(text)]], False
        with engine_errors():
            try:
                return await self._documents.texts(text.encode("utf-8", "replace"), MEDIA_TYPE), True
            except BadDocumentError:
                return [[Run(text)]], False

    async def _put_together(self, text: str, texts: Sequence[Text]) -> str:
        with engine_errors():
            document = text.encode("utf-8", "replace")
            return (await self._documents.with_texts(document, MEDIA_TYPE, texts)).decode()


def chosen_terminology(names: Sequence[str] | None, caller: Caller) -> TerminologyName | None:
    """The terminology that is to be applied, None where none is named.

    Raises:
        InvalidRequestException: more than one is.
    """
    if not names:
        return None
    if len(names) > 1:
        raise InvalidRequestException("Only one terminology can be applied to a translation.")
    return TerminologyName(caller.account, caller.region, names[0])


def applied_terminology(name: TerminologyName, done: Interpretation) -> wire.AppliedTerminology:
    """Which terms were applied, in the model's shape: the first 250 of the text."""
    terms: list[wire.Term] = [
        {"SourceText": term.source, "TargetText": term.target} for term in done.terms[:MOST_APPLIED]
    ]
    return {"Name": name.name, "Terms": terms}


def tell(caller: Caller, order: Order, done: Interpretation) -> None:
    """Say in headers what the model has no member for."""
    if done.via:
        caller.told[VIA] = ",".join(done.via)
    let_be = sorted(name for name, value in order.settings.items() if value and name not in done.settings)
    if let_be:
        caller.told[NOT_APPLIED] = ",".join(let_be)


def _words(texts: Sequence[Text]) -> str:
    return "\n".join("".join(run.text for run in text) for text in texts)


def _check_size(text: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        raise TextSizeLimitExceededException(
            f"Input text size exceeds limit. Max length of request text allowed is {MOST_BYTES} bytes while in this "
            f"request the text size is {size} bytes"
        )
