"""Which families of engines are measured, in the order of the tables."""

from __future__ import annotations

from evaluation import (
    custom,
    custom_objects,
    labels,
    languages,
    moderation,
    passages,
    sentiment,
    targets,
    texts,
    topic_models,
    translation,
)
from evaluation.figures import Family

FAMILIES: tuple[Family, ...] = (
    languages.FAMILY,
    sentiment.FAMILY,
    targets.FAMILY,
    passages.KEY_PHRASES,
    passages.PII,
    custom.FAMILY,
    topic_models.FAMILY,
    texts.FAMILY,
    labels.FAMILY,
    custom_objects.FAMILY,
    moderation.FAMILY,
    translation.FAMILY,
)
