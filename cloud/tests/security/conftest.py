"""What every test of this room needs: a moment, credentials, and requests as botocore's own signers make them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from marinelayer.http import BytesBody, Headers, Request
from marinelayer.security import timestamps
from marinelayer.security.identity import Identity, Principal

MOMENT = timestamps.from_basic("20260314T150926Z")
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ACCOUNT = "123456789012"

MakeRequest = Callable[..., Request]


def _request(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    host: str = "localhost:4566",
    **more: Any,
) -> Request:
    values: dict[str, Any] = {"id": "R1", "scheme": "http", "peer": "127.0.0.1", **more}
    return Request(
        method=method, path=path, query=query, headers=Headers(headers), body=BytesBody(body), host=host, **values
    )


@pytest.fixture(scope="session")
def make_request() -> MakeRequest:
    return _request


@pytest.fixture(scope="session")
def now() -> int:
    return MOMENT


@pytest.fixture(scope="session")
def bob() -> Identity:
    principal = Principal(
        kind="user",
        account=ACCOUNT,
        arn=f"arn:aws:iam::{ACCOUNT}:user/bob",
        unique_id="AIDABOBBOBBOBBOBBOBBO",
        canonical_id="b" * 64,
        name="bob",
    )
    return Identity(principal=principal, access_key_id=KEY_ID, secret_key=SECRET)


Signed = Callable[..., Request]


@pytest.fixture(scope="session")
def signed_by_botocore() -> Signed:
    """Sign with one of botocore's signers at MOMENT, and read the result as our server would."""

    def signed(
        signer: str,
        url: str,
        *,
        method: str = "GET",
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        service: str = "s3",
        region: str = "us-east-1",
        token: str | None = None,
        key_id: str = KEY_ID,
        secret: str = SECRET,
        auth_path: str | None = None,
        context: dict[str, Any] | None = None,
        **options: Any,
    ) -> Request:
        credentials = Credentials(key_id, secret, token)
        auth_class = getattr(botocore.auth, signer)
        v1 = signer.startswith("HmacV1")
        auth = auth_class(credentials, **options) if v1 else auth_class(credentials, service, region, **options)
        unsigned = AWSRequest(method=method, url=url, data=body, auth_path=auth_path)
        for name, value in headers:
            unsigned.headers.add_header(name, value)
        unsigned.context.update(context or {})
        moment = dt.datetime.fromtimestamp(MOMENT / 1e6, dt.UTC)
        with (
            mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment),
            mock.patch("botocore.auth.time.time", return_value=MOMENT / 1e6),
        ):
            auth.add_auth(unsigned)
        parts = urlsplit(unsigned.url)
        sent = [(name.lower(), value) for name, value in unsigned.headers.items()]
        if not any(name == "host" for name, _ in sent):
            sent.append(("host", parts.netloc))
        if signer == "HmacV1QueryAuth":
            # botocore moves these into the query, and its clients send no headers.
            sent = [("host", parts.netloc)]
        return _request(method, parts.path, parts.query, tuple(sent), body, parts.netloc.lower())

    return signed
