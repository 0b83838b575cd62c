"""A light index of every service that botocore knows: by signing name, target prefix, endpoint prefix and version.

Only the head of each model file is read (its metadata), on first use: about a tenth of a second for all of them.
`model.service` loads the full models, one by one, when a request needs them.
"""

from __future__ import annotations

import functools
import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import UnsupportedServiceProtocolsError
from botocore.loaders import Loader

from marinelayer.model.service import Service, resolved_protocol

_HEAD = 8192
"""Bytes of a file in which its metadata is looked for first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the index knows of a service."""

    name: str
    service_id: str
    signing_name: str
    endpoint_prefix: str
    target_prefix: str
    api_version: str
    protocol: str
    json_version: str
    xml_namespace: str
    query_compatible: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All services. A signing name, a prefix or a version may belong to several; the one named like it comes first."""

    entries: Mapping[str, Entry]
    by_signing_name: Mapping[str, tuple[Entry, ...]]
    by_target_prefix: Mapping[str, tuple[Entry, ...]]
    by_endpoint_prefix: Mapping[str, tuple[Entry, ...]]
    by_query_version: Mapping[str, tuple[Entry, ...]]
    """Services that speak query or EC2's dialect of it, or once did, by API version."""


@functools.cache
def catalogue() -> Catalogue:
    """The index, built on first use."""
    entries = {entry.name: entry for entry in _entries(Path(Loader.BUILTIN_DATA_PATH))}

    def index(key: Callable[[Entry], str]) -> Mapping[str, tuple[Entry, ...]]:
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries.values():
            if key(entry):
                found[key(entry)].append(entry)
        return {
            value: tuple(sorted(those, key=lambda entry: (entry.name != value, entry.endpoint_prefix != value)))
            for value, those in found.items()
        }

    return Catalogue(
        entries=entries,
        by_signing_name=index(lambda entry: entry.signing_name),
        by_target_prefix=index(lambda entry: entry.target_prefix),
        by_endpoint_prefix=index(lambda entry: entry.endpoint_prefix),
        by_query_version=index(lambda entry: entry.api_version if _takes_actions(entry) else ""),
    )


@functools.cache
def outline(name: str) -> Service:
    """A service as far as the index knows it, without operations: enough to refuse in its own words and shape, at no
    cost. (The models of all services take ten seconds to read.)

    Raises:
        KeyError: there is no such service.
    """
    entry = catalogue().entries[name]
    return Service(
        name=entry.name,
        service_id=entry.service_id,
        signing_name=entry.signing_name,
        endpoint_prefix=entry.endpoint_prefix,
        api_version=entry.api_version,
        protocol=entry.protocol,
        json_version=entry.json_version,
        target_prefix=entry.target_prefix,
        xml_namespace=entry.xml_namespace,
        global_endpoint=None,
        query_compatible=entry.query_compatible,
        operations={},
        shapes={},
        errors={},
    )


def _takes_actions(entry: Entry) -> bool:
    return entry.protocol in {"query", "ec2"} or entry.query_compatible


def _entries(folder: Path) -> Iterator[Entry]:
    for service in sorted(folder.iterdir()):
        files = sorted(service.glob("*/service-2.json*")) if service.is_dir() else []
        if not files:
            continue
        metadata = _metadata(files[-1])
        try:
            protocol = resolved_protocol(metadata)
        except UnsupportedServiceProtocolsError:  # newer than this botocore's own parsers
            continue
        yield Entry(
            name=service.name,
            service_id=str(metadata["serviceId"]),
            signing_name=str(metadata.get("signingName") or metadata["endpointPrefix"]),
            endpoint_prefix=str(metadata["endpointPrefix"]),
            target_prefix=str(metadata.get("targetPrefix", "")),
            api_version=str(metadata["apiVersion"]),
            protocol=protocol,
            json_version=str(metadata.get("jsonVersion", "1.0")),
            xml_namespace=str(metadata.get("xmlNamespace", "")),
            query_compatible="awsQueryCompatible" in metadata,
        )


def _metadata(path: Path) -> Mapping[str, Any]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        head = file.read(_HEAD)
        try:
            return _object_after('"metadata"', head.decode("utf-8", "ignore"))
        except ValueError:  # metadata stands further down, or is longer than the head
            return json.loads(head + file.read())["metadata"]


def _object_after(key: str, text: str) -> Mapping[str, Any]:
    start = text.index("{", text.index(key) + len(key))
    return json.JSONDecoder().raw_decode(text, start)[0]
