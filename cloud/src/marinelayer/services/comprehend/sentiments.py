"""DetectSentiment and its batch: whether a text is positive, negative, neutral or mixed.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectSentiment.html. A language that is not one
of the model's twelve never comes here: the protocol refuses it with ValidationException.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Sentiment, SentimentScorer
from marinelayer.services.comprehend.batches import batch
from marinelayer.services.comprehend.errors import check_size, engine_errors, unsupported
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
        check_size(request["Text"], MOST_BYTES)
        return await self.document(request["Text"], language=request["LanguageCode"])

    @operation("BatchDetectSentiment", needs=need("comprehend:BatchDetectSentiment"))
    async def detect_batch(self, caller: Caller, request: wire.BatchDetectSentimentRequest) -> Mapping[str, Any]:
        """The sentiment of each document.

        Raises:
            BatchSizeLimitExceededException: over 25 documents.
            UnsupportedLanguageException: as `detect`.
        """
        return await batch(request["TextList"], partial(self.document, language=request["LanguageCode"]))

    async def document(self, text: str, *, language: str) -> Any:
        """`Sentiment` and `SentimentScore` of one text, of any size. Raises UnsupportedLanguageException."""
        with engine_errors(), unsupported(language):
            seen = await self._scorer.score(text, language)
        return shown_sentiment(seen)


def shown_sentiment(seen: Sentiment) -> Any:
    """`Sentiment`, the likeliest, and `SentimentScore`."""
    scores = {
        "Positive": seen.positive,
        "Negative": seen.negative,
        "Neutral": seen.neutral,
        "Mixed": seen.mixed,
    }
    likeliest = max(scores, key=scores.__getitem__)
    return {"Sentiment": likeliest.upper(), "SentimentScore": scores}
