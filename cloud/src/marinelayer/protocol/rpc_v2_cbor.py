"""Smithy RPC v2 CBOR: errors only, since boto3 speaks JSON to every service that is served.

Source: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html, RFC 8949.
"""

from __future__ import annotations

from collections.abc import Mapping

from marinelayer.model.errors import Refusal
from marinelayer.model.service import Service
from marinelayer.model.supplements import WireError
from marinelayer.protocol.aws_json import error_members, query_error
from marinelayer.protocol.unserved import Headers

_MAP_OF_ANY_LENGTH, _BREAK = b"\xbf", b"\xff"
_TEXT = 0x60


def cbor_error(service: Service, error: WireError, refusal: Refusal, request_id: str) -> tuple[Headers, bytes]:
    """An error as a CBOR map."""
    headers = (
        ("smithy-protocol", "rpc-v2-cbor"),
        ("content-type", "application/cbor"),
        ("x-amzn-requestid", request_id),
        *((query_error(error),) if service.query_compatible else ()),
    )
    return headers, _map_of_texts({"__type": error.code, **error_members(error, refusal)})


def _map_of_texts(values: Mapping[str, str]) -> bytes:
    pieces = b"".join(_text(name) + _text(value) for name, value in values.items())
    return _MAP_OF_ANY_LENGTH + pieces + _BREAK


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if len(data) < 24:
        head = bytes([_TEXT | len(data)])
    elif len(data) < 1 << 8:
        head = bytes([_TEXT | 24, len(data)])
    elif len(data) < 1 << 16:
        head = bytes([_TEXT | 25]) + len(data).to_bytes(2, "big")
    else:
        head = bytes([_TEXT | 26]) + len(data).to_bytes(4, "big")
    return head + data
