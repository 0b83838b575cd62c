"""OpenID Connect providers: whose tokens an account's roles may trust, and for which clients.

Nothing is fetched from a provider: its keys are those that this cloud was given (`--oidc-keys`), and thumbprints are
kept and shown. Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.iam.errors import EntityAlreadyExists, InvalidInput, LimitExceeded, NoSuchEntity
from marinelayer.services.iam.names import checked_tags
from marinelayer.services.iam.tags import creation_needs, resource_tag_context, shown_tags
from marinelayer.services.iam.users import OnUser, moment
from marinelayer.services.operation import need, operation
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

SQL = Statements("marinelayer.services.iam", "oidc_providers.sql")
PROVIDERS_PER_ACCOUNT = 100
CLIENT_IDS = 100
THUMBPRINTS = 5
_URL = re.compile(r"https://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[\w.~/+=,@-]*[\w~-])?)", re.ASCII | re.IGNORECASE)


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


def provider_arn(account: str, url: str) -> str:
    """`arn:aws:iam::ACCOUNT:oidc-provider/URL`, the URL without its scheme."""
    return f"arn:aws:iam::{account}:oidc-provider/{url}"


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


class OnProvider(OnUser):
    """The needs of an operation on a provider: `action` on its ARN, demanded with the provider's tags."""


def _new_arn(request: Mapping[str, Any], caller: Caller) -> str:
    return provider_arn(caller.account, request["Url"].removeprefix("https://"))


