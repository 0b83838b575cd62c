"""Which families of engines are measured, in the order of the tables."""

from __future__ import annotations

from evaluation import labels, languages, passages, sentiment, texts, translation
from evaluation.figures import Family

FAMILIES: tuple[Family, ...] = (
    languages.FAMILY,
    sentiment.FAMILY,
    passages.KEY_PHRASES,
    passages.PII,
    texts.FAMILY,
    labels.FAMILY,
    translation.FAMILY,
)
