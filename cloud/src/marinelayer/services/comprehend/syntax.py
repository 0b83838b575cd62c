"""DetectSyntax and its batch: the words of a text with their part of speech.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectSyntax.html. Offsets are in code points.
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

MOST_BYTES = 5_000


class Syntax:
    """Tells parts of speech."""

    def __init__(self, finder: PassageFinder) -> None:
        self._finder = finder

    @operation("DetectSyntax", needs=need("comprehend:DetectSyntax"))
    async def detect(self, caller: Caller, request: wire.DetectSyntaxRequest) -> wire.DetectSyntaxResponse:
        """Each word and mark, numbered from 1.

        Raises:
            TextSizeLimitExceededException: over 5,000 bytes.
            UnsupportedLanguageException: no model for the language is installed, with what to install.
        """
        check_size(request["Text"], MOST_BYTES)
        return await self.document(request["Text"], language=request["LanguageCode"])

    @operation("BatchDetectSyntax", needs=need("comprehend:BatchDetectSyntax"))
    async def detect_batch(self, caller: Caller, request: wire.BatchDetectSyntaxRequest) -> Mapping[str, Any]:
        """The words of each document.

        Raises:
            BatchSizeLimitExceededException: over 25 documents.
            UnsupportedLanguageException: as `detect`.
        """
        return await batch(request["TextList"], partial(self.document, language=request["LanguageCode"]))

    async def document(self, text: str, *, language: str) -> Any:
        """`SyntaxTokens` of one text, of any size. Raises UnsupportedLanguageException."""
        with engine_errors(), unsupported(language):
            found = await self._finder.passages(text, language)
        return {
            "SyntaxTokens": [
                {
                    "TokenId": number,
                    "Text": text[each.begin : each.end],
                    "BeginOffset": each.begin,
                    "EndOffset": each.end,
                    "PartOfSpeech": {"Tag": each.kind, "Score": each.score},
                }
                for number, each in enumerate(found, 1)
            ]
        }
