"""AssumeRoleWithWebIdentity: temporary credentials of a role for whom an OpenID Connect issuer vouches.

The token is proven by keys that were given to this cloud (`--oidc-keys`); nothing is fetched. Source:
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html; IAM User Guide, "Available keys
for AWS OIDC federation".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from marinelayer.model.errors import AccessDenied, OperationNotImplemented
from marinelayer.ports import AssumableRole, Caller, Clock, Sessions
from marinelayer.security.identity import Identity, Principal
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.security.session import Session
from marinelayer.security.web_identity import IssuerKeys, TokenExpiredError, UnprovenTokenError, proven_claims
from marinelayer.services.operation import NoPermission, operation
from marinelayer.services.sts.assume_role import USUAL_DURATION, assumed
from marinelayer.services.sts.errors import ExpiredTokenException, InvalidIdentityToken, ValidationError
from marinelayer.services.sts.session_parameters import (
    checked_packed_size,
    checked_policy,
    checked_policy_arns,
    lifetime,
    refuse_unserved,
    shown_credentials,
)

if TYPE_CHECKING:
    from marinelayer.model.types import sts as wire

_ARN_OF_ROLE: Final = "arn:aws:iam::"
_UNSERVED: Final = ("https://aws.amazon.com/tags", "https://aws.amazon.com/source_identity")
_REFUSED: Final = "Not authorized to perform sts:AssumeRoleWithWebIdentity"


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
        for name in _UNSERVED:
            if name in claims:
                raise OperationNotImplemented(f"The claim {name} is not implemented by Marine Layer.")
        url = str(claims["iss"]).removeprefix("https://")
        account = request["RoleArn"].removeprefix(_ARN_OF_ROLE).partition(":")[0]
        audience, keys = await self._audience(account, url, claims), _claim_facts(url, claims)
        provider = f"arn:aws:iam::{account}:oidc-provider/{url}"
        await _demand_trust(caller, request, provider, keys)
        role = await self._sessions.role(request["RoleArn"])
        if role is None:
            raise AccessDenied(_REFUSED)
        session = await self._session(request, role, provider, keys)
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
        for audience in _audiences(claims):
            if audience in known:
                return audience
        raise InvalidIdentityToken("Incorrect token audience")

    async def _session(
        self, request: wire.AssumeRoleWithWebIdentityRequest, role: AssumableRole, provider: str, keys: ContextKeys
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
            provider=provider,
            claims=keys,
        )


async def _demand_trust(
    caller: Caller, request: wire.AssumeRoleWithWebIdentityRequest, provider: str, keys: ContextKeys
) -> None:
    """Check that the role's trust policy lets the web identity in.

    Raises:
        AccessDenied: it does not, or there is no such role.
    """
    identity = Identity(principal=Principal(kind="web-identity", arn=provider))
    requirement = Requirement(
        action="sts:AssumeRoleWithWebIdentity",
        resource=request["RoleArn"],
        context={**keys, "sts:rolesessionname": (request["RoleSessionName"],)},
    )
    if not await caller.authoriser.acting_as(identity).may(requirement):
        raise AccessDenied(_REFUSED)


def _audiences(claims: Mapping[str, Any]) -> Sequence[str]:
    """Whom the token is for: the party that it was issued to, where it says so, else its audience."""
    authorised = claims.get("azp")
    return _strings(claims.get("aud") if authorised is None else authorised)


def _claim_facts(url: str, claims: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The condition keys that the token's claims give."""
    found = {"aud": _audiences(claims), "sub": _strings(claims["sub"]), "amr": _strings(claims.get("amr"))}
    if claims.get("azp") is not None:
        found["oaud"] = _strings(claims.get("aud"))
    return {f"{url.lower()}:{name}": tuple(values) for name, values in found.items() if values}


def _strings(value: Any) -> Sequence[str]:
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]
