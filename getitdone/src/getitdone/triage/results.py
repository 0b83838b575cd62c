"""What was read and seen, kept so that a later run neither asks nor pays again.

Keyed by a text's hash and by a photo's key and version: ten people who write the same are read once. What no engine
could answer stays None, and is asked again by the next run, from where it is missing.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Kept(BaseModel):
    """A part of the state object."""

    model_config = ConfigDict(extra="forbid")


class TextResult(Kept):
    """What is known of a text: its language and how sure that is, its translation where it is not English, its
    sentiment and score."""

    language: str | None = None
    language_score: float = 0.0
    english: str | None = None
    sentiment: str | None = None
    sentiment_score: float = 0.0


class LabelResult(Kept):
    """A label and its confidence in percent."""

    name: str
    confidence: float


class PhotoResult(Kept):
    """What is known of a photo: its labels and lines of text (None: not answered), and which model answered."""

    labels: list[LabelResult] | None = None
    label_model: str = ""
    lines: list[str] | None = None
    text_model: str = ""


class Results(Kept):
    """Everything that is known of a month."""

    version: Literal[1] = 1
    texts: dict[str, TextResult] = {}
    photos: dict[str, PhotoResult] = {}

    def merge(self, texts: dict[str, TextResult], photos: dict[str, PhotoResult]) -> None:
        """Add what a run found; of two answers to the same, the newer."""
        self.texts |= texts
        self.photos |= photos


def text_key(text: str, *settings: object) -> str:
    """How the state knows a text that was read under these settings."""
    return hashlib.sha256("\0".join((*map(str, settings), text)).encode("utf-8", "replace")).hexdigest()[:32]
