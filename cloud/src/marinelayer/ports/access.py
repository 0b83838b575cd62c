"""Who asks, and what they may. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from marinelayer.security.identity import Identity, Principal
    from marinelayer.security.requirement import Requirement, ResourceAccess
    from marinelayer.security.session import Session


class Identities(Protocol):
    """Identities by access key."""

    async def by_access_key(self, access_key_id: str, session_token: str | None = None) -> Identity | None:
        """The identity with its secret and policies, read in one statement, or None. Temporary credentials are known by
        key and token together; raises TokenInvalid where they do not belong together, or have lost what they stood
        for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumableRole:
    """A role as far as its sessions need it; `longest` of them in seconds."""

    account: str
    role_id: str
    name: str
    longest: int
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Temporary credentials as their holder must know them; `expires_at` in microseconds since the epoch."""

    access_key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    expires_at: int


class Sessions(Protocol):
    """Roles that can be assumed, and temporary credentials."""

    async def role(self, arn: str) -> AssumableRole | None:
        """The role of an ARN, None if there is none."""
        ...

    async def audiences(self, account: str, url: str) -> Collection[str] | None:
        """The clients of an account's OpenID Connect provider (its URL without https://); None where there is none."""
        ...

    async def account_of(self, access_key_id: str) -> str | None:
        """The account that an access key belongs to, None if that is not known."""
        ...

    async def lacking_policy(self, account: str, arns: Sequence[str]) -> str | None:
        """The first of these managed policies that the account can not use; None where it can use all."""
        ...

    def packed_percent(self, session: Session) -> int:
        """How much of what a session's policies and tags may have they have; over 100 can not be issued."""
        ...

    def issue(self, session: Session) -> Credentials:
        """New credentials for a session."""
        ...


class Principals(Protocol):
    """Who an ARN names now."""

    async def unique_ids(self, arns: Iterable[str]) -> Mapping[str, str]:
        """The unique id behind each ARN of a root or user; ARNs that name no one are left out. Resource policies keep
        these ids, so that a re-created user inherits nothing."""
        ...

    async def display_names(self, canonical_ids: Iterable[str]) -> Mapping[str, str]:
        """The names of the accounts with these canonical ids; ids that name none, and accounts without a name, are
        left out."""
        ...


class Access(Protocol):
    """What a service's resource says about its own access."""

    async def of(self, requirement: Requirement) -> ResourceAccess:
        """Read in one statement. Raises the service's error when the container (bucket) does not exist."""
        ...


class Topics(Access, Protocol):
    """Topics as the destinations of what other services publish."""

    async def exists(self, arn: str) -> bool:
        """Whether there is a topic of this ARN."""
        ...


class CorsRules(Protocol):
    """What buckets say to web pages of other origins."""

    async def of(self, bucket: str) -> Sequence[Mapping[str, Any]] | None:
        """A bucket's rules in the shape of the model's CORSRule, none where it has no configuration; None where there
        is no such bucket."""
        ...


class Websites(Protocol):
    """Buckets as websites."""

    async def of(self, bucket: str, region: str | None) -> Mapping[str, Any]:
        """A bucket's configuration in the shape of the model's WebsiteConfiguration. Raises the service's error where
        it is no website, or none of the region that is asked, where one is."""
        ...

    async def has(self, bucket: str, key: str) -> bool:
        """Whether a bucket has an object of this key, whoever asks."""
        ...


class Authoriser(Protocol):
    """Decides as the pipeline does, for questions that a handler must ask itself."""

    async def may(self, requirement: Requirement) -> bool:
        """Whether the caller that this authoriser was made for may."""
        ...

    async def demand(self, requirement: Requirement) -> None:
        """Raises AccessDenied if the caller may not."""
        ...

    async def why(self, requirement: Requirement) -> str:
        """What a refusal that is worded elsewhere says of the decision too: its explanation where refusals carry it,
        else nothing."""
        ...

    def acting_as(self, identity: Identity) -> Authoriser:
        """One that decides for another identity in the same request: for who is proven by more than a signature."""
        ...


@dataclass(slots=True, kw_only=True)
class Caller:
    """On whose behalf an operation runs, and how the request came.

    `account` is the account that the request acts in (the principal's; "" when anonymous), `region` that of the
    credential scope, else of the host, else the default. `base_url` is how this cloud is reached from outside,
    without a trailing slash. `form` is whether a browser's form was posted.
    """

    identity: Identity
    account: str
    region: str
    request_id: str
    authoriser: Authoriser
    host: str = ""
    scheme: Literal["http", "https"] = "http"
    peer: str = ""
    base_url: str = ""
    form: bool = False
    told: dict[str, str] = field(default_factory=dict[str, str])
    """What the answer says besides what its model has members for, by the names of headers of our own
    (`x-marinelayer-...`); the log says it too."""

    @property
    def principal(self) -> Principal:
        """Who acts."""
        return self.identity.principal

    async def may(self, requirement: Requirement) -> bool:
        """Whether the caller may, by the same decision that guards operations."""
        return await self.authoriser.may(requirement)

    async def demand(self, requirement: Requirement) -> None:
        """Raises AccessDenied if the caller may not."""
        await self.authoriser.demand(requirement)


class Calls(Protocol):
    """Another service's operation, authorised and run as a given caller."""

    async def call(self, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The operation's output. Raises what the operation raises, AccessDenied included."""
        ...
