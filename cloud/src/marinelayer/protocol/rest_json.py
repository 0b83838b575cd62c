"""REST JSON (Lambda and most other services): errors only, since no service of it is served.

Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization.
"""

from __future__ import annotations

import json

from marinelayer.model.errors import Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import WireError
from marinelayer.protocol.aws_json import error_members
from marinelayer.protocol.unserved import Headers


def rest_json_error(_: Service, error: WireError, refusal: Refusal, request_id: str) -> tuple[Headers, bytes]:
    """An error whose code is a header."""
    body = json.dumps(error_members(error, refusal), ensure_ascii=False).encode("utf-8")
    headers = (
        ("content-type", "application/json"),
        ("x-amzn-requestid", request_id),
        ("x-amzn-errortype", error.code),
    )
    return headers, body
