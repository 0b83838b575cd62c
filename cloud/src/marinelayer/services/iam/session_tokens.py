"""Temporary credentials: a key whose session stands, sealed by the folder's master key, in its token.

Nothing is stored when they are issued, so that nothing grows and nothing is to be swept; what a session may is read
anew at every request, by the id of the role or user that it names. Why: docs/decisions/0014. Knows no policies.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from marinelayer.model.errors import TokenInvalid
from marinelayer.ports import Credentials, Ids, Keyring
from marinelayer.security.session import Session

_PREFIX = "ASIA"
_ALWAYS = ("issuer", "issued_at", "expires_at")
_ACCOUNT_SHIFT = 7
_ACCOUNT_BITS = ((1 << 40) - 1) << _ACCOUNT_SHIFT


class SessionTokens:
    """Issues temporary credentials and reads them back."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def issue(self, session: Session, ids: Ids) -> Credentials:
        """New credentials for a session."""
        access_key_id = key_of_account(ids.aws(_PREFIX, 20), session.account)
        secret = ids.secret()
        packed = zlib.compress(json.dumps({"secret": secret, **_written(session)}, separators=(",", ":")).encode(), 9)
        wrapped = self._keyring.wrap(packed, _purpose(access_key_id))
        return Credentials(
            access_key_id=access_key_id,
            secret=secret,
            token=base64.urlsafe_b64encode(wrapped).decode().rstrip("="),
            expires_at=session.expires_at,
        )

    def read(self, access_key_id: str, token: str) -> tuple[Session, str]:
        """The session and secret of a token that was issued with this access key.

        Raises:
            TokenInvalid: there is none such.
        """
        try:
            wrapped = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            packed = self._keyring.unwrap(wrapped, _purpose(access_key_id))
        except (ValueError, binascii.Error):
            raise TokenInvalid from None
        held: dict[str, Any] = json.loads(zlib.decompress(packed))
        secret = held.pop("secret")
        return _read(held), secret


def is_temporary(access_key_id: str) -> bool:
    """Whether a key is one of temporary credentials."""
    return access_key_id.startswith(_PREFIX)


def key_of_account(access_key_id: str, account: str) -> str:
    """The id of an access key with an account's number in it, where AWS has it: in bits 7 to 46 of the first 6 bytes
    that the 16 letters behind the prefix are in base32."""
    raw = base64.b32decode(access_key_id[4:20])
    head = int.from_bytes(raw[:6]) & ~_ACCOUNT_BITS | int(account) << _ACCOUNT_SHIFT
    return access_key_id[:4] + base64.b32encode(head.to_bytes(6) + raw[6:]).decode()


def account_in_key(access_key_id: str) -> str | None:
    """The account's number that `key_of_account` wrote; None where that can be none."""
    try:
        raw = base64.b32decode(access_key_id[4:20])
    except binascii.Error:
        return None
    number = (int.from_bytes(raw[:6]) & _ACCOUNT_BITS) >> _ACCOUNT_SHIFT
    return f"{number:012d}" if len(raw) == 10 and number < 10**12 else None


def packed_size(session: Session) -> int:
    """How many bytes the policies and tags of a session take when they are packed."""
    held = {"policy": session.policy, "arns": session.policy_arns, "tags": dict(session.tags)}
    return len(zlib.compress(json.dumps(held, separators=(",", ":")).encode(), 9))


def _purpose(access_key_id: str) -> str:
    return f"session-token:{access_key_id}"


def _written(session: Session) -> dict[str, Any]:
    """What of a session says anything."""
    return {name: value for name, value in asdict(session).items() if value or name in _ALWAYS}


def _read(held: Mapping[str, Any]) -> Session:
    read: dict[str, Any] = dict(held)
    read |= {name: tuple(held[name]) for name in ("policy_arns", "transitive") if name in held}
    read["claims"] = {key: tuple(values) for key, values in held.get("claims", {}).items()}
    return Session(**read)
