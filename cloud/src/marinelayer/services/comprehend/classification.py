"""ClassifyDocument: what a custom classifier says of a text, at an endpoint.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_ClassifyDocument.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, Classifier, Tables
from marinelayer.services.comprehend.endpoints import model_in_service, on_endpoint
from marinelayer.services.comprehend.errors import InvalidRequestException, check_size, engine_errors
from marinelayer.services.comprehend.given_documents import PLAIN, GivenDocuments, Page
from marinelayer.services.comprehend.model_files import ModelFiles
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MOST_BYTES = 10_000
"""Guidelines and quotas, "Custom classification": of a plain text that is classified at once."""
_PROVIDED = re.compile(r"arn:aws[a-z-]*:comprehend:[a-z0-9-]*:aws:document-classifier-endpoint/.+")
"""Endpoints of AWS's own, for prompt safety classification."""
_NATIVE = {
    "Page": 1,
    "WarnCode": "INFERENCING_NATIVE_DOCUMENT_WITH_PLAINTEXT_TRAINED_MODEL",
    "WarnMessage": "The document to classify is semi-structured, but the classifier is a plain-text model.",
}
CLASSES = 3
"""The likeliest of a model's classes that an answer tells."""


class Classifying:
    """Asks trained classifiers."""

    def __init__(self, classifier: Classifier, files: ModelFiles) -> None:
        self._classifier = classifier
        self._files = files

    async def classify(self, model: Resource, texts: Sequence[str]) -> list[Mapping[str, Any]]:
        """For each text the `Classes` or `Labels` that an answer has.

        Raises:
            EngineBusyError, EngineFailedError
        """

        async def weights() -> bytes:
            return await self._files.load(model)

        # Bytes are never changed under their name, so that an engine may keep them by it.
        found = await self._classifier.classify(str(model.blob_id), weights, texts)
        exclusive = model.document["Mode"] == "MULTI_CLASS"
        member, most = ("Classes", CLASSES) if exclusive else ("Labels", None)
        return [{member: [{"Name": name, "Score": score} for name, score in one[:most]]} for one in found]


class DocumentClassification:
    """Classifies single documents."""

    def __init__(self, tables: Tables, classifying: Classifying, documents: GivenDocuments) -> None:
        self._tables = tables
        self._classifying = classifying
        self._documents = documents

    @operation("ClassifyDocument", needs=need("comprehend:ClassifyDocument", on=on_endpoint))
    async def classify(self, caller: Caller, request: wire.ClassifyDocumentRequest) -> wire.ClassifyDocumentResponse:
        """The likeliest classes of a text, or all labels, each with its probability.

        Raises:
            InvalidRequestException: not just one of Text and Bytes is given, or these are no document that can be read.
            TextSizeLimitExceededException: plain text over 10,000 bytes.
            ResourceUnavailableException: there is no such endpoint, or it is not in service.
            OperationNotImplemented: the endpoint is one that AWS provides, or as `GivenDocuments.page`.
        """
        if _PROVIDED.fullmatch(request["EndpointArn"]):
            raise OperationNotImplemented("comprehend.ClassifyDocument has no prompt safety classifier here.")
        given = request.get("Bytes")
        if (given is None) == ("Text" not in request):
            raise InvalidRequestException("Just one of Text and Bytes must be given.")
        if given is None:
            check_size(request.get("Text", ""), MOST_BYTES)
        model = await self._tables.read(model_in_service, request["EndpointArn"])
        if given is None:
            answer: Any = await self._classified(model, request.get("Text", ""))
            return answer
        reading = request.get("DocumentReaderConfig") or {}
        page = await self._documents.page(caller, given, reading, "ClassifyDocument")
        if page.kind == PLAIN:
            check_size(page.text, MOST_BYTES)
        return _paged({} if page.error else await self._classified(model, page.text), page)

    async def _classified(self, model: Resource, text: str) -> Mapping[str, Any]:
        with engine_errors():
            (answer,) = await self._classifying.classify(model, [text])
        return answer


def _paged(answer: Mapping[str, Any], page: Page) -> wire.ClassifyDocumentResponse:
    """An answer about a document of one page; it warns of one that is no plain text, which all models here learnt."""
    shown: Any = {member: [{**one, "Page": 1} for one in found] for member, found in answer.items()}
    shown |= page.told if page.kind == PLAIN else {**page.told, "Warnings": [_NATIVE]}
    return shown
