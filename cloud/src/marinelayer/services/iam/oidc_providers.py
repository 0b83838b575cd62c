"""OpenID Connect providers: whose tokens an account's roles may trust, and for which clients.

Nothing is fetched from a provider: its keys are those that this cloud was given (`--oidc-keys`), and thumbprints are
kept and shown. Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.iam.errors import InvalidInput
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.names import checked_tags
from marinelayer.services.iam.provider_store import (
    OidcProvider,
    add_client,
    delete_provider,
    find_provider,
    no_such_provider,
    provider_arn,
    provider_urls,
    put_provider,
    remove_client,
    set_thumbprints,
    tag_provider,
)
from marinelayer.services.iam.tags import checked_new_tags, creation_needs, request_tag_context, shown_tags, tag_page
from marinelayer.services.iam.times import moment
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

THUMBPRINTS = 5
_URL = re.compile(r"https://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[\w.~/+=,@-]*[\w~-])?)", re.ASCII | re.IGNORECASE)


async def provider_for(
    tables: Tables, caller: Caller, action: str, arn: str, context: ContextKeys | None = None
) -> OidcProvider:
    """The caller's account's provider, on which the caller may do `action`. `context` are condition keys that the input
    gives.

    Raises:
        AccessDenied: the caller may not; whether there is such a provider is not told then.
        NoSuchEntity: there is none.
    """
    prefix = provider_arn(caller.account, "")
    url = arn.removeprefix(prefix) if arn.startswith(prefix) else ""
    provider = await tables.read(find_provider, caller.account, url)
    known = provider.tag_facts if provider else {}
    await caller.demand(Requirement(action=action, resource=arn, context={**known, **(context or {})}))
    if provider is None:
        raise no_such_provider(arn)
    return provider


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
        provider = OidcProvider(
            account=caller.account,
            url=url[1],
            client_ids=list(dict.fromkeys(request.get("ClientIDList") or ())),
            thumbprints=_checked_thumbprints(request.get("ThumbprintList") or ()),
            tags=checked_tags(request.get("Tags")),
            created=self._clock.now(),
        )
        await self._tables.write(put_provider, provider)
        answer: wire.CreateOpenIDConnectProviderResponse = {"OpenIDConnectProviderArn": provider.arn}
        if provider.tags:
            answer["Tags"] = shown_tags(provider.tags)
        return answer

    @operation("GetOpenIDConnectProvider", needs=OnExisting("iam:GetOpenIDConnectProvider"))
    async def get(
        self, caller: Caller, request: wire.GetOpenIDConnectProviderRequest
    ) -> wire.GetOpenIDConnectProviderResponse:
        """The provider with its clients."""
        arn = request["OpenIDConnectProviderArn"]
        provider = await provider_for(self._tables, caller, "iam:GetOpenIDConnectProvider", arn)
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
        urls = await self._tables.read(provider_urls, caller.account)
        return {"OpenIDConnectProviderList": [{"Arn": provider_arn(caller.account, url)} for url in urls]}

    @operation("DeleteOpenIDConnectProvider", needs=OnExisting("iam:DeleteOpenIDConnectProvider"))
    async def delete(self, caller: Caller, request: wire.DeleteOpenIDConnectProviderRequest) -> None:
        """Remove a provider: no new session comes by its tokens; those that are there go on."""
        arn = request["OpenIDConnectProviderArn"]
        provider = await provider_for(self._tables, caller, "iam:DeleteOpenIDConnectProvider", arn)
        await self._tables.write(delete_provider, provider)

    @operation("AddClientIDToOpenIDConnectProvider", needs=OnExisting("iam:AddClientIDToOpenIDConnectProvider"))
    async def add(self, caller: Caller, request: wire.AddClientIDToOpenIDConnectProviderRequest) -> None:
        """Believe tokens for one more client, once."""
        arn = request["OpenIDConnectProviderArn"]
        provider = await provider_for(self._tables, caller, "iam:AddClientIDToOpenIDConnectProvider", arn)
        await self._tables.write(add_client, provider, request["ClientID"])

    @operation(
        "RemoveClientIDFromOpenIDConnectProvider", needs=OnExisting("iam:RemoveClientIDFromOpenIDConnectProvider")
    )
    async def remove(self, caller: Caller, request: wire.RemoveClientIDFromOpenIDConnectProviderRequest) -> None:
        """Believe tokens for a client no longer; one that is not there is no matter."""
        arn = request["OpenIDConnectProviderArn"]
        provider = await provider_for(self._tables, caller, "iam:RemoveClientIDFromOpenIDConnectProvider", arn)
        await self._tables.write(remove_client, provider, request["ClientID"])

    @operation("UpdateOpenIDConnectProviderThumbprint", needs=OnExisting("iam:UpdateOpenIDConnectProviderThumbprint"))
    async def thumbprints(self, caller: Caller, request: wire.UpdateOpenIDConnectProviderThumbprintRequest) -> None:
        """Other thumbprints, in place of all that there are."""
        arn = request["OpenIDConnectProviderArn"]
        provider = await provider_for(self._tables, caller, "iam:UpdateOpenIDConnectProviderThumbprint", arn)
        await self._tables.write(set_thumbprints, provider, _checked_thumbprints(request["ThumbprintList"]))


class OidcProviderTags:
    """The tags of an account's OpenID Connect providers."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("TagOpenIDConnectProvider", needs=OnExisting("iam:TagOpenIDConnectProvider"))
    async def tag(self, caller: Caller, request: wire.TagOpenIDConnectProviderRequest) -> None:
        """Add tags, in place of those with the same keys."""
        arn, context = request["OpenIDConnectProviderArn"], request_tag_context(request)
        provider = await provider_for(self._tables, caller, "iam:TagOpenIDConnectProvider", arn, context)
        await self._tables.write(tag_provider, provider, checked_new_tags(request), ())

    @operation("UntagOpenIDConnectProvider", needs=OnExisting("iam:UntagOpenIDConnectProvider"))
    async def untag(self, caller: Caller, request: wire.UntagOpenIDConnectProviderRequest) -> None:
        """Take tags away; keys that it has not are no matter."""
        arn, context = request["OpenIDConnectProviderArn"], request_tag_context(request)
        provider = await provider_for(self._tables, caller, "iam:UntagOpenIDConnectProvider", arn, context)
        await self._tables.write(tag_provider, provider, {}, request["TagKeys"])

    @operation("ListOpenIDConnectProviderTags", needs=OnExisting("iam:ListOpenIDConnectProviderTags"))
    async def list(
        self, caller: Caller, request: wire.ListOpenIDConnectProviderTagsRequest
    ) -> wire.ListOpenIDConnectProviderTagsResponse:
        """A page of the provider's tags, by key."""
        arn = request["OpenIDConnectProviderArn"]
        provider = await provider_for(self._tables, caller, "iam:ListOpenIDConnectProviderTags", arn)
        return {**tag_page(provider.tags, self._pages, f"iam.ListOpenIDConnectProviderTags/{arn}", request)}


def _checked_thumbprints(thumbprints: Sequence[str]) -> list[str]:
    """Each once; their form is the model's to check (40 characters).

    Raises:
        InvalidInput: they are too many.
    """
    each = list(dict.fromkeys(thumbprints))
    if len(each) > THUMBPRINTS:
        raise InvalidInput(f"Thumbprint list must contain fewer than {THUMBPRINTS + 1} entries.")
    return each
