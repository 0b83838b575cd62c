"""A dialect of which only errors are written, because no service that speaks it is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marinelayer.http import Response
from marinelayer.model.errors import OperationNotImplemented, Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import WireError, wire_error
from marinelayer.protocol.call import Call

Headers = tuple[tuple[str, str], ...]

ErrorDocument = Callable[[Service, WireError, Refusal, str], tuple[Headers, bytes]]
"""The headers and the document of an error; the last argument is the request id."""


class UnservedDialect:
    """Writes errors by `document`, and refuses everything else."""

    def __init__(self, document: ErrorDocument) -> None:
        self._document = document

    def parse(self, call: Call) -> dict[str, Any]:
        """Refuse.

        Raises:
            OperationNotImplemented: always.
        """
        raise OperationNotImplemented(f"{call.operation} is not implemented in this protocol.")

    def write(self, call: Call, output: Mapping[str, Any]) -> Response:
        """Refuse.

        Raises:
            OperationNotImplemented: always.
        """
        raise OperationNotImplemented(f"{call.operation} is not implemented in this protocol.")

    def write_error(
        self,
        service: Service,
        refusal: Refusal,
        *,
        request_id: str,
        host_id: str = "",
        head: bool = False,
    ) -> Response:
        """See `Dialect.write_error`."""
        error = wire_error(service, refusal)
        headers, body = self._document(service, error, refusal, request_id)
        return Response(status=error.status, headers=(*headers, *refusal.headers), body=b"" if head else body)
