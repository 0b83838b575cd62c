"""Which requests are dispatched, and by which rule. Pure.

- The **picture rule**: one of the labels is in the photo, and the description is negative.
- The **text rule**, only where no photo was looked at (none came, or no engine could tell): the request is for one of
  the services, one of the words is in the description, and the description is negative. It claims no more than that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from getitdone.config import TriageSettings
from getitdone.triage.results import LabelResult

NEGATIVE = "NEGATIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A dispatch's rule, and what it found: `Motor Scooter 87.1 %`, or the word. `earlier` is no rule of today: it was
    sent when settings, request or photo were others, and `found` is what was found then."""

    rule: Literal["picture", "text", "earlier"]
    found: str


class Rules:
    """The rules of the settings, ready to judge many requests."""

    def __init__(self, settings: TriageSettings) -> None:
        self._labels = {label.casefold() for label in settings.labels}
        self._services = {" ".join(name.split()).casefold() for name in settings.text_services}
        words = "|".join(re.escape(word) for word in sorted(settings.text_words, key=len, reverse=True))
        self._words = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None

    def judge(
        self, *, service: str, description: str, sentiment: str | None, labels: Sequence[LabelResult] | None
    ) -> Verdict | None:
        """The verdict on a request; `labels` None where no photo was looked at, `description` in English."""
        if sentiment != NEGATIVE:
            return None
        if labels is not None:
            best = self.wanted(labels)
            return Verdict(rule="picture", found=f"{best.name} {best.confidence:.1f} %") if best else None
        word = self._words.search(description) if self._words and service.casefold() in self._services else None
        return Verdict(rule="text", found=f"the word “{word[0].lower()}”") if word else None

    def wanted(self, labels: Sequence[LabelResult]) -> LabelResult | None:
        """The label of the picture rule that is surest, None where there is none."""
        ours = [label for label in labels if label.name.casefold() in self._labels]
        return max(ours, key=lambda label: label.confidence, default=None)
