"""REST XML: S3 and S3 Control in whole, of other services (Route 53, CloudFront) only errors, since none is served.

Source: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Mapping
from typing import Any

from marinelayer.http import Response
from marinelayer.model.errors import Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import WireError, wire_error
from marinelayer.protocol.call import Call
from marinelayer.protocol.s3_input import read_input
from marinelayer.protocol.s3_output import header_text, write_output
from marinelayer.protocol.unserved import Headers
from marinelayer.protocol.xml_errors import error_response, s3_error

ErrorDocument = Callable[..., str]
"""`xml_errors.s3_error`, or another one of the same parameters."""


class S3Dialect:
    """Reads and writes the requests and answers of S3, and of S3 Control, whose errors are another document: an
    ErrorResponse, which unlike other REST XML services' has no namespace and no Type."""

    def __init__(self, error: ErrorDocument = s3_error) -> None:
        self._error = error

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
        """See `Dialect.write_error`. Not Modified has no body either."""
        error = wire_error(service, refusal)
        host_id = host_id or extended_id(request_id)
        headers = (*request_ids(request_id, host_id), *((n, header_text(value)) for n, value in refusal.headers))
        if error.status == 304:
            return Response(status=error.status, headers=headers)
        headers = (*headers, ("content-type", "application/xml"))
        if head:
            return Response(status=error.status, headers=headers)
        body = self._error(error.code, error.message, refusal.details, request_id=request_id, host_id=host_id)
        return Response(status=error.status, headers=headers, body=body.encode("utf-8"))


def request_ids(request_id: str, host_id: str = "") -> Headers:
    """What every answer of S3 begins with: its ids, and who answers, which some clients look at."""
    return (
        ("x-amz-request-id", request_id),
        ("x-amz-id-2", host_id or extended_id(request_id)),
        ("server", "AmazonS3"),
    )


def rest_xml_error(service: Service, error: WireError, refusal: Refusal, request_id: str) -> tuple[Headers, bytes]:
    """An error of a REST XML service other than S3."""
    body = error_response(service, error, refusal, request_id)
    return (("content-type", "text/xml"), ("x-amzn-requestid", request_id)), body.encode("utf-8")


def extended_id(request_id: str) -> str:
    """S3's second id of a request, which AWS's support asks for: ours only repeats the first, in its length."""
    return b2a_base64((request_id.encode() * 4)[:56].ljust(56, b"0"), newline=False).decode("ascii")
