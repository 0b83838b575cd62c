"""The path of a request, step by step, from its bytes' meaning to the answer's.

    say who asks -> identify the service -> take the body in -> prove it -> find the operation -> parse ->
    authorise -> run -> write

Exactly one place turns a refusal into an answer, and exactly one catches everything else: both are here. Knows no
sockets, no adapters and no service by name but S3, whose bodies are streams.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from marinelayer.config import DEFAULT_REGION
from marinelayer.http import Body, ClientGone, FileRange, NoBody, Request, Response, ResponseBody, ThreadedBody
from marinelayer.model.catalogue import outline
from marinelayer.model.errors import (
    AccessDenied,
    InternalError,
    MissingCredentials,
    OperationNotImplemented,
    Refusal,
    TokenInvalid,
    UnknownAccessKey,
    UnknownOperation,
)
from marinelayer.model.service import Operation, Service, load_service
from marinelayer.pipeline.authorise import STRICT, Enforcement, RequestAuthoriser
from marinelayer.pipeline.body import OFF_LOOP, hash_of, verified
from marinelayer.pipeline.calls import PipelineCalls
from marinelayer.pipeline.cross_origin import CrossOrigin
from marinelayer.pipeline.documents import Documents
from marinelayer.pipeline.form import PostedForm, read_form
from marinelayer.pipeline.own import PREFIX, SIGNING_NAME, OwnRoute, refused
from marinelayer.pipeline.trace import Trace
from marinelayer.pipeline.website import WebsitePages
from marinelayer.ports import Access, Caller, Clock, Identities
from marinelayer.protocol.addresses import Hosts, address, meaning_of_host, region_of
from marinelayer.protocol.call import Call
from marinelayer.protocol.cors import Fields
from marinelayer.protocol.dialect import Dialect, dialect_of, write_unroutable_error
from marinelayer.protocol.post_object import posts_form
from marinelayer.protocol.presigned import with_query_headers
from marinelayer.protocol.router import find_operation, identify, is_form
from marinelayer.protocol.website import PATH as WEBSITES
from marinelayer.protocol.website import Place, place_of
from marinelayer.security.claim import VERSION_2, Claim, demand_scope
from marinelayer.security.claim_reading import read_claim
from marinelayer.security.decision import Decision
from marinelayer.security.facts import RequestFacts, request_facts
from marinelayer.security.home import AskedBucket
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity
from marinelayer.security.requirement import Requirement
from marinelayer.security.scope import S3_EXPRESS
from marinelayer.security.session import demand_open
from marinelayer.security.sigv2 import verify as verify_v2
from marinelayer.security.sigv4 import SigningKey, token_detail
from marinelayer.security.sigv4 import verify as verify_v4
from marinelayer.services.operation import Declared, ServiceTable

MEBIBYTE = 1024 * 1024
BODY_LIMITS = {"s3": 2 * MEBIBYTE, "rekognition": 8 * MEBIBYTE, "translate": 15 * MEBIBYTE}
BODY_LIMIT = MEBIBYTE
SIGNED_AS_S3 = frozenset({"s3", "s3control"})
"""Services whose requests are signed with a hash that the body must fit."""
STRANGERS_LIMIT = 128 * 1024
"""For a document of someone without credentials: parsing one costs more than sending it."""
CHARGED = "RequestCharged"
"""The member of an output that says that the requester pays."""


def _unlogged(_: Trace) -> None:
    return


def _size(body: ResponseBody) -> int | None:
    if isinstance(body, bytes):
        return len(body)
    return body.length if isinstance(body, (FileRange, ThreadedBody)) else None


def _telling(answer: Response, caller: Caller, trace: Trace) -> Response:
    """The answer with what is to be told in headers of our own."""
    if not caller.told:
        return answer
    trace.told = caller.told
    return replace(answer, headers=(*answer.headers, *caller.told.items()))


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
        enforcement: Enforcement = STRICT,
    ) -> None:
        self._services = services
        self._identities = identities
        self._clock = clock
        self._hosts = hosts
        self._base_url = base_url
        self._own = own
        self._log = log
        self._default_region = default_region
        self._enforcement = enforcement
        self._documents = Documents()
        self._access: Mapping[str, Access] = {
            name: table.access for name, table in services.items() if table.access is not None
        }
        cors = services["s3"].cors if "s3" in services else None
        self._cross_origin = None if cors is None else CrossOrigin(cors, hosts)
        websites = services["s3"].websites if "s3" in services else None
        self._websites = None if websites is None else WebsitePages(websites, PipelineCalls(services))

    async def __call__(self, request: Request) -> Response:
        """The answer. Raises only when there is nobody to give it to: the client went, or the task is cancelled."""
        trace = Trace(request)
        try:
            if request.path.startswith(PREFIX) and not request.path.startswith(WEBSITES):
                response = await self._answer_own(request, trace)
            else:
                response = await self._answer(request, trace)
        except Refusal as refusal:
            trace.error = refusal
            response = self._refuse(refusal, trace)
        except ClientGone:
            # Nobody is left to answer; the socket's side ends the connection.
            raise
        except Exception as error:  # noqa: BLE001 - the one place that catches what no one foresaw; it is logged
            trace.error = error
            response = self._refuse(InternalError(), trace)
        if trace.cors:
            response = replace(response, headers=(*response.headers, *trace.cors))
        trace.status, trace.headers, trace.sent = response.status, response.headers, _size(response.body)
        self._log(trace)
        return response

    async def _answer(self, request: Request, trace: Trace) -> Response:
        place = place_of(request, self._hosts)
        if place is not None:
            return await self._answer_website(request, place, trace)
        if "origin" in request.headers and request.method != "OPTIONS":
            trace.cors = await self._cors_of(request)
        # A browser asks at the address of the request that it means to send: what is signed there is that request.
        claim = None if request.method == "OPTIONS" else read_claim(request)
        identity = await self._who(claim)
        trace.scheme = "" if claim is None else claim.scheme
        service, form = await self._identify(request, claim)
        trace.service = service
        if request.method == "OPTIONS" and service.name == "s3" and self._cross_origin is not None:
            trace.operation = "OPTIONS"
            return await self._cross_origin.preflight(request)
        if claim is not None:
            demand_scope(claim, service.signing_name, meaning_of_host(request.host, self._hosts).region)
        else:
            self._demand_open(service)
        payload: bytes | Body
        posted = await self._take_in_form(request) if service.name == "s3" and claim is None else None
        if posted is not None:
            claim, identity, request, payload = posted.claim, posted.identity, posted.put, posted.put.body
            operation = find_operation(service, request, b"", self._hosts)
        elif service.name in SIGNED_AS_S3:
            request, operation, payload = self._take_in_stream(service, request, claim, identity)
        else:
            payload = form if form is not None else await self._buffer(request.body, service, claim)
            self._verify(claim, request, identity, await hash_of(payload) if claim else "")
            operation = await self._find_operation(service, request, payload)
        trace.service, trace.operation, trace.identity = operation.service, operation.name, identity
        if identity.session is not None:
            demand_open(identity.session, service.name, operation.name, explained=self._enforcement.explained)
        declared = self._declared(operation, identity, claim)
        if not isinstance(payload, bytes) and operation.streaming_input is None:
            payload = await self._take_in_document(operation, request, payload, claim)
        bucket, key = address(request, self._hosts) if service.name == "s3" else (None, None)
        call = Call(
            request=request, service=operation.service, operation=operation, payload=payload, bucket=bucket, key=key
        )
        dialect = dialect_of(operation.service, request)
        parsed = await self._parse(dialect, call)
        asked = None if bucket is None else self._asked(request, claim, bucket)
        caller = self._caller(request, identity, claim, trace, asked, form=posted is not None)
        output = await self._run(declared, caller, parsed)
        if trace.requester_charged and operation.output_shape and CHARGED in operation.output_shape.members:
            output = {**output, CHARGED: "requester"}
        answer = _telling(dialect.write(call, output), caller, trace)
        return answer if posted is None else posted.answered(answer)

    async def _cors_of(self, request: Request) -> Fields:
        """What a browser of another origin is told, before anything can refuse the request: errors are for it too."""
        service = identify(request, self._hosts, known=self._known)
        if self._cross_origin is None or service is None or service.name != "s3":
            return ()
        return await self._cross_origin.fields(request)

    async def _answer_website(self, request: Request, place: Place, trace: Trace) -> Response:
        """A page of a website, for a stranger: whatever is signed, websites do not look at it."""
        if self._websites is None:
            raise UnknownOperation
        trace.service, trace.operation, trace.website = load_service("s3"), "Website", True
        if "origin" in request.headers and self._cross_origin is not None:
            trace.cors = await self._cross_origin.fields_of(place.bucket, request)
        caller = self._caller(request, ANONYMOUS_IDENTITY, None, trace)
        return await self._websites.answer(request, place, caller)

    async def _identify(self, request: Request, claim: Claim | None) -> tuple[Service, bytes | None]:
        """The service, or its outline where we do not serve it, and the body where it had to be read to tell."""
        service = identify(request, self._hosts, known=self._known)
        if service is not None:
            return service, None
        form = b""
        if claim is None and is_form(request):
            form = await self._buffer(request.body, None, claim)
            service = identify(request, self._hosts, form, known=self._known)
        if service is None:
            raise UnknownOperation
        return service, form

    def _known(self, name: str) -> Service:
        """A service that we serve, or the outline of another one."""
        return load_service(name) if name in self._services else outline(name)

    def _demand_open(self, service: Service) -> None:
        """Let no stranger further than to a service that has something for strangers: not to its model, and not to
        having a body read."""
        table = self._services.get(service.name)
        if table is None or not any(declared.anonymous for declared in table.operations.values()):
            raise MissingCredentials

    async def _find_operation(self, service: Service, request: Request, payload: bytes) -> Operation:
        """The operation. The model of a service that we do not serve is read for those whose signature is proven, off
        the event loop, since it takes up to half a second."""

        def elsewhere() -> Operation:
            return find_operation(identify(request, self._hosts) or service, request, payload, self._hosts)

        if service.name in self._services:
            return find_operation(service, request, payload, self._hosts)
        return await asyncio.to_thread(elsewhere)

    async def _take_in_form(self, request: Request) -> PostedForm | None:
        """A browser's form with who signed it, as the PUT that it stands for; None for any other request."""
        if not posts_form(request, self._hosts):
            return None
        form = await read_form(request, bucket=address(request, self._hosts)[0] or "")
        return form.proven(await self._who(form.claim), self._clock.now())

    def _take_in_stream(
        self, service: Service, request: Request, claim: Claim | None, identity: Identity
    ) -> tuple[Request, Operation, Body]:
        """S3 signs a hash that the body must fit, so that the body can flow: nothing is read yet. What a presigned
        request carries in its query for its headers is among them from here on."""
        payload_hash = (claim.payload_hash if claim else None) or ""
        key = self._verify(claim, request, identity, payload_hash)
        if claim is not None and claim.scheme in ("v4-query", "v2-query"):
            request = with_query_headers(request, v2=claim.scheme == "v2-query")
        operation = find_operation(service, request, b"", self._hosts)
        return request, operation, verified(request, claim, key, streamed=operation.streaming_input is not None)

    async def _take_in_document(self, operation: Operation, request: Request, body: Body, claim: Claim | None) -> bytes:
        """A body that S3 does not stream, whole; it must be what its Content-MD5 and checksums say."""
        data = b"" if isinstance(body, NoBody) else await self._buffer(body, operation.service, claim)
        check = self._services[operation.service.name].check_document
        if check is not None:
            arguments = (operation.name, data, request.headers, body.trailers)
            if len(data) > OFF_LOOP:
                await asyncio.to_thread(check, *arguments)
            else:
                check(*arguments)
        return data

    async def _parse(self, dialect: Dialect, call: Call) -> dict[str, Any]:
        if isinstance(call.payload, bytes) and len(call.payload) > OFF_LOOP:
            return await asyncio.to_thread(dialect.parse, call)
        return dialect.parse(call)

    async def _who(self, claim: Claim | None) -> Identity:
        """The identity that the claim's access key names, which is not proven yet."""
        if claim is None:
            return ANONYMOUS_IDENTITY
        try:
            identity = await self._identities.by_access_key(claim.access_key_id, claim.session_token)
        except TokenInvalid:
            raise TokenInvalid(**token_detail(claim)) from None
        if identity is None:
            raise UnknownAccessKey(**({"AWSAccessKeyId": claim.access_key_id} if claim.s3 else {}))
        return identity

    def _verify(
        self, claim: Claim | None, request: Request, identity: Identity, payload_hash: str
    ) -> SigningKey | None:
        """Raises unless the signature is that of the identity's secret key. Chunks need the key that it returns."""
        if claim is None:
            return None
        now = self._clock.now()
        if claim.scheme in VERSION_2:
            bucket = meaning_of_host(request.host, self._hosts).bucket
            verify_v2(claim, request, identity, bucket=bucket, now=now)
            return None
        return verify_v4(claim, request, identity, payload_hash=payload_hash, now=now)

    def _declared(self, operation: Operation, identity: Identity, claim: Claim | None) -> Declared:
        """The operation as declared here. Who is not known learns nothing of what is not implemented."""
        service = operation.service
        table = self._services.get(service.name)
        declared = table.operations.get(operation.name) if table else None
        anonymous = identity.principal.kind == "anonymous"
        if anonymous and (declared is None or not declared.anonymous):
            if service.name != "s3":
                raise MissingCredentials
            raise AccessDenied(declared.to_strangers if declared else None)
        if claim is not None and claim.service == S3_EXPRESS:
            raise OperationNotImplemented("Directory buckets are not implemented by Marine Layer.")
        if declared is None:
            raise OperationNotImplemented(
                f"{service.name}.{operation.name} is not implemented by Marine Layer (see docs/differences.md)."
            )
        return declared

    async def _buffer(self, body: Body, service: Service | None, claim: Claim | None) -> bytes:
        limit = BODY_LIMITS.get(service.name, BODY_LIMIT) if service else BODY_LIMIT
        return await self._documents.read(body, limit if claim is not None else min(limit, STRANGERS_LIMIT))

    def _asked(self, request: Request, claim: Claim | None, bucket: str) -> AskedBucket:
        """How the request asks for its bucket. A form is signed for its policy, and for no endpoint."""
        scheme = claim.scheme if claim is not None and claim.scheme != "v4-form" else None
        return AskedBucket(
            name=bucket,
            scheme=scheme,
            region=claim.region if claim is not None and scheme is not None else "",
            endpoint=meaning_of_host(request.host, self._hosts).region,
            head=request.method == "HEAD",
        )

    def _caller(
        self,
        request: Request,
        identity: Identity,
        claim: Claim | None,
        trace: Trace,
        asked: AskedBucket | None = None,
        *,
        form: bool = False,
    ) -> Caller:
        def note(decision: Decision) -> None:
            if decision.allowed:
                trace.by_acl = trace.by_acl or decision.by_acl
            else:
                trace.denied = decision

        def charge() -> None:
            trace.requester_charged = True

        region = (claim.region if claim else "") or region_of(request, self._hosts) or self._default_region
        trace.region = region
        now = self._clock.now()
        facts = RequestFacts(lambda: request_facts(request, identity, now, claim=claim, region=region))
        return Caller(
            identity=identity,
            account=identity.principal.account,
            region=region,
            request_id=request.id,
            authoriser=RequestAuthoriser(
                identity,
                facts,
                self._access,
                note,
                agrees_to_pay=request.headers.get("x-amz-request-payer") == "requester",
                charge=charge,
                asked=asked,
                enforcement=self._enforcement,
                let_through=trace.let_through.append,
            ),
            host=request.host,
            scheme=request.scheme,
            peer=request.peer,
            base_url=self._base_url(),
            form=form,
        )

    async def _run(self, declared: Declared, caller: Caller, parsed: Mapping[str, Any]) -> Mapping[str, Any]:
        for requirement in declared.needs(parsed, caller):
            await caller.demand(requirement)
        return await declared.run(caller, parsed) or {}

    async def _answer_own(self, request: Request, trace: Trace) -> Response:
        """One of our own addresses: open for a stated reason, or signed for `marinelayer` and authorised."""
        route = self._own.get((request.method, request.path))
        claim = read_claim(request)
        identity = await self._who(claim)
        if claim is not None:
            body = await self._buffer(request.body, None, claim)
            self._verify(claim, request, identity, await hash_of(body))
            if claim.service != SIGNING_NAME:
                raise AccessDenied(f"Credential should be scoped to correct service: '{SIGNING_NAME}'.")
        trace.identity = identity
        if route is None:
            raise UnknownOperation(f"{request.method} {request.path} is not known.")
        trace.operation = request.path.removeprefix(PREFIX)
        caller = self._caller(request, identity, claim, trace)
        if route.action is not None:
            if claim is None:
                raise MissingCredentials
            await caller.demand(Requirement(action=route.action, resource="*"))
        return await route.run(request, caller)

    def _refuse(self, refusal: Refusal, trace: Trace) -> Response:
        request = trace.request
        if trace.website and self._websites is not None:
            return self._websites.refused(refusal, request)
        if request.path.startswith(PREFIX):
            return refused(refusal, request_id=request.id)
        service = trace.service or identify(request, self._hosts, known=self._known)
        if service is None:
            return write_unroutable_error(request, refusal)
        return dialect_of(service, request).write_error(
            service,
            refusal,
            request_id=request.id,
            head=request.method == "HEAD",
        )
