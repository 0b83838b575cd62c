"""OpenID Connect providers as they are stored, and the statements that find, write and remove them.

Synchronous functions over a transaction; what a caller may is asked elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from marinelayer.ports import Transaction
from marinelayer.services.iam.errors import EntityAlreadyExists, LimitExceeded, NoSuchEntity
from marinelayer.services.iam.tags import resource_tag_context, tagged, untagged
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.iam", "oidc_providers.sql")
PROVIDERS_PER_ACCOUNT = 100
CLIENT_IDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcProvider:
    """A provider as stored: `url` without its scheme; `created` in microseconds."""

    account: str
    url: str
    client_ids: Sequence[str]
    thumbprints: Sequence[str]
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    created: int

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:oidc-provider/URL`."""
        return provider_arn(self.account, self.url)

    @property
    def tag_facts(self) -> dict[str, tuple[str, ...]]:
        """The condition keys that the provider's tags give to requests about it."""
        return resource_tag_context(self.tags)


def provider_arn(account: str, url: str) -> str:
    """`arn:aws:iam::ACCOUNT:oidc-provider/URL`, the URL without its scheme."""
    return f"arn:aws:iam::{account}:oidc-provider/{url}"


def no_such_provider(arn: str) -> NoSuchEntity:
    """The refusal where there is no provider of this ARN."""
    return NoSuchEntity(f"OpenIDConnect Provider not found for arn {arn}")


def find_provider(tx: Transaction, account: str, url: str) -> OidcProvider | None:
    """The account's provider of a URL without its scheme."""
    row = tx.one(SQL.provider, account=account, url=url)
    if row is None:
        return None
    return OidcProvider(
        account=account,
        url=url,
        client_ids=json.loads(row["client_ids"]),
        thumbprints=json.loads(row["thumbprints"]),
        tags=json.loads(row["tags"]),
        created=row["created"],
    )


def has_providers(tx: Transaction, account: str) -> bool:
    """Whether the account has a provider."""
    return tx.one(SQL.providers, account=account) is not None


def provider_urls(tx: Transaction, account: str) -> list[str]:
    """The URLs of the account's providers, in their order."""
    return [row["url"] for row in tx.all(SQL.providers, account=account)]


def put_provider(tx: Transaction, provider: OidcProvider) -> None:
    """Store a new provider.

    Raises:
        EntityAlreadyExists: there is one of its URL.
        LimitExceeded: the account has as many as it may, or the provider too many clients.
    """
    stored = tx.run(
        SQL.put_provider,
        account=provider.account,
        url=provider.url,
        client_ids=json.dumps(_limited(provider.client_ids)),
        thumbprints=json.dumps(list(provider.thumbprints)),
        tags=json.dumps(dict(provider.tags)),
        created=provider.created,
    )
    if not stored:
        raise EntityAlreadyExists(f"Provider with url https://{provider.url} already exists.")
    if len(provider_urls(tx, provider.account)) > PROVIDERS_PER_ACCOUNT:
        raise LimitExceeded(f"Cannot exceed quota for OpenIdConnectProvidersPerAccount: {PROVIDERS_PER_ACCOUNT}")


def add_client(tx: Transaction, provider: OidcProvider, client_id: str) -> None:
    """Give the provider one more client, once.

    Raises:
        NoSuchEntity: the provider has gone since.
        LimitExceeded: it has as many as it may.
    """
    now = _require(tx, provider)
    _set(tx, now, client_ids=list(dict.fromkeys((*now.client_ids, client_id))))


def remove_client(tx: Transaction, provider: OidcProvider, client_id: str) -> None:
    """Take a client from the provider; one that is not there is no matter.

    Raises:
        NoSuchEntity: the provider has gone since.
    """
    now = _require(tx, provider)
    _set(tx, now, client_ids=[one for one in now.client_ids if one != client_id])


def set_thumbprints(tx: Transaction, provider: OidcProvider, thumbprints: Sequence[str]) -> None:
    """Give the provider these thumbprints, in place of those that it has.

    Raises:
        NoSuchEntity: the provider has gone since.
    """
    _set(tx, _require(tx, provider), thumbprints=thumbprints)


def tag_provider(tx: Transaction, provider: OidcProvider, added: Mapping[str, str], removed: Sequence[str]) -> None:
    """Take tags away, and add others in place of those with the same keys.

    Raises:
        NoSuchEntity: the provider has gone since.
        LimitExceeded: there would be more than 50.
    """
    now = _require(tx, provider)
    _set(tx, now, tags=tagged(untagged(now.tags, removed), added))


def delete_provider(tx: Transaction, provider: OidcProvider) -> None:
    """Remove the provider.

    Raises:
        NoSuchEntity: it has gone since.
    """
    if not tx.run(SQL.delete_provider, account=provider.account, url=provider.url):
        raise no_such_provider(provider.arn)


def _require(tx: Transaction, provider: OidcProvider) -> OidcProvider:
    found = find_provider(tx, provider.account, provider.url)
    if found is None:
        raise no_such_provider(provider.arn)
    return found


def _set(
    tx: Transaction,
    now: OidcProvider,
    *,
    client_ids: Sequence[str] | None = None,
    thumbprints: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    tx.run(
        SQL.set_provider,
        account=now.account,
        url=now.url,
        client_ids=json.dumps(_limited(now.client_ids if client_ids is None else client_ids)),
        thumbprints=json.dumps(list(now.thumbprints if thumbprints is None else thumbprints)),
        tags=json.dumps(dict(now.tags if tags is None else tags)),
    )


def _limited(client_ids: Sequence[str]) -> list[str]:
    if len(client_ids) > CLIENT_IDS:
        raise LimitExceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {CLIENT_IDS}")
    return list(client_ids)
