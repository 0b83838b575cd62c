"""Requests as no SDK would make them: signed or not, sent byte for byte as they are given."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from marinelayer.testing import LocalCloud


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def element(self, name: str) -> str | None:
        """The text of an element of an XML answer, None where it has none of this name."""
        found = ET.fromstring(self.body).find(f".//{{*}}{name}")
        return None if found is None else found.text or ""

    @property
    def code(self) -> str | None:
        """The code of an error document."""
        return self.element("Code")


Send = Callable[..., Answer]


@pytest.fixture
def send(cloud: LocalCloud) -> Send:
    """`send(method, target, body, headers)` sends exactly that, without credentials, to a raw path with its query."""

    def to_cloud(method: str, target: str, body: Any = b"", headers: Mapping[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(cloud.endpoint_url).netloc, timeout=20)
        try:
            connection.request(method, target, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            return Answer(status=response.status, headers=response.headers, body=response.read())
        finally:
            connection.close()

    return to_cloud


@pytest.fixture
def signed(cloud: LocalCloud, send: Send) -> Send:
    """The same, signed for S3 by the root user, or by the given `key`; `trailing` leaves the body to be aws-chunked."""

    def sign_and_send(
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        key: Mapping[str, str] | None = None,
        trailing: bool = False,
    ) -> Answer:
        chosen = key or {"AccessKeyId": cloud.access_key_id, "SecretAccessKey": cloud.secret_access_key}
        request = AWSRequest(method, cloud.endpoint_url + target, headers=dict(headers or {}), data=body)
        if trailing:
            request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
        S3SigV4Auth(Credentials(chosen["AccessKeyId"], chosen["SecretAccessKey"]), "s3", "us-east-1").add_auth(request)
        return send(method, target, body, dict(request.headers.items()))

    return sign_and_send
