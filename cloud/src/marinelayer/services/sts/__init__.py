"""STS: who am I, and temporary credentials.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/. Knows no protocol and no other service: roles, and how
credentials are made, are behind ports.
"""

from __future__ import annotations

from marinelayer.ports import Access, Clock, Sessions
from marinelayer.security.web_identity import IssuerKeys
from marinelayer.services.operation import ServiceTable, service_table
from marinelayer.services.sts.access_keys import AccessKeyInfo
from marinelayer.services.sts.assume_role import AssumeRole
from marinelayer.services.sts.authorization_messages import AuthorizationMessages
from marinelayer.services.sts.caller_identity import CallerIdentity
from marinelayer.services.sts.federation_tokens import FederationTokens
from marinelayer.services.sts.session_tokens import UserSessions
from marinelayer.services.sts.web_identities import WebIdentities

__all__ = ["sts_service"]


def sts_service(*, clock: Clock, sessions: Sessions, access: Access, issuers: IssuerKeys) -> ServiceTable:
    """STS's operations. `access` is what roles say about who may assume them, `issuers` whose tokens are believed."""
    nouns = (
        CallerIdentity(),
        AssumeRole(clock, sessions),
        WebIdentities(clock, sessions, issuers),
        UserSessions(clock, sessions),
        FederationTokens(clock, sessions),
        AccessKeyInfo(sessions),
        AuthorizationMessages(),
    )
    return service_table("sts", nouns, access=access)
