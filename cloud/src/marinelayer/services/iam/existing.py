"""What an operation acts on that exists already: how it is found, and its permission demanded.

The ARN of a user, group, role or instance profile holds its path, and its tags are condition keys: only its row knows
them. So the handler demands the permission, as soon as the row is read and before anything is said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.iam.errors import LimitExceeded, NoSuchEntity
from marinelayer.services.iam.names import checked_name, is_name


@dataclass(frozen=True, slots=True)
class OnExisting:
    """The needs of an operation on something that exists: `action` on its ARN, demanded by the handler."""

    action: str

    def __call__(self, request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
        """Nothing that could be said from the input alone."""
        return ()


class Stored(Protocol):
    """Something with an ARN."""

    @property
    def arn(self) -> str:
        """Its ARN."""
        ...


Found = TypeVar("Found", bound=Stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[Found]):
    """A kind of what has a name in an account: `member` is the input's that names one, in the words of refusals;
    `find` reads it by account and name; `arn` is that of account, path and name; `facts` are the condition keys that
    one gives to an action on it; `missing` is the refusal where there is none of a name."""

    member: str
    find: Callable[[Transaction, str, str], Found | None]
    arn: Callable[[str, str, str], str]
    facts: Callable[[Found, str], ContextKeys]
    missing: Callable[[str], NoSuchEntity]


async def demand_on(
    tables: Tables, caller: Caller, kind: Kind[Found], action: str, name: str, context: ContextKeys | None
) -> Found:
    """What the caller's account has of this kind and name, if the caller may do `action` on it. `context` are condition
    keys that the input gives.

    Raises:
        AccessDenied: the caller may not; whether it is there is not told then.
        NoSuchEntity: there is none.
        ValidationError: the name is none.
    """
    found = await tables.read(kind.find, caller.account, name) if is_name(name) else None
    arn = kind.arn(caller.account, "/", name) if found is None else found.arn
    facts: ContextKeys = {} if found is None else kind.facts(found, action)
    await caller.demand(Requirement(action=action, resource=arn, context={**facts, **(context or {})}))
    checked_name(name, kind.member)
    if found is None:
        raise kind.missing(name)
    return found


def demand_quota(used: Mapping[str, Any] | None, quota: str, most: int) -> None:
    """For writes that made one more: `used` is the row that counts them (`n`).

    Raises:
        LimitExceeded: there are more than `most`.
    """
    if used is not None and used["n"] > most:
        raise LimitExceeded(f"Cannot exceed quota for {quota}: {most}")
