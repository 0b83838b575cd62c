"""IAM's policy simulator: SimulateCustomPolicy and SimulatePrincipalPolicy.

Nothing is done and nothing but stored policies is read: resources need not exist, and have the one policy that is sent.
Knows nothing of how a decision is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.security.facts import principal_facts
from marinelayer.security.identity import Identity, IdentityPolicy, Principal
from marinelayer.security.policy.document import MalformedPolicyError
from marinelayer.security.policy.positions import Position, Span
from marinelayer.security.policy.validation import Kind, validate_policy
from marinelayer.services.iam.arns import parse_user_arn
from marinelayer.services.iam.attachments import held
from marinelayer.services.iam.errors import InvalidInput, NoSuchEntity
from marinelayer.services.iam.group_store import find_group
from marinelayer.services.iam.identities import identity_of
from marinelayer.services.iam.names import checked_page_size
from marinelayer.services.iam.pages import after
from marinelayer.services.iam.simulation import Judged, Simulation, Source, arn_template
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

_ACTION: Final = re.compile(r"[A-Za-z0-9-]{1,64}:[A-Za-z0-9]{1,64}")
_ENTITY: Final = re.compile(
    r"arn:aws:iam::(?P<account>\d{12}):(?P<kind>user|group|role)(?P<path>/(?:.+/)?)(?P<name>[^/]+)"
)
_OWNER: Final = re.compile(r"(?:arn:aws:iam::)?(?P<account>\d{12})(?::root)?")
_UNSERVED: Final = ("ResourceHandlingOption", "OrderedOrganizationPolicyInputList", "PolicyExclusionList")
_DECISIONS: Final = {"allow": "allowed", "explicit-deny": "explicitDeny", "implicit-deny": "implicitDeny"}
_ANYBODY: Final = "AIDASIMULATED"
"""The unique id of a caller who need not exist."""
_OF_IDENTITIES: Final = "IAM Policy"
"""What AWS calls every policy that is no resource's, whatever the API reference lists."""


class Simulations:
    """Simulates what policies would decide. Results are those of one action each, over all resources."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("SimulateCustomPolicy", needs=need("iam:SimulateCustomPolicy"))
    async def custom(self, caller: Caller, request: wire.SimulateCustomPolicyRequest) -> wire.SimulatePolicyResponse:
        """What policies that are sent would decide of actions on resources."""
        principal = _caller(request, Principal(kind="user", account=caller.account))
        return self._answer(caller, request, principal, (), None)

    @operation(
        "SimulatePrincipalPolicy",
        needs=need("iam:SimulatePrincipalPolicy", on=lambda request, _: request["PolicySourceArn"]),
    )
    async def principal(
        self, caller: Caller, request: wire.SimulatePrincipalPolicyRequest
    ) -> wire.SimulatePolicyResponse:
        """What the policies of a user or group would decide, with those that are sent beside them."""
        identity = await self._stored(caller, request["PolicySourceArn"])
        held = tuple(_source(one, identity.principal) for one in identity.policies)
        boundary = None if identity.boundary is None else _source(identity.boundary, identity.principal)
        return self._answer(caller, request, _caller(request, identity.principal), held, boundary)

    async def _stored(self, caller: Caller, arn: str) -> Identity:
        named = _ENTITY.fullmatch(arn)
        if named is None or named["account"] != caller.account:
            raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
        read = _group_of if named["kind"] == "group" else identity_of
        identity = await self._tables.read(read, arn)
        if identity is None:
            raise NoSuchEntity(f"The {named['kind']} with name {named['name']} cannot be found.")
        return identity

    def _answer(
        self,
        caller: Caller,
        request: Mapping[str, Any],
        principal: Principal,
        held: tuple[Source, ...],
        boundary: Source | None,
    ) -> wire.SimulatePolicyResponse:
        simulation = _simulation(request, principal, held, boundary)
        names = _actions(request["ActionNames"])
        resources: Sequence[str] = request.get("ResourceArns") or ("*",)
        size = checked_page_size(request.get("MaxItems"))
        scope = f"iam.Simulate/{caller.account}"
        first = int(after(self._pages, request.get("Marker"), scope) or 0)
        page = names[first : first + size]
        answer: wire.SimulatePolicyResponse = {
            "EvaluationResults": [_result(simulation, name, resources) for name in page],
            "IsTruncated": first + size < len(names),
        }
        if answer.get("IsTruncated"):
            answer["Marker"] = self._pages.seal(str(first + size), scope)
        return answer


# --- the input ------------------------------------------------------------------------------------------------


def _simulation(
    request: Mapping[str, Any], principal: Principal, held: tuple[Source, ...], boundary: Source | None
) -> Simulation:
    for member in _UNSERVED:
        if request.get(member):
            raise OperationNotImplemented(f"iam simulations with {member} are not implemented here.")
    boundaries = tuple(_sent(request, "PermissionsBoundaryPolicyInputList", "identity", _OF_IDENTITIES))
    if len(boundaries) > 1:
        raise InvalidInput("You can input only one permissions boundary.")
    resource_policy = _resource_policy(request, principal)
    given = request.get("ResourceOwner")
    owner = principal.account if resource_policy is not None else None
    if given:
        named = _OWNER.fullmatch(given)
        if named is None:
            raise InvalidInput(f"Invalid Resource Owner: {given}")
        owner = named["account"]
    facts = principal_facts(principal) if principal.arn else {}
    return Simulation(
        principal=principal,
        policies=(*held, *_sent(request, "PolicyInputList", "identity", _OF_IDENTITIES)),
        boundary=boundaries[0] if boundaries else boundary,
        resource_policy=resource_policy,
        owner=owner,
        context={**facts, **_context(request.get("ContextEntries") or ())},
    )


def _sent(request: Mapping[str, Any], member: str, kind: Kind, source: str) -> Iterator[Source]:
    for number, text in enumerate(request.get(member) or (), 1):
        yield Source(id=f"{member}.{number}", type=source, text=_checked(text, kind))


def _resource_policy(request: Mapping[str, Any], principal: Principal) -> Source | None:
    text = request.get("ResourcePolicy")
    if not text:
        return None
    if not principal.arn:
        raise InvalidInput("CallerArn is required if you include a ResourcePolicy.")
    if principal.kind == "role-session":
        raise InvalidInput("Simulation of resource-based policies isn't supported for IAM roles.")
    return Source(id="ResourcePolicy", type="resource", text=_checked(text, "resource"))


def _checked(text: str, kind: Kind) -> str:
    try:
        validate_policy(text, kind)
    except MalformedPolicyError as error:
        raise InvalidInput(str(error)) from None
    return text


def _actions(names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if not _ACTION.fullmatch(name):
            raise InvalidInput(f"Invalid Action: {name}")
    return names


def _context(entries: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    return {
        entry["ContextKeyName"].lower(): tuple(entry.get("ContextKeyValues") or ())
        for entry in entries
        if entry.get("ContextKeyName")
    }


def _caller(request: Mapping[str, Any], otherwise: Principal) -> Principal:
    """Who is said to call: `CallerArn`, whether there is such a user or not."""
    arn = request.get("CallerArn")
    if not arn or arn == otherwise.arn:
        return otherwise
    named = _ENTITY.fullmatch(arn)
    if named is None or named["kind"] == "group":
        raise InvalidInput(f"Invalid Caller Arn: {arn}")
    principal = Principal(
        kind="user", account=named["account"], arn=arn, unique_id=_ANYBODY, name=named["name"], path=named["path"]
    )
    if parse_user_arn(arn) is not None:
        return principal
    session = f"arn:aws:sts::{named['account']}:assumed-role/{named['name']}/simulated"
    return replace(principal, kind="role-session", arn=session, unique_id=f"{_ANYBODY}:simulated")


def _group_of(tx: Transaction, arn: str) -> Identity | None:
    """Somebody nameless with the policies of the group of an ARN; None where there is no such group."""
    named = _ENTITY.fullmatch(arn)
    group = find_group(tx, named["account"], named["name"]) if named is not None else None
    if group is None or group.path != (named or {})["path"]:
        return None
    nobody = Principal(kind="user", account=group.account, name=group.name)
    return Identity(principal=nobody, policies=held(tx, group.group_id).policies)


def _source(policy: IdentityPolicy, principal: Principal) -> Source:
    """A stored policy, as AWS's simulator names it."""
    if policy.kind == "inline":
        holder = "role" if principal.kind == "role-session" else "user" if principal.arn else "group"
        # A session's own name says nothing: its role's is in its ARN.
        name = principal.arn.split("/")[1] if holder == "role" else principal.name
        return Source(id=f"{holder}_{name}_{policy.name}", type=_OF_IDENTITIES, text=policy.text)
    return Source(id=policy.name.rpartition("/")[2], type=_OF_IDENTITIES, text=policy.text)


