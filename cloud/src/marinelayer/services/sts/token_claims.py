"""What the claims of a proven token give to a session: condition keys, session tags and a source identity.

Pure. Source: IAM User Guide, "Available keys for AWS OIDC federation"; "Passing session tags using
AssumeRoleWithWebIdentity" (nested and flattened claims); "Monitor and control actions taken with assumed roles".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from marinelayer.security.requirement import ContextKeys
from marinelayer.services.sts.errors import InvalidIdentityToken

_TAGS: Final = "https://aws.amazon.com/tags"
_FLAT: Final = f"{_TAGS}/principal_tags/"
_FLAT_TRANSITIVE: Final = f"{_TAGS}/transitive_tag_keys"
_SOURCE_IDENTITY: Final = "https://aws.amazon.com/source_identity"
_IDENTITY: Final = re.compile(r"(?!aws:)[\w+=,.@-]{2,64}", re.ASCII)
_LONGEST_KEY: Final = 128
_LONGEST_VALUE: Final = 256


def audiences(claims: Mapping[str, Any]) -> Sequence[str]:
    """Whom the token is for: the party that it was issued to, where it says so, else its audience."""
    authorised = claims.get("azp")
    return _strings(claims.get("aud") if authorised is None else authorised)


def claim_facts(url: str, claims: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The condition keys that the claims give; `url` is the provider's, without its scheme."""
    found = {"aud": audiences(claims), "sub": _strings(claims["sub"]), "amr": _strings(claims.get("amr"))}
    if claims.get("azp") is not None:
        found["oaud"] = _strings(claims.get("aud"))
    return {f"{url.lower()}:{name}": tuple(values) for name, values in found.items() if values}


def claimed_tags(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The session tags that the token passes, as AssumeRole's input has them: `Tags`, `TransitiveTagKeys`.

    Raises:
        InvalidIdentityToken: they are none.
    """
    nested = claims.get(_TAGS, {})
    if not isinstance(nested, dict):
        raise _no_tags(_TAGS)
    within = cast("dict[str, Any]", nested)
    named = within.get("principal_tags", {})
    if not isinstance(named, dict):
        raise _no_tags("principal_tags")
    flat = {name.removeprefix(_FLAT): value for name, value in claims.items() if name.startswith(_FLAT)}
    tags = [_tag(key, value) for key, value in {**flat, **cast("dict[str, Any]", named)}.items()]
    keys = within.get("transitive_tag_keys", claims.get(_FLAT_TRANSITIVE, []))
    return {"Tags": tags, "TransitiveTagKeys": list(_transitive(keys))}


def claimed_identity(claims: Mapping[str, Any]) -> str:
    """The source identity that the token sets, "" where it sets none.

    Raises:
        InvalidIdentityToken: it is none.
    """
    identity = claims.get(_SOURCE_IDENTITY)
    if identity is None:
        return ""
    if not isinstance(identity, str) or not _IDENTITY.fullmatch(identity):
        raise InvalidIdentityToken("The source identity in the token is invalid")
    return identity


def identity_context(identity: str) -> ContextKeys:
    """The condition key of a source identity that is set."""
    return {"sts:sourceidentity": (identity,)} if identity else {}


def _tag(key: str, value: Any) -> dict[str, str]:
    values = _strings(value)
    if len(values) != 1 or not 1 <= len(key) <= _LONGEST_KEY or len(values[0]) > _LONGEST_VALUE:
        raise _no_tags(key[:_LONGEST_KEY])
    if not all(_may_stand(letter) for letter in key + values[0]):
        raise _no_tags(key)
    return {"Key": key, "Value": values[0]}


def _may_stand(letter: str) -> bool:
    """Whether a tag may have this letter: any letter, number or blank, and a few signs."""
    return unicodedata.category(letter)[0] in "LNZ" or letter in "_.:/=+-@"


def _transitive(keys: Any) -> Iterator[str]:
    if not isinstance(keys, list):
        raise _no_tags("transitive_tag_keys")
    for key in cast("list[Any]", keys):
        if not isinstance(key, str):
            raise _no_tags("transitive_tag_keys")
        yield key


def _no_tags(name: str) -> InvalidIdentityToken:
    return InvalidIdentityToken(f"The session tags in the token are invalid: {name}")


def _strings(value: Any) -> Sequence[str]:
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]
