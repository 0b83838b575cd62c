"""What every statement of a policy has to say of a request, those that do not apply included, and why they do not.

`evaluate` decides and stops where it may; this looks at everything, for people and for IAM's simulations. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from marinelayer.security.identity import Principal
from marinelayer.security.policy.compiled import compile_policy
from marinelayer.security.policy.document import ConditionLine, StatementDocument
from marinelayer.security.policy.principals import Reach
from marinelayer.security.policy.statement import Statement
from marinelayer.security.policy.variables import Context

Miss = Literal["", "principal", "resource", "condition"]
"""What keeps a statement about the action from applying, "" where nothing does."""

_SHOWN: Final = 3
"""Resources or values that are named before "and N more"."""
_VARIABLE: Final = re.compile(r"\$\{\s*([^{},\s]+)\s*(,\s*'[^']*'\s*)?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One statement about the action. `source` is its policy as people call it, `statement` its Sid, else its number;
    `index` is its place in the policy. `reach` is how a resource's policy names the principal. `why` says in words what
    `miss` is about."""

    source: str
    statement: str
    index: int
    allow: bool
    miss: Miss = ""
    why: str = ""
    reach: Reach | None = None

    @property
    def applies(self) -> bool:
        """Whether it counts for the request."""
        return not self.miss


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One policy: its statements about the action, in their order."""

    source: str
    findings: tuple[Finding, ...]

    @property
    def allows(self) -> bool:
        """Whether a statement of it allows."""
        return any(one.applies and one.allow for one in self.findings)

    @property
    def denies(self) -> bool:
        """Whether a statement of it denies."""
        return any(one.applies and not one.allow for one in self.findings)


def examine(
    source: str,
    text: str,
    action: str,
    resource: str,
    context: Context,
    *,
    principal: Principal | None = None,
    recorded: Mapping[str, str] | None = None,
) -> Examined:
    """Look at a whole policy. `principal` is who asks, where the policy is a resource's; `recorded` as in
    `ResourcePolicy.principals`.

    Raises:
        MalformedPolicyError: it can not be read.
    """
    denying, allowing = compile_policy(text).about(action.lower())
    ordered = sorted((*denying, *allowing), key=lambda one: one.source.index)
    findings = tuple(_finding(source, one, resource, context, principal, recorded or {}) for one in ordered)
    return Examined(source=source, findings=findings)


def _finding(
    source: str,
    statement: Statement,
    resource: str,
    context: Context,
    principal: Principal | None,
    recorded: Mapping[str, str],
) -> Finding:
    reach = None if principal is None else statement.reach(principal, recorded)
    miss, why = _miss(statement, resource, context, named=principal is None or reach is not None)
    return Finding(
        source=source,
        statement=statement.label,
        index=statement.source.index,
        allow=statement.allow,
        miss=miss,
        why=why,
        reach=reach,
    )


def _miss(statement: Statement, resource: str, context: Context, *, named: bool) -> tuple[Miss, str]:
    if not named:
        return "principal", "it is for other principals"
    if not statement.is_on(resource, context):
        return "resource", _other_resources(statement.source)
    unmet = statement.unmet(context)
    if unmet:
        return "condition", "; ".join(_unmet(line, context) for line in unmet)
    return "", ""


def _other_resources(statement: StatementDocument) -> str:
    resources = _listed(statement.resources or ())
    return f"it is for all resources but {resources}" if statement.not_resource else f"it is for {resources}"


def _unmet(line: ConditionLine, context: Context) -> str:
    values = context.get(line.key.lower())
    has = "has no such key" if values is None else f"has {_listed(values)}"
    return f"{line.operator} {line.key} {_listed(line.values)} does not hold (the request {has})"


def _listed(values: tuple[str, ...]) -> str:
    shown = ", ".join(values[:_SHOWN])
    return shown if len(values) <= _SHOWN else f"{shown} and {len(values) - _SHOWN} more"


def keys_asked(text: str, action: str) -> Iterator[str]:
    """The condition keys that a policy's statements about an action ask for, in conditions and in variables without a
    default, as they are written.

    Raises:
        MalformedPolicyError: it can not be read.
    """
    policy = compile_policy(text)
    variables = policy.document.version == "2012-10-17"
    for statement in policy.statements:
        if not statement.covers(action.lower()):
            continue
        for line in statement.source.conditions:
            yield line.key
            for value in line.values if variables else ():
                yield from _variables(value)
        for resource in statement.source.resources or () if variables else ():
            yield from _variables(resource)


def _variables(text: str) -> Iterator[str]:
    for found in _VARIABLE.finditer(text):
        if found[2] is None and found[1] not in ("*", "?", "$"):
            yield found[1]
