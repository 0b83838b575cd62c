"""What a website says of errors: S3's pages in HTML, and the same in headers. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/CustomErrorDocSupport.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from http import HTTPStatus

from marinelayer.http import Response
from marinelayer.model.supplements import WireError
from marinelayer.protocol.rest_xml import extended_id, request_ids
from marinelayer.protocol.s3_output import header_text
from marinelayer.protocol.website import FOUND, Redirect

Details = Mapping[str, str]
Fields = tuple[tuple[str, str], ...]

_HTML = ("content-type", "text/html; charset=utf-8")


def error_fields(code: str, message: str, details: Details) -> Fields:
    """An error as the headers of a page that says something else."""
    fields = [("x-amz-error-code", code), ("x-amz-error-message", message)]
    fields += [(f"x-amz-error-detail-{name}", value) for name, value in details.items()]
    return tuple((name, header_text(value)) for name, value in fields)


def error_page(
    error: WireError, details: Details, *, request_id: str, nested: tuple[WireError, Details] | None = None
) -> Response:
    """The page of an error; `nested` is why the website's own error document could not be shown instead."""
    fields = error_fields(error.code, error.message, details)
    body = _page(error.status, error.code, error.message, details, request_id, nested)
    return Response(status=error.status, headers=(*request_ids(request_id), *fields, _HTML), body=body)


def redirection(redirect: Redirect, *, request_id: str) -> Response:
    """The answer that leads elsewhere. To a folder's slash it is a page, else it is empty."""
    location = ("location", header_text(redirect.location))
    if redirect.status != FOUND:
        return Response(status=redirect.status, headers=(*request_ids(request_id), location))
    code, message = "Found", "Resource Found"
    body = _page(FOUND, code, message, {}, request_id, None)
    headers = (*request_ids(request_id), *error_fields(code, message, {}), location, _HTML)
    return Response(status=FOUND, headers=headers, body=body)


def _page(
    status: int,
    code: str,
    message: str,
    details: Details,
    request_id: str,
    nested: tuple[WireError, Details] | None,
) -> bytes:
    title = f"{status} {HTTPStatus(status).phrase}"
    ids = {"RequestId": request_id, "HostId": extended_id(request_id)}
    lines = [
        "<html>",
        f"<head><title>{title}</title></head>",
        "<body>",
        f"<h1>{title}</h1>",
        *_list({"Code": code, "Message": message, **details, **ids}.items()),
    ]
    if nested is not None:
        inner, more = nested
        lines += [
            "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>",
            *_list({"Code": inner.code, "Message": inner.message, **more}.items()),
        ]
    lines += ["<hr/>", "</body>", "</html>", ""]
    return "\n".join(lines).encode("utf-8", "replace")


def _list(items: Iterable[tuple[str, str]]) -> list[str]:
    return ["<ul>", *[f"<li>{escape(name)}: {escape(text)}</li>" for name, text in items], "</ul>"]
