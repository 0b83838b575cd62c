"""The policy language as it is written: JSON text to a checked document.

Knows nothing of how a document is applied. Source: IAM User Guide, "Grammar of the IAM JSON policy language".
`parse_document` reads what has been stored; `validate_policy` (in `validation.py`) adds what a service demands of a
policy when it is set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn, cast

Version = Literal["2008-10-17", "2012-10-17"]

LARGEST_DOCUMENT = 131_072
"""Characters that any stored document may have; a service's own limit is smaller."""

NO_JSON: Final = "Policies must be valid JSON and the first byte must be '{'"
"""Why a text is refused that is no JSON object."""

_TOP: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_PRINCIPAL_TYPES: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


class MalformedPolicyError(ValueError):
    """The policy document can not be accepted. The text says why, in AWS's words; `element` names the element at
    fault where there is one."""

    def __init__(self, text: str, *, element: str = "") -> None:
        super().__init__(text)
        self.element = element


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionLine:
    """One key of one operator, with the values that it may have."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDocument:
    """One statement as written. `principals` maps a type (`AWS`, `Service`, ...) to its names, `"*"` being
    `{"AWS": ("*",)}`; None where there is no principal element, as `resources` is None where there is none."""

    index: int
    sid: str
    allow: bool
    principals: Mapping[str, tuple[str, ...]] | None
    not_principal: bool
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[str, ...] | None
    not_resource: bool
    conditions: tuple[ConditionLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    """A whole policy as written. Without a Version it is of the older one, which has no variables."""

    version: Version
    id: str
    statements: tuple[StatementDocument, ...]


def parse_document(text: str, *, limit: int = LARGEST_DOCUMENT) -> PolicyDocument:
    """Read a policy's JSON text.

    Raises:
        MalformedPolicyError: it is no JSON object, too long or too deep, has an element twice, an unknown one, or one
            of the wrong type.
    """
    if len(text) > limit:
        raise MalformedPolicyError(f"Policy document exceeds the limit of {limit} characters.")
    try:
        parsed = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, MalformedPolicyError):
            raise
        raise MalformedPolicyError(NO_JSON) from None
    if not isinstance(parsed, dict):
        raise MalformedPolicyError(NO_JSON)
    top = cast("dict[str, Any]", parsed)
    _only(top, _TOP)
    if "Statement" not in top:
        raise MalformedPolicyError("Missing required field Statement", element="Statement")
    written: Any = top["Statement"]
    statements = cast("list[Any]", written) if isinstance(written, list) else [written]
    if not statements:
        raise MalformedPolicyError("Could not parse the policy: Statement is empty!", element="Statement")
    return PolicyDocument(
        version=_version(top.get("Version", "2008-10-17")),
        id=_string(top.get("Id", ""), "Id"),
        statements=tuple(_statement(number, one) for number, one in enumerate(statements)),
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in pairs:
        if name in read:
            raise MalformedPolicyError(f"Duplicate field {name[:128]}", element=name)
        read[name] = value
    return read


def _no_constant(text: str) -> NoReturn:
    raise MalformedPolicyError(f"{text} is not JSON")


def _only(read: Mapping[str, Any], allowed: frozenset[str]) -> None:
    for name in read:
        if name not in allowed:
            raise MalformedPolicyError(f"Unknown field {name[:128]}", element=name)


def _version(value: Any) -> Version:
    if value not in ("2008-10-17", "2012-10-17"):
        raise MalformedPolicyError("The policy must contain a valid version string", element="Version")
    return value


def _string(value: Any, element: str) -> str:
    if not isinstance(value, str):
        raise MalformedPolicyError(f"{element} must be a string", element=element)
    return value


def _strings(value: Any, element: str) -> tuple[str, ...]:
    """A string, or a list of strings, which is not empty."""
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    if not values:
        raise MalformedPolicyError(f"{element} must not be empty", element=element)
    return tuple(_string(one, element) for one in values)


def _statement(index: int, value: Any) -> StatementDocument:
    if not isinstance(value, dict):
        raise MalformedPolicyError("Statement must be an object", element="Statement")
    read = cast("dict[str, Any]", value)
    _only(read, _STATEMENT)
    effect = read.get("Effect")
    if effect is None:
        raise MalformedPolicyError("Missing required field Effect", element="Effect")
    if effect not in ("Allow", "Deny"):
        raise MalformedPolicyError(f"Invalid effect: {str(effect)[:64]}", element="Effect")
    action, not_action = _either(read, "Action")
    if action is None:
        raise MalformedPolicyError("Missing required field Action", element="Action")
    resource, not_resource = _either(read, "Resource")
    principal, not_principal = _either(read, "Principal")
    return StatementDocument(
        index=index,
        sid=_string(read.get("Sid", ""), "Sid"),
        allow=effect == "Allow",
        principals=None if principal is None else _principals(principal),
        not_principal=not_principal,
        actions=_strings(action, "Action"),
        not_action=not_action,
        resources=None if resource is None else _strings(resource, "Resource"),
        not_resource=not_resource,
        conditions=_conditions(read.get("Condition", {})),
    )


def _either(read: Mapping[str, Any], name: str) -> tuple[Any, bool]:
    """The element `name` or its opposite `Not...`, and whether it is the opposite."""
    opposite = f"Not{name}"
    if name in read and opposite in read:
        raise MalformedPolicyError(f"{name} and {opposite} are mutually exclusive", element=name)
    return (read[opposite], True) if opposite in read else (read.get(name), False)


def _principals(value: Any) -> Mapping[str, tuple[str, ...]]:
    if value == "*":
        return {"AWS": ("*",)}
    if not isinstance(value, dict) or not value:
        raise MalformedPolicyError("Invalid principal in policy", element="Principal")
    read = cast("dict[str, Any]", value)
    for kind in read:
        if kind not in _PRINCIPAL_TYPES:
            raise MalformedPolicyError("Invalid principal in policy", element="Principal")
    return {kind: _strings(names, "Principal") for kind, names in read.items()}


def _conditions(value: Any) -> tuple[ConditionLine, ...]:
    if not isinstance(value, dict):
        raise MalformedPolicyError("Condition must be an object", element="Condition")
    lines: list[ConditionLine] = []
    for operator, keys in cast("dict[str, Any]", value).items():
        if not isinstance(keys, dict):
            raise MalformedPolicyError("Condition must hold an object for each operator", element="Condition")
        for key, values in cast("dict[str, Any]", keys).items():
            lines.append(ConditionLine(operator=operator, key=key, values=_scalars(values)))
    return tuple(lines)


def _scalars(value: Any) -> tuple[str, ...]:
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return tuple(_scalar(one) for one in values)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(value)
    raise MalformedPolicyError("Condition values must be strings, numbers or booleans", element="Condition")
