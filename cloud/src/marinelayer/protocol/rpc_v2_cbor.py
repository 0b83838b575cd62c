"""Smithy RPC v2 CBOR: errors only, since boto3 speaks JSON to every service that is served.

Source: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html, RFC 8949.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.http import Response
from marinelayer.model.errors import OperationNotImplemented, Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import wire_error
from marinelayer.protocol.aws_json import error_members, query_error
from marinelayer.protocol.call import Call

_MAP_OF_ANY_LENGTH, _BREAK = b"\xbf", b"\xff"
_TEXT = 0x60


class CborDialect:
    """Writes errors of RPC v2 CBOR."""

    def parse(self, call: Call) -> dict[str, Any]:
        """Refuse.

        Raises:
            OperationNotImplemented: always.
        """
        raise OperationNotImplemented(f"{call.operation} is not implemented in CBOR.")

    def write(self, call: Call, output: Mapping[str, Any]) -> Response:
        """Refuse.

        Raises:
            OperationNotImplemented: always.
        """
        raise OperationNotImplemented(f"{call.operation} is not implemented in CBOR.")

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
        headers = (
            ("smithy-protocol", "rpc-v2-cbor"),
            ("content-type", "application/cbor"),
            ("x-amzn-requestid", request_id),
            *((query_error(error),) if service.query_compatible else ()),
            *refusal.headers,
        )
        body = _map_of_texts({"__type": error.code, **error_members(error, refusal)})
        return Response(status=error.status, headers=headers, body=b"" if head else body)


def _map_of_texts(values: Mapping[str, str]) -> bytes:
    pieces = b"".join(_text(name) + _text(value) for name, value in values.items())
    return _MAP_OF_ANY_LENGTH + pieces + _BREAK


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if len(data) < 24:
        head = bytes([_TEXT | len(data)])
    elif len(data) < 1 << 8:
        head = bytes([_TEXT | 24, len(data)])
    elif len(data) < 1 << 16:
        head = bytes([_TEXT | 25]) + len(data).to_bytes(2, "big")
    else:
        head = bytes([_TEXT | 26]) + len(data).to_bytes(4, "big")
    return head + data
