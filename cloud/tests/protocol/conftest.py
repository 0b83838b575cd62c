"""Botocore's own clients as the other end of the wire: what they send comes to us, what we answer goes to them."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from marinelayer.http import BytesBody, Headers, Request, Response
from marinelayer.model.errors import Refusal
from marinelayer.model.service import Operation, Service
from marinelayer.protocol.call import Call
from marinelayer.protocol.dialect import dialect_of
from marinelayer.protocol.router import Hosts, address, find_operation, identify

HOSTS = Hosts(frozenset({"localhost", "127.0.0.1"}))


class _Raw(io.BytesIO):
    """What urllib3 would have given."""

    def stream(self, size: int = 65536, **_: Any) -> Iterator[bytes]:
        while piece := self.read(size):
            yield piece


@dataclass
class Heard:
    """One request as botocore sent it and we understood it."""

    request: Request
    payload: bytes
    service: Service
    operation: Operation
    call: Call
    parsed: dict[str, Any] = field(default_factory=dict)


Answer = Callable[[Heard], Response]


class Wire:
    """Calls operations of botocore's clients, which reach our protocol room and nothing else."""

    def __init__(self) -> None:
        self._session = botocore.session.Session()

    @functools.cache  # noqa: B019 - one wire a session
    def client(self, service: str, endpoint: str, style: str) -> Any:
        return self._session.create_client(
            service,
            region_name="eu-west-1",
            endpoint_url=endpoint,
            aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
            aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            config=Config(
                retries={"max_attempts": 0},
                s3={"addressing_style": style},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def call(
        self,
        service: str,
        operation: str,
        params: dict[str, Any],
        answer: Answer,
        *,
        endpoint: str = "http://localhost:4566",
        style: str = "path",
    ) -> dict[str, Any]:
        """Botocore's result for our answer."""
        client = self.client(service, endpoint, style)

        def intercept(request: Any, **_: Any) -> AWSResponse:
            response = answer(heard(request))
            assert isinstance(response.body, bytes)
            body = b"" if request.method == "HEAD" else response.body
            return AWSResponse(request.url, response.status, dict(response.headers), _Raw(body))

        client.meta.events.register("before-send", intercept)
        try:
            return client._make_api_call(operation, params)
        finally:
            client.meta.events.unregister("before-send", intercept)


def heard(sent: Any) -> Heard:
    """A prepared request of botocore, identified and addressed."""
    url = urlsplit(sent.url)
    pairs = [
        (name.lower(), value.decode() if isinstance(value, bytes) else str(value))
        for name, value in sent.headers.items()
    ]
    body = sent.body
    payload = (
        body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else body.read() if body else b""
    )
    request = Request(
        id="4442587FB7D0A2F9",
        method=sent.method,
        path=url.path or "/",
        query=url.query,
        headers=Headers(pairs),
        body=BytesBody(payload),
        scheme="http",
        host=url.netloc,
        peer="127.0.0.1",
    )
    service = identify(request, HOSTS) or identify(request, HOSTS, payload)
    assert service is not None, "nobody can tell the service"
    operation = find_operation(service, request, payload, HOSTS)
    bucket, key = address(request, HOSTS) if service.name == "s3" else (None, None)
    call = Call(
        request=request,
        service=operation.service,
        operation=operation,
        payload=request.body if operation.streaming_input else payload,
        bucket=bucket,
        key=key,
    )
    return Heard(request, payload, operation.service, operation, call)


def parse(said: Heard) -> dict[str, Any]:
    return dialect_of(said.service, said.request).parse(said.call)


def refuse(said: Heard, refusal: Refusal) -> Response:
    return dialect_of(said.service, said.request).write_error(
        said.service, refusal, request_id=said.request.id, head=said.request.method == "HEAD"
    )


@pytest.fixture(scope="session")
def wire() -> Wire:
    return Wire()


@pytest.fixture(scope="session")
def parsed() -> Callable[[Heard], dict[str, Any]]:
    return parse


@pytest.fixture(scope="session")
def refused() -> Callable[[Heard, Refusal], Response]:
    return refuse
