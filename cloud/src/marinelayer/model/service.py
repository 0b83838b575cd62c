"""A service's model: its operations, shapes and errors as frozen values, compiled once from botocore's data.

`load_service` reads one of botocore's `service-2.json` files (botocore's own, never those of `~/.aws/models`) and
keeps what protocols need; documentation is dropped. The protocol is botocore's `resolved_protocol`: newer models name
RPC-v2-CBOR first where boto3 sends JSON 1.1. This module must not know requests, or how anything is written.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import UnknownServiceError as BotocoreUnknownServiceError
from botocore.loaders import Loader
from botocore.model import ServiceModel

from marinelayer.model.shapes import Member, Raw, Shape, StructureShape, compile_member, compile_shapes


class UnknownServiceError(LookupError):
    """Botocore has no service of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorModel:
    """One error of a service: `code` as on the wire, `status` 0 where the model does not say, `shape` the structure
    of its details."""

    code: str
    status: int
    sender_fault: bool
    shape: StructureShape


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpChecksum:
    """The `httpChecksum` trait: which member names the algorithm of the request's checksum, whether one is required,
    and what the response can carry."""

    request_algorithm_member: str | None = None
    request_required: bool = False
    validation_mode_member: str | None = None
    response_algorithms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """One operation. `path` is the template with its labels (`/{Bucket}/{Key+}`), `query` the literals that a
    request must carry (value None: any). `input` and `output` see their structures from the operation's place."""

    name: str
    service: Service = field(repr=False)
    method: str
    path: str
    query: tuple[tuple[str, str | None], ...]
    status: int
    host_prefix: str
    input: Member | None = field(repr=False)
    output: Member | None = field(repr=False)
    result_wrapper: str | None
    errors: tuple[ErrorModel, ...] = field(repr=False)
    auth: tuple[str, ...]
    auth_type: str | None
    """Botocore's `authtype`: `none` for operations that are never signed, `v4-unsigned-body`."""
    unsigned_payload: bool
    checksum: HttpChecksum = field(repr=False)
    deprecated: bool

    @property
    def input_shape(self) -> StructureShape | None:
        """The structure of the input, None where the operation takes none."""
        return _structure(self.input)

    @property
    def output_shape(self) -> StructureShape | None:
        """The structure of the output, None where the operation gives none."""
        return _structure(self.output)

    @property
    def streaming_input(self) -> str | None:
        """The input member that is the request's body as a stream, or None."""
        return _streaming(self.input_shape)

    @property
    def streaming_output(self) -> str | None:
        """The output member that is the response's body as a stream, or None."""
        return _streaming(self.output_shape)

    def __str__(self) -> str:
        return f"{self.service.name}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Service:
    """One service as botocore models it. `name` is botocore's (`s3`, `sns`); `protocol` is the one that boto3
    speaks (`rest-xml`, `query`, `json`, `rest-json`, `ec2`, `smithy-rpc-v2-cbor`)."""

    name: str
    service_id: str
    signing_name: str
    endpoint_prefix: str
    api_version: str
    protocol: str
    json_version: str
    target_prefix: str
    xml_namespace: str
    global_endpoint: str | None
    query_compatible: bool
    """JSON or CBOR that once was query: errors carry their old code in `x-amzn-query-error`."""
    operations: Mapping[str, Operation] = field(repr=False)
    shapes: Mapping[str, Shape] = field(repr=False)
    errors: Mapping[str, ErrorModel] = field(repr=False)
    """Errors by code, and by shape name where that is no other error's code."""


def _structure(member: Member | None) -> StructureShape | None:
    if member is None:
        return None
    shape = member.shape
    return shape if isinstance(shape, StructureShape) else None


def _streaming(shape: StructureShape | None) -> str | None:
    if shape is None or shape.payload is None:
        return None
    member = shape.members[shape.payload]
    target = member.shape
    if member.streaming or (isinstance(target, StructureShape) and target.event_stream):
        return shape.payload
    return None


@functools.cache
def load_service(name: str) -> Service:
    """The service that botocore calls `name`, compiled on first use.

    Raises:
        UnknownServiceError: botocore has no such service.
    """
    # A loader keeps all that it ever parsed, documentation included: ours lives only as long as this call.
    loader = Loader(include_default_search_paths=False, extra_search_paths=[Loader.BUILTIN_DATA_PATH])
    try:
        raw: dict[str, Any] = loader.load_service_model(name, "service-2")
    except BotocoreUnknownServiceError as error:
        raise UnknownServiceError(name) from error
    return compile_service(name, raw)


