"""Comprehend: what texts say. Knows no engine, no protocol and no other service.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/.
"""

from __future__ import annotations

from marinelayer.ports import LanguageDetector, PassageFinder, SentimentScorer
from marinelayer.services.comprehend.custom import custom_handlers, custom_nouns
from marinelayer.services.comprehend.entities import Entities
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.key_phrases import KeyPhrases
from marinelayer.services.comprehend.languages import Languages
from marinelayer.services.comprehend.model_files import named
from marinelayer.services.comprehend.pii import Pii
from marinelayer.services.comprehend.sentiments import Sentiments
from marinelayer.services.comprehend.syntax import Syntax
from marinelayer.services.comprehend.tags import ComprehendAccess
from marinelayer.services.operation import ServiceTable, service_table

__all__ = ["Ground", "comprehend_service", "custom_handlers", "named"]


def comprehend_service(
    *,
    languages: LanguageDetector,
    sentiment: SentimentScorer,
    phrases: PassageFinder,
    pii: PassageFinder,
    entities: PassageFinder,
    words: PassageFinder,
    ground: Ground | None = None,
) -> ServiceTable:
    """Comprehend's operations, over the given engines; models, endpoints and jobs where they have a `ground`."""
    nouns = (
        Languages(languages),
        Sentiments(sentiment),
        KeyPhrases(phrases),
        Pii(pii),
        Entities(entities),
        Syntax(words),
    )
    if ground is None:
        return service_table("comprehend", nouns)
    return service_table("comprehend", (*nouns, *custom_nouns(ground)), access=ComprehendAccess(ground.tables))
