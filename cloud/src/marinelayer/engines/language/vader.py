"""VADER, a lexicon of English words and emoji with rules, once its lexicon is known to be the catalogue's."""

from __future__ import annotations

from functools import cache
from typing import Any

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from marinelayer.engines import catalogue

LEXICON = "VADER"


@cache
def vader() -> Any:
    """The analyzer; its `polarity_scores` gives `pos`, `neg`, `neu` (0-1) and `compound` (-1 to 1).

    Raises:
        EngineUnavailableError: the lexicon is not the catalogue's.
    """
    library: Any = SentimentIntensityAnalyzer
    catalogue.find(LEXICON, None).checked("vader_lexicon.txt")
    return library()
