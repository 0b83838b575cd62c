"""DetectKeyPhrases and its batch: the noun phrases of a text.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectKeyPhrases.html. Offsets are in
code points.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, PassageFinder
from marinelayer.services.comprehend.batches import batch
from marinelayer.services.comprehend.errors import check_size, engine_errors, unsupported
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MOST_BYTES = 100_000


class KeyPhrases:
    """Finds key phrases."""

    def __init__(self, finder: PassageFinder) -> None:
        self._finder = finder

    @operation("DetectKeyPhrases", needs=need("comprehend:DetectKeyPhrases"))
    async def detect(self, caller: Caller, request: wire.DetectKeyPhrasesRequest) -> wire.DetectKeyPhrasesResponse:
        """The phrases with their places and how much they stand out, in the text's order.

        Raises:
            TextSizeLimitExceededException: over 100 KB.
            UnsupportedLanguageException: one of Comprehend's languages for which there are no lists of words.
        """
        check_size(request["Text"], MOST_BYTES)
        return await self.document(request["Text"], language=request["LanguageCode"])

    @operation("BatchDetectKeyPhrases", needs=need("comprehend:BatchDetectKeyPhrases"))
    async def detect_batch(self, caller: Caller, request: wire.BatchDetectKeyPhrasesRequest) -> Mapping[str, Any]:
        """The phrases of each document.

        Raises:
            BatchSizeLimitExceededException: over 25 documents.
            UnsupportedLanguageException: as `detect`.
        """
        return await batch(request["TextList"], partial(self.document, language=request["LanguageCode"]))

    async def document(self, text: str, *, language: str) -> Any:
        """`KeyPhrases` of one text, of any size. Raises UnsupportedLanguageException."""
        with engine_errors(), unsupported(language):
            found = await self._finder.passages(text, language)
        return {
            "KeyPhrases": [
                {
                    "Score": each.score,
                    "Text": text[each.begin : each.end],
                    "BeginOffset": each.begin,
                    "EndOffset": each.end,
                }
                for each in found
            ]
        }
