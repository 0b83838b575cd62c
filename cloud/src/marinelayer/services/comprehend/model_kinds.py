"""What a kind of custom model is, and the operations that every kind has. `models` stores them, `training` trains them.

A kind is a class: its `kind` says how AWS names it, its operations are declared with `creating`, `describing`,
`listing`, `summarising`, `stopping` and `deleting`; `check` refuses what it can not learn from, and `document` is what
its description tells.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_CreateDocumentClassifier.html,
https://docs.aws.amazon.com/comprehend/latest/APIReference/API_CreateEntityRecognizer.html and their neighbours.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller
from marinelayer.security.requirement import Requirement
from marinelayer.services.comprehend.arns import ResourceName
from marinelayer.services.comprehend.data_access import SERVICE
from marinelayer.services.comprehend.errors import UnsupportedLanguageException
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.listing import PAGE, Lists
from marinelayer.services.comprehend.models import create_model, described_model, forget_model, request_stop, summarised
from marinelayer.services.comprehend.resource_policies import MEMBER as POLICY
from marinelayer.services.comprehend.resource_policies import new_policy
from marinelayer.services.comprehend.resources import Resource, digest_of, require_resource
from marinelayer.services.comprehend.tags import given_tags, tag_context
from marinelayer.services.operation import Needs, need, operation
from marinelayer.services.passing import to_pass

LANGUAGES = ("en", "es", "fr", "it", "de", "pt")
"""Developer Guide, "Languages supported in Amazon Comprehend": of both kinds."""
_UNSERVED = ("VolumeKmsKeyId", "VpcConfig", "ModelKmsKeyId")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKind:
    """How AWS names a kind of model: in ARNs; in operations (`DocumentClassifier`); the member that has a model's name;
    what it is for, in refusals. `training` is the kind of the outbox job that trains one."""

    kind: str
    noun: str
    named: str
    purpose: str
    training: str

    @property
    def arn(self) -> str:
        """The member that has a model's ARN."""
        return f"{self.noun}Arn"

    def name(self, caller: Caller, request: Mapping[str, Any]) -> ResourceName:
        """The model that a request would create."""
        return ResourceName(
            account=caller.account,
            region=caller.region,
            kind=self.kind,
            name=request[self.named],
            version=request.get("VersionName", ""),
        )

    def to_create(self, request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
        """Needs of creating one: its action on the model, and iam:PassRole on its role."""
        creating = Requirement(
            action=f"comprehend:Create{self.noun}",
            resource=self.name(caller, request).arn,
            context=tag_context(request),
        )
        return (creating, to_pass(request["DataAccessRoleArn"], SERVICE))

    def on_model(self, verb: str) -> Needs:
        """Needs of what is done with one that there is."""
        return need(f"comprehend:{verb}{self.noun}", on=lambda request, _: request[self.arn])

    def demand_language(self, request: Mapping[str, Any]) -> None:
        """Raises UnsupportedLanguageException where documents are in none of `LANGUAGES`."""
        if request["LanguageCode"] not in LANGUAGES:
            raise UnsupportedLanguageException(
                f"{self.purpose} supports the languages {', '.join(LANGUAGES)}, not {request['LanguageCode']}."
            )


class Models(ABC):
    """The models of an account and region, of one kind."""

    kind: ClassVar[ModelKind]

    def __init__(self, ground: Ground, lists: Lists) -> None:
        self.ground = ground
        self.lists = lists

    @abstractmethod
    def check(self, request: Mapping[str, Any]) -> None:
        """Raises what refuses a model of this input, before one is taken on."""

    @abstractmethod
    def document(self, caller: Caller, request: Mapping[str, Any], number: str) -> dict[str, Any]:
        """What the description of a new model will tell; `number` is the model's own."""

    def shown(self, resource: Resource) -> dict[str, Any]:
        """A model in the model's shape."""
        return {self.kind.arn: resource.arn, **described_model(resource)}


# --- operations -----------------------------------------------------------------------------------------------

Operation = Callable[[Any, Caller, Mapping[str, Any]], Awaitable[Any]]


def creating(kind: ModelKind) -> Operation:
    """The operation that creates a model of a kind."""

    @operation(f"Create{kind.noun}", needs=kind.to_create)
    async def create(self: Models, caller: Caller, request: Mapping[str, Any]) -> Any:
        """Take a model on, and have it trained.

        Raises:
            ResourceInUseException: there is one of this name and version.
            TooManyTagsException
            InvalidRequestException: as `new_policy`.
            ServiceError: what the kind's `check` raises.
        """
        for member in _UNSERVED:
            if member in request:
                raise OperationNotImplemented(f"comprehend.Create{kind.noun} with {member} is not implemented here.")
        self.check(request)
        number = self.ground.ids.token(32)
        document = {**self.document(caller, request, number), "Id": number}
        if "ModelPolicy" in request:
            document[POLICY] = await new_policy(request["ModelPolicy"], self.ground)
        resource = Resource(
            name=kind.name(caller, request),
            label=request[kind.named],
            status="SUBMITTED",
            created=self.ground.clock.now(),
            token=request.get("ClientRequestToken"),
            digest=digest_of(request),
            tags=given_tags(request),
            document=document,
        )
        stored = await self.ground.tables.write(create_model, resource, kind.training)
        self.ground.poke()
        return {kind.arn: stored.arn}

    return create


def describing(kind: ModelKind) -> Operation:
    """The operation that describes a model of a kind."""

    @operation(f"Describe{kind.noun}", needs=kind.on_model("Describe"))
    async def describe(self: Models, _: Caller, request: Mapping[str, Any]) -> Any:
        """What is known of a model. Raises ResourceNotFoundException."""
        found = await self.ground.tables.read(require_resource, request[kind.arn])
        return {f"{kind.noun}Properties": self.shown(found)}

    return describe


def listing(kind: ModelKind) -> Operation:
    """The operation that lists the models of a kind."""

    @operation(f"List{kind.noun}s", needs=need(f"comprehend:List{kind.noun}s"))
    async def list_models(self: Models, caller: Caller, request: Mapping[str, Any]) -> Any:
        """A page of models, all versions. Raises InvalidFilterException and InvalidRequestException."""
        found, more = await self.lists.page(caller, kind.kind, request)
        return {f"{kind.noun}PropertiesList": [self.shown(one) for one in found], **more}

    return list_models


def summarising(kind: ModelKind) -> Operation:
    """The operation that lists the names of a kind's models."""

    @operation(f"List{kind.noun}Summaries", needs=need(f"comprehend:List{kind.noun}Summaries"))
    async def summaries(self: Models, caller: Caller, request: Mapping[str, Any]) -> Any:
        """A page of the models' names, each with its latest version. Raises InvalidRequestException."""
        scope = f"comprehend.{kind.kind}.summaries/{caller.account}/{caller.region}"
        after = self.lists.after(request.get("NextToken"), scope)
        most: int = request.get("MaxResults", PAGE)
        found = await self.ground.tables.read(summarised, caller, kind.kind, after, most + 1)
        shown = [{kind.named: name, **versions} for name, versions in found[:most]]
        more = self.lists.seal(found[most - 1][0], scope) if len(found) > most else {}
        return {f"{kind.noun}SummariesList": shown, **more}

    return summaries


def stopping(kind: ModelKind) -> Operation:
    """The operation that stops the training of a model of a kind."""

    @operation(f"StopTraining{kind.noun}", needs=kind.on_model("StopTraining"))
    async def stop(self: Models, _: Caller, request: Mapping[str, Any]) -> Any:
        """Have the training end, if it has not yet. Raises ResourceNotFoundException."""
        await self.ground.tables.write(request_stop, request[kind.arn])
        self.ground.poke()
        return {}

    return stop


def deleting(kind: ModelKind) -> Operation:
    """The operation that deletes a model of a kind."""

    @operation(f"Delete{kind.noun}", needs=kind.on_model("Delete"))
    async def delete(self: Models, _: Caller, request: Mapping[str, Any]) -> Any:
        """Remove a model whose training is over.

        Raises:
            ResourceNotFoundException: there is none.
            ResourceInUseException: it is being trained, or an endpoint or a job uses it.
        """
        await self.ground.tables.write(forget_model, request[kind.arn], self.ground.clock.now())
        self.ground.poke()
        return {}

    return delete
