"""An explanation as people read it (a small tree), and as programs do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marinelayer.security.explanation import Explanation, Step
from marinelayer.security.policy.examine import Examined, Finding


def tree(explanation: Explanation) -> str:
    """The outcome, each step with the statements that spoke, and how it would be allowed."""
    return "\n".join(_lines(explanation))


def _lines(explanation: Explanation) -> Iterator[str]:
    requirement = explanation.decision.requirement
    who = explanation.principal.arn or "Anyone, without credentials,"
    on = "" if requirement.resource == "*" else f" on {requirement.resource}"
    may = "may" if explanation.decision.allowed else "may not"
    outcome = {
        "allow": "ALLOWED",
        "explicit-deny": "DENIED (explicitly)",
        "implicit-deny": "DENIED (nothing allows it)",
    }
    yield f"{outcome[explanation.decision.outcome]}: {who} {may} {requirement.action}{on}"
    last = len(explanation.steps)
    for number, step in enumerate(explanation.steps, 1):
        yield f"{'└─' if number == last else '├─'} {number} {step.name}: {step.says}"
        said = list(_said(step, explanation))
        for line, text in enumerate(said, 1):
            yield f"{'  ' if number == last else '│ '} {'└─' if line == len(said) else '├─'} {text}"
    if explanation.remedy:
        yield f"To allow it: {explanation.remedy}"


def _said(step: Step, explanation: Explanation) -> Iterator[str]:
    for policy in step.policies:
        if not policy.findings:
            yield f"{policy.source}: says nothing of {explanation.decision.requirement.action}"
        yield from (_finding(policy, one) for one in policy.findings)


def _finding(policy: Examined, finding: Finding) -> str:
    said = f"{policy.source}, statement {finding.statement}:"
    if finding.applies:
        return f"{said} {'allows' if finding.allow else 'denies'} it"
    return f"{said} would {'allow' if finding.allow else 'deny'} it, but {finding.why}"


def as_json(explanation: Explanation) -> dict[str, Any]:
    """The same as values that JSON has."""
    decision = explanation.decision
    return {
        "outcome": decision.outcome,
        "principal": explanation.principal.arn or "anonymous",
        "action": decision.requirement.action,
        "resource": decision.requirement.resource,
        "steps": [_step(step) for step in explanation.steps],
        "message": decision.message,
        "to_allow_it": explanation.remedy,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "verdict": step.verdict,
        "says": step.says,
        "policies": [
            {"source": policy.source, "statements": [_statement(one) for one in policy.findings]}
            for policy in step.policies
        ],
    }


def _statement(finding: Finding) -> dict[str, Any]:
    effect = "Allow" if finding.allow else "Deny"
    return {"statement": finding.statement, "effect": effect, "applies": finding.applies, "why_not": finding.why}
