"""What a request says about who signed it.

`claim_reading` reads it, and checks it for form; `sigv4.verify` and `sigv2.verify` prove it. This module must not know
secrets or the time. Sources: IAM User Guide, "Create a signed AWS API request"; S3 API reference, "Authenticating
requests (AWS Signature Version 4)", and its Signature Version 2 pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from marinelayer.model.errors import SignatureMismatch
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.security import timestamps
from marinelayer.security.scope import S3_EXPRESS, S3_SERVICES, TERMINATOR, malformed

Scheme = Literal["v4-header", "v4-query", "v4-form", "v2-header", "v2-query", "v2-form"]
PayloadMode = Literal[
    "signed", "unsigned", "streaming-signed", "streaming-signed-trailer", "streaming-unsigned-trailer"
]

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
UNSUPPORTED_MECHANISM = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
VERSION_2 = ("v2-header", "v2-query", "v2-form")
"""The schemes of Signature Version 2, which is S3's only."""

_PAYLOADS: dict[str, PayloadMode] = {
    UNSIGNED_PAYLOAD: "unsigned",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": "streaming-signed",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": "streaming-signed-trailer",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER": "streaming-unsigned-trailer",
}
_HEX_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


@dataclass(slots=True, kw_only=True)
class Claim:
    """Who a request claims to be signed by, and what its signature covers.

    `date`, `region` and `service` are the credential scope ("" for Signature Version 2). `timestamp` is when it was
    signed, `expires_at` when it ends (both microseconds since the epoch; 0 and None where the scheme has none).
    `payload_hash` is the body's line of the canonical request; None where the verifier must hash the body itself
    (every service but S3).
    """

    scheme: Scheme
    access_key_id: str
    signature: str = field(repr=False)
    date: str = ""
    region: str = ""
    service: str = ""
    signed_headers: tuple[str, ...] = ()
    timestamp: int = 0
    expires_at: int | None = None
    expires_seconds: int | None = None
    session_token: str | None = field(default=None, repr=False)
    payload: PayloadMode = "unsigned"
    payload_hash: str | None = None

    @property
    def scope(self) -> str:
        """The credential scope, `DATE/REGION/SERVICE/aws4_request`."""
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"

    @property
    def amz_date(self) -> str:
        """The time of signing as X-Amz-Date has it."""
        return timestamps.to_basic(self.timestamp)

    @property
    def s3(self) -> bool:
        """Whether S3's rules of signing apply."""
        return self.service in S3_SERVICES or self.scheme in VERSION_2


def demand_scope(claim: Claim, service: str, endpoint: str | None = None) -> None:
    """Check that the credential was scoped to `service` (its signing name: `s3`, `sns`, ...), and to the region
    `endpoint` of the host that was asked, where that names one. At S3 one for directory buckets is for S3, and the
    region is the bucket's affair (`home`).

    Raises:
        MalformedCredentials, AuthorizationQueryParametersError: it was not, at S3.
        SignatureMismatch: it was not, elsewhere.
    """
    old = claim.scheme in VERSION_2
    if service not in S3_SERVICES:
        if old or claim.service != service:
            raise SignatureMismatch(f"Credential should be scoped to correct service: '{service}'.")
        if endpoint is not None and claim.region != endpoint:
            raise SignatureMismatch(f"Credential should be scoped to a valid region, not '{claim.region}'.")
    elif not old and claim.service != service and not (service == "s3" and claim.service == S3_EXPRESS):
        malformed(claim.scheme, f'incorrect service "{claim.service}". This endpoint belongs to "{service}".')


def payload_of(value: str) -> tuple[PayloadMode, str]:
    """How the body is signed, and its line of the canonical request, as x-amz-content-sha256 says.

    Raises:
        InvalidArgument: it says something else.
    """
    if len(value) == 64 and _HEX_SHA256.fullmatch(value):
        return "signed", value
    mode = _PAYLOADS.get(value)
    if mode is None:
        raise InvalidArgument(
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.",
            ArgumentName="x-amz-content-sha256",
            ArgumentValue=value[:128],
        )
    return mode, value
