"""Endpoints: where trained models answer.

CREATING, then IN_SERVICE or FAILED; UPDATING between; DELETING until a job has removed it. An endpoint is in service
once its model's bytes were read.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_CreateEndpoint.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from marinelayer import outbox
from marinelayer.model.errors import OperationNotImplemented
from marinelayer.outbox import Job
from marinelayer.ports import Caller, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.comprehend.arns import CLASSIFIER, MODELS, ResourceName, read_arn
from marinelayer.services.comprehend.data_access import SERVICE
from marinelayer.services.comprehend.errors import (
    InvalidRequestException,
    ResourceInUseException,
    ResourceNotFoundException,
    ResourceUnavailableException,
)
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.listing import Lists
from marinelayer.services.comprehend.model_files import ModelFiles
from marinelayer.services.comprehend.models import TRAINED
from marinelayer.services.comprehend.resources import (
    SQL,
    Resource,
    change_resource,
    digest_of,
    find_resource,
    moment,
    put_resource,
    require_resource,
)
from marinelayer.services.comprehend.tags import given_tags, tag_context
from marinelayer.services.operation import need, operation
from marinelayer.services.passing import to_pass

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

SETTLE = "comprehend.endpoint.settle"
UNITS = "DesiredInferenceUnits"


def _model_name(arn: str) -> ResourceName:
    """What the ARN of a model names. Raises InvalidRequestException where it is none."""
    name = read_arn(arn)
    if name is None or name.kind not in MODELS:
        raise InvalidRequestException("The ARN of the model is invalid.")
    return name


def _on_new(request: Mapping[str, Any], caller: Caller) -> ResourceName:
    model = read_arn(request.get("ModelArn") or "")
    kind = CLASSIFIER if model is None or model.kind not in MODELS else model.kind
    return ResourceName(
        account=caller.account, region=caller.region, kind=f"{kind}-endpoint", name=request["EndpointName"]
    )


def on_endpoint(request: Mapping[str, Any], _: Caller) -> str:
    """The ARN of the endpoint that the input names."""
    return request["EndpointArn"]


def _to_create(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
    """comprehend:CreateEndpoint on the endpoint and on its model, and iam:PassRole on its role, where it has one."""
    context = tag_context(request)
    resources = [_on_new(request, caller).arn, *([request["ModelArn"]] if "ModelArn" in request else ())]
    creating = [
        Requirement(action="comprehend:CreateEndpoint", resource=resource, context=context) for resource in resources
    ]
    role = request.get("DataAccessRoleArn")
    return [*creating, *([to_pass(role, SERVICE)] if role else ())]


def _to_update(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
    """comprehend:UpdateEndpoint on the endpoint and on its new model, and iam:PassRole on a new role."""
    resources = [request["EndpointArn"], *([request["DesiredModelArn"]] if "DesiredModelArn" in request else ())]
    role = request.get("DesiredDataAccessRoleArn")
    updating = [Requirement(action="comprehend:UpdateEndpoint", resource=resource) for resource in resources]
    return [*updating, *([to_pass(role, SERVICE)] if role else ())]


def _enqueue(tx: Transaction, arn: str, request_id: str, now: int) -> None:
    name = f"{SETTLE}/{request_id}"
    outbox.enqueue(tx, job_id=name, kind=SETTLE, group=f"{SETTLE}/{arn}", payload=arn.encode(), due=now)


def require_trained(tx: Transaction, arn: str) -> Resource:
    """A model that can answer.

    Raises:
        ResourceNotFoundException: there is none.
        ResourceUnavailableException: it is not trained.
    """
    model = require_resource(tx, arn)
    if model.status not in TRAINED:
        raise ResourceUnavailableException(f"The model is in the status {model.status}: it must be trained.")
    return model


def model_in_service(tx: Transaction, endpoint_arn: str) -> Resource:
    """The model that answers at an endpoint.

    Raises:
        ResourceUnavailableException: there is no such endpoint, or it is not in service.
    """
    endpoint = find_resource(tx, endpoint_arn)
    if endpoint is None or endpoint.status not in {"IN_SERVICE", "UPDATING"} or not endpoint.model:
        raise ResourceUnavailableException
    return require_trained(tx, endpoint.model)


def create_endpoint(tx: Transaction, endpoint: Resource, request_id: str) -> Resource:
    """Store a new endpoint, and have it set up. Raises as put_resource and require_trained."""
    require_trained(tx, endpoint.model)
    stored = put_resource(tx, endpoint)
    if stored is endpoint:
        _enqueue(tx, endpoint.arn, request_id, endpoint.created)
    return stored


def update_endpoint(tx: Transaction, arn: str, changes: Mapping[str, Any], request_id: str, now: int) -> str:
    """Have an endpoint changed; the ARN of its model then.

    Raises:
        ResourceNotFoundException: there is no such endpoint or model.
        ResourceInUseException: it is not in service.
        ResourceUnavailableException: the model is not trained.
        InvalidRequestException: the model is of another kind.
    """
    endpoint = require_resource(tx, arn)
    if endpoint.status not in {"IN_SERVICE", "FAILED"}:
        raise ResourceInUseException(f"The endpoint is in the status {endpoint.status} and can not be updated.")
    desired = changes.get("DesiredModelArn", endpoint.model)
    if f"{_model_name(desired).kind}-endpoint" != endpoint.name.kind:
        raise InvalidRequestException("The model is of another kind than the endpoint's.")
    require_trained(tx, desired)
    told = endpoint.told(**changes, LastModifiedTime=now)
    change_resource(tx, replace(told, status="UPDATING", message=""))
    _enqueue(tx, arn, request_id, now)
    return desired


def delete_endpoint(tx: Transaction, arn: str, request_id: str, now: int) -> None:
    """Have an endpoint removed.

    Raises:
        ResourceNotFoundException: there is none.
        ResourceInUseException: it is being set up or changed.
    """
    endpoint = require_resource(tx, arn)
    if endpoint.status in {"CREATING", "UPDATING"}:
        raise ResourceInUseException(f"The endpoint is in the status {endpoint.status} and can not be deleted.")
    change_resource(tx, replace(endpoint.told(LastModifiedTime=now), status="DELETING"))
    _enqueue(tx, arn, request_id, now)


def settle_endpoint(tx: Transaction, arn: str, problem: str, now: int) -> None:
    """Put an endpoint into the state that it was on its way to; `problem` says why it can not be in service."""
    endpoint = find_resource(tx, arn)
    if endpoint is None:
        return
    if endpoint.status == "DELETING":
        tx.run(SQL.remove, arn=arn)
    elif endpoint.status in {"CREATING", "UPDATING"}:
        desired = endpoint.document.get("DesiredModelArn", endpoint.model)
        role = endpoint.document.get("DesiredDataAccessRoleArn", endpoint.document.get("DataAccessRoleArn"))
        told = endpoint.told(
            CurrentInferenceUnits=endpoint.document[UNITS], DataAccessRoleArn=role, LastModifiedTime=now
        )
        if problem:
            change_resource(tx, replace(endpoint.told(LastModifiedTime=now), status="FAILED", message=problem))
        else:
            change_resource(tx, replace(told, status="IN_SERVICE", model=desired))


class Endpoints:
    """The endpoints of an account and region."""

    def __init__(self, ground: Ground, lists: Lists) -> None:
        self._ground = ground
        self._lists = lists

    @operation("CreateEndpoint", needs=_to_create)
    async def create(self, caller: Caller, request: wire.CreateEndpointRequest) -> wire.CreateEndpointResponse:
        """Set an endpoint up for a trained model.

        Raises:
            InvalidRequestException: no model is named.
            ResourceNotFoundException, ResourceUnavailableException: there is no such model, or it is not trained.
            ResourceInUseException: there is an endpoint of this name.
            TooManyTagsException
        """
        if "FlywheelArn" in request:
            raise OperationNotImplemented("comprehend.CreateEndpoint with FlywheelArn is not implemented here.")
        if "ModelArn" not in request:
            raise InvalidRequestException("A ModelArn is required.")
        _model_name(request["ModelArn"])
        now = self._ground.clock.now()
        document: dict[str, Any] = {UNITS: request[UNITS], "LastModifiedTime": now}
        if "DataAccessRoleArn" in request:
            document["DataAccessRoleArn"] = request["DataAccessRoleArn"]
        endpoint = Resource(
            name=_on_new(request, caller),
            label=request["EndpointName"],
            status="CREATING",
            created=now,
            token=request.get("ClientRequestToken"),
            digest=digest_of(request),
            model=request["ModelArn"],
            tags=given_tags(request),
            document=document,
        )
        stored = await self._ground.tables.write(create_endpoint, endpoint, self._ground.ids.token(32))
        self._ground.poke()
        return {"EndpointArn": stored.arn, "ModelArn": stored.model}

    @operation("DescribeEndpoint", needs=need("comprehend:DescribeEndpoint", on=on_endpoint))
    async def describe(self, caller: Caller, request: wire.DescribeEndpointRequest) -> wire.DescribeEndpointResponse:
        """What is known of an endpoint. Raises ResourceNotFoundException."""
        found = await self._ground.tables.read(require_resource, request["EndpointArn"])
        return {"EndpointProperties": _shown(found)}

    @operation("ListEndpoints", needs=need("comprehend:ListEndpoints"))
    async def list(self, caller: Caller, request: wire.ListEndpointsRequest) -> wire.ListEndpointsResponse:
        """A page of endpoints: of those of a model's kind where one is named, else of both kinds, one after the other.

        Raises:
            InvalidRequestException: more than one filter is set, or the token is not one of this list's.
        """
        chosen = request.get("Filter") or {}
        if len(chosen) > 1:  # the operation's model knows no InvalidFilterException
            raise InvalidRequestException("Only one filter can be set at a time.")
        model = _model_name(chosen["ModelArn"]) if "ModelArn" in chosen else None
        kinds = [model.kind] if model is not None else sorted(MODELS)
        return await self._pages(caller, [f"{kind}-endpoint" for kind in kinds], dict(request))

    async def _pages(self, caller: Caller, kinds: Sequence[str], request: dict[str, Any]) -> wire.ListEndpointsResponse:
        """A page, from the kind on that the token names (by its place)."""
        token = request.pop("NextToken", None)
        place, rest = 0, None
        if token is not None:
            number, _, rest = token.partition(":")
            if not number.isdecimal() or int(number) >= len(kinds):
                raise InvalidRequestException("The NextToken is invalid.")
            place = int(number)
        if rest:
            request["NextToken"] = rest
        found, more = await self._lists.page(caller, kinds[place], request)
        answer: wire.ListEndpointsResponse = {"EndpointPropertiesList": [_shown(one) for one in found]}
        if more:
            answer["NextToken"] = f"{place}:{more['NextToken']}"
        elif place + 1 < len(kinds):
            answer["NextToken"] = f"{place + 1}:"
        return answer

    @operation("UpdateEndpoint", needs=_to_update)
    async def update(self, caller: Caller, request: wire.UpdateEndpointRequest) -> wire.UpdateEndpointResponse:
        """Have an endpoint changed. Raises as `update_endpoint`."""
        if "FlywheelArn" in request:
            raise OperationNotImplemented("comprehend.UpdateEndpoint with FlywheelArn is not implemented here.")
        members = ("DesiredModelArn", UNITS, "DesiredDataAccessRoleArn")
        changes: dict[str, Any] = {member: value for member, value in request.items() if member in members}
        if not changes:
            raise InvalidRequestException("Nothing is given that is to be changed.")
        arn, now = request["EndpointArn"], self._ground.clock.now()
        desired = await self._ground.tables.write(update_endpoint, arn, changes, self._ground.ids.token(32), now)
        self._ground.poke()
        return {"DesiredModelArn": desired}

    @operation("DeleteEndpoint", needs=need("comprehend:DeleteEndpoint", on=on_endpoint))
    async def delete(self, caller: Caller, request: wire.DeleteEndpointRequest) -> wire.DeleteEndpointResponse:
        """Have an endpoint removed. Raises as `delete_endpoint`."""
        arn, now = request["EndpointArn"], self._ground.clock.now()
        await self._ground.tables.write(delete_endpoint, arn, self._ground.ids.token(32), now)
        self._ground.poke()
        return {}


class EndpointSetting:
    """Sets endpoints up, changes and removes them."""

    def __init__(self, ground: Ground, files: ModelFiles) -> None:
        self._ground = ground
        self._files = files

    async def settle(self, job: Job) -> None:
        """Bring the endpoint of a job to where it is on its way to."""
        arn = job.payload.decode()
        problem = await self._problem(arn)
        await self._ground.tables.write(settle_endpoint, arn, problem, self._ground.clock.now())

    async def _problem(self, arn: str) -> str:
        """Why an endpoint's model can not answer, "" where it can."""
        endpoint = await self._ground.tables.read(find_resource, arn)
        if endpoint is None or endpoint.status == "DELETING":
            return ""
        desired = endpoint.document.get("DesiredModelArn", endpoint.model)
        try:
            model = await self._ground.tables.read(require_trained, desired)
            await self._files.load(model)
        except (ResourceNotFoundException, ResourceUnavailableException, ValueError, OSError):
            return "The model can not be loaded."
        return ""


def _shown(endpoint: Resource) -> wire.EndpointProperties:
    shown: Any = {
        "EndpointArn": endpoint.arn,
        "Status": endpoint.status,
        "ModelArn": endpoint.model,
        "DesiredModelArn": endpoint.model,
        **endpoint.document,
        "CreationTime": moment(endpoint.created),
        "LastModifiedTime": moment(endpoint.document["LastModifiedTime"]),
    }
    return shown | ({"Message": endpoint.message} if endpoint.message else {})
