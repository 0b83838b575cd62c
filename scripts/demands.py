"""What the operations that are served declare, and what each demands: found by calling what it declares with the names
of its input's members as their values.

Knows no page and no Markdown but for a member's name in its marks (`reference.py` writes the pages).
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from marinelayer.model.service import load_service
from marinelayer.model.shapes import (
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Shape,
    StructureShape,
)
from marinelayer.ports import Caller
from marinelayer.security.authorization import actions
from marinelayer.security.identity import Identity, Principal
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import Needs

OPEN: Mapping[str, str] = {
    "s3": "Buckets and objects can be public: a bucket policy or an ACL decides for a stranger as for anyone, and the"
    " same is demanded.",
    "sns:ConfirmSubscription": "The token, which only the endpoint was sent, is the permission.",
    "sns:Unsubscribe": "The link in a mail has no credentials: the subscription's ARN, which nobody can guess, is the"
    " permission, unless the endpoint's owner asked for more when confirming.",
    "sts:AssumeRoleWithWebIdentity": "Who asks has no key yet: the identity provider's token says who it is, and the"
    " role's trust policy whether it may.",
    "sts:AssumeRoleWithSAML": "Who asks has no key yet: the identity provider's assertion says who it is, and the"
    " role's trust policy whether it may.",
}
"""Why operations take requests without a signature: of one operation, else of all open ones of a service."""

SAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "CopySource": (
        ("`CopySource`", "${SourceBucket}/${SourceKey}"),
        ("`?versionId=` in `CopySource`", "${SourceBucket}/${SourceKey}?versionId=${SourceVersionId}"),
    ),
    "Tagging": (("`Tagging`", "team=streets"),),
    "SourceLanguageCode": (("`SourceLanguageCode`", "en"), ("`SourceLanguageCode` `auto`", "auto")),
    "Path": (("`Path`", "/${Path}/"),),
    "PathPrefix": (("`PathPrefix`", "/${PathPrefix}/"),),
    "RoleArn": (("`RoleArn`", "arn:aws:iam::${Account}:role/${RoleNameWithPath}"),),
    "ProjectArn": (
        ("`ProjectArn`", "arn:aws:rekognition:${Region}:${Account}:project/${ProjectName}/${CreationTimestamp}"),
    ),
}
"""Values of members that must have a form, each with how it is described; the first is the plain one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An operation as its noun declares it; `does` is the first sentence of its method's docstring."""

    name: str
    needs: Needs
    anonymous: bool
    does: str


class Unasked:
    """An authoriser for callers that are only looked at."""

    async def may(self, requirement: Requirement) -> bool:
        """Nobody asks."""
        raise NotImplementedError(requirement.action)

    async def demand(self, requirement: Requirement) -> None:
        """Nobody asks."""
        raise NotImplementedError(requirement.action)

    async def why(self, requirement: Requirement) -> str:
        """Nobody asks."""
        raise NotImplementedError(requirement.action)

    def acting_as(self, identity: Identity) -> Unasked:
        """Nobody asks."""
        raise NotImplementedError(identity.principal.arn)


USER = Identity(principal=Principal(kind="user", account="${Account}", name="${User}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """An action that an operation needs on resources, and when: `always`, or "with" some member of its input. `keys`
    are the condition keys that its needs give (lower-case)."""

    action: str
    resources: tuple[str, ...]
    when: str
    keys: frozenset[str]


def served(service: str) -> Mapping[str, Served]:
    """The operations that the classes of the service's package declare, by name."""
    found: dict[str, Served] = {}
    for module in modules_of(f"marinelayer.services.{service}"):
        for noun in classes_of(module):
            for method in vars(noun).values():
                declared = getattr(method, "declared_operation", None)
                if declared is not None:
                    name, needs, anonymous, _ = declared
                    does = _first_sentence(inspect.getdoc(method) or "")
                    found[name] = Served(name=name, needs=needs, anonymous=anonymous, does=does)
    return dict(sorted(found.items()))


def modules_of(package: str) -> Iterator[ModuleType]:
    """Every module below a package."""
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        yield importlib.import_module(module.name)


def classes_of(module: ModuleType) -> Iterator[type]:
    """The classes that a module itself defines."""
    for value in vars(module).values():
        if inspect.isclass(value) and value.__module__ == module.__name__:
            yield value


def _first_sentence(doc: str) -> str:
    text = " ".join(doc.partition("\n\n")[0].split())
    sentence, stop, _ = text.partition(". ")
    return sentence + "." if stop else text


def open_reason(service: str, operation: str) -> str | None:
    """Why an operation needs no signature; None where nobody wrote that down."""
    return OPEN.get(f"{service}:{operation}", OPEN.get(service))


def demands(service: str, one: Served) -> Iterator[Demand]:
    """Everything that the operation may need, by action; nothing where it can not be denied."""
    deferred = getattr(one.needs, "action", None)
    if deferred is not None:
        # The handler asks, of what it has read: by its ARN.
        on = tuple(kind.arn for kind in actions()[deferred.lower()].on)
        yield Demand(action=deferred, resources=on or ("*",), when="always", keys=frozenset())
        return
    shape = load_service(service).operations[one.name].input_shape
    plain = required(shape)
    found: dict[str, list[tuple[str, Requirement]]] = {}
    for described, request in [("always", plain), *variants(shape, plain)]:
        for requirement in _requirements(one.needs, request):
            found.setdefault(requirement.action, []).append((described, requirement))
    for action, asked in found.items():
        whens = dict.fromkeys(described for described, _ in asked)
        yield Demand(
            action=action,
            resources=tuple(dict.fromkeys(requirement.resource for _, requirement in asked)),
            when="always" if "always" in whens else f"with {either(list(whens))}",
            keys=frozenset(key for _, requirement in asked for key in requirement.context),
        )


def demanded(needs: Needs, request: Mapping[str, Any], identity: Identity = USER) -> list[tuple[str, str]]:
    """The actions that a request needs, each with its resource."""
    return [(one.action, one.resource) for one in _requirements(needs, request, identity)]


def _requirements(needs: Needs, request: Mapping[str, Any], identity: Identity = USER) -> Sequence[Requirement]:
    account = identity.principal.account
    caller = Caller(identity=identity, account=account, region="${Region}", request_id="", authoriser=Unasked())
    return needs(request, caller)


def required(shape: StructureShape | None) -> dict[str, Any]:
    """The smallest input of a shape."""
    return {} if shape is None else {name: _value(name, shape.members[name].shape) for name in sorted(shape.required)}


def _value(name: str, shape: Shape) -> Any:
    """The member's name as its value, where it is a text; a list or map of one such value; else the plainest value."""
    match shape:
        case StructureShape():
            return required(shape)
        case ListShape():
            return [_value(name, shape.member.shape)]
        case MapShape():
            return {"${Key}": _value(name, shape.value.shape)}
        case BooleanShape() | IntegerShape() | FloatShape():
            return 1
        case _:
            return SAMPLES[name][0][1] if name in SAMPLES else f"${{{name}}}"


def variants(shape: StructureShape | None, plain: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Inputs with one member more, or with another value of a member that has several."""
    if shape is None:
        return
    for name, member in shape.members.items():
        if name not in plain:
            yield f"`{name}`", {**plain, name: _value(name, member.shape)}
        for described, value in SAMPLES.get(name, ())[1:]:
            yield described, {**plain, name: value}


def either(names: Sequence[str]) -> str:
    """`a, b or c`."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
