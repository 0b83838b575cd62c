"""Comprehend: what texts say. Knows no engine, no protocol and no other service.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/.
"""

from __future__ import annotations

from marinelayer.ports import LanguageDetector, PassageFinder, SentimentScorer
from marinelayer.services.comprehend.entities import Entities
from marinelayer.services.comprehend.key_phrases import KeyPhrases
from marinelayer.services.comprehend.languages import Languages
from marinelayer.services.comprehend.pii import Pii
from marinelayer.services.comprehend.sentiments import Sentiments
from marinelayer.services.comprehend.syntax import Syntax
from marinelayer.services.operation import ServiceTable, service_table

__all__ = ["comprehend_service"]


def comprehend_service(
    *,
    languages: LanguageDetector,
    sentiment: SentimentScorer,
    phrases: PassageFinder,
    pii: PassageFinder,
    entities: PassageFinder,
    words: PassageFinder,
) -> ServiceTable:
    """Comprehend's operations, over the given engines."""
    nouns = (
        Languages(languages),
        Sentiments(sentiment),
        KeyPhrases(phrases),
        Pii(pii),
        Entities(entities),
        Syntax(words),
    )
    return service_table("comprehend", nouns)
