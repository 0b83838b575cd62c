"""What an ARN names is found in its own region only, as everything of Comprehend's is. Knows no noun.

Source: https://docs.aws.amazon.com/general/latest/gr/comprehend.html: every region has its own endpoint and resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from marinelayer.ports import Caller
from marinelayer.services.comprehend.arns import read_arn
from marinelayer.services.comprehend.errors import ResourceNotFoundException, ResourceUnavailableException
from marinelayer.services.operation import Declared, ServiceTable

_ASKING = frozenset({"ClassifyDocument", "DetectEntities"})
"""Operations whose endpoint, where there is none, is said to be unavailable."""


def at_home(table: ServiceTable) -> ServiceTable:
    """The table with operations that refuse the ARNs of other regions: ResourceUnavailableException where an endpoint
    is asked, else ResourceNotFoundException."""
    return replace(table, operations={name: _at_home(declared) for name, declared in table.operations.items()})


def _at_home(declared: Declared) -> Declared:
    @wraps(declared.run)
    async def run(caller: Caller, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
        for member, value in request.items():
            name = read_arn(value) if member.endswith("Arn") else None
            if name is not None and name.region != caller.region:
                raise ResourceUnavailableException if declared.name in _ASKING else ResourceNotFoundException
        return await declared.run(caller, request)

    return replace(declared, run=run)
