"""REST JSON (Lambda and most other services): errors only, since no service of it is served.

Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from marinelayer.http import Response
from marinelayer.model.errors import OperationNotImplemented, Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import wire_error
from marinelayer.protocol.aws_json import error_members
from marinelayer.protocol.call import Call


class RestJsonDialect:
    """Writes errors of REST JSON."""

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
        body = json.dumps(error_members(error, refusal), ensure_ascii=False).encode("utf-8")
        headers = (
            ("content-type", "application/json"),
            ("x-amzn-requestid", request_id),
            ("x-amzn-errortype", error.code),
            *refusal.headers,
        )
        return Response(status=error.status, headers=headers, body=b"" if head else body)
