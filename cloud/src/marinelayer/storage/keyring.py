"""Wraps secrets with the folder's master key, by AES-256-GCM.

The key file has one line a key, `ID:BASE64`, the newest last: the last one wraps, every one unwraps, so that a key
can be replaced while what it wrapped is still there. A wrapped secret is

    version (1 byte, 3) | key id (1 byte) | nonce (12 random bytes) | ciphertext and tag

and the first two bytes and the purpose are authenticated with it. A random 96-bit nonce allows 2^32 secrets under one
key (NIST SP 800-38D, 8.3): hence each family of purposes has a key of its own, derived from the master key by HMAC-
SHA256. A family is one purpose; but those that end in a name of 32 hexadecimal digits make one with all whose names
begin with the same eight, since a key for each of them would cost more than the wrapping. Names in order of time
begin alike for seconds (`Ids.ordered`), far too short for 2^32. Strangers who read public lists have page tokens
wrapped, as many as they like; that wears out no access key's wrapping. (Version 2 had a key for each purpose; version
1, of folders from before, wrapped with the master key itself.)
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from marinelayer.storage.durable import replace, write_new

_MASTER_KEYS, _BY_PURPOSE, _VERSION = 1, 2, 3
_FAMILY = re.compile(r"(.*/[0-9a-f]{8})[0-9a-f]{24}", re.DOTALL)
_KEPT = 64
"""Keys of families that are kept ready."""
_KEY_BYTES = 32
_NONCE_BYTES = 12
_NEWEST_ID = 255


class FileKeyring:
    """The port `Keyring` on a key file of mode 0600."""

    def __init__(self, path: Path) -> None:
        """Read the keys in `path`; where it is not there, make it with one random key.

        Raises:
            ValueError: the file can not be read as keys.
        """
        self._path = path
        self._ready: dict[tuple[int, str], AESGCM] = {}
        if not path.exists():
            write_new(path, _line(1, secrets.token_bytes(_KEY_BYTES)))
        # Loosened by a copy, perhaps.
        path.chmod(0o600)
        self._load()

    def __repr__(self) -> str:
        return f"FileKeyring({self._path})"

    def wrap(self, secret: bytes, purpose: str) -> bytes:
        """Encrypt and authenticate; `purpose` must be given again to unwrap."""
        header = bytes((_VERSION, self._newest))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return header + nonce + self._key(header, purpose).encrypt(nonce, secret, header + purpose.encode())

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """The secret. Raises ValueError if it was changed, or wrapped for another purpose or by another key."""
        header, nonce, sealed = wrapped[:2], wrapped[2 : 2 + _NONCE_BYTES], wrapped[2 + _NONCE_BYTES :]
        known = (
            len(nonce) == _NONCE_BYTES
            and header[0] in (_MASTER_KEYS, _BY_PURPOSE, _VERSION)
            and header[1] in self._keys
        )
        if not known:
            raise ValueError("this was not wrapped by the folder's master key")
        try:
            return self._key(header, purpose).decrypt(nonce, sealed, header + purpose.encode())
        except InvalidTag:
            raise ValueError("a wrapped secret was changed, or wrapped for another purpose") from None

    def rotate(self) -> None:
        """Add a random key, which wraps from now on.

        Raises:
            ValueError: all 255 ids are used.
        """
        if self._newest == _NEWEST_ID:
            raise ValueError(f"{self._path} holds {_NEWEST_ID} keys, which is all that it can")
        replace(self._path, self._path.read_bytes() + _line(self._newest + 1, secrets.token_bytes(_KEY_BYTES)))
        self._load()

    def _key(self, header: bytes, purpose: str) -> AESGCM:
        if header[0] == _VERSION:
            found = _FAMILY.fullmatch(purpose)
            return self._family_key(header[1], purpose if found is None else found[1])
        master = self._keys[header[1]]
        return AESGCM(master if header[0] == _MASTER_KEYS else hmac.digest(master, purpose.encode(), "sha256"))

    def _family_key(self, number: int, family: str) -> AESGCM:
        key = self._ready.get((number, family))
        if key is None:
            # Marked, so that no key of version 2 is one of these.
            key = AESGCM(hmac.digest(self._keys[number], b"family:" + family.encode(), "sha256"))
            if len(self._ready) >= _KEPT:
                self._ready.clear()
            self._ready[number, family] = key
        return key

    def _load(self) -> None:
        try:
            keys = dict(_parse(line) for line in self._path.read_text("ascii").splitlines())
            self._newest = max(keys)
        except ValueError:
            # Without its cause: what can not be read may still be most of a key.
            raise ValueError(f"{self._path} is no master key file") from None
        self._keys = keys


def _parse(line: str) -> tuple[int, bytes]:
    number, _, encoded = line.partition(":")
    key = base64.b64decode(encoded, validate=True)
    if len(key) != _KEY_BYTES or not 1 <= int(number) <= _NEWEST_ID:
        raise ValueError(number)
    return int(number), key


def _line(number: int, key: bytes) -> bytes:
    return f"{number}:{base64.b64encode(key).decode('ascii')}\n".encode("ascii")
