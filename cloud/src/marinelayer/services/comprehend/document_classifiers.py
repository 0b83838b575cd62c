"""Custom classifiers: what they learn from, and what is told of them. `classifier_training` trains them.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_CreateDocumentClassifier.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller
from marinelayer.services.comprehend.arns import CLASSIFIER
from marinelayer.services.comprehend.data_access import checked_location, output_of
from marinelayer.services.comprehend.errors import InvalidRequestException
from marinelayer.services.comprehend.model_kinds import (
    ModelKind,
    Models,
    creating,
    deleting,
    describing,
    listing,
    stopping,
    summarising,
)
from marinelayer.services.comprehend.resources import Resource

SHORT = "CLR"
KEPT = ("DataAccessRoleArn", "InputDataConfig", "LanguageCode", "Mode")


class DocumentClassifiers(Models):
    """The custom classifiers of an account and region."""

    kind = ModelKind(
        kind=CLASSIFIER,
        noun="DocumentClassifier",
        named="DocumentClassifierName",
        purpose="Custom classification",
        training="comprehend.classifier.train",
    )
    create = creating(kind)
    describe = describing(kind)
    list = listing(kind)
    summaries = summarising(kind)
    stop = stopping(kind)
    delete = deleting(kind)

    def check(self, request: Mapping[str, Any]) -> None:
        """Look whether the training data are given in one of their forms.

        Raises:
            InvalidRequestException: they are not.
            UnsupportedLanguageException: documents in this language are not classified.
            OperationNotImplemented: they are native documents.
        """
        _refuse_unserved(request)
        self.kind.demand_language(request)
        _check_input(request)

    def document(self, caller: Caller, request: Mapping[str, Any], number: str) -> dict[str, Any]:
        """What it is learnt from and how, and where its confusion matrix goes, if it goes anywhere."""
        document: dict[str, Any] = {key: value for key, value in request.items() if key in KEPT}
        document["InputDataConfig"] = {"DataFormat": "COMPREHEND_CSV", **request["InputDataConfig"]}
        document["Mode"] = request.get("Mode", "MULTI_CLASS")
        if "OutputDataConfig" in request:
            uri = output_of(request, caller.account, SHORT, number)
            document["OutputDataConfig"] = {**request["OutputDataConfig"], "S3Uri": uri}
        return document

    def shown(self, resource: Resource) -> dict[str, Any]:
        """A classifier in the model's shape."""
        return {"OutputDataConfig": {}, **super().shown(resource)}


def _refuse_unserved(request: Mapping[str, Any]) -> None:
    given = request["InputDataConfig"]
    if given.get("DocumentType", "PLAIN_TEXT_DOCUMENT") != "PLAIN_TEXT_DOCUMENT" or "Documents" in given:
        raise OperationNotImplemented(
            "comprehend.CreateDocumentClassifier of native documents is not implemented here."
        )


def _check_input(request: Mapping[str, Any]) -> None:
    given: Mapping[str, Any] = request["InputDataConfig"]
    manifests: Sequence[Mapping[str, Any]] = given.get("AugmentedManifests") or ()
    if given.get("DataFormat", "COMPREHEND_CSV") == "COMPREHEND_CSV":
        if "S3Uri" not in given:
            raise InvalidRequestException("S3Uri is required for data in the format COMPREHEND_CSV.")
        if manifests:
            raise InvalidRequestException("AugmentedManifests are given for data in the format COMPREHEND_CSV.")
    elif not any(one.get("Split", "TRAIN") == "TRAIN" for one in manifests):
        raise InvalidRequestException("AugmentedManifests with Split TRAIN are required for AUGMENTED_MANIFEST.")
    elif "S3Uri" in given or "TestS3Uri" in given:
        raise InvalidRequestException("S3Uri is given for data in the format AUGMENTED_MANIFEST.")
    if "LabelDelimiter" in given and request.get("Mode", "MULTI_CLASS") != "MULTI_LABEL":
        raise InvalidRequestException("LabelDelimiter is given for the mode MULTI_CLASS.")
    uris = [given[member] for member in ("S3Uri", "TestS3Uri") if member in given]
    for uri in [*uris, *(one["S3Uri"] for one in manifests)]:
        checked_location(uri)
