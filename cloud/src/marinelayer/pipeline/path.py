"""The path of a request, step by step, from its bytes' meaning to the answer's.

    identify the service -> say who asks -> take the body in -> find the operation -> parse ->
    authorise -> run -> write

Exactly one place turns a refusal into an answer, and exactly one catches everything else: both are here. Knows no
sockets, no adapters and no service by name but S3, whose bodies are streams.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marinelayer.config import DEFAULT_REGION
from marinelayer.http import Body, BodyTooLargeError, Request, Response, read_all
from marinelayer.model.errors import (
    AccessDenied,
    InternalError,
    MissingCredentials,
    OperationNotImplemented,
    Refusal,
    RequestTooLarge,
    UnknownAccessKey,
    UnknownOperation,
)
from marinelayer.model.service import Operation, Service
from marinelayer.pipeline.authorise import RequestAuthoriser
from marinelayer.pipeline.body import buffered_hash, verified_stream
from marinelayer.pipeline.own import PREFIX, SIGNING_NAME, OwnRoute, refused
from marinelayer.ports import Access, Caller, Clock, Identities
from marinelayer.protocol.call import Call
from marinelayer.protocol.dialect import dialect_of, write_unroutable_error
from marinelayer.protocol.router import Hosts, address, find_operation, identify, region_of
from marinelayer.security.claim import Claim, read_claim
from marinelayer.security.decision import Decision
from marinelayer.security.facts import request_facts
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity
from marinelayer.security.sigv2 import verify as verify_v2
from marinelayer.security.sigv4 import SigningKey
from marinelayer.security.sigv4 import verify as verify_v4
from marinelayer.services.operation import Declared, ServiceTable

MEBIBYTE = 1024 * 1024
BODY_LIMITS = {"s3": 2 * MEBIBYTE, "rekognition": 8 * MEBIBYTE}
BODY_LIMIT = MEBIBYTE


@dataclass(slots=True)
class Trace:
    """What is known of one request so far, for its one line in the log. Never holds a secret."""

    request: Request
    started: int = field(default_factory=time.perf_counter_ns)
    service: Service | None = None
    operation: str = ""
    identity: Identity = ANONYMOUS_IDENTITY
    denied: Decision | None = None
    error: BaseException | None = None
    status: int = 0

    @property
    def microseconds(self) -> int:
        """Time since the request's head was read."""
        return (time.perf_counter_ns() - self.started) // 1000


def _unlogged(_: Trace) -> None:
    return


