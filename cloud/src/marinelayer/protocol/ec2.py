"""EC2's dialect of the query protocol: errors only, since nothing of EC2 is served.

Source: https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#operation-error-serialization.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.http import Response
from marinelayer.model.errors import OperationNotImplemented, Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import wire_error
from marinelayer.protocol.call import Call
from marinelayer.protocol.xml_writer import DECLARATION, escape


class Ec2Dialect:
    """Writes errors of EC2's query protocol."""

    def parse(self, call: Call) -> dict[str, Any]:
        """Refuse.

        Raises:
            OperationNotImplemented: always.
        """
        raise OperationNotImplemented(f"{call.operation} is not implemented.")

    def write(self, call: Call, output: Mapping[str, Any]) -> Response:
        """Refuse.

        Raises:
            OperationNotImplemented: always.
        """
        raise OperationNotImplemented(f"{call.operation} is not implemented.")

    def write_error(
        self,
        service: Service,
        refusal: Refusal,
        *,
        request_id: str,
        resource: str = "",
        host_id: str = "",
        head: bool = False,
    ) -> Response:
        """See `Dialect.write_error`."""
        error = wire_error(service, refusal)
        body = (
            f"{DECLARATION}<Response><Errors><Error><Code>{escape(error.code)}</Code>"
            f"<Message>{escape(error.message)}</Message></Error></Errors>"
            f"<RequestID>{escape(request_id)}</RequestID></Response>"
        )
        headers = (("content-type", "text/xml"), ("x-amzn-requestid", request_id), *refusal.headers)
        return Response(status=error.status, headers=headers, body=b"" if head else body.encode("utf-8"))
