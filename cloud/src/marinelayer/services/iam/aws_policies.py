"""AWS's own managed policies, as far as they concern services that are here.

The documents (`aws_policies.json`) are written for this cloud: they grant what the policies of these names are
documented to grant on the services that it has. Every account may attach them, and nobody can change them.
Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PREFIX = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsPolicy:
    """One of AWS's policies: its only version's document as JSON text; `created` in microseconds."""

    name: str
    path: str
    description: str
    document: str
    created: int

    @property
    def arn(self) -> str:
        """`arn:aws:iam::aws:policy/PATH/NAME`."""
        return f"{PREFIX}{self.path[1:]}{self.name}"

    @property
    def policy_id(self) -> str:
        """An id of 21 letters, the same in every cloud."""
        return "ANPA" + base64.b32encode(hashlib.sha256(self.arn.encode()).digest()).decode()[:17]


@cache
def aws_policies() -> Mapping[str, AwsPolicy]:
    """AWS's policies by their ARNs, in the order of their names."""
    data = json.loads(files("marinelayer.services.iam").joinpath("aws_policies.json").read_text("utf-8"))
    policies = (
        AwsPolicy(
            name=one["name"],
            path=one.get("path", "/"),
            description=one["description"],
            document=json.dumps({"Version": "2012-10-17", "Statement": one["statements"]}, indent=4),
            created=data["created"],
        )
        for one in data["policies"]
    )
    return {policy.arn: policy for policy in sorted(policies, key=lambda policy: policy.name.lower())}
