"""Which service and operation a request means, told before anything is verified.

In this order: S3 Control's path with an account in a header; X-Amz-Target; the credential scope; the virtual host; a
known (Action, Version); else S3. Two requests can not be told by their head alone: a form that carries its Action in
the body, and a service that shares its signing name with others (`rds`, `elasticloadbalancing`), where the Version in
the body decides.

Pure. It must not know who asks, nor whether an operation is served here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qsl

from marinelayer.http import Request
from marinelayer.model.catalogue import Entry, catalogue
from marinelayer.model.errors import UnknownOperation
from marinelayer.model.service import Operation, Service, load_service
from marinelayer.protocol import routes
from marinelayer.protocol.addresses import Hosts, address, meaning_of_host, region_of
from marinelayer.protocol.post_object import demand_form
from marinelayer.protocol.refusals import MethodNotAllowed
from marinelayer.protocol.scope import claimed_scope

__all__ = ["Hosts", "address", "find_operation", "form_of", "identify", "is_form", "region_of", "spoken_protocol"]

_S3_SIGNING_NAMES = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})
_S3_CONTROL_PATH = "/v20180820/"
_S3_CONTROL_HEADER = "x-amz-account-id"
_CBOR_PATH = re.compile(r"/service/([^/]+)/operation/([^/]+)/?")
_LONGEST_QUERY_HEAD = 4096
_OFTEN_WITHOUT_VERSION = ("sns", "sts", "iam")
"""Services whose links and scripts name an Action alone: AWS's own mails link to `?Action=ConfirmSubscription&...`."""

Known = Callable[[str], Service]


def identify(
    request: Request, hosts: Hosts, form: bytes | None = None, *, known: Known = load_service
) -> Service | None:
    """The service that a request addresses.

    None means that its head does not tell (a form on `/` without credentials): read the body and ask again with
    `form`. None with a form, or for a request that is none (`is_form`), means that nobody can tell.

    `known` gives services by name. Where it gives an outline, and several services share a signing name, it may be the
    outline of another one of them.
    """
    if _controls_s3(request, hosts):
        return known("s3control")
    target = _target(request)
    if target is not None and (entries := catalogue().by_target_prefix.get(target.rpartition(".")[0])):
        return _choose(entries, request, hosts, known)
    scope = claimed_scope(request)
    if scope is not None:
        return _by_signing_name(scope.service, request, hosts, known)
    if target is not None:
        return None
    by_host = meaning_of_host(request.host, hosts).service
    if by_host is not None:
        return _choose(_siblings(by_host), request, hosts, known)
    return _by_action(request, form, known)


def _by_signing_name(name: str, request: Request, hosts: Hosts, known: Known) -> Service | None:
    if name in _S3_SIGNING_NAMES:
        return known("s3")
    entries = catalogue().by_signing_name.get(name)
    return _choose(entries, request, hosts, known) if entries else None


def _controls_s3(request: Request, hosts: Hosts) -> bool:
    """Whether the request is for S3 Control, which shares S3's signing name. A bucket may be called like the path, but
    every operation of S3 Control names an account in a header that S3 does not know."""
    if not request.path.startswith(_S3_CONTROL_PATH):
        return False
    return _S3_CONTROL_HEADER in request.headers or meaning_of_host(request.host, hosts).service == "s3control"


def _target(request: Request) -> str | None:
    """`PREFIX.Operation`, from the header of AWS JSON or the path of CBOR."""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        found = _CBOR_PATH.fullmatch(request.path)
        return f"{found[1]}.{found[2]}" if found else ""
    return request.headers.get("x-amz-target")


def _by_action(request: Request, form: bytes | None, known: Known) -> Service | None:
    s3 = known("s3")
    if is_form(request):
        if request.path not in {"/", ""}:
            return s3
        return None if form is None else _serving_action(form_of(form), known)
    if "Action=" in request.query and request.path in {"/", ""}:
        return _serving_action(form_of(request.query.encode("latin-1")), known) or s3
    return s3


def is_form(request: Request) -> bool:
    """Whether the body is an HTML form of the kind that query protocols use."""
    content_type = request.headers.get("content-type", "") or ""
    return request.method == "POST" and content_type.partition(";")[0].strip() == "application/x-www-form-urlencoded"


def form_of(data: bytes) -> dict[str, str]:
    """Action and Version of a form or query string, without reading all of it into pairs.

    The rest of a form is read by its protocol, once the operation is known.
    """
    found: dict[str, str] = {}
    for piece in data.split(b"&"):
        if piece.startswith((b"Action=", b"Version=")) and len(piece) < _LONGEST_QUERY_HEAD:
            for name, value in parse_qsl(piece.decode("latin-1"), keep_blank_values=True, encoding="utf-8"):
                found.setdefault(name, value)
    return found


