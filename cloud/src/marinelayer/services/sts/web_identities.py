"""AssumeRoleWithWebIdentity: temporary credentials of a role for whom an OpenID Connect issuer vouches.

The token is proven by keys that were given to this cloud (`--oidc-keys`); nothing is fetched. Source:
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html; IAM User Guide, "Available keys
for AWS OIDC federation".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import AssumableRole, Caller, Clock, Sessions
from marinelayer.security.identity import Identity, Principal
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.security.session import Session
from marinelayer.security.web_identity import IssuerKeys, TokenExpiredError, UnprovenTokenError, proven_claims
from marinelayer.services.operation import NoPermission, operation
from marinelayer.services.sts.assume_role import USUAL_DURATION, assumed
from marinelayer.services.sts.errors import (
    ExpiredTokenException,
    InvalidIdentityToken,
    InvalidParameterValue,
    ValidationError,
)
from marinelayer.services.sts.session_parameters import (
    checked_packed_size,
    checked_policy,
    checked_policy_arns,
    lifetime,
    refuse_unserved,
    session_tags,
    shown_credentials,
    tag_context,
)
from marinelayer.services.sts.token_claims import (
    audiences,
    claim_facts,
    claimed_identity,
    claimed_tags,
    identity_context,
)

if TYPE_CHECKING:
    from marinelayer.model.types import sts as wire

_ARN_OF_ROLE: Final = "arn:aws:iam::"
_ASSUME: Final = "sts:AssumeRoleWithWebIdentity"
_REFUSED: Final = "Not authorized to perform {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a token says of the session that is asked for: its tags (and which of them the next session inherits), its
    source identity; `keys` are the condition keys that the session keeps, `context` all of the request for it."""

    tags: Mapping[str, str]
    transitive: tuple[str, ...]
    source_identity: str
    keys: ContextKeys
    context: ContextKeys

    @property
    def actions(self) -> Sequence[str]:
        """What the role's trust policy must allow."""
        further = {"sts:TagSession": bool(self.tags), "sts:SetSourceIdentity": bool(self.source_identity)}
        return (_ASSUME, *(action for action, wanted in further.items() if wanted))


def _told(url: str, claims: Mapping[str, Any]) -> _Told:
    """Read the claims of a token of the issuer at `url`.

    Raises:
        InvalidIdentityToken: its tags or its source identity are none.
    """
    given, identity, keys = claimed_tags(claims), claimed_identity(claims), claim_facts(url, claims)
    try:
        tags, transitive = session_tags(given, None)
    except InvalidParameterValue as error:
        raise InvalidIdentityToken(str(error)) from None
    return _Told(
        tags=tags,
        transitive=transitive,
        source_identity=identity,
        keys=keys,
        context={**keys, **tag_context(given), **identity_context(identity)},
    )


class WebIdentities:
    """Sessions of roles for web identities."""

    def __init__(self, clock: Clock, sessions: Sessions, keys: IssuerKeys) -> None:
        self._clock = clock
        self._sessions = sessions
        self._keys = keys

    @operation(
        "AssumeRoleWithWebIdentity",
        anonymous=True,
        needs=NoPermission(
            "The caller needs no credentials: the token says who asks, and the role's trust policy must let in whom "
            "its issuer vouches for."
        ),
    )
    async def assume(
        self, caller: Caller, request: wire.AssumeRoleWithWebIdentityRequest
    ) -> wire.AssumeRoleWithWebIdentityResponse:
        """New credentials of the role; nothing is stored."""
        refuse_unserved(request, "ProviderId", "MinimumSessionTokenSize")
        claims = self._claims(request["WebIdentityToken"])
        url = str(claims["iss"]).removeprefix("https://")
        account = request["RoleArn"].removeprefix(_ARN_OF_ROLE).partition(":")[0]
        audience, told = await self._audience(account, url, claims), _told(url, claims)
        provider = f"arn:aws:iam::{account}:oidc-provider/{url}"
        await _demand_trust(caller, request, provider, told)
        role = await self._sessions.role(request["RoleArn"])
        if role is None:
            raise AccessDenied(_REFUSED.format(_ASSUME))
        session = await self._session(request, role, provider, told)
        size = checked_packed_size(self._sessions, session)
        answer: wire.AssumeRoleWithWebIdentityResponse = {
            "Credentials": shown_credentials(self._sessions.issue(session)),
            "AssumedRoleUser": assumed(role, session),
            "SubjectFromWebIdentityToken": str(claims["sub"]),
            "Provider": provider,
            "Audience": audience,
        }
        if size is not None:
            answer["PackedPolicySize"] = size
        if told.source_identity:
            answer["SourceIdentity"] = told.source_identity
        return answer

    def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            return proven_claims(token, self._keys, self._clock.now())
        except TokenExpiredError as error:
            raise ExpiredTokenException(str(error)) from None
        except UnprovenTokenError as error:
            raise InvalidIdentityToken(str(error)) from None

    async def _audience(self, account: str, url: str, claims: Mapping[str, Any]) -> str:
        """For whom of the provider's clients the token is."""
        known = await self._sessions.audiences(account, url)
        if known is None:
            raise InvalidIdentityToken(f"No OpenIDConnect provider found in your account for https://{url}")
        for audience in audiences(claims):
            if audience in known:
                return audience
        raise InvalidIdentityToken("Incorrect token audience")

    async def _session(
        self, request: wire.AssumeRoleWithWebIdentityRequest, role: AssumableRole, provider: str, told: _Told
    ) -> Session:
        seconds = request.get("DurationSeconds", USUAL_DURATION)
        if seconds > role.longest:
            raise ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        issued_at, expires_at = lifetime(self._clock.now(), seconds)
        return Session(
            kind="role",
            account=role.account,
            issuer=role.role_id,
            name=request["RoleSessionName"],
            issued_at=issued_at,
            expires_at=expires_at,
            policy=checked_policy(request),
            policy_arns=await checked_policy_arns(self._sessions, role.account, request),
            tags=told.tags,
            transitive=told.transitive,
            source_identity=told.source_identity,
            provider=provider,
            claims=told.keys,
        )


async def _demand_trust(
    caller: Caller, request: wire.AssumeRoleWithWebIdentityRequest, provider: str, told: _Told
) -> None:
    """Check that the role's trust policy lets the web identity in, with the tags and the source identity that its token
    has.

    Raises:
        AccessDenied: it does not, or there is no such role.
    """
    authoriser = caller.authoriser.acting_as(Identity(principal=Principal(kind="web-identity", arn=provider)))
    context = {**told.context, "sts:rolesessionname": (request["RoleSessionName"],)}
    for action in told.actions:
        requirement = Requirement(action=action, resource=request["RoleArn"], context=context)
        if not await authoriser.may(requirement):
            raise AccessDenied(f"{_REFUSED.format(action)}{await authoriser.why(requirement)}")
