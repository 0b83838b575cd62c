"""SSE-C: keys that the customer sends with each request, and that are kept nowhere.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Caller
from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest
from marinelayer.services.s3.blob_keys import OURS, KeySource, is_proven
from marinelayer.services.s3.encryption import SSE_S3, Encryption
from marinelayer.services.s3.errors import InvalidEncryptionAlgorithmError
from marinelayer.services.s3.sealing import KEY_BYTES

HEADER = "x-amz-server-side-encryption"
_MUST = "Requests specifying Server Side Encryption with Customer provided keys must"
_OF_PARTS = (
    "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate "
    "encryption parameters."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerKey:
    """A key as it came with a request: its bytes, and the base64 of their MD5."""

    key: bytes = field(repr=False)
    md5: str

    @property
    def members(self) -> dict[str, str]:
        """What an answer says of it."""
        return {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": self.md5}


def customer_key(
    request: Mapping[str, Any],
    caller: Caller,
    prefix: Literal["SSECustomer", "CopySourceSSECustomer"] = "SSECustomer",
    *,
    writes: bool = False,
) -> CustomerKey | None:
    """The key that a request brings, None where it brings none. One that is to encrypt (`writes`) must have 256 bits;
    one of another length, that is to decrypt, is only the wrong one.

    Raises:
        InvalidRequest: it came neither by TLS nor from this machine.
        InvalidEncryptionAlgorithmError: it is not for AES256.
        InvalidArgument: it is not whole, or not what its MD5 says.
    """
    algorithm, text, md5 = (request.get(f"{prefix}{part}") for part in ("Algorithm", "Key", "KeyMD5"))
    if algorithm is None and text is None and md5 is None:
        return None
    if not _is_secure(caller):
        raise InvalidRequest(f"{_MUST} be made over a secure connection.")
    if algorithm is None:
        raise _refused("provide a valid encryption algorithm.")
    if algorithm != "AES256":
        raise InvalidEncryptionAlgorithmError(ArgumentName=HEADER, ArgumentValue=algorithm)
    if not text:
        raise _refused("provide an appropriate secret key.")
    if md5 is None:
        raise _refused("provide the client calculated MD5 of the secret key.")
    key = _decoded(text)
    if base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest()).decode() != md5:
        raise _argument("The calculated MD5 hash of the key did not match the hash that was provided.")
    if writes and len(key) != KEY_BYTES:
        raise _argument("The secret key was invalid for the specified algorithm.")
    return CustomerKey(key=key, md5=md5)


def _is_secure(caller: Caller) -> bool:
    # The machine's own loopback has nobody on it who could listen; AWS has no such exception.
    if caller.scheme == "https":
        return True
    try:
        return ipaddress.ip_address(caller.peer).is_loopback
    except ValueError:
        return False


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _refused(must: str) -> InvalidArgument:
    return _argument(f"{_MUST} {must}")


def _argument(message: str) -> InvalidArgument:
    return InvalidArgument(message, ArgumentName=HEADER)


def unlocked(encryption: Encryption | None, given: CustomerKey | None) -> KeySource:
    """What opens an object that is encrypted so, with the key that its reader gave.

    Raises:
        InvalidRequest: it takes a key and none is given, or the other way round.
        AccessDenied: it is another key.
    """
    if encryption is None or not encryption.by_customer:
        if given is not None:
            raise InvalidRequest("The encryption parameters are not applicable to this object.")
        return OURS if encryption is None or encryption == SSE_S3 else KeySource(encryption=encryption)
    if given is None:
        raise InvalidRequest(
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to "
            "retrieve the object."
        )
    if not is_proven(given.key, encryption):
        raise AccessDenied(f"{_MUST} provide the correct secret key.")
    return KeySource(encryption=encryption, customer_key=given.key)


def unlocked_upload(encryption: Encryption | None, given: CustomerKey | None) -> KeySource:
    """What seals a part of an upload that was begun with this encryption.

    Raises:
        InvalidRequest: the part does not come with the key that the upload was begun with.
    """
    by_customer = encryption is not None and encryption.by_customer
    if by_customer is not (given is not None):
        raise InvalidRequest(_OF_PARTS)
    if encryption is not None and given is not None and not is_proven(given.key, encryption):
        raise InvalidRequest("The provided encryption parameters did not match the ones used originally.")
    return KeySource(encryption=encryption or SSE_S3, customer_key=None if given is None else given.key)
