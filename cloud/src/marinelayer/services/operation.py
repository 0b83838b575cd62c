"""Declaring an operation: its name in the service's model, and what its caller needs.

The decorated method takes `(caller, request)` and returns a plain dict in the model's output shape, or raises one
declared error. The table of a service is built from the decorated methods of its nouns; a modelled operation that
no method declares answers NotImplemented. Knows nothing of protocols, sockets or adapters.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from marinelayer.http import Headers
from marinelayer.ports import Access, Caller, CorsRules, Websites
from marinelayer.security.requirement import ContextKeys, Requirement


class Needs(Protocol):
    """A pure function from an operation's input and its caller to everything the caller must be allowed."""

    def __call__(self, request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
        """Every requirement, in the order in which a refusal should name them."""
        ...


@dataclass(frozen=True, slots=True)
class NoPermission:
    """Needs of an operation that can not be denied, with the reason, which the documentation prints."""

    reason: str

    def __call__(self, request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
        """Nothing."""
        return ()


def need(
    action: str,
    *,
    on: Callable[[Mapping[str, Any], Caller], str] | str = "*",
    context: Callable[[Mapping[str, Any]], ContextKeys] | None = None,
) -> Needs:
    """One action on one resource, `on` being an ARN or a function from the input to one."""

    def needs(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
        resource = on if isinstance(on, str) else on(request, caller)
        return (Requirement(action=action, resource=resource, context=context(request) if context else {}),)

    return needs


OperationMethod = Callable[[Caller, Any], Awaitable[Mapping[str, Any] | None]]
Method = TypeVar("Method", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One operation as its noun declares it. With `anonymous`, a request without credentials may reach it (its
    needs are still demanded of the anonymous principal); else `to_strangers` is what it is told, if not the usual."""

    name: str
    needs: Needs
    run: OperationMethod
    anonymous: bool = False
    to_strangers: str | None = None


def operation(
    name: str, *, needs: Needs, anonymous: bool = False, to_strangers: str | None = None
) -> Callable[[Method], Method]:
    """Declare the decorated method as the service's operation `name`."""

    def declare(method: Method) -> Method:
        method.__dict__["declared_operation"] = (name, needs, anonymous, to_strangers)
        return method

    return declare


CheckDocument = Callable[[str, bytes, Headers, Mapping[str, str]], None]
"""Refuses a document (operation's name, bytes, headers, trailers) that is not what its headers say of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTable:
    """A service as the pipeline sees it: its name in botocore's models, its operations and, where its resources
    have policies of their own, the access to them. `cors` are the rules of its buckets for other origins, `websites`
    what they are as such. `check_document` is asked of each whole body before it is parsed, where a service's clients
    send digests."""

    name: str
    operations: Mapping[str, Declared]
    access: Access | None = None
    cors: CorsRules | None = None
    websites: Websites | None = None
    check_document: CheckDocument | None = None


def service_table(
    name: str,
    nouns: Iterable[object],
    *,
    access: Access | None = None,
    cors: CorsRules | None = None,
    websites: Websites | None = None,
    check_document: CheckDocument | None = None,
) -> ServiceTable:
    """Collect the declared methods of `nouns`.

    Raises:
        ValueError: two methods declare the same operation.
    """
    operations: dict[str, Declared] = {}
    for noun in nouns:
        for attribute in dir(type(noun)):
            declared = getattr(getattr(type(noun), attribute), "declared_operation", None)
            if declared is None:
                continue
            operation_name, needs, anonymous, to_strangers = declared
            if operation_name in operations:
                raise ValueError(f"{name}.{operation_name} is declared twice")
            operations[operation_name] = Declared(
                name=operation_name,
                needs=needs,
                run=getattr(noun, attribute),
                anonymous=anonymous,
                to_strangers=to_strangers,
            )
    return ServiceTable(
        name=name,
        operations=operations,
        access=access,
        cors=cors,
        websites=websites,
        check_document=check_document,
    )