class Pipeline:
    """Answers requests (http.Handler) with the operations of `services`."""

    def __init__(
        self,
        *,
        services: Mapping[str, ServiceTable],
        identities: Identities,
        clock: Clock,
        hosts: Hosts,
        base_url: Callable[[], str],
        own: Mapping[tuple[str, str], OwnRoute],
        log: Callable[[Trace], None] = _unlogged,
        default_region: str = DEFAULT_REGION,
    ) -> None:
        self._services = services
        self._identities = identities
        self._clock = clock
        self._hosts = hosts
        self._base_url = base_url
        self._own = own
        self._log = log
        self._default_region = default_region
        self._access: Mapping[str, Access] = {
            name: table.access for name, table in services.items() if table.access is not None
        }

    async def __call__(self, request: Request) -> Response:
        """The answer. Never raises but when the task is cancelled."""
        trace = Trace(request)
        try:
            if request.path.startswith(PREFIX):
                response = await self._answer_own(request, trace)
            else:
                response = await self._answer(request, trace)
        except Refusal as refusal:
            trace.error = refusal
            response = self._refuse(refusal, trace)
        except Exception as error:  # noqa: BLE001 - the one place that catches what no one foresaw; it is logged
            trace.error = error
            response = self._refuse(InternalError(), trace)
        trace.status = response.status
        self._log(trace)
        return response

    async def _answer(self, request: Request, trace: Trace) -> Response:
        service = trace.service = identify(request, self._hosts)
        claim, identity = await self._who(request, trace)
        body: bytes | Body
        if service.name == "s3":
            key = self._verify(claim, request, identity, claim.payload_hash if claim else "")
            operation = find_operation(service, request, b"")
            trace.operation = operation.name
            declared = self._declared(service, operation, identity)
            body = verified_stream(request, claim, key)
            if not operation.streams_input:
                body = await self._buffer(body, service)
        else:
            body = await self._buffer(request.body, service)
            self._verify(claim, request, identity, await buffered_hash(body) if claim else "")
            operation = find_operation(service, request, body)
            trace.operation = operation.name
            declared = self._declared(service, operation, identity)
        bucket, object_key = address(request, self._hosts) if service.name == "s3" else (None, None)
        call = Call(
            request=request, service=service, operation=operation, payload=body, bucket=bucket, key=object_key
        )
        dialect = dialect_of(service)
        parsed = dialect.parse(call)
        caller = self._caller(request, identity, trace)
        output = await self._run(declared, caller, parsed)
        return dialect.write(call, output)

    async def _who(self, request: Request, trace: Trace) -> tuple[Claim | None, Identity]:
        """What the request claims, and the identity that its access key names."""
        claim = read_claim(request)
        if claim is None:
            return None, ANONYMOUS_IDENTITY
        identity = await self._identities.by_access_key(claim.access_key_id)
        if identity is None:
            raise UnknownAccessKey(**({"AWSAccessKeyId": claim.access_key_id}))
        trace.identity = identity
        return claim, identity

    def _verify(
        self, claim: Claim | None, request: Request, identity: Identity, payload_hash: str
    ) -> SigningKey | None:
        """Raises unless the signature is that of the identity's secret key. Chunks need the key that it returns."""
        if claim is None:
            return None
        now = self._clock.now()
        if claim.scheme == "v2-query":
            bucket = address(request, self._hosts)[0] if self._hosts.bucket_in(request.host) else None
            verify_v2(claim, request, identity, bucket=bucket, now=now)
            return None
        return verify_v4(claim, request, identity, payload_hash=payload_hash, now=now)

    def _declared(self, service: Service, operation: Operation, identity: Identity) -> Declared:
        """The operation as declared here. Who is not known learns nothing of what is not implemented."""
        table = self._services.get(service.name)
        declared = table.operations.get(operation.name) if table else None
        anonymous = identity.principal.kind == "anonymous"
        if anonymous and (declared is None or not declared.anonymous):
            raise AccessDenied if service.name == "s3" else MissingCredentials
        if declared is None:
            raise OperationNotImplemented(
                f"{service.name}.{operation.name} is not implemented by Marine Layer (see docs/differences.md)."
            )
        return declared

    async def _buffer(self, body: Body, service: Service) -> bytes:
        try:
            return await read_all(body, BODY_LIMITS.get(service.name, BODY_LIMIT))
        except BodyTooLargeError:
            raise RequestTooLarge from None

    def _caller(self, request: Request, identity: Identity, trace: Trace) -> Caller:
        def note(decision: Decision) -> None:
            trace.denied = decision

        facts = request_facts(request, identity, self._clock.now())
        return Caller(
            identity=identity,
            account=identity.principal.account,
            region=region_of(request, self._hosts) or self._default_region,
            request_id=request.id,
            authoriser=RequestAuthoriser(identity, facts, self._access, note),
            host=request.host,
            scheme=request.scheme,
            peer=request.peer,
            base_url=self._base_url(),
        )

    async def _run(self, declared: Declared, caller: Caller, parsed: Mapping[str, Any]) -> Mapping[str, Any]:
        for requirement in declared.needs(parsed, caller):
            await caller.demand(requirement)
        return await declared.run(caller, parsed) or {}

    async def _answer_own(self, request: Request, trace: Trace) -> Response:
        """One of our own addresses: open for a stated reason, or signed for `marinelayer` and authorised."""
        route = self._own.get((request.method, request.path))
        claim, identity = await self._who(request, trace)
        if claim is not None:
            body = await read_all(request.body, BODY_LIMIT)
            self._verify(claim, request, identity, await buffered_hash(body))
            if claim.service != SIGNING_NAME:
                raise AccessDenied(f"Credential should be scoped to correct service: '{SIGNING_NAME}'.")
        if route is None:
            raise UnknownOperation(f"{request.method} {request.path} is not known.")
        trace.operation = request.path.removeprefix(PREFIX)
        caller = self._caller(request, identity, trace)
        if route.action is not None:
            if claim is None:
                raise MissingCredentials
            await caller.demand(own_requirement(route.action))
        return await route.run(request, caller)

    def _refuse(self, refusal: Refusal, trace: Trace) -> Response:
        request = trace.request
        if request.path.startswith(PREFIX):
            return refused(refusal, request_id=request.id)
        if trace.service is None:
            return write_unroutable_error(request, refusal)
        return dialect_of(trace.service).write_error(
            trace.service,
            refusal,
            request_id=request.id,
            resource=request.path,
            head=request.method == "HEAD",
        )
