"""Error documents in XML: the wrapped one of query and most REST XML services, S3's own and S3 Control's.

They repeat what a stranger sent. Characters that XML can not hold are replaced here, so that every client can read the
code: a document that no parser takes would hide it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from marinelayer.model.errors import Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import WireError
from marinelayer.protocol.xml_writer import DECLARATION, escape, escape_attribute

_REPLACED = "\ufffd"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def error_response(service: Service, error: WireError, refusal: Refusal, request_id: str) -> str:
    """`<ErrorResponse><Error><Type/><Code/><Message/></Error><RequestId/></ErrorResponse>` in the service's namespace,
    with those details that the error's model has."""
    namespace = f' xmlns="{escape_attribute(service.xml_namespace)}"' if service.xml_namespace else ""
    details = {name: text for name, text in refusal.details.items() if name in error.members}
    fault = "Sender" if error.sender_fault else "Receiver"
    inner = _elements({"Type": fault, "Code": error.code, "Message": error.message, **details}.items())
    return (
        f"{DECLARATION}<ErrorResponse{namespace}><Error>{inner}</Error>"
        f"<RequestId>{escape(request_id)}</RequestId></ErrorResponse>"
    )


def s3_error(code: str, message: str, details: Mapping[str, str], *, request_id: str, host_id: str) -> str:
    """`<Error><Code/><Message/>...<RequestId/><HostId/></Error>`, without a namespace."""
    inner = _elements(
        [("Code", code), ("Message", message), *details.items(), ("RequestId", request_id), ("HostId", host_id)]
    )
    return f"{DECLARATION}<Error>{inner}</Error>"


def s3_control_error(code: str, message: str, details: Mapping[str, str], *, request_id: str, host_id: str) -> str:
    """`<ErrorResponse><Error><Code/><Message/>...</Error><RequestId/><HostId/></ErrorResponse>`, no namespace."""
    inner = _elements([("Code", code), ("Message", message), *details.items()])
    ids = _elements([("RequestId", request_id), ("HostId", host_id)])
    return f"{DECLARATION}<ErrorResponse><Error>{inner}</Error>{ids}</ErrorResponse>"


def _elements(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<{name}>{escape(_ILLEGAL.sub(_REPLACED, text))}</{name}>" for name, text in pairs)
