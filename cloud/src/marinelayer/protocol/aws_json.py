"""AWS JSON 1.0 and 1.1 (Rekognition, Comprehend, Translate): a JSON object in, a JSON object out.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html. What can not be read is a
SerializationException in the words of AWS's own framework; what breaks a constraint is refused by `constraints`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from marinelayer.http import Response
from marinelayer.model.errors import MalformedRequest, Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import WireError, wire_error
from marinelayer.protocol.call import Call
from marinelayer.protocol.constraints import check_input
from marinelayer.protocol.json_reader import JsonReaders
from marinelayer.protocol.json_writer import JsonWriters


class JsonDialect:
    """Reads and writes AWS JSON, of the version that the service's model names."""

    def __init__(self) -> None:
        self._readers = JsonReaders()
        self._writers = JsonWriters()

    def parse(self, call: Call) -> dict[str, Any]:
        """See `Dialect.parse`.

        Raises:
            MalformedRequest: the body is no JSON object of the model's types.
            InvalidParameter: a constraint is broken.
        """
        payload = call.payload if isinstance(call.payload, bytes) else b""
        member = call.operation.input
        if member is None:
            return {}
        try:
            document: Any = json.loads(payload, parse_constant=_no_constant) if payload else {}
            value: dict[str, Any] = self._readers.reader(member)(document)
        except (ValueError, RecursionError) as error:
            raise MalformedRequest("Unable to parse the request body as JSON.") from error
        check_input(call.operation, value)
        return value

    def write(self, call: Call, output: Mapping[str, Any]) -> Response:
        """See `Dialect.write`."""
        member = call.operation.output
        document: dict[str, Any] = self._writers.writer(member)(output) if member is not None else {}
        headers = _headers(call.service, call.request.id)
        return Response(status=call.operation.status, headers=headers, body=_dumped(document))

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
        headers = (*_headers(service, request_id), ("x-amzn-errortype", error.code), *refusal.headers)
        if service.query_compatible:
            headers = (*headers, query_error(error))
        body = {"__type": error.code, **error_members(error, refusal)}
        return Response(status=error.status, headers=headers, body=b"" if head else _dumped(body))


def error_members(error: WireError, refusal: Refusal) -> dict[str, str]:
    """The message and those details that the error's model has, by their names on the wire."""
    members = error.members
    message = next((name for name in ("message", "Message") if name in members), "message")
    details = {name: text for name, text in refusal.details.items() if name in members}
    return {message: error.message, **details}


def query_error(error: WireError) -> tuple[str, str]:
    """The header by which services that have left the query protocol still tell their old error codes."""
    return ("x-amzn-query-error", f"{error.code};{'Sender' if error.sender_fault else 'Receiver'}")


def _headers(service: Service, request_id: str) -> tuple[tuple[str, str], ...]:
    return (
        ("content-type", f"application/x-amz-json-{service.json_version}"),
        ("x-amzn-requestid", request_id),
    )


def _dumped(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def _no_constant(text: str) -> Any:
    raise ValueError(text)
