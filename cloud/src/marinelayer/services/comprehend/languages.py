"""DetectDominantLanguage and its batch: the languages that a text is most likely in.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectDominantLanguage.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, LanguageDetector
from marinelayer.services.comprehend.batches import batch
from marinelayer.services.comprehend.errors import check_size, engine_errors
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MOST_BYTES = 100_000
LEAST_SHARE = 0.05
"""Languages less likely than this are left out, but for the likeliest of all."""


class Languages:
    """Tells languages."""

    def __init__(self, detector: LanguageDetector) -> None:
        self._detector = detector

    @operation("DetectDominantLanguage", needs=need("comprehend:DetectDominantLanguage"))
    async def detect(
        self, caller: Caller, request: wire.DetectDominantLanguageRequest
    ) -> wire.DetectDominantLanguageResponse:
        """The likely languages, the likeliest first. Raises TextSizeLimitExceededException over 100 KB."""
        check_size(request["Text"], MOST_BYTES)
        return await self.document(request["Text"])

    @operation("BatchDetectDominantLanguage", needs=need("comprehend:BatchDetectDominantLanguage"))
    async def detect_batch(self, caller: Caller, request: wire.BatchDetectDominantLanguageRequest) -> Mapping[str, Any]:
        """The likely languages of each document. Raises BatchSizeLimitExceededException over 25 of them."""
        return await batch(request["TextList"], self.document)

    async def document(self, text: str) -> Any:
        """`Languages` of one text, of any size."""
        with engine_errors():
            languages = await self._detector.languages(text)
        likely = [(code, share) for n, (code, share) in enumerate(languages) if n == 0 or share >= LEAST_SHARE]
        return {"Languages": [{"LanguageCode": code, "Score": share} for code, share in likely]}
