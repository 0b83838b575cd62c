"""Comprehend: what texts say. Knows no engine, no protocol and no other service.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/.
"""

from __future__ import annotations

from collections.abc import Mapping

from marinelayer.outbox import JobHandler
from marinelayer.ports import LanguageDetector, PassageFinder, SentimentScorer, TargetReader, ToxicityScorer
from marinelayer.services.comprehend.access import ComprehendAccess
from marinelayer.services.comprehend.custom import AT_ONCE, Immediate, custom_handlers, custom_nouns, recognizing
from marinelayer.services.comprehend.entities import Entities
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.key_phrases import KeyPhrases
from marinelayer.services.comprehend.languages import Languages
from marinelayer.services.comprehend.model_files import named
from marinelayer.services.comprehend.pii import Pii
from marinelayer.services.comprehend.regions import at_home
from marinelayer.services.comprehend.sentiments import Sentiments
from marinelayer.services.comprehend.syntax import Syntax
from marinelayer.services.comprehend.targeted_sentiments import TargetedSentiments
from marinelayer.services.comprehend.toxicity import ToxicContent
from marinelayer.services.operation import ServiceTable, service_table

__all__ = ["AT_ONCE", "Ground", "comprehend_jobs", "comprehend_service", "named"]


def comprehend_service(
    *,
    languages: LanguageDetector,
    sentiment: SentimentScorer,
    targets: TargetReader,
    phrases: PassageFinder,
    pii: PassageFinder,
    entities: PassageFinder,
    words: PassageFinder,
    toxicity: ToxicityScorer,
    ground: Ground | None = None,
) -> ServiceTable:
    """Comprehend's operations, over the given engines; models, endpoints and jobs where they have a `ground`."""
    immediate = Immediate(
        languages=Languages(languages),
        sentiments=Sentiments(sentiment),
        targets=TargetedSentiments(targets),
        phrases=KeyPhrases(phrases),
        pii=Pii(pii),
        entities=Entities(entities, None if ground is None else recognizing(ground)),
    )
    nouns = (
        immediate.languages,
        immediate.sentiments,
        immediate.targets,
        immediate.phrases,
        immediate.pii,
        immediate.entities,
        Syntax(words),
        ToxicContent(toxicity),
    )
    if ground is None:
        return service_table("comprehend", nouns)
    further = custom_nouns(ground, immediate)
    return at_home(service_table("comprehend", (*nouns, *further), access=ComprehendAccess(ground.tables)))


def comprehend_jobs(
    *,
    languages: LanguageDetector,
    sentiment: SentimentScorer,
    targets: TargetReader,
    phrases: PassageFinder,
    pii: PassageFinder,
    entities: PassageFinder,
    ground: Ground,
) -> Mapping[str, JobHandler]:
    """The handler of each kind of outbox job of trainings, endpoints and jobs, over the given engines."""
    immediate = Immediate(
        languages=Languages(languages),
        sentiments=Sentiments(sentiment),
        targets=TargetedSentiments(targets),
        phrases=KeyPhrases(phrases),
        pii=Pii(pii),
        entities=Entities(entities),
    )
    return custom_handlers(ground, immediate)
