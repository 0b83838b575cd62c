"""DetectSentiment: whether a text is positive, negative, neutral or mixed.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectSentiment.html. A language that is not one
of the model's twelve never comes here: the protocol refuses it with ValidationException.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, EngineUnavailableError, SentimentScorer
from marinelayer.services.comprehend.errors import UnsupportedLanguageException, check_size, engine_errors
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MOST_BYTES = 5_000


class Sentiments:
    """Tells sentiments."""

    def __init__(self, scorer: SentimentScorer) -> None:
        self._scorer = scorer

    @operation("DetectSentiment", needs=need("comprehend:DetectSentiment"))
    async def detect(self, caller: Caller, request: wire.DetectSentimentRequest) -> wire.DetectSentimentResponse:
        """The likeliest sentiment and the shares of all four.

        Raises:
            TextSizeLimitExceededException: over 5,000 bytes.
            UnsupportedLanguageException: one of Comprehend's languages that no engine here knows.
        """
        text, language = request["Text"], request["LanguageCode"]
        check_size(text, MOST_BYTES)
        with engine_errors():
            try:
                seen = await self._scorer.score(text, language)
            except EngineUnavailableError as error:
                raise UnsupportedLanguageException(f"Unsupported language: {language}. {error}") from None
        scores: wire.SentimentScore = {
            "Positive": seen.positive,
            "Negative": seen.negative,
            "Neutral": seen.neutral,
            "Mixed": seen.mixed,
        }
        likeliest = max(scores, key=lambda name: scores.get(name, 0.0))
        return {"Sentiment": likeliest.upper(), "SentimentScore": scores}