# --- the output -----------------------------------------------------------------------------------------------


def _result(simulation: Simulation, action: str, resources: Sequence[str]) -> wire.EvaluationResult:
    """What came of an action: of all resources together the strictest, then of each by itself."""
    judged = [simulation.judge(action, resource) for resource in resources]
    everything = list(resources) == ["*"]
    outcomes = [one.decision.outcome for one in judged]
    strictest = max(outcomes, key=("allow", "implicit-deny", "explicit-deny").index)
    deciding = [one for one in judged if one.decision.outcome == strictest]
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resources[0] if len(resources) == 1 else arn_template(action),
        "EvalDecision": _DECISIONS[strictest],
        "MatchedStatements": _statements(dict.fromkeys(pair for one in deciding for pair in one.matched)),
        "MissingContextValues": list(judged[0].missing) if everything else [],
    }
    if simulation.boundary is not None:
        allowed = all(one.boundary for one in judged)
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
    if not everything:
        if simulation.owner in {None, simulation.principal.account}:
            # There, and empty, where one account decides alone.
            result["EvalDecisionDetails"] = {}
        result["ResourceSpecificResults"] = [_specific(one) for one in judged]
    return result  # pyright: ignore[reportReturnType]


def _specific(judged: Judged) -> dict[str, Any]:
    result: dict[str, Any] = {
        "EvalResourceName": judged.resource,
        "EvalResourceDecision": _DECISIONS[judged.decision.outcome],
        "MatchedStatements": _statements(judged.matched),
        "MissingContextValues": list(judged.missing),
    }
    if judged.boundary is not None:
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": judged.boundary}
    return result


def _statements(matched: Any) -> list[dict[str, Any]]:
    return [_statement(source, span) for source, span in matched]


def _statement(source: Source, span: Span) -> dict[str, Any]:
    return {
        "SourcePolicyId": source.id,
        "SourcePolicyType": source.type,
        "StartPosition": _position(span.start),
        "EndPosition": _position(span.end),
    }


def _position(position: Position) -> dict[str, int]:
    return {"Line": position.line, "Column": position.column}
