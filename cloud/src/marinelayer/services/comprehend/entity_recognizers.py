"""Custom entity recognizers: created, described, listed, stopped and deleted. `recognizer_training` teaches them.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_CreateEntityRecognizer.html and its neighbours;
Developer Guide, "Guidelines and quotas" (custom entity recognition, augmented manifest files) for the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller
from marinelayer.security.requirement import Requirement
from marinelayer.services.comprehend.arns import RECOGNIZER, ResourceName
from marinelayer.services.comprehend.data_access import SERVICE, checked_location
from marinelayer.services.comprehend.errors import InvalidRequestException, UnsupportedLanguageException
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.listing import PAGE, Lists
from marinelayer.services.comprehend.models import (
    create_model,
    described_model,
    forget_model,
    request_stop,
    summarised,
)
from marinelayer.services.comprehend.resource_policies import MEMBER as POLICY
from marinelayer.services.comprehend.resource_policies import new_policy
from marinelayer.services.comprehend.resources import Resource, digest_of, require_resource
from marinelayer.services.comprehend.tags import given_tags, tag_context
from marinelayer.services.operation import need, operation
from marinelayer.services.passing import to_pass

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

TRAIN = "comprehend.recognizer.train"
LANGUAGES = ("en", "es", "fr", "it", "de", "pt")
"""Of CreateEntityRecognizer's LanguageCode."""
MOST_TYPES = 25
MOST_MANIFESTS = 5
MOST_ATTRIBUTES = 5
"""Of one manifest."""
KEPT = ("DataAccessRoleArn", "InputDataConfig", "LanguageCode")
_CSV_MEMBERS = ("Documents", "Annotations", "EntityList")


def _on_new(request: Mapping[str, Any], caller: Caller) -> ResourceName:
    return ResourceName(
        account=caller.account,
        region=caller.region,
        kind=RECOGNIZER,
        name=request["RecognizerName"],
        version=request.get("VersionName", ""),
    )


