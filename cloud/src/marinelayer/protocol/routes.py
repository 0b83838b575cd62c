"""Which operation of a REST service a method, path, query and headers mean.

An operation fits when its method and path template do and the literals of its template's query are there. Where
several share all of these, required query and header members tell them apart, the most demanding first: `PUT /b/k` is
PutObject, with `x-amz-copy-source` CopyObject, with `partNumber` and `uploadId` too UploadPartCopy. The least demanding
of those that a literal names fits without: `DELETE /b?analytics` without its `id` is a bad request, never DeleteBucket.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus

from marinelayer.http import Headers
from marinelayer.model.service import Operation, Service

_LABEL = re.compile(r"\{(\w+)(\+?)\}")

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation's demands, the demanding first in a table."""

    operation: Operation
    path: re.Pattern[str]
    literals: tuple[tuple[str, str | None], ...]
    query_members: tuple[str, ...]
    header_members: tuple[str, ...]

    def fits(self, path: str, query: Query, headers: Headers) -> bool:
        """Whether a request with this raw path, first query values and headers can be this operation."""
        for name in self.header_members:
            if name not in headers:
                return False
        for name in self.query_members:
            if name not in query:
                return False
        for name, value in self.literals:
            if name not in query or value not in (None, query[name]):
                return False
        return self.path.fullmatch(path) is not None


def query_of(raw: str) -> dict[str, str]:
    """The first value of each name in a raw query string."""
    query: dict[str, str] = {}
    for piece in raw.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            query.setdefault(unquote_plus(name), unquote_plus(value))
    return query


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A service's routes for one method, the most demanding first: those without literals, and those with by the
    name of their first. Each goes with its place in the order of all."""

    plain: tuple[tuple[int, Route], ...]
    by_literal: Mapping[str, tuple[tuple[int, Route], ...]]

    def candidates(self, query: Query) -> Iterable[Route]:
        """The routes whose first literal is in the query, in order."""
        found = [numbered for name in query for numbered in self.by_literal.get(name, ())]
        numbered = sorted([*found, *self.plain], key=_place) if found else self.plain
        return (route for _, route in numbered)


def _place(numbered: tuple[int, Route]) -> int:
    return numbered[0]


@functools.cache
def routes_of(service: Service) -> Mapping[str, RouteTable]:
    """The routes of a service by method."""
    groups: defaultdict[tuple[object, ...], list[Route]] = defaultdict(list)
    for operation in service.operations.values():
        groups[operation.method, operation.path, operation.query].append(_route(operation))
    by_method: defaultdict[str, list[Route]] = defaultdict(list)
    for routes in groups.values():
        *others, least = sorted(routes, key=_rank)
        if least.literals:
            least = replace(least, query_members=(), header_members=())
        by_method[least.operation.method] += [*others, least]
    # Sorting is stable: within a group the order of demands stays.
    return {method: _table(sorted(routes, key=_rank_of_template)) for method, routes in by_method.items()}


def _table(routes: Sequence[Route]) -> RouteTable:
    by_literal: defaultdict[str, list[tuple[int, Route]]] = defaultdict(list)
    for place, route in enumerate(routes):
        if route.literals:
            by_literal[route.literals[0][0]].append((place, route))
    return RouteTable(
        plain=tuple((place, route) for place, route in enumerate(routes) if not route.literals),
        by_literal={name: tuple(found) for name, found in by_literal.items()},
    )


def match(service: Service, method: str, path: str, raw_query: str, headers: Headers) -> Operation | None:
    """The operation that is meant, or None. `path` is raw; for S3 it is `/`, `/{Bucket}` or `/{Bucket}/{Key}`."""
    query = query_of(raw_query) if raw_query else {}
    table = routes_of(service).get(method)
    for route in table.candidates(query) if table is not None else ():
        if route.fits(path, query, headers):
            if service.name == "s3" and query and _names_another_resource(service, route, query):
                return None
            return route.operation
    return None


def _names_another_resource(service: Service, route: Route, query: Query) -> bool:
    """Whether the query names a sub-resource that the route does not serve: `DELETE /b?acl` must not delete `b`.

    S3 ignores what it does not know. A page's query (`GET /b/k?location`) may look like a bucket's sub-resource, so
    that reading an object only respects those of objects.
    """
    stray = _sub_resources(service).keys() & query.keys() - {name for name, _ in route.literals}
    if route.operation.method == "HEAD":
        return False
    if route.operation.method == "GET":
        stray = {name for name in stray if route.operation.path in _sub_resources(service)[name]}
    return bool(stray)


@functools.cache
def _sub_resources(service: Service) -> Mapping[str, frozenset[str]]:
    """The path templates by the query literals that stand for themselves (`acl`, `uploads`, but not `list-type=2`)."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for operation in service.operations.values():
        for name, value in operation.query:
            if value is None:
                found[name].add(operation.path)
    return {name: frozenset(paths) for name, paths in found.items()}


def _route(operation: Operation) -> Route:
    shape = operation.input_shape
    required = [shape.members[name] for name in sorted(shape.required)] if shape else []
    return Route(
        operation=operation,
        path=path_pattern(operation.path),
        literals=operation.query,
        query_members=tuple(member.wire_name for member in required if member.location == "querystring"),
        header_members=tuple(member.wire_name.lower() for member in required if member.location == "header"),
    )


def _rank(route: Route) -> tuple[object, ...]:
    demands = len(route.query_members) + len(route.header_members)
    return (-demands, route.operation.deprecated, route.operation.name)


def _rank_of_template(route: Route) -> tuple[int, ...]:
    fixed = len(_LABEL.sub("", route.operation.path))
    return (-fixed, len(_LABEL.findall(route.operation.path)), -len(route.literals))


@functools.cache
def path_pattern(template: str) -> re.Pattern[str]:
    """What a raw path must be to fit an operation's template; the template's labels are the groups' names."""
    pieces = _LABEL.split(template.rstrip("/") or "/")
    pattern = re.escape(pieces[0])
    for label, greedy, literal in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        pattern += f"(?P<{label}>{'.+' if greedy else '[^/]+'})" + re.escape(literal)
    return re.compile(pattern if pattern.endswith("/") else pattern + "/?", re.DOTALL)
