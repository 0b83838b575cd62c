"""Comprehend, Translate and Rekognition as triage asks them: one call, one plain answer, one count of what it costs.

Knows the services' limits; knows no rules.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

from getitdone.aws import Aws, domain_errors
from getitdone.meter import Meter

MAX_TEXT_BYTES = 5_000
"""DetectSentiment's limit, "5 KB" in its reference; TranslateText takes 10,000 bytes, DetectDominantLanguage 100 KB."""
SENTIMENT_LANGUAGES = frozenset({"ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "zh", "zh-TW"})
"""DetectSentiment's `LanguageCode`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLabel:
    """Something in a photo; `confidence` in percent."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The labels of a photo, and the model that named them."""

    labels: tuple[SeenLabel, ...]
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The lines of text in a photo, and the model that read them."""

    lines: tuple[str, ...]
    model: str


class Readers(Protocol):
    """What triage needs of the three services. Each method raises `CloudError` as `aws.py` tells them apart."""

    def language(self, text: str) -> tuple[str, float]:
        """The dominant language's code, and how sure that is (0 to 1)."""
        ...

    def translate(self, text: str, source: str) -> tuple[str, str]:
        """The text in English, and the language that it was in; `source` may be `auto`."""
        ...

    def sentiment(self, text: str, language: str) -> tuple[str, float]:
        """POSITIVE, NEGATIVE, NEUTRAL or MIXED, and its score (0 to 1)."""
        ...

    def labels(self, key: str) -> Seen:
        """What is in a photo of the images bucket."""
        ...

    def words(self, key: str) -> Words:
        """What is written in a photo of the images bucket."""
        ...


class AwsReaders:
    """The services themselves."""

    def __init__(self, aws: Aws, meter: Meter, *, images: str, max_labels: int, min_confidence: float) -> None:
        self._comprehend = aws.comprehend
        self._translate = aws.translate
        self._rekognition = aws.rekognition
        self._meter = meter
        self._images = images
        self._max_labels = max_labels
        self._min_confidence = min_confidence

    def language(self, text: str) -> tuple[str, float]:
        """DetectDominantLanguage; `und`, 0.0 where it names none."""
        with domain_errors():
            languages = self._comprehend.detect_dominant_language(Text=text)["Languages"]
        self._comprehended(text)
        best = max(languages, key=lambda item: item.get("Score", 0.0), default=None)
        return (best.get("LanguageCode", "und"), float(best.get("Score", 0.0))) if best else ("und", 0.0)

    def translate(self, text: str, source: str) -> tuple[str, str]:
        """TranslateText into `en`."""
        with domain_errors():
            answer = self._translate.translate_text(Text=text, SourceLanguageCode=source, TargetLanguageCode="en")
        self._meter.add("translate.characters", len(text))
        return answer["TranslatedText"], answer["SourceLanguageCode"]

    def sentiment(self, text: str, language: str) -> tuple[str, float]:
        """DetectSentiment."""
        code: Any = language
        with domain_errors():
            answer = self._comprehend.detect_sentiment(Text=text, LanguageCode=code)
        self._comprehended(text)
        scores: dict[str, Any] = {**answer["SentimentScore"]}
        return answer["Sentiment"], float(scores.get(answer["Sentiment"].title(), 0.0))

    def labels(self, key: str) -> Seen:
        """DetectLabels of an object in the images bucket."""
        with domain_errors():
            answer = self._rekognition.detect_labels(
                Image={"S3Object": {"Bucket": self._images, "Name": key}},
                MaxLabels=self._max_labels,
                MinConfidence=self._min_confidence,
            )
        self._meter.add("rekognition.images")
        return Seen(
            labels=tuple(
                SeenLabel(name=label.get("Name", ""), confidence=round(float(label.get("Confidence", 0.0)), 2))
                for label in answer["Labels"]
            ),
            model=answer.get("LabelModelVersion", ""),
        )

    def words(self, key: str) -> Words:
        """DetectText of an object in the images bucket; its lines."""
        with domain_errors():
            answer = self._rekognition.detect_text(Image={"S3Object": {"Bucket": self._images, "Name": key}})
        self._meter.add("rekognition.images")
        lines = [found.get("DetectedText", "") for found in answer["TextDetections"] if found.get("Type") == "LINE"]
        return Words(lines=tuple(lines), model=answer.get("TextModelVersion", ""))

    def _comprehended(self, text: str) -> None:
        # "measured in units of 100 characters, with a 3 unit (300 character) minimum charge per request"
        self._meter.add("comprehend.units", max(3, math.ceil(len(text) / 100)))
