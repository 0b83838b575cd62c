"""What a request's host and path address: a service, a region, a bucket and a key.

Three styles of S3: the path (`/bucket/key`), a virtual host under one of this cloud's own names (`bucket.localhost`),
and amazonaws.com (`bucket.s3.us-west-2.amazonaws.com`). A key is the raw path percent-decoded once; nothing in it is
normalised, since `a//b`, `a/../b` and `a+b` are keys of their own.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html and the service endpoints in
https://docs.aws.amazon.com/general/latest/gr/rande.html.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from marinelayer.http import Request
from marinelayer.model.catalogue import catalogue
from marinelayer.model.errors import OperationNotImplemented
from marinelayer.protocol.refusals import InvalidURI, KeyTooLongError
from marinelayer.protocol.scope import claimed_scope

_AMAZON = re.compile(r"\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$")
_REGION = re.compile(r"[a-z]{2,3}(?:-[a-z]+)+-\d+$")
_S3_LABEL = re.compile(r"s3(?:-(?:fips|accelerate|external-1|(?P<region>[a-z]{2,3}(?:-[a-z]+)+-\d+)))?$")
_MAX_KEY = 1024


@dataclass(frozen=True, slots=True)
class Hosts:
    """This cloud's own names, lower-case and without ports (`localhost`, `127.0.0.1`, the public URL's host).

    A host `bucket.NAME` or `bucket.s3.NAME` addresses a bucket; IP addresses have no such sub-domains.
    """

    own: frozenset[str] = field(default_factory=lambda: frozenset({"localhost", "127.0.0.1", "::1"}))


@dataclass(frozen=True, slots=True)
class HostMeaning:
    """What a host name says: botocore's service name, a region and a bucket, each None where it does not."""

    service: str | None = None
    region: str | None = None
    bucket: str | None = None


def host_name(host: str) -> str:
    """An authority without its port, lower-case and without a trailing dot; IPv6 without brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    name, colon, _ = host.rpartition(":")
    return (name if colon else host).lower().rstrip(".")


@lru_cache(maxsize=1024)
def meaning_of_host(host: str, hosts: Hosts) -> HostMeaning:
    """What the authority `host` says by itself."""
    name = host_name(host)
    if name in hosts.own:
        return HostMeaning()
    amazon = _AMAZON.search(name)
    if amazon is not None:
        return _amazon_host(name[: amazon.start()])
    for own in hosts.own:
        if name.endswith("." + own) and not _is_ip(own):
            labels = name[: -len(own) - 1]
            return _s3_host(labels) or HostMeaning(service="s3", bucket=labels)
    return HostMeaning()


def labels_below(name: str, hosts: Hosts) -> str | None:
    """What stands before this cloud's own name or AWS's in a host's name (`bucket.s3-website-us-west-2`)."""
    amazon = _AMAZON.search(name)
    if amazon is not None:
        return name[: amazon.start()]
    owns = (own for own in hosts.own if name.endswith("." + own) and not _is_ip(own))
    return next((name[: -len(own) - 1] for own in owns), None)


def address(request: Request, hosts: Hosts) -> tuple[str | None, str | None]:
    """The bucket and the key that an S3 request names, None where it names none.

    Raises:
        InvalidURI: the path is no UTF-8, or has a `%` that encodes nothing.
        KeyTooLongError: the key is longer than 1024 bytes.
        OperationNotImplemented: the host is AWS's, but names no bucket and not S3 itself: an access point, a website.
    """
    return _address(request.host, request.path, hosts)


@lru_cache(maxsize=256)
def _address(host: str, uri: str, hosts: Hosts) -> tuple[str | None, str | None]:
    """Remembered, since a request's address is asked for more than once on its way."""
    meaning = meaning_of_host(host, hosts)
    if meaning.service != "s3" and _is_amazons(host):
        # Its path is no path-style address: what it seems to name may be another's bucket.
        raise OperationNotImplemented(f"S3 at the host {host_name(host)} is not implemented.")
    bucket = meaning.bucket
    path = uri.removeprefix("/")
    if bucket is None:
        raw_bucket, _, path = path.partition("/")
        bucket = _decode(raw_bucket, uri)
        if not bucket and path:
            raise InvalidURI(URI=uri)
    if len(path) > 3 * _MAX_KEY:
        raise KeyTooLongError(Size=str(len(path)), MaxSizeAllowed=str(_MAX_KEY))
    key = _decode(path, uri)
    if len(size := key.encode()) > _MAX_KEY:
        raise KeyTooLongError(Size=str(len(size)), MaxSizeAllowed=str(_MAX_KEY))
    return bucket or None, key or None


@lru_cache(maxsize=1024)
def _is_amazons(host: str) -> bool:
    return _AMAZON.search(host_name(host)) is not None


def region_of(request: Request, hosts: Hosts) -> str | None:
    """The region of the credential scope, else of the host, else None."""
    scope = claimed_scope(request)
    if scope is not None and scope.region:
        return scope.region
    return meaning_of_host(request.host, hosts).region


def _decode(raw: str, uri: str) -> str:
    if "%" not in raw and raw.isascii():
        return raw
    if re.search(r"%(?![0-9A-Fa-f]{2})", raw):
        raise InvalidURI(URI=uri)
    try:
        # Bytes above 127 stand in a raw path as Latin-1 characters, as the server read them.
        return unquote_to_bytes(raw.encode("latin-1")).decode("utf-8")
    except UnicodeError as error:
        raise InvalidURI(URI=uri) from error


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _amazon_host(name: str) -> HostMeaning:
    return _s3_host(name) or _service_host(name)


def _s3_host(name: str) -> HostMeaning | None:
    """`[bucket.]s3[-region|.region|.dualstack.region]`, read from its end since buckets may hold dots."""
    labels = name.split(".")
    region: str | None = None
    if len(labels) > 1 and _REGION.match(labels[-1]):
        region = labels.pop()
    if len(labels) > 1 and labels[-1] == "dualstack":
        labels.pop()
    found = _S3_LABEL.match(labels[-1])
    if found is None:
        return None
    bucket = ".".join(labels[:-1])
    return HostMeaning(service="s3", region=region or found["region"], bucket=bucket or None)


def _service_host(name: str) -> HostMeaning:
    """`[prefix.]endpoint-prefix[.region]`, the longest endpoint prefix that fits."""
    labels = name.split(".")
    region: str | None = None
    if len(labels) > 1 and _REGION.match(labels[-1]):
        region = labels.pop()
    labels[-1] = labels[-1].removesuffix("-fips")
    prefixes = catalogue().by_endpoint_prefix
    for start in range(len(labels)):
        entries = prefixes.get(".".join(labels[start:]))
        if entries:
            return HostMeaning(service=entries[0].name, region=region)
    return HostMeaning(region=region)
