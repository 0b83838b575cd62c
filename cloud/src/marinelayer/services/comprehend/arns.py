"""Names and ARNs of Comprehend's models, endpoints and jobs.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Comprehend". Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CLASSIFIER = "document-classifier"
RECOGNIZER = "entity-recognizer"
MODELS = frozenset({CLASSIFIER, RECOGNIZER})
ENDPOINTS = frozenset({f"{CLASSIFIER}-endpoint", f"{RECOGNIZER}-endpoint"})

_ARN = re.compile(
    r"arn:aws:comprehend:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<kind>[a-z-]+)/(?P<name>[^/]+)"
    r"(?:/version/(?P<version>[^/]+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceName:
    """What tells one resource from all others; `version` "" where it has none."""

    account: str
    region: str
    kind: str
    name: str
    version: str = ""

    @property
    def arn(self) -> str:
        """`arn:aws:comprehend:REGION:ACCOUNT:KIND/NAME[/version/VERSION]`."""
        version = f"/version/{self.version}" if self.version else ""
        return f"arn:aws:comprehend:{self.region}:{self.account}:{self.kind}/{self.name}{version}"


def read_arn(arn: str) -> ResourceName | None:
    """What an ARN names, None if it is none of Comprehend's."""
    match = _ARN.fullmatch(arn)
    if match is None:
        return None
    return ResourceName(
        account=match["account"],
        region=match["region"],
        kind=match["kind"],
        name=match["name"],
        version=match["version"] or "",
    )
