"""A bucket as a website: which bucket an address means, and where its configuration sends a request. Pure.

Configurations are mappings in the shape of the model's WebsiteConfiguration.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html, .../how-to-page-redirect.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/API_RoutingRule.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from marinelayer.http import Request
from marinelayer.protocol.addresses import Hosts, host_name, labels_below
from marinelayer.protocol.refusals import InvalidURI

Configuration = Mapping[str, Any]

PATH = "/_marinelayer/website/"
"""Where websites are on the API's own address, for those without DNS: `/_marinelayer/website/BUCKET/...`."""

MOVED = 301
FOUND = 302

_MARK = ".s3-website"
_LABEL = re.compile(r"(?P<bucket>.+)\.s3-website(?:[.-](?P<region>[a-z]{2,3}(?:-[a-z]+)+-\d+))?")
_IN_KEYS = "/~!$&'()*+,;=:@"
_IN_LOCATIONS = _IN_KEYS + "?#[]%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A request's place on a website. `path` is raw, with its first slash; `base` is what stands before it in the
    address (`/_marinelayer/website/BUCKET`), `region` that of the host where it names one."""

    bucket: str
    path: str
    query: str
    scheme: str
    host: str
    base: str = ""
    region: str | None = None

    @property
    def key(self) -> str:
        """The key that the path says. Raises InvalidURI."""
        try:
            return unquote_to_bytes(self.path[1:].encode("latin-1")).decode("utf-8")
        except UnicodeError as error:
            raise InvalidURI(URI=self.path) from error


def place_of(request: Request, hosts: Hosts) -> Place | None:
    """The website that a request addresses, None where it addresses none."""
    base, path, region = "", request.path, None
    if path.startswith(PATH):
        bucket, _, rest = path.removeprefix(PATH).partition("/")
        base, path = PATH + bucket, "/" + rest
    elif _MARK in request.host:
        found = _LABEL.fullmatch(labels_below(host_name(request.host), hosts) or "")
        if found is None:
            return None
        bucket, region = found["bucket"], found["region"]
    else:
        return None
    return Place(
        bucket=bucket,
        path=path or "/",
        query=request.query,
        scheme=request.scheme,
        host=request.host,
        base=base,
        region=region,
    )


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirection: its status, and where to."""

    status: int
    location: str


def redirect_all(configuration: Configuration, place: Place) -> Redirect | None:
    """Where every request is sent."""
    target = configuration.get("RedirectAllRequestsTo")
    if target is None:
        return None
    scheme = target.get("Protocol") or place.scheme
    query = f"?{place.query}" if place.query else ""
    return Redirect(MOVED, f"{scheme}://{target['HostName']}{_raw(place.path + query)}")


def routed(configuration: Configuration, place: Place, error: int | None = None) -> Redirect | None:
    """Where the first routing rule that fits sends a request: before anything is read, or after the status `error`."""
    for rule in configuration.get("RoutingRules") or ():
        condition: Mapping[str, Any] = rule.get("Condition") or {}
        prefix = condition.get("KeyPrefixEquals", "")
        status = condition.get("HttpErrorCodeReturnedEquals")
        if (None if status is None else int(status)) == error and place.key.startswith(prefix):
            return _by_rule(rule["Redirect"], prefix, place)
    return None


def _by_rule(redirect: Mapping[str, str], prefix: str, place: Place) -> Redirect:
    if "ReplaceKeyWith" in redirect:
        key = _safe(redirect["ReplaceKeyWith"])
    elif "ReplaceKeyPrefixWith" in redirect:
        key = _safe(redirect["ReplaceKeyPrefixWith"]) + quote(place.key[len(prefix) :], safe=_IN_KEYS)
    else:
        key = _raw(place.path[1:])
    scheme = redirect.get("Protocol") or place.scheme
    # Another host's addresses do not begin with where this website is on ours.
    host = redirect["HostName"] if "HostName" in redirect else place.host + place.base
    query = f"{'&' if '?' in key else '?'}{_raw(place.query)}" if place.query else ""
    return Redirect(int(redirect.get("HttpRedirectCode") or MOVED), f"{scheme}://{host}/{key}{query}")


def object_redirect(location: str, place: Place) -> Redirect:
    """Where an object with a redirect location (`/other/key` or a whole URL) sends who asks for it."""
    return Redirect(MOVED, (place.base if location.startswith("/") else "") + _safe(location))


def folder_redirect(place: Place) -> Redirect:
    """To the folder with its slash."""
    return Redirect(FOUND, f"{place.base}{_raw(place.path)}/")


def _safe(text: str) -> str:
    """A text as a header's location: what is reserved or encoded already stays."""
    return quote(text, safe=_IN_LOCATIONS)


def _raw(path: str) -> str:
    """A raw path or query, whose characters stand for bytes."""
    return quote(path.encode("latin-1"), safe=_IN_LOCATIONS)
