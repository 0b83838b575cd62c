"""Custom entity recognizers: what they learn from, and what is told of them. `recognizer_training` teaches them.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_CreateEntityRecognizer.html and its neighbours;
Developer Guide, "Guidelines and quotas" (custom entity recognition, augmented manifest files) for the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller
from marinelayer.services.comprehend.arns import RECOGNIZER
from marinelayer.services.comprehend.data_access import checked_location
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

MOST_TYPES = 25
MOST_MANIFESTS = 5
MOST_ATTRIBUTES = 5
"""Of one manifest."""
KEPT = ("DataAccessRoleArn", "InputDataConfig", "LanguageCode")
_CSV_MEMBERS = ("Documents", "Annotations", "EntityList")


class EntityRecognizers(Models):
    """The custom entity recognizers of an account and region."""

    kind = ModelKind(
        kind=RECOGNIZER,
        noun="EntityRecognizer",
        named="RecognizerName",
        purpose="Custom entity recognition",
        training="comprehend.recognizer.train",
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
            InvalidRequestException: they are not, or the types are too many.
            UnsupportedLanguageException: entities in documents of this language are not learnt.
            OperationNotImplemented: they are semi-structured documents.
        """
        _refuse_unserved(request)
        self.kind.demand_language(request)
        _check_input(request["InputDataConfig"])

    def document(self, caller: Caller, request: Mapping[str, Any], number: str) -> dict[str, Any]:
        """What it is learnt from."""
        document: dict[str, Any] = {key: value for key, value in request.items() if key in KEPT}
        document["InputDataConfig"] = {"DataFormat": "COMPREHEND_CSV", **request["InputDataConfig"]}
        return document


def _refuse_unserved(request: Mapping[str, Any]) -> None:
    manifests: Sequence[Mapping[str, Any]] = request["InputDataConfig"].get("AugmentedManifests") or ()
    for manifest in manifests:
        semi_structured = manifest.get("DocumentType", "PLAIN_TEXT_DOCUMENT") != "PLAIN_TEXT_DOCUMENT"
        if semi_structured or "AnnotationDataS3Uri" in manifest or "SourceDocumentsS3Uri" in manifest:
            raise OperationNotImplemented(
                "comprehend.CreateEntityRecognizer of semi-structured documents is not implemented here."
            )


def _check_input(given: Mapping[str, Any]) -> None:
    kinds = [one["Type"] for one in given["EntityTypes"]]
    if not 1 <= len(kinds) <= MOST_TYPES:
        raise InvalidRequestException(f"There must be 1 to {MOST_TYPES} EntityTypes: there are {len(kinds)}.")
    if len(set(kinds)) < len(kinds):
        raise InvalidRequestException("An entity type is given twice.")
    if given.get("DataFormat", "COMPREHEND_CSV") == "COMPREHEND_CSV":
        _check_csv(given)
    else:
        _check_manifests(given)


def _check_csv(given: Mapping[str, Any]) -> None:
    if "AugmentedManifests" in given:
        raise InvalidRequestException("AugmentedManifests are given for data in the format COMPREHEND_CSV.")
    if "Documents" not in given:
        raise InvalidRequestException("Documents are required for data in the format COMPREHEND_CSV.")
    if ("Annotations" in given) == ("EntityList" in given):
        raise InvalidRequestException("Either Annotations or an EntityList is required, and not both.")
    if "Annotations" in given and ("TestS3Uri" in given["Annotations"]) != ("TestS3Uri" in given["Documents"]):
        raise InvalidRequestException("TestS3Uri is required of both Documents and Annotations, or of neither.")
    for member in _CSV_MEMBERS:
        for uri in ("S3Uri", "TestS3Uri"):
            if uri in given.get(member, ()):
                checked_location(given[member][uri])


def _check_manifests(given: Mapping[str, Any]) -> None:
    manifests: Sequence[Mapping[str, Any]] = given.get("AugmentedManifests") or ()
    if not any(one.get("Split", "TRAIN") == "TRAIN" for one in manifests):
        raise InvalidRequestException("AugmentedManifests with Split TRAIN are required for AUGMENTED_MANIFEST.")
    if any(member in given for member in _CSV_MEMBERS):
        raise InvalidRequestException(f"{' and '.join(_CSV_MEMBERS)} are given for data in the format COMPREHEND_CSV.")
    if len(manifests) > MOST_MANIFESTS:
        raise InvalidRequestException(f"There must be at most {MOST_MANIFESTS} AugmentedManifests.")
    for manifest in manifests:
        if not 1 <= len(manifest["AttributeNames"]) <= MOST_ATTRIBUTES:
            raise InvalidRequestException(f"A manifest must have 1 to {MOST_ATTRIBUTES} AttributeNames.")
        checked_location(manifest["S3Uri"])
