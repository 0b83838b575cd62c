"""Passing a role to a service: what the caller needs for it.

Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
"""

from __future__ import annotations

from marinelayer.security.requirement import Requirement


def to_pass(role: str, service: str) -> Requirement:
    """iam:PassRole on the role of an ARN, for a service (`comprehend.amazonaws.com`)."""
    return Requirement(action="iam:PassRole", resource=role, context={"iam:passedtoservice": (service,)})