def resolved_protocol(metadata: Raw) -> str:
    """The protocol that boto3 speaks with the service of this metadata."""
    return str(ServiceModel({"metadata": dict(metadata)}).resolved_protocol)


def compile_service(name: str, raw: Raw) -> Service:
    """A service from the parsed content of its model file."""
    metadata: Raw = raw["metadata"]
    models: Mapping[str, Raw] = raw["shapes"]
    shapes = compile_shapes(models)
    operations: dict[str, Operation] = {}
    errors = _errors(models, shapes)
    service = Service(
        name=name,
        service_id=str(metadata["serviceId"]),
        signing_name=str(metadata.get("signingName") or metadata["endpointPrefix"]),
        endpoint_prefix=str(metadata["endpointPrefix"]),
        api_version=str(metadata["apiVersion"]),
        protocol=resolved_protocol(metadata),
        json_version=str(metadata.get("jsonVersion", "1.0")),
        target_prefix=str(metadata.get("targetPrefix", "")),
        xml_namespace=str(metadata.get("xmlNamespace", "")),
        global_endpoint=metadata.get("globalEndpoint"),
        query_compatible="awsQueryCompatible" in metadata,
        operations=operations,
        shapes=shapes,
        errors=errors,
    )
    for operation_name, operation in raw["operations"].items():
        operations[operation_name] = _operation(operation_name, operation, service, models)
    return service


def _errors(models: Mapping[str, Raw], shapes: Mapping[str, Shape]) -> Mapping[str, ErrorModel]:
    by_code: dict[str, ErrorModel] = {}
    by_shape: dict[str, ErrorModel] = {}
    for name, raw in models.items():
        shape = shapes[name]
        if not raw.get("exception") or not isinstance(shape, StructureShape):
            continue
        trait: Raw = raw.get("error") or {}
        error = ErrorModel(
            code=str(trait.get("code", name)),
            status=int(trait.get("httpStatusCode", 0)),
            sender_fault=bool(trait.get("senderFault", not raw.get("fault"))),
            shape=shape,
        )
        by_code.setdefault(error.code, error)
        by_shape[name] = error
    return {**by_shape, **by_code}


def _operation(name: str, raw: Raw, service: Service, models: Mapping[str, Raw]) -> Operation:
    http: Raw = raw.get("http", {})
    path, _, query = str(http.get("requestUri", "/")).partition("?")
    checksum: Raw = raw.get("httpChecksum", {})

    def place(side: str) -> Member | None:
        reference = raw.get(side)
        return compile_member(side, reference, models, service.shapes) if reference else None

    return Operation(
        name=name,
        service=service,
        method=str(http.get("method", "POST")),
        path=path,
        query=_literals(query),
        status=int(http.get("responseCode", 200)),
        host_prefix=str(raw.get("endpoint", {}).get("hostPrefix", "")),
        input=place("input"),
        output=place("output"),
        result_wrapper=raw.get("output", {}).get("resultWrapper"),
        errors=tuple(service.errors[reference["shape"]] for reference in raw.get("errors", ())),
        auth=tuple(raw.get("auth", ())),
        auth_type=raw.get("authtype"),
        unsigned_payload=bool(raw.get("unsignedPayload")),
        checksum=HttpChecksum(
            request_algorithm_member=checksum.get("requestAlgorithmMember"),
            request_required=bool(checksum.get("requestChecksumRequired")),
            validation_mode_member=checksum.get("requestValidationModeMember"),
            response_algorithms=tuple(checksum.get("responseAlgorithms", ())),
        ),
        deprecated=bool(raw.get("deprecated")),
    )


def _literals(query: str) -> tuple[tuple[str, str | None], ...]:
    """The literals of a template's query, without `x-id`, which SDKs send but no server needs."""
    pairs: list[tuple[str, str | None]] = []
    for piece in filter(None, query.split("&")):
        key, equals, value = piece.partition("=")
        if key != "x-id":
            pairs.append((key, value if equals and value else None))
    return tuple(pairs)
