"""DetectEntities and its batch: the people, places, organisations, dates and amounts that a text names.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectEntities.html. Offsets are in code points.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, PassageFinder
from marinelayer.services.comprehend.batches import batch
from marinelayer.services.comprehend.errors import InvalidRequestException, check_size, engine_errors, unsupported
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MOST_BYTES = 100_000


class Entities:
    """Finds entities."""

    def __init__(self, finder: PassageFinder) -> None:
        self._finder = finder

    @operation("DetectEntities", needs=need("comprehend:DetectEntities"))
    async def detect(self, caller: Caller, request: wire.DetectEntitiesRequest) -> wire.DetectEntitiesResponse:
        """The entities with type and place, in the text's order.

        Raises:
            InvalidRequestException: there is no text, or no language.
            TextSizeLimitExceededException: over 100 KB.
            UnsupportedLanguageException: no model for the language is installed, with what to install.
            OperationNotImplemented: a custom recognizer, or a document, is given.
        """
        if "EndpointArn" in request or "Bytes" in request:
            raise OperationNotImplemented("Custom entity recognizers are not implemented here.")
        if "Text" not in request:
            raise InvalidRequestException("Either Text or Bytes must be given.")
        if "LanguageCode" not in request:
            raise InvalidRequestException("LanguageCode must be given where no EndpointArn is.")
        check_size(request["Text"], MOST_BYTES)
        return await self.document(request["Text"], language=request["LanguageCode"])

    @operation("BatchDetectEntities", needs=need("comprehend:BatchDetectEntities"))
    async def detect_batch(self, caller: Caller, request: wire.BatchDetectEntitiesRequest) -> Mapping[str, Any]:
        """The entities of each document.

        Raises:
            BatchSizeLimitExceededException: over 25 documents.
            UnsupportedLanguageException: as `detect`.
        """
        return await batch(request["TextList"], partial(self.document, language=request["LanguageCode"]))

    async def document(self, text: str, *, language: str) -> Any:
        """`Entities` of one text, of any size. Raises UnsupportedLanguageException."""
        with engine_errors(), unsupported(language):
            found = await self._finder.passages(text, language)
        return {
            "Entities": [
                {
                    "Score": each.score,
                    "Type": each.kind,
                    "Text": text[each.begin : each.end],
                    "BeginOffset": each.begin,
                    "EndOffset": each.end,
                }
                for each in found
            ]
        }
