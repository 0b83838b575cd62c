"""Translating texts as the operations of Translate need it: with the language told, the pair checked, the terms of a
terminology kept, and profane words masked.

Source: https://docs.aws.amazon.com/translate/latest/dg/customizing-translations.html. Knows neither requests nor
documents.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from marinelayer.ports import EngineUnavailableError, LanguageDetector, Run, Text, Translator
from marinelayer.services.translate.errors import (
    DetectedLanguageLowConfidenceException,
    engine_errors,
    unsupported_pair,
)
from marinelayer.services.translate.languages import AUTO, CODES
from marinelayer.services.translate.profanity import knows, masked
from marinelayer.services.translate.terms import Term, Terms

if TYPE_CHECKING:
    from marinelayer.model.types.translate import TranslationSettings

P = ParamSpec("P")
R = TypeVar("R")
OFF_LOOP = 20_000
"""Letters in which looking for words takes longer than the event loop should wait."""
LEAST_CONFIDENCE = 0.4
"""Of word pairs in 66 languages, 90% of those that are told with this share are told right."""


def _no_settings() -> TranslationSettings:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be translated how."""

    source: str
    target: str
    terms: Terms | None = None
    settings: TranslationSettings = field(default_factory=_no_settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpretation:
    """Translated texts, the terms in them in the order of the texts, the settings that took effect, and the languages
    that the texts went through."""

    texts: Sequence[Text]
    terms: Sequence[Term]
    settings: TranslationSettings
    via: Sequence[str]


class Interpreter:
    """Translates texts with the engines."""

    def __init__(self, translator: Translator, detector: LanguageDetector) -> None:
        self._translator = translator
        self._detector = detector

    def check_pair(self, source: str, target: str) -> None:
        """Raises UnsupportedLanguagePairException if a code is none of Translate's (`source` may be `auto`), or no
        engine here translates the pair."""
        if target not in CODES:
            raise unsupported_pair(source, target, f"Target language '{target}' is not supported")
        if source == AUTO:
            return
        if source not in CODES:
            raise unsupported_pair(source, target, f"Source language '{source}' is not supported")
        if source != target:
            try:
                self._translator.route(source, target)
            except EngineUnavailableError as error:
                raise unsupported_pair(source, target, str(error)) from None

    async def told(self, text: str, target: str) -> str:
        """The language that a text is in, sure enough to translate it from.

        Raises:
            DetectedLanguageLowConfidenceException: it is not.
            UnsupportedLanguagePairException: it is none of Translate's, or no engine translates it to `target`.
        """
        with engine_errors():
            source, share = (await self._detector.languages(text))[0]
        if source != target and share < LEAST_CONFIDENCE:
            raise DetectedLanguageLowConfidenceException(DetectedLanguageCode=source)
        self.check_pair(source, target)
        return source

    async def interpret(self, texts: Sequence[Text], order: Order) -> Interpretation:
        """The texts in the target language. Raises as `engine_errors` says."""
        applied: list[Term] = []
        via: Sequence[str] = ()
        if order.source != order.target:
            prepared: Sequence[Text] = texts
            if order.terms is not None:
                prepared, applied = await _off_loop(texts, _with_terms, texts, order.terms)
            with engine_errors():
                translated = await self._translator.translate(prepared, order.source, order.target)
            texts, via = translated.texts, translated.via
        settings = applied_settings(order)
        if "Profanity" in settings:
            texts = await _off_loop(texts, _all_masked, texts, order.target)
        return Interpretation(texts=texts, terms=list(dict.fromkeys(applied)), settings=settings, via=via)


def applied_settings(order: Order) -> TranslationSettings:
    """The settings that take effect. No engine here has registers of politeness or can be brief, so that, as AWS does
    for languages in which it can't, these are let be, and not among the settings that are said to be applied."""
    profanity = order.settings.get("Profanity")
    return {"Profanity": profanity} if profanity and knows(order.target) else {}


async def _off_loop(texts: Sequence[Text], work: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Do it in a thread where the texts are long."""
    if sum(len(run.text) for text in texts for run in text) > OFF_LOOP:
        return await asyncio.to_thread(work, *args, **kwargs)
    return work(*args, **kwargs)


def _with_terms(texts: Sequence[Text], terms: Terms) -> tuple[list[Text], list[Term]]:
    """The texts with their terms kept, and these in the order of the texts."""
    pairs = [terms.applied(text) for text in texts]
    return [text for text, _ in pairs], [term for _, found in pairs for term in found]


def _all_masked(texts: Sequence[Text], language: str) -> list[Text]:
    return [[_masked(run, language) for run in text] for text in texts]


def _masked(run: Run, language: str) -> Run:
    return replace(run, text=masked(run.text, language))