def spoken_protocol(service: Service, request: Request) -> str:
    """The protocol that this request speaks: the service's, unless the request says otherwise.

    SDKs differ: newer ones speak CBOR to some services, older ones the query protocol to services that have left it.
    """
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "smithy-rpc-v2-cbor"
    if service.protocol in {"query", "ec2"}:
        return service.protocol
    if "x-amz-target" in request.headers and service.target_prefix:
        return "json"
    if service.query_compatible and is_form(request):
        return "query"
    return service.protocol


def find_operation(service: Service, request: Request, payload: bytes, hosts: Hosts) -> Operation:
    """The operation that a request to `service` means; `payload` is only looked at where the body names it.

    The operation may be of another service with the same signing name, so that `operation.service` counts.

    Raises:
        UnknownOperation: the service has no such operation.
        MethodNotAllowed: S3 has none at this address for this method.
        InvalidURI: an S3 address can not be read.
    """
    if service.name == "s3":
        return _s3_operation(service, request, hosts)
    protocol = spoken_protocol(service, request)
    if protocol in {"query", "ec2"}:
        return _by_form(service, request, payload)
    if protocol in {"json", "smithy-rpc-v2-cbor"}:
        return _named(service, (_target(request) or "").rpartition(".")[2])
    operation = routes.match(service, request.method, request.path, request.query, request.headers)
    if operation is None:
        raise UnknownOperation(f"{request.method} {request.path} is no operation of {service.service_id}.")
    return operation


def _named(service: Service, name: str) -> Operation:
    operation = service.operations.get(name)
    if operation is None:
        raise UnknownOperation(f"The operation {name[:128]!r} is not known to {service.service_id}." if name else None)
    return operation


def _s3_operation(service: Service, request: Request, hosts: Hosts) -> Operation:
    bucket, key = address(request, hosts)
    path = "/" if bucket is None else "/b" if key is None else "/b/k"
    if request.path == "/WriteGetObjectResponse" and "x-amz-request-route" in request.headers:
        path = request.path
    operation = routes.match(service, request.method, path, request.query, request.headers)
    if operation is None:
        if request.method == "POST" and path == "/b" and not request.query:
            demand_form(request)
        raise MethodNotAllowed(Method=request.method, ResourceType=_resource_type(path))
    if operation.name == "ListBuckets":
        scope = claimed_scope(request)
        if scope is not None and scope.service == "s3express":
            return service.operations["ListDirectoryBuckets"]
    return operation


def _resource_type(path: str) -> str:
    return {"/": "SERVICE", "/b": "BUCKET"}.get(path, "OBJECT")


def _by_form(service: Service, request: Request, payload: bytes) -> Operation:
    fields = {**form_of(payload), **form_of(request.query.encode("latin-1"))}
    action, version = fields.get("Action", ""), fields.get("Version", "")
    if not action:
        raise UnknownOperation("The request has no Action.")
    for entry in _siblings(service.name):
        if not version or entry.api_version == version:
            operation = load_service(entry.name).operations.get(action)
            if operation is not None:
                return operation
    raise UnknownOperation(
        f"Could not find operation {action[:128]} for version {version[:32] or 'NO_VERSION_SPECIFIED'}"
    )


def _siblings(name: str) -> Sequence[Entry]:
    """The service and those that share its signing name, itself first."""
    entry = catalogue().entries[name]
    others = catalogue().by_signing_name[entry.signing_name]
    return (entry, *(other for other in others if other.name != name))


def _choose(entries: Sequence[Entry], request: Request, hosts: Hosts, known: Known) -> Service:
    """One of the services that share a name: by its host, else by its protocol and paths, else the first."""
    if len(entries) > 1:
        by_host = meaning_of_host(request.host, hosts).service
        prefix = catalogue().entries[by_host].endpoint_prefix if by_host is not None else None
        fitting = [entry for entry in entries if entry.endpoint_prefix == prefix] or entries
        if len(fitting) > 1:
            fitting = [entry for entry in fitting if _may_mean(known(entry.name), request)] or fitting
        entries = fitting
    return known(entries[0].name)


def _may_mean(service: Service, request: Request) -> bool:
    """Whether the service has an operation that the head of this request can mean."""
    target = _target(request)
    if target is not None:
        prefix, _, name = target.rpartition(".")
        return prefix == service.target_prefix and name in service.operations
    if service.protocol in {"query", "ec2"}:
        return request.path == "/"
    if service.protocol == "json":
        return False
    return routes.match(service, request.method, request.path, request.query, request.headers) is not None


def _serving_action(fields: Mapping[str, str], known: Known) -> Service | None:
    action, version = fields.get("Action", ""), fields.get("Version", "")
    entries = catalogue().by_query_version.get(version, ())
    for name in [entry.name for entry in entries] if version else _OFTEN_WITHOUT_VERSION:
        service = known(name)
        if action in service.operations or not service.operations:
            return service
    return None
