"""DetectEntities and its batch: the people, places, organisations, dates and amounts that a text names.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectEntities.html. Offsets are in code points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, PassageFinder
from marinelayer.security.requirement import Requirement
from marinelayer.services.comprehend.batches import batch
from marinelayer.services.comprehend.errors import InvalidRequestException, check_size, engine_errors, unsupported
from marinelayer.services.comprehend.given_documents import plain_page
from marinelayer.services.comprehend.recognition import Recognizing, shown_entities
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MOST_BYTES = 100_000


def _to_detect(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
    """comprehend:DetectEntities, on the endpoint where one is named."""
    return (Requirement(action="comprehend:DetectEntities", resource=request.get("EndpointArn", "*")),)


class Entities:
    """Finds entities: those that the engine knows, and with `recognizing` those of custom recognizers."""

    def __init__(self, finder: PassageFinder, recognizing: Recognizing | None = None) -> None:
        self._finder = finder
        self._recognizing = recognizing

    @operation("DetectEntities", needs=_to_detect)
    async def detect(self, caller: Caller, request: wire.DetectEntitiesRequest) -> wire.DetectEntitiesResponse:
        """The entities with type and place, in the text's order.

        Raises:
            InvalidRequestException: there is no text, or neither a language nor an endpoint; Text and Bytes are both
                given, or Bytes without an endpoint.
            TextSizeLimitExceededException: over 100 KB, at an endpoint over 5,000 bytes.
            UnsupportedLanguageException: no model for the language is installed, with what to install.
            ResourceUnavailableException: there is no such endpoint, or it is not in service.
            OperationNotImplemented: Bytes are no plain text.
        """
        if "EndpointArn" in request:
            return await self._custom(request, request["EndpointArn"])
        if "Bytes" in request:
            raise InvalidRequestException(
                "Bytes are read by custom entity recognizers only: EndpointArn must be given."
            )
        if "Text" not in request:
            raise InvalidRequestException("Either Text or Bytes must be given.")
        if "LanguageCode" not in request:
            raise InvalidRequestException("LanguageCode must be given where no EndpointArn is.")
        check_size(request["Text"], MOST_BYTES)
        return await self.document(request["Text"], language=request["LanguageCode"])

    async def _custom(self, request: wire.DetectEntitiesRequest, endpoint_arn: str) -> wire.DetectEntitiesResponse:
        """What the recognizer at an endpoint finds, whatever LanguageCode says: it knows one language."""
        if self._recognizing is None:
            raise OperationNotImplemented("Custom entity recognizers are not implemented here.")
        given = request.get("Bytes")
        if (given is None) == ("Text" not in request):
            raise InvalidRequestException("Just one of Text and Bytes must be given.")
        page = None if given is None else plain_page(given, "DetectEntities")
        text = request.get("Text", "") if page is None else page.text
        answer: Any = {"Entities": await self._recognizing.at_endpoint(endpoint_arn, text)}
        return answer if page is None else answer | page.told

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
        return {"Entities": shown_entities(text, found)}
