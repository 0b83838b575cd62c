"""EC2's dialect of the query protocol: errors only, since nothing of EC2 is served.

Source: https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#operation-error-serialization.
"""

from __future__ import annotations

from marinelayer.model.errors import Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import WireError
from marinelayer.protocol.unserved import Headers
from marinelayer.protocol.xml_writer import DECLARATION, escape


def ec2_error(_: Service, error: WireError, __: Refusal, request_id: str) -> tuple[Headers, bytes]:
    """An error in EC2's own XML."""
    body = (
        f"{DECLARATION}<Response><Errors><Error><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error></Errors>"
        f"<RequestID>{escape(request_id)}</RequestID></Response>"
    )
    return (("content-type", "text/xml"), ("x-amzn-requestid", request_id)), body.encode("utf-8")
