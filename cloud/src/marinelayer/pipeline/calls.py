"""One service's operation called by another: authorised and run like any request, without the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller
from marinelayer.services.operation import ServiceTable


class PipelineCalls:
    """ports.Calls over the composition root's table of services, which it may fill after construction."""

    def __init__(self, services: Mapping[str, ServiceTable]) -> None:
        self._services = services

    async def call(self, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Authorise `caller` for the operation and run it.

        Raises:
            AccessDenied: the caller may not.
            OperationNotImplemented: there is no such operation here.
            Refusal: whatever else the operation raises.
        """
        table = self._services.get(service)
        declared = table.operations.get(operation) if table else None
        if declared is None:
            raise OperationNotImplemented(f"{service}.{operation} is not implemented here.")
        for requirement in declared.needs(request, caller):
            await caller.demand(requirement)
        return dict(await declared.run(caller, request) or {})
