"""One decision, and why.

`decide` (in `security.policy.evaluate`) makes it; the pipeline acts on it, `marinelayer explain` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from marinelayer.security.requirement import Requirement

Outcome = Literal["allow", "explicit-deny", "implicit-deny"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One step of the evaluation: where (`resource policy`, `identity policy readers`, `ACL`, `public access
    block`, ...), which statement (its Sid or its number, "" where there is none) and what it said."""

    source: str
    statement: str
    effect: Literal["allow", "deny", "no match", "filtered"]
    text: str = ""


@dataclass(slots=True, kw_only=True)
class Decision:
    """The outcome for one requirement, with the reasons in the order of AWS's evaluation. `message` is AWS's
    sentence for a refusal ("User: ... is not authorized to perform: ..."), "" when allowed."""

    requirement: Requirement
    outcome: Outcome
    reasons: tuple[Reason, ...]
    message: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the requirement is met."""
        return self.outcome == "allow"

    @property
    def by_acl(self) -> bool:
        """Whether nothing but an ACL allows it."""
        return self.allowed and {reason.source for reason in self.reasons if reason.effect == "allow"} == {"ACL"}
