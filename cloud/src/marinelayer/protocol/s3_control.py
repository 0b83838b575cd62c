"""S3 Control: S3's headers and documents in its own namespace, and errors in an ErrorResponse.

The root of an error has no namespace and no Type, unlike other REST XML services'.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.http import Response
from marinelayer.model.errors import Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import wire_error
from marinelayer.protocol.call import Call
from marinelayer.protocol.rest_xml import extended_id, request_ids
from marinelayer.protocol.s3_input import read_input
from marinelayer.protocol.s3_output import header_text, write_output
from marinelayer.protocol.xml_errors import s3_control_error


class S3ControlDialect:
    """Reads and writes S3 Control's requests and answers."""

    def parse(self, call: Call) -> dict[str, Any]:
        """See `Dialect.parse`, and `s3_input.read_input` for what is refused."""
        return read_input(call)

    def write(self, call: Call, output: Mapping[str, Any]) -> Response:
        """See `Dialect.write`."""
        status, headers, body = write_output(call.operation, output)
        return Response(status=status, headers=(*request_ids(call.request.id), *headers), body=body)

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
        host_id = host_id or extended_id(request_id)
        body = s3_control_error(error.code, error.message, refusal.details, request_id=request_id, host_id=host_id)
        headers = (
            *request_ids(request_id, host_id),
            ("content-type", "application/xml"),
            *((name, header_text(value)) for name, value in refusal.headers),
        )
        return Response(status=error.status, headers=headers, body=b"" if head else body.encode("utf-8"))