def _to_create(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
    """comprehend:CreateEntityRecognizer on the recognizer, and iam:PassRole on its role."""
    creating = Requirement(
        action="comprehend:CreateEntityRecognizer",
        resource=_on_new(request, caller).arn,
        context=tag_context(request),
    )
    return (creating, to_pass(request["DataAccessRoleArn"], SERVICE))


def _on_recognizer(request: Mapping[str, Any], _: Caller) -> str:
    return request["EntityRecognizerArn"]


class EntityRecognizers:
    """The custom entity recognizers of an account and region."""

    def __init__(self, ground: Ground, lists: Lists) -> None:
        self._ground = ground
        self._lists = lists

    @operation("CreateEntityRecognizer", needs=_to_create)
    async def create(
        self, caller: Caller, request: wire.CreateEntityRecognizerRequest
    ) -> wire.CreateEntityRecognizerResponse:
        """Take a recognizer on, and have it trained.

        Raises:
            InvalidRequestException: the data is not in one of its forms, the types are too many, or as `new_policy`.
            UnsupportedLanguageException: entities in documents of this language are not learnt.
            ResourceInUseException: there is one of this name and version.
            TooManyTagsException
        """
        _refuse_unserved(request)
        if request["LanguageCode"] not in LANGUAGES:
            raise UnsupportedLanguageException(
                f"Custom entity recognition supports the languages {', '.join(LANGUAGES)}, not "
                f"{request['LanguageCode']}."
            )
        check_input(request["InputDataConfig"])
        document: dict[str, Any] = {key: value for key, value in request.items() if key in KEPT}
        document["InputDataConfig"] = {"DataFormat": "COMPREHEND_CSV", **request["InputDataConfig"]}
        document["Id"] = self._ground.ids.token(32)
        if "ModelPolicy" in request:
            document[POLICY] = await new_policy(request["ModelPolicy"], self._ground)
        resource = Resource(
            name=_on_new(request, caller),
            label=request["RecognizerName"],
            status="SUBMITTED",
            created=self._ground.clock.now(),
            token=request.get("ClientRequestToken"),
            digest=digest_of(request),
            tags=given_tags(request),
            document=document,
        )
        stored = await self._ground.tables.write(create_model, resource, TRAIN)
        self._ground.poke()
        return {"EntityRecognizerArn": stored.arn}

    @operation("DescribeEntityRecognizer", needs=need("comprehend:DescribeEntityRecognizer", on=_on_recognizer))
    async def describe(
        self, caller: Caller, request: wire.DescribeEntityRecognizerRequest
    ) -> wire.DescribeEntityRecognizerResponse:
        """What is known of a recognizer. Raises ResourceNotFoundException."""
        found = await self._ground.tables.read(require_resource, request["EntityRecognizerArn"])
        return {"EntityRecognizerProperties": _shown(found)}

    @operation("ListEntityRecognizers", needs=need("comprehend:ListEntityRecognizers"))
    async def list(
        self, caller: Caller, request: wire.ListEntityRecognizersRequest
    ) -> wire.ListEntityRecognizersResponse:
        """A page of recognizers, all versions. Raises InvalidFilterException and InvalidRequestException."""
        found, more = await self._lists.page(caller, RECOGNIZER, request)
        answer: Any = {"EntityRecognizerPropertiesList": [_shown(one) for one in found], **more}
        return answer

    @operation("ListEntityRecognizerSummaries", needs=need("comprehend:ListEntityRecognizerSummaries"))
    async def summaries(
        self, caller: Caller, request: wire.ListEntityRecognizerSummariesRequest
    ) -> wire.ListEntityRecognizerSummariesResponse:
        """A page of the recognizers' names, each with its latest version. Raises InvalidRequestException."""
        scope = f"comprehend.{RECOGNIZER}.summaries/{caller.account}/{caller.region}"
        after = self._lists.after(request.get("NextToken"), scope)
        most = request.get("MaxResults", PAGE)
        found = await self._ground.tables.read(summarised, caller, RECOGNIZER, after, most + 1)
        answer: Any = {
            "EntityRecognizerSummariesList": [{"RecognizerName": name, **versions} for name, versions in found[:most]]
        }
        return answer | (self._lists.seal(found[most - 1][0], scope) if len(found) > most else {})

    @operation("StopTrainingEntityRecognizer", needs=need("comprehend:StopTrainingEntityRecognizer", on=_on_recognizer))
    async def stop(
        self, caller: Caller, request: wire.StopTrainingEntityRecognizerRequest
    ) -> wire.StopTrainingEntityRecognizerResponse:
        """Have the training end, if it has not yet. Raises ResourceNotFoundException."""
        await self._ground.tables.write(request_stop, request["EntityRecognizerArn"])
        self._ground.poke()
        return {}

    @operation("DeleteEntityRecognizer", needs=need("comprehend:DeleteEntityRecognizer", on=_on_recognizer))
    async def delete(
        self, caller: Caller, request: wire.DeleteEntityRecognizerRequest
    ) -> wire.DeleteEntityRecognizerResponse:
        """Remove a recognizer whose training is over.

        Raises:
            ResourceNotFoundException: there is none.
            ResourceInUseException: it is being trained, or an endpoint or a job uses it.
        """
        await self._ground.tables.write(forget_model, request["EntityRecognizerArn"], self._ground.clock.now())
        self._ground.poke()
        return {}


def _refuse_unserved(request: Mapping[str, Any]) -> None:
    for member in ("VolumeKmsKeyId", "VpcConfig", "ModelKmsKeyId"):
        if member in request:
            raise OperationNotImplemented(f"comprehend.CreateEntityRecognizer with {member} is not implemented here.")
    manifests: Sequence[Mapping[str, Any]] = request["InputDataConfig"].get("AugmentedManifests") or ()
    for manifest in manifests:
        semi_structured = manifest.get("DocumentType", "PLAIN_TEXT_DOCUMENT") != "PLAIN_TEXT_DOCUMENT"
        if semi_structured or "AnnotationDataS3Uri" in manifest or "SourceDocumentsS3Uri" in manifest:
            raise OperationNotImplemented(
                "comprehend.CreateEntityRecognizer of semi-structured documents is not implemented here."
            )


def check_input(given: Mapping[str, Any]) -> None:
    """Look whether an InputDataConfig is in one of its forms. Raises InvalidRequestException."""
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


def _shown(resource: Resource) -> wire.EntityRecognizerProperties:
    shown: Any = {"EntityRecognizerArn": resource.arn, **described_model(resource)}
    return shown
