"""DetectToxicContent: how toxic each of a few texts is, and in which ways.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectToxicContent.html. AWS reads English only.
Each text is looked at by itself.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, ToxicityScorer
from marinelayer.services.comprehend.errors import (
    InvalidRequestException,
    UnsupportedLanguageException,
    check_size,
    engine_errors,
)
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

LANGUAGE = "en"
MOST_SEGMENTS = 10
MOST_BYTES = 1_000
"""Of a segment, 1 KB as Comprehend counts it; so that all of them have 10 KB at most."""


class ToxicContent:
    """Tells toxic content."""

    def __init__(self, scorer: ToxicityScorer) -> None:
        self._scorer = scorer

    @operation("DetectToxicContent", needs=need("comprehend:DetectToxicContent"))
    async def detect(self, caller: Caller, request: wire.DetectToxicContentRequest) -> wire.DetectToxicContentResponse:
        """Each text's toxicity and the labels that the engine knows, in the order of the texts.

        Raises:
            InvalidRequestException: over 10 texts.
            TextSizeLimitExceededException: one of over 1 KB.
            UnsupportedLanguageException: not English.
            OperationNotImplemented: no model is installed, with what to install.
        """
        if request["LanguageCode"] != LANGUAGE:
            raise UnsupportedLanguageException(
                f"Unsupported language: {request['LanguageCode']}. Toxic content is detected in {LANGUAGE} only"
            )
        texts = [segment["Text"] for segment in request["TextSegments"]]
        if len(texts) > MOST_SEGMENTS:
            raise InvalidRequestException(
                f"The request is invalid. It has {len(texts)} text segments, and at most {MOST_SEGMENTS} are allowed."
            )
        for text in texts:
            check_size(text, MOST_BYTES)
        with engine_errors():
            return {"ResultList": await asyncio.gather(*map(self._labels, texts))}

    async def _labels(self, text: str) -> Any:
        """`Labels` and `Toxicity` of one text."""
        seen = await self._scorer.toxicity(text)
        labels = [{"Name": name, "Score": score} for name, score in seen.labels.items()]
        return {"Labels": labels, "Toxicity": seen.overall}
