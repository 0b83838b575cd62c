"""DetectTargetedSentiment and its batch: what a text speaks of, and how it speaks of each mention.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectTargetedSentiment.html and
https://docs.aws.amazon.com/comprehend/latest/dg/how-targeted-sentiment.html. Offsets are in code points.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, TargetGroup, TargetMention, TargetReader
from marinelayer.services.comprehend.batches import batch
from marinelayer.services.comprehend.errors import check_size, engine_errors, unsupported
from marinelayer.services.comprehend.sentiments import shown_sentiment
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MOST_BYTES = 5_000


class TargetedSentiments:
    """Tells what is spoken of, and how."""

    def __init__(self, reader: TargetReader) -> None:
        self._reader = reader

    @operation("DetectTargetedSentiment", needs=need("comprehend:DetectTargetedSentiment"))
    async def detect(
        self, caller: Caller, request: wire.DetectTargetedSentimentRequest
    ) -> wire.DetectTargetedSentimentResponse:
        """The groups of mentions that mean one thing, each mention with its type, place and sentiment.

        Raises:
            TextSizeLimitExceededException: over 5,000 bytes.
            UnsupportedLanguageException: not English, or no model is installed, with what to install.
        """
        check_size(request["Text"], MOST_BYTES)
        return await self.document(request["Text"], language=request["LanguageCode"])

    @operation("BatchDetectTargetedSentiment", needs=need("comprehend:BatchDetectTargetedSentiment"))
    async def detect_batch(
        self, caller: Caller, request: wire.BatchDetectTargetedSentimentRequest
    ) -> Mapping[str, Any]:
        """The groups of each document.

        Raises:
            BatchSizeLimitExceededException: over 25 documents.
            UnsupportedLanguageException: as `detect`.
        """
        return await batch(request["TextList"], partial(self.document, language=request["LanguageCode"]))

    async def document(self, text: str, *, language: str) -> Any:
        """`Entities` of one text, of any size. Raises UnsupportedLanguageException."""
        with engine_errors(), unsupported(language):
            found = await self._reader.targets(text, language)
        return {"Entities": [_shown(text, group) for group in found]}


def _shown(text: str, group: TargetGroup) -> Mapping[str, Any]:
    return {
        "DescriptiveMentionIndex": list(group.best),
        "Mentions": [_mention(text, mention) for mention in group.mentions],
    }


def _mention(text: str, mention: TargetMention) -> Mapping[str, Any]:
    return {
        "Score": mention.score,
        "GroupScore": mention.group_score,
        "Text": text[mention.begin : mention.end],
        "Type": mention.kind,
        "MentionSentiment": shown_sentiment(mention.sentiment),
        "BeginOffset": mention.begin,
        "EndOffset": mention.end,
    }
