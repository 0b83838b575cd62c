"""How the bytes of an object are encrypted: what is kept of it, and what answers say of it. Pure.

Every object is encrypted with keys of its own; an `Encryption` says what these are wrapped with: the folder's master
key (SSE-S3), a key of the local key ring (SSE-KMS, DSSE-KMS), or one that the customer keeps (SSE-C).

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
"""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal

Algorithm = Literal["AES256", "aws:kms", "aws:kms:dsse", "SSE-C"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """How an object is encrypted.

    With a KMS key: `key_arn` is the key's, `shown_key` how answers name it, `managed_key` whether it is AWS's own for
    S3, `context` the encryption context as it was
    given (base64 of JSON), `bucket_key` whether a bucket key was asked for. With a customer's key: `proof` is the
    salted digest by which the key is known again; the key itself is nowhere. `salt` (hexadecimal) is another one for
    each object whose keys are not the folder's alone.
    """

    algorithm: Algorithm
    key_arn: str = ""
    shown_key: str = ""
    managed_key: bool = False
    context: str = ""
    bucket_key: bool = False
    salt: str = ""
    proof: str = ""

    @property
    def is_kms(self) -> bool:
        """Whether a KMS key wraps the object's keys."""
        return self.algorithm in ("aws:kms", "aws:kms:dsse")

    @property
    def by_customer(self) -> bool:
        """Whether only the customer has the key."""
        return self.algorithm == "SSE-C"

    @property
    def layers(self) -> int:
        """How often the bytes are encrypted, each time with a key of its own."""
        return 2 if self.algorithm == "aws:kms:dsse" else 1

    def tag(self, md5: bytes) -> bytes:
        """The 16 bytes of the ETag of bytes with this MD5: it, or what nobody can tell it from."""
        return hmac.digest(bytes.fromhex(self.salt), md5, "sha256")[:16] if self.salt else md5

    @property
    def text(self) -> str:
        """As it is stored. Equal texts mean that bytes may be shared."""
        return _written(self)

    @property
    def members(self) -> dict[str, Any]:
        """What GetObject, HeadObject and those that write say of it. What they say of a customer's key is taken from
        the request."""
        if self.by_customer:
            return {}
        members: dict[str, Any] = {"ServerSideEncryption": self.algorithm}
        if self.is_kms:
            members["SSEKMSKeyId"] = self.shown_key
            if self.bucket_key:
                members["BucketKeyEnabled"] = True
        return members


@lru_cache(maxsize=256)
def _written(encryption: Encryption) -> str:
    return json.dumps({name: value for name, value in asdict(encryption).items() if value}, separators=(",", ":"))


SSE_S3 = Encryption(algorithm="AES256")


@lru_cache(maxsize=1024)
def _read(text: str) -> Encryption:
    return Encryption(**json.loads(text))


def read_encryption(text: str | None) -> Encryption | None:
    """An encryption from where it is stored; None for bytes that lie as they are."""
    return None if text is None else _read(text)
