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
from marinelayer.services.comprehend.model_files import ModelFiles
from marinelayer.services.comprehend.plain_documents import one_page, plain_text
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MOST_BYTES = 10_000
"""Guidelines and quotas, "Custom classification": of a plain text that is classified at once."""
_PROVIDED = re.compile(r"arn:aws[a-z-]*:comprehend:[a-z0-9-]*:aws:document-classifier-endpoint/.+")
"""Endpoints of AWS's own, for prompt safety classification."""
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

    def __init__(self, tables: Tables, classifying: Classifying) -> None:
        self._tables = tables
        self._classifying = classifying

    @operation("ClassifyDocument", needs=need("comprehend:ClassifyDocument", on=on_endpoint))
    async def classify(self, caller: Caller, request: wire.ClassifyDocumentRequest) -> wire.ClassifyDocumentResponse:
        """The likeliest classes of a text, or all labels, each with its probability.

        Raises:
            InvalidRequestException: not just one of Text and Bytes is given.
            TextSizeLimitExceededException: over 10,000 bytes.
            ResourceUnavailableException: there is no such endpoint, or it is not in service.
            OperationNotImplemented: the endpoint is one that AWS provides, or Bytes are no plain text.
        """
        if _PROVIDED.fullmatch(request["EndpointArn"]):
            raise OperationNotImplemented("comprehend.ClassifyDocument has no prompt safety classifier here.")
        given = request.get("Bytes")
        if (given is None) == ("Text" not in request):
            raise InvalidRequestException("Just one of Text and Bytes must be given.")
        text = request["Text"] if "Text" in request else plain_text(given or b"", "ClassifyDocument")
        check_size(text, MOST_BYTES)
        model = await self._tables.read(model_in_service, request["EndpointArn"])
        with engine_errors():
            (answer,) = await self._classifying.classify(model, [text])
        return _answered(answer) if given is None else _paged(answer, text)


def _answered(answer: Mapping[str, Any]) -> wire.ClassifyDocumentResponse:
    shown: Any = dict(answer)
    return shown


def _paged(answer: Mapping[str, Any], text: str) -> wire.ClassifyDocumentResponse:
    """An answer about a document of one page."""
    ((member, found),) = answer.items()
    shown: Any = {member: [{**one, "Page": 1} for one in found], **one_page(text)}
    return shown
