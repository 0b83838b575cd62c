"""One protocol's way to read inputs and to write outputs and errors.

`dialect_of` gives the dialect in which a request must be answered. A dialect's parsers and writers are compiled from
the model on an operation's first use and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from marinelayer.http import Request, Response
from marinelayer.model.errors import Refusal
from marinelayer.model.service import Service, load_service
from marinelayer.protocol.aws_json import JsonDialect
from marinelayer.protocol.call import Call
from marinelayer.protocol.ec2 import ec2_error
from marinelayer.protocol.query import QueryDialect
from marinelayer.protocol.rest_json import rest_json_error
from marinelayer.protocol.rest_xml import S3Dialect, rest_xml_error
from marinelayer.protocol.router import is_form, spoken_protocol
from marinelayer.protocol.rpc_v2_cbor import cbor_error
from marinelayer.protocol.unserved import UnservedDialect
from marinelayer.protocol.xml_errors import s3_control_error


class Dialect(Protocol):
    """Reads and writes one protocol. Stateless."""

    def parse(self, call: Call) -> dict[str, Any]:
        """The operation's input in botocore's member names: texts, numbers, booleans, bytes, aware UTC datetimes,
        lists and dicts; the member that streams is the call's Body. Unknown members are ignored, as AWS does.

        Raises:
            Refusal: the input can not be read, or breaks a constraint of the model.
        """
        ...

    def write(self, call: Call, output: Mapping[str, Any]) -> Response:
        """The answer. Members that are None or missing are left out; unknown ones are an error of ours.

        Raises:
            KeyError: the output has a member that the model lacks.
        """
        ...

    def write_error(
        self,
        service: Service,
        refusal: Refusal,
        *,
        request_id: str,
        host_id: str = "",
        head: bool = False,
    ) -> Response:
        """The error document with status and headers; without a body where `head`."""
        ...


_S3 = S3Dialect()
_S3_CONTROL = S3Dialect(s3_control_error)
_DIALECTS: Mapping[str, Dialect] = {
    "query": QueryDialect(),
    "ec2": UnservedDialect(ec2_error),
    "json": JsonDialect(),
    "rest-json": UnservedDialect(rest_json_error),
    "rest-xml": UnservedDialect(rest_xml_error),
    "smithy-rpc-v2-cbor": UnservedDialect(cbor_error),
}


def dialect_of(service: Service, request: Request | None = None) -> Dialect:
    """The dialect in which `service` answers, or in which it answers this `request`: some services speak several."""
    if service.name == "s3":
        return _S3
    if service.name == "s3control":
        return _S3_CONTROL
    return _DIALECTS[service.protocol if request is None else spoken_protocol(service, request)]


def write_unroutable_error(request: Request, refusal: Refusal) -> Response:
    """The answer to a request whose service nobody can tell: with a target JSON, to a form XML as query services
    write it, else as S3 does."""
    if "x-amz-target" in request.headers:
        version = "1.0" if "json-1.0" in (request.headers.get("content-type") or "") else "1.1"
        service = _nameless("json", version)
    elif is_form(request):
        service = _nameless("query")
    else:
        service = load_service("s3")
    return dialect_of(service).write_error(service, refusal, request_id=request.id, head=request.method == "HEAD")


def _nameless(protocol: str, json_version: str = "") -> Service:
    """A service of which only the protocol is known."""
    return Service(
        name="",
        service_id="",
        signing_name="",
        endpoint_prefix="",
        api_version="",
        protocol=protocol,
        json_version=json_version,
        target_prefix="",
        xml_namespace="",
        global_endpoint=None,
        query_compatible=False,
        operations={},
        shapes={},
        errors={},
    )