class OidcProviders:
    """The OpenID Connect providers of an account."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    @operation(
        "CreateOpenIDConnectProvider",
        needs=creation_needs("iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider", _new_arn),
    )
    async def create(
        self, caller: Caller, request: wire.CreateOpenIDConnectProviderRequest
    ) -> wire.CreateOpenIDConnectProviderResponse:
        """A provider that roles may trust."""
        url = _URL.fullmatch(request["Url"])
        if url is None:
            raise InvalidInput("Invalid Open ID Connect Provider URL")
        thumbprints = list(dict.fromkeys(request.get("ThumbprintList") or ()))
        if not all(re.fullmatch(r"[0-9a-fA-F]{40}", one, re.ASCII) for one in thumbprints):
            raise InvalidInput("Thumbprints are SHA-1 digests of 40 hex digits.")
        if len(thumbprints) > THUMBPRINTS:
            raise InvalidInput(f"Thumbprint list must contain fewer than {THUMBPRINTS + 1} entries.")
        provider = OidcProvider(
            account=caller.account,
            url=url[1],
            client_ids=list(dict.fromkeys(request.get("ClientIDList") or ())),
            thumbprints=thumbprints,
            tags=checked_tags(request.get("Tags")),
            created=self._clock.now(),
        )
        await self._tables.write(_put, provider)
        answer: wire.CreateOpenIDConnectProviderResponse = {"OpenIDConnectProviderArn": provider.arn}
        if provider.tags:
            answer["Tags"] = shown_tags(provider.tags)
        return answer

    @operation("GetOpenIDConnectProvider", needs=OnProvider("iam:GetOpenIDConnectProvider"))
    async def get(
        self, caller: Caller, request: wire.GetOpenIDConnectProviderRequest
    ) -> wire.GetOpenIDConnectProviderResponse:
        """The provider with its clients."""
        provider = await self._provider(caller, "iam:GetOpenIDConnectProvider", request["OpenIDConnectProviderArn"])
        answer: wire.GetOpenIDConnectProviderResponse = {
            "Url": provider.url,
            "ClientIDList": list(provider.client_ids),
            "ThumbprintList": list(provider.thumbprints),
            "CreateDate": moment(provider.created),
        }
        if provider.tags:
            answer["Tags"] = shown_tags(provider.tags)
        return answer

    @operation(
        "ListOpenIDConnectProviders",
        needs=need("iam:ListOpenIDConnectProviders", on=lambda _request, caller: provider_arn(caller.account, "*")),
    )
    async def list(
        self, caller: Caller, _request: wire.ListOpenIDConnectProvidersRequest
    ) -> wire.ListOpenIDConnectProvidersResponse:
        """All providers of the account."""
        urls = await self._tables.read(_urls, caller.account)
        return {"OpenIDConnectProviderList": [{"Arn": provider_arn(caller.account, url)} for url in urls]}

    @operation("DeleteOpenIDConnectProvider", needs=OnProvider("iam:DeleteOpenIDConnectProvider"))
    async def delete(self, caller: Caller, request: wire.DeleteOpenIDConnectProviderRequest) -> None:
        """Remove a provider: no new session comes by its tokens; those that are there go on."""
        arn = request["OpenIDConnectProviderArn"]
        provider = await self._provider(caller, "iam:DeleteOpenIDConnectProvider", arn)
        await self._tables.write(_delete, provider)

    @operation("AddClientIDToOpenIDConnectProvider", needs=OnProvider("iam:AddClientIDToOpenIDConnectProvider"))
    async def add(self, caller: Caller, request: wire.AddClientIDToOpenIDConnectProviderRequest) -> None:
        """Believe tokens for one more client, once."""
        arn = request["OpenIDConnectProviderArn"]
        provider = await self._provider(caller, "iam:AddClientIDToOpenIDConnectProvider", arn)
        await self._tables.write(_add, provider, request["ClientID"])

    @operation(
        "RemoveClientIDFromOpenIDConnectProvider", needs=OnProvider("iam:RemoveClientIDFromOpenIDConnectProvider")
    )
    async def remove(self, caller: Caller, request: wire.RemoveClientIDFromOpenIDConnectProviderRequest) -> None:
        """Believe tokens for a client no longer; one that is not there is no matter."""
        arn = request["OpenIDConnectProviderArn"]
        provider = await self._provider(caller, "iam:RemoveClientIDFromOpenIDConnectProvider", arn)
        await self._tables.write(_remove, provider, request["ClientID"])

    async def _provider(self, caller: Caller, action: str, arn: str) -> OidcProvider:
        """The caller's account's provider, on which the caller may do `action`.

        Raises:
            AccessDenied: the caller may not; whether there is such a provider is not told then.
            NoSuchEntity: there is none.
        """
        prefix = provider_arn(caller.account, "")
        url = arn.removeprefix(prefix) if arn.startswith(prefix) else ""
        provider = await self._tables.read(find_provider, caller.account, url)
        context = resource_tag_context(provider.tags) if provider else {}
        await caller.demand(Requirement(action=action, resource=arn, context=context))
        if provider is None:
            raise _no_such_provider(arn)
        return provider


def _no_such_provider(arn: str) -> NoSuchEntity:
    return NoSuchEntity(f"OpenIDConnect Provider not found for arn {arn}")


def _put(tx: Transaction, provider: OidcProvider) -> None:
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
    if len(_urls(tx, provider.account)) > PROVIDERS_PER_ACCOUNT:
        raise LimitExceeded(f"Cannot exceed quota for OpenIdConnectProvidersPerAccount: {PROVIDERS_PER_ACCOUNT}")


def _urls(tx: Transaction, account: str) -> list[str]:
    return [row["url"] for row in tx.all(SQL.providers, account=account)]


def _now(tx: Transaction, provider: OidcProvider) -> OidcProvider:
    found = find_provider(tx, provider.account, provider.url)
    if found is None:
        raise _no_such_provider(provider.arn)
    return found


def _add(tx: Transaction, provider: OidcProvider, client_id: str) -> None:
    _set(tx, provider, list(dict.fromkeys((*_now(tx, provider).client_ids, client_id))))


def _remove(tx: Transaction, provider: OidcProvider, client_id: str) -> None:
    _set(tx, provider, [one for one in _now(tx, provider).client_ids if one != client_id])


def _set(tx: Transaction, provider: OidcProvider, client_ids: Sequence[str]) -> None:
    limited = json.dumps(_limited(client_ids))
    tx.run(SQL.set_client_ids, account=provider.account, url=provider.url, client_ids=limited)


def _limited(client_ids: Sequence[str]) -> list[str]:
    if len(client_ids) > CLIENT_IDS:
        raise LimitExceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {CLIENT_IDS}")
    return list(client_ids)


def _delete(tx: Transaction, provider: OidcProvider) -> None:
    if not tx.run(SQL.delete_provider, account=provider.account, url=provider.url):
        raise _no_such_provider(provider.arn)
