"""The chain of signatures over a streamed body's chunks.

This module must not know how chunks are framed (`protocol.aws_chunked`). Source: S3 API reference, "Signature
calculations for the authorization header: transferring payload in multiple chunks", and "... including trailing
headers".
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256

from marinelayer.model.errors import SignatureMismatch
from marinelayer.security.signature import EMPTY_SHA256, SigningKey
from marinelayer.security.signature import signature as proof


class ChunkChain:
    """Verifies the signatures of a streamed body, each of which covers the one before.

    For each chunk, the last empty one included: `start` with the signature of its header line, `update` with its
    data in any pieces, `end`. Then, in the mode with trailers, `trailer`. A body whose last chunk has not passed
    `end` is not whole; framing knows that, this class does not.
    """

    __slots__ = ("_data", "_expected", "_key", "_previous")

    def __init__(self, key: SigningKey) -> None:
        self._key = key
        self._previous = key.seed
        self._expected: str | None = None
        self._data = sha256()

    def start(self, signature: str) -> None:
        """A chunk begins, whose header line claims `signature` (64 hex digits)."""
        self._expected = signature
        self._data = sha256()

    def update(self, data: bytes | memoryview) -> None:
        """Some of the chunk's data."""
        self._data.update(data)

    def end(self) -> None:
        """The chunk is whole.

        Raises:
            SignatureMismatch: it is not what was signed, or not in its place.
        """
        self._check("AWS4-HMAC-SHA256-PAYLOAD", f"{EMPTY_SHA256}\n{self._data.hexdigest()}", self._expected)
        self._expected = None

    def trailer(self, fields: Iterable[tuple[str, str]], signature: str | None) -> None:
        """The trailing fields, in the order sent and without x-amz-trailer-signature, which is `signature` (None
        where it was not sent).

        Raises:
            SignatureMismatch: they are not what was signed.
        """
        lines = "".join(f"{name.lower()}:{value.strip()}\n" for name, value in fields)
        self._check("AWS4-HMAC-SHA256-TRAILER", sha256(lines.encode("latin-1", "replace")).hexdigest(), signature)

    def _check(self, algorithm: str, hashes: str, signature: str | None) -> None:
        to_sign = f"{algorithm}\n{self._key.amz_date}\n{self._key.scope}\n{self._previous}\n{hashes}"
        actual = proof(self._key.key, to_sign)
        if signature is None or not hmac.compare_digest(actual.encode(), signature.encode()):
            raise SignatureMismatch(
                None,
                StringToSign=to_sign,
                SignatureProvided=signature or "",
                StringToSignBytes=to_sign.encode().hex(" "),
            )
        self._previous = actual
