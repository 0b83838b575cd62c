"""Custom classifiers: created, described, listed, stopped and deleted. `classifier_training` trains them.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_CreateDocumentClassifier.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller
from marinelayer.security.requirement import Requirement
from marinelayer.services.comprehend.arns import CLASSIFIER, ResourceName
from marinelayer.services.comprehend.data_access import SERVICE, checked_location, output_of
from marinelayer.services.comprehend.errors import (
    InvalidRequestException,
    UnsupportedLanguageException,
)
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
from marinelayer.services.comprehend.resources import (
    Resource,
    digest_of,
    require_resource,
)
from marinelayer.services.comprehend.tags import given_tags, tag_context
from marinelayer.services.operation import need, operation
from marinelayer.services.passing import to_pass

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

TRAIN = "comprehend.classifier.train"
SHORT = "CLR"
LANGUAGES = ("en", "es", "fr", "it", "de", "pt")
"""Developer Guide, "Languages supported in Amazon Comprehend": of custom classification."""
KEPT = ("DataAccessRoleArn", "InputDataConfig", "LanguageCode", "Mode")


def _on_new(request: Mapping[str, Any], caller: Caller) -> ResourceName:
    return ResourceName(
        account=caller.account,
        region=caller.region,
        kind=CLASSIFIER,
        name=request["DocumentClassifierName"],
        version=request.get("VersionName", ""),
    )


def _to_create(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
    """comprehend:CreateDocumentClassifier on the classifier, and iam:PassRole on its role."""
    creating = Requirement(
        action="comprehend:CreateDocumentClassifier",
        resource=_on_new(request, caller).arn,
        context=tag_context(request),
    )
    return (creating, to_pass(request["DataAccessRoleArn"], SERVICE))


def _on_classifier(request: Mapping[str, Any], _: Caller) -> str:
    return request["DocumentClassifierArn"]


class DocumentClassifiers:
    """The custom classifiers of an account and region."""

    def __init__(self, ground: Ground, lists: Lists) -> None:
        self._ground = ground
        self._lists = lists

    @operation("CreateDocumentClassifier", needs=_to_create)
    async def create(
        self, caller: Caller, request: wire.CreateDocumentClassifierRequest
    ) -> wire.CreateDocumentClassifierResponse:
        """Take a classifier on, and have it trained.

        Raises:
            InvalidRequestException: the data is not given in one of its forms, or as `new_policy`.
            UnsupportedLanguageException: documents in this language are not classified.
            ResourceInUseException: there is one of this name and version.
            TooManyTagsException
        """
        _refuse_unserved(request)
        if request["LanguageCode"] not in LANGUAGES:
            raise UnsupportedLanguageException(
                f"Custom classification supports the languages {', '.join(LANGUAGES)}, not {request['LanguageCode']}."
            )
        _check_input(request)
        number = self._ground.ids.token(32)
        document: dict[str, Any] = {key: value for key, value in request.items() if key in KEPT}
        document["InputDataConfig"] = {"DataFormat": "COMPREHEND_CSV", **request["InputDataConfig"]}
        document |= {"Id": number, "Mode": request.get("Mode", "MULTI_CLASS")}
        if "ModelPolicy" in request:
            document[POLICY] = await new_policy(request["ModelPolicy"], self._ground)
        if "OutputDataConfig" in request:
            uri = output_of(request, caller.account, SHORT, number)
            document["OutputDataConfig"] = {**request["OutputDataConfig"], "S3Uri": uri}
        resource = Resource(
            name=_on_new(request, caller),
            label=request["DocumentClassifierName"],
            status="SUBMITTED",
            created=self._ground.clock.now(),
            token=request.get("ClientRequestToken"),
            digest=digest_of(request),
            tags=given_tags(request),
            document=document,
        )
        stored = await self._ground.tables.write(create_model, resource, TRAIN)
        self._ground.poke()
        return {"DocumentClassifierArn": stored.arn}

    @operation("DescribeDocumentClassifier", needs=need("comprehend:DescribeDocumentClassifier", on=_on_classifier))
    async def describe(
        self, caller: Caller, request: wire.DescribeDocumentClassifierRequest
    ) -> wire.DescribeDocumentClassifierResponse:
        """What is known of a classifier. Raises ResourceNotFoundException."""
        found = await self._ground.tables.read(require_resource, request["DocumentClassifierArn"])
        return {"DocumentClassifierProperties": _shown(found)}

    @operation("ListDocumentClassifiers", needs=need("comprehend:ListDocumentClassifiers"))
    async def list(
        self, caller: Caller, request: wire.ListDocumentClassifiersRequest
    ) -> wire.ListDocumentClassifiersResponse:
        """A page of classifiers, all versions. Raises InvalidFilterException and InvalidRequestException."""
        found, more = await self._lists.page(caller, CLASSIFIER, request)
        answer: Any = {"DocumentClassifierPropertiesList": [_shown(one) for one in found], **more}
        return answer

    @operation("ListDocumentClassifierSummaries", needs=need("comprehend:ListDocumentClassifierSummaries"))
    async def summaries(
        self, caller: Caller, request: wire.ListDocumentClassifierSummariesRequest
    ) -> wire.ListDocumentClassifierSummariesResponse:
        """A page of the classifiers' names, each with its latest version. Raises InvalidRequestException."""
        scope = f"comprehend.{CLASSIFIER}.summaries/{caller.account}/{caller.region}"
        after = self._lists.after(request.get("NextToken"), scope)
        most = request.get("MaxResults", PAGE)
        found = await self._ground.tables.read(summarised, caller, CLASSIFIER, after, most + 1)
        shown = [{"DocumentClassifierName": name, **versions} for name, versions in found[:most]]
        answer: Any = {"DocumentClassifierSummariesList": shown}
        return answer | (self._lists.seal(found[most - 1][0], scope) if len(found) > most else {})

    @operation(
        "StopTrainingDocumentClassifier", needs=need("comprehend:StopTrainingDocumentClassifier", on=_on_classifier)
    )
    async def stop(
        self, caller: Caller, request: wire.StopTrainingDocumentClassifierRequest
    ) -> wire.StopTrainingDocumentClassifierResponse:
        """Have the training end, if it has not yet. Raises ResourceNotFoundException."""
        await self._ground.tables.write(request_stop, request["DocumentClassifierArn"])
        self._ground.poke()
        return {}

    @operation("DeleteDocumentClassifier", needs=need("comprehend:DeleteDocumentClassifier", on=_on_classifier))
    async def delete(
        self, caller: Caller, request: wire.DeleteDocumentClassifierRequest
    ) -> wire.DeleteDocumentClassifierResponse:
        """Remove a classifier whose training is over.

        Raises:
            ResourceNotFoundException: there is none.
            ResourceInUseException: it is being trained, or an endpoint or a job uses it.
        """
        await self._ground.tables.write(forget_model, request["DocumentClassifierArn"], self._ground.clock.now())
        self._ground.poke()
        return {}


def _refuse_unserved(request: Mapping[str, Any]) -> None:
    for member in ("VolumeKmsKeyId", "VpcConfig", "ModelKmsKeyId"):
        if member in request:
            raise OperationNotImplemented(f"comprehend.CreateDocumentClassifier with {member} is not implemented here.")
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


def _shown(resource: Resource) -> wire.DocumentClassifierProperties:
    shown: Any = {"DocumentClassifierArn": resource.arn, "OutputDataConfig": {}, **described_model(resource)}
    return shown
