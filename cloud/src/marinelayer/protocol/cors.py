"""What a bucket's CORS rules say to a request from another origin. Pure.

The first rule decides whose origins, methods and, where headers are asked for, headers fit. Rules are mappings in the
shape of the model's CORSRule. What a browser intends (Access-Control-Request-Method) comes before what the request is,
preflight or not.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html and the Fetch standard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.http import Headers
from marinelayer.protocol.refusals import AccessForbidden, BadRequest

Rules = Sequence[Mapping[str, Any]]
Fields = tuple[tuple[str, str], ...]

METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})
_VARY = ("vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")


def cors_fields(rules: Rules, method: str, headers: Headers) -> Fields:
    """The header fields that let a script of the request's origin see the answer; none where no rule fits."""
    origin = headers.get("origin", "")
    asked = _asked(headers)
    rule = _matching(rules, origin or "", headers.get("access-control-request-method") or method, asked)
    return () if rule is None else _fields(rule, origin or "", asked)


def demand_origin(headers: Headers) -> None:
    """Raises BadRequest unless a preflight says from where it comes."""
    if not headers.get("origin"):
        raise BadRequest("Insufficient information. Origin request header needed.")


def answer_preflight(rules: Rules | None, headers: Headers, resource_type: str) -> Fields:
    """The header fields of the answer to a preflight for a bucket or an object (`BUCKET`, `OBJECT`). `rules` is None
    where there is no such bucket, and empty where it has none.

    Raises:
        BadRequest: it does not say for what method.
        AccessForbidden: nothing allows what it asks for.
    """
    method = headers.get("access-control-request-method")
    if not rules:
        message = "CORSResponse: Bucket not found" if rules is None else None
        raise AccessForbidden(message, Method=method or "OPTIONS", ResourceType="BUCKET")
    if method not in METHODS:
        raise BadRequest(f"Invalid Access-Control-Request-Method: {(method or 'null')[:64]}")
    fields = cors_fields(rules, method, headers)
    if not fields:
        raise AccessForbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request "
            "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the "
            "resource's CORS spec.",
            Method=method,
            ResourceType=resource_type,
        )
    return fields


def _asked(headers: Headers) -> list[str]:
    """The names of the headers that are asked for, lower-case."""
    values = headers.all("access-control-request-headers")
    return [name.strip().lower() for value in values for name in value.split(",") if name.strip()]


def _matching(rules: Rules, origin: str, method: str, asked: Sequence[str]) -> Mapping[str, Any] | None:
    for rule in rules:
        allowed = [name.lower() for name in rule.get("AllowedHeaders") or ()]
        if (
            method in rule["AllowedMethods"]
            and any(_fits(pattern, origin) for pattern in rule["AllowedOrigins"])
            and all(any(_fits(pattern, name) for pattern in allowed) for name in asked)
        ):
            return rule
    return None


def _fits(pattern: str, text: str) -> bool:
    """Whether the pattern, whose one `*` stands for anything or nothing, is the whole text."""
    head, star, tail = pattern.partition("*")
    if not star:
        return text == pattern
    return len(text) >= len(head) + len(tail) and text.startswith(head) and text.endswith(tail)


def _fields(rule: Mapping[str, Any], origin: str, asked: Sequence[str]) -> Fields:
    fields: list[tuple[str, str]] = []
    if "*" in rule["AllowedOrigins"]:
        fields.append(("access-control-allow-origin", "*"))
    else:
        # Browsers let nobody use credentials where every origin is allowed.
        fields += [("access-control-allow-origin", origin), ("access-control-allow-credentials", "true")]
    fields.append(("access-control-allow-methods", ", ".join(rule["AllowedMethods"])))
    if asked:
        fields.append(("access-control-allow-headers", ", ".join(asked)))
    if rule.get("ExposeHeaders"):
        fields.append(("access-control-expose-headers", ", ".join(rule["ExposeHeaders"])))
    if rule.get("MaxAgeSeconds") is not None:
        fields.append(("access-control-max-age", str(rule["MaxAgeSeconds"])))
    return (*fields, _VARY)
