"""Tokens by which an OpenID Connect issuer vouches for somebody: proven by the issuer's keys, then read.

Only keys that were given here prove anything: nothing is fetched. Pure; the time is passed in. Sources: RFC 7515 (JWS),
RFC 7517 (JWK), RFC 7519 (JWT); STS API reference, AssumeRoleWithWebIdentity.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from marinelayer.security import timestamps

Algorithm = Literal["RS256", "ES256"]
LONGEST_TOKEN: Final = 20_000
ALLOWED_SKEW: Final = 300
"""Seconds that an issuer's clock may be ahead of ours or behind: AWS takes tokens for five minutes more than they last
(IAM User Guide, "OIDC federation")."""
_NO_JWT: Final = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
_SHORTEST_RSA: Final = 2048
_P256_BYTES: Final = 32


class UnprovenTokenError(ValueError):
    """The token is not one that an issuer with known keys has signed. The text says why, in STS's words."""


class TokenExpiredError(UnprovenTokenError):
    """The token was good, and is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKey:
    """A public key of an issuer; `kid` is "" where it has no name."""

    kid: str
    algorithm: Algorithm
    public: RSAPublicKey | EllipticCurvePublicKey


IssuerKeys = Mapping[str, Sequence[IssuerKey]]
"""The keys of each issuer, by its URL as tokens have it (`iss`)."""


def read_issuer_keys(text: str) -> IssuerKeys:
    """The keys in a JSON document `{ISSUER: JWKS}`, a JWKS being `{"keys": [JWK, ...]}`. Keys for other uses than
    signing by RS256 or ES256 are left out.

    Raises:
        ValueError: it is no such document, an issuer is no https URL, or has no key that can be used.
    """
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("it must be a JSON object of issuers")  # noqa: TRY004 -- all that is wrong is one error
    found: dict[str, tuple[IssuerKey, ...]] = {}
    for issuer, jwks in cast("dict[str, Any]", document).items():
        if not issuer.startswith("https://"):
            raise ValueError(f"the issuer {issuer} is no https URL")
        keys = cast("dict[str, Any]", jwks).get("keys") if isinstance(jwks, dict) else None
        if not isinstance(keys, list):
            raise ValueError(f"the issuer {issuer} has no JWKS")  # noqa: TRY004 -- all that is wrong is one error
        read = tuple(key for one in cast("list[Any]", keys) if (key := _key(one)) is not None)
        if not read:
            raise ValueError(f"the issuer {issuer} has no key for RS256 or ES256")
        found[issuer] = read
    return found


def proven_claims(token: str, keys: IssuerKeys, now: int) -> Mapping[str, Any]:
    """The claims of a token that its issuer signed; `iss`, `sub` and `exp` are among them. `now` is in microseconds.

    Raises:
        UnprovenTokenError: it is none, or not signed by its issuer with a key that is known.
        TokenExpiredError: it is over.
    """
    pieces = token.split(".")
    if len(token) > LONGEST_TOKEN or len(pieces) != 3:
        raise UnprovenTokenError(_NO_JWT)
    header, claims, signature = _object(pieces[0]), _object(pieces[1]), _bytes(pieces[2])
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or not isinstance(claims.get("sub"), str) or "crit" in header:
        raise UnprovenTokenError("Missing a required claim: iss, sub")
    signed = f"{pieces[0]}.{pieces[1]}".encode()
    kid, algorithm = header.get("kid"), header.get("alg")
    able = [key for key in keys.get(issuer, ()) if key.algorithm == algorithm and (kid is None or kid == key.kid)]
    if not able:
        raise UnprovenTokenError(
            "Couldn't retrieve verification key from your identity provider, please reference "
            "AssumeRoleWithWebIdentity documentation for requirements"
        )
    if not any(_proves(key, signed, signature) for key in able):
        raise UnprovenTokenError("The ID Token's signature is invalid")
    _check_times(claims, now)
    return claims


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    ends, seconds = _moment(claims, "exp"), now / timestamps.SECOND
    if ends is None:
        raise UnprovenTokenError("Missing a required claim: exp")
    if seconds >= ends + ALLOWED_SKEW:
        raise TokenExpiredError(
            f"Token expired: current date/time {int(seconds)} must be before the expiration date/time {int(ends)}"
        )
    for name in ("nbf", "iat"):
        begins = _moment(claims, name)
        if begins is not None and seconds + ALLOWED_SKEW < begins:
            raise UnprovenTokenError(f"The ID Token is not valid yet: {name}")


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnprovenTokenError(f"The claim {name} is no time")
    return value


def _proves(key: IssuerKey, signed: bytes, signature: bytes) -> bool:
    try:
        if isinstance(key.public, RSAPublicKey):
            key.public.verify(signature, signed, PKCS1v15(), SHA256())
            return True
        if len(signature) != 2 * _P256_BYTES:
            return False
        r, s = int.from_bytes(signature[:_P256_BYTES]), int.from_bytes(signature[_P256_BYTES:])
        key.public.verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _key(written: Any) -> IssuerKey | None:
    """The key of a JWK, None where it is of no use here."""
    if not isinstance(written, dict):
        raise ValueError("a key is no JSON object")  # noqa: TRY004 -- all that is wrong is one error
    jwk = cast("dict[str, Any]", written)
    kind, kid = jwk.get("kty"), jwk.get("kid", "")
    if jwk.get("use", "sig") != "sig" or not isinstance(kid, str):
        return None
    if kind == "RSA" and jwk.get("alg", "RS256") == "RS256":
        public = RSAPublicNumbers(e=_number(jwk, "e"), n=_number(jwk, "n")).public_key()
        if public.key_size < _SHORTEST_RSA:
            raise ValueError(f"the RSA key {kid} is shorter than {_SHORTEST_RSA} bits")
        return IssuerKey(kid=kid, algorithm="RS256", public=public)
    if kind == "EC" and jwk.get("crv") == "P-256" and jwk.get("alg", "ES256") == "ES256":
        numbers = EllipticCurvePublicNumbers(_number(jwk, "x"), _number(jwk, "y"), SECP256R1())
        return IssuerKey(kid=kid, algorithm="ES256", public=numbers.public_key())
    return None


def _number(jwk: Mapping[str, Any], name: str) -> int:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise ValueError(f"a key lacks {name}")  # noqa: TRY004 -- all that is wrong is one error
    return int.from_bytes(_bytes(value))


def _object(piece: str) -> dict[str, Any]:
    try:
        read = json.loads(_bytes(piece))
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise UnprovenTokenError(_NO_JWT)
    return cast("dict[str, Any]", read)


def _bytes(piece: str) -> bytes:
    try:
        return base64.b64decode(piece + "=" * (-len(piece) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise UnprovenTokenError(_NO_JWT) from None
