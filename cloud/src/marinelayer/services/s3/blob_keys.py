"""The keys that blobs are sealed with: made, wrapped with what the object's encryption names, and unwrapped.

A blob's key is random and stands, wrapped, in its row. It is wrapped

- for SSE-S3 with a key of the folder's key ring, for this blob alone;
- for SSE-KMS with a key of the key ring, for this blob, KMS key and encryption context alone, so that none of the three
  can be exchanged;
- for SSE-C with a key derived from the customer's key, a random salt and the blob's id, and so with nothing that is
  stored here.

Knows no requests and no tables.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import deque
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from marinelayer.ports import Keyring
from marinelayer.services.s3.encryption import SSE_S3, Encryption
from marinelayer.services.s3.sealing import KEY_BYTES, BytesDamagedError, Seal

SALT = 16
_SUPPLY = 64
"""How many keys are drawn at once."""
_MOST_SEALS = 1024
_ONCE = bytes(12)
"""The nonce of a key that is used once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySource:
    """Where the keys of an object's blobs come from: its encryption, and the customer's key where it has that."""

    encryption: Encryption = SSE_S3
    customer_key: bytes | None = field(default=None, repr=False)


OURS = KeySource()
"""SSE-S3: the folder's key ring alone."""


def new_salt() -> str:
    """A random salt, in hexadecimal."""
    return secrets.token_hex(SALT)


def prove(customer_key: bytes, salt: str) -> str:
    """What is kept of a customer's key, to know it again."""
    return hmac.digest(bytes.fromhex(salt), customer_key, "sha256").hex()


def is_proven(customer_key: bytes, encryption: Encryption) -> bool:
    """Whether this is the customer's key that the object was encrypted with."""
    return hmac.compare_digest(prove(customer_key, encryption.salt), encryption.proof)


class BlobKeys:
    """Makes and finds the keys of blobs."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._seals: dict[tuple[str, bytes], Seal] = {}
        # Taking from a deque is one step, so that no two threads can be given the same.
        self._fresh: deque[bytes] = deque()

    def new(self, blob_id: str, source: KeySource) -> tuple[bytes, bytes]:
        """A new key for a blob, and the same wrapped."""
        key = b"".join(self._random() for _ in range(source.encryption.layers))
        if not source.encryption.by_customer:
            return key, self._keyring.wrap(key, _purpose(blob_id, source.encryption))
        salt = secrets.token_bytes(SALT)
        return key, salt + _derived(source, salt, blob_id).encrypt(_ONCE, key, None)

    def _random(self) -> bytes:
        """A key that nobody had before, of a supply that is drawn at once: each draw is a call of the system."""
        while True:
            try:
                return self._fresh.pop()
            except IndexError:
                drawn = secrets.token_bytes(KEY_BYTES * _SUPPLY)
                self._fresh.extend(drawn[at : at + KEY_BYTES] for at in range(0, len(drawn), KEY_BYTES))

    def seal(self, blob_id: str, wrapped: bytes, source: KeySource) -> Seal:
        """The seal of a blob. Those that the folder's key ring alone opens are remembered: what KMS or the customer has
        a say in is asked each time. Raises as `unwrap`."""
        if source is not OURS:
            return Seal(self.unwrap(blob_id, wrapped, source), blob_id)
        seal = self._seals.get((blob_id, wrapped))
        if seal is None:
            seal = Seal(self.unwrap(blob_id, wrapped, source), blob_id)
            if len(self._seals) >= _MOST_SEALS:
                self._seals.clear()
            self._seals[blob_id, wrapped] = seal
        return seal

    def unwrap(self, blob_id: str, wrapped: bytes, source: KeySource) -> bytes:
        """The key of a blob.

        Raises:
            BytesDamagedError: it was not wrapped for this blob by this source.
        """
        try:
            if not source.encryption.by_customer:
                return self._keyring.unwrap(wrapped, _purpose(blob_id, source.encryption))
            return _derived(source, wrapped[:SALT], blob_id).decrypt(_ONCE, wrapped[SALT:], None)
        except (ValueError, InvalidTag):
            raise BytesDamagedError(f"the wrapped key of blob {blob_id} does not open") from None


def _purpose(blob_id: str, encryption: Encryption) -> str:
    if not encryption.is_kms:
        return f"s3.blob/{blob_id}"
    context = hashlib.sha256(encryption.context.encode()).hexdigest()
    return f"s3.kms/{encryption.key_arn}/{context}/{blob_id}"


def _derived(source: KeySource, salt: bytes, blob_id: str) -> AESGCM:
    if source.customer_key is None:
        raise ValueError("the customer's key is missing")
    return AESGCM(hmac.digest(source.customer_key, b"s3.sse-c/" + salt + blob_id.encode(), "sha256"))
