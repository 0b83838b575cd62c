"""HTML as answers: templates with autoescape, and the headers that keep a page to itself."""

from __future__ import annotations

import secrets
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from marinelayer.http import Response

_TEMPLATES = Environment(
    loader=PackageLoader("marinelayer.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def page(template: str, *, status: int = 200, headers: tuple[tuple[str, str], ...] = (), **values: Any) -> Response:
    """A page that runs no script, loads nothing, is framed by no one and kept by no cache."""
    nonce = secrets.token_urlsafe(16)
    text = _TEMPLATES.get_template(template).render(nonce=nonce, **values)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return Response(
        status=status,
        headers=(
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            *headers,
        ),
        body=text.encode(),
    )


def notice(title: str, *lines: str, status: int = 200) -> Response:
    """A page that says one thing."""
    return page("notice.html", status=status, title=title, lines=lines)


def redirect(path: str, *headers: tuple[str, str]) -> Response:
    """Go to `path` by GET."""
    return Response(status=303, headers=(("location", path), ("cache-control", "no-store"), *headers))
