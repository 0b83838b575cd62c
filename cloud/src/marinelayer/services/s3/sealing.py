"""Bytes sealed by AES-256-GCM, chunk by chunk, so that a range can be opened without the rest.

A blob of n bytes is max(1, ceil(n / CHUNK)) chunks, each followed by its tag. A chunk's nonce is its number and whether
it is the last one, and the blob's id is authenticated with it: a chunk that was changed, moved, or taken from another
blob does not open, and neither does what now ends where it did not. A key seals one blob and is never used again, so
that no nonce comes twice. A key of 64 bytes seals twice, with a half each (dual-layer encryption).

Pure computing: knows no tables, no files and no event loop. What is over a chunk long is sealed and opened without the
interpreter's lock (`encrypt_into`, `decrypt_into`).

Source: NIST SP 800-38D; the nonce with a mark for the last chunk is the STREAM construction (Hoang, Reyhanitabar,
Rogaway, Vizár 2015).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 64 * 1024
TAG = 16
KEY_BYTES = 32
MAX_OVERHEAD = 2 * TAG
"""What a chunk grows by at the most."""

Bytes = bytes | memoryview


class BytesDamagedError(Exception):
    """Stored bytes are not those that were sealed under this key: they are never given out."""


class Seal:
    """Seals and opens the chunks of one blob. `overhead` is what a chunk grows by."""

    __slots__ = ("_about", "_layers", "overhead")

    def __init__(self, key: bytes, blob_id: str) -> None:
        self._layers = [AESGCM(key[begin : begin + KEY_BYTES]) for begin in range(0, len(key), KEY_BYTES)]
        self._about = blob_id.encode()
        self.overhead = TAG * len(self._layers)

    def chunk(self, number: int, data: Bytes, *, last: bool) -> bytes:
        """Seal one chunk."""
        nonce = _nonce(number, last=last)
        for layer in self._layers:
            data = layer.encrypt(nonce, data, self._about)
        return bytes(data)

    def open_chunk(self, number: int, sealed: Bytes, *, last: bool) -> bytes:
        """The bytes of one chunk. Raises BytesDamagedError."""
        nonce = _nonce(number, last=last)
        try:
            for layer in reversed(self._layers):
                sealed = layer.decrypt(nonce, sealed, self._about)
        except InvalidTag:
            raise BytesDamagedError(f"chunk {number} of blob {self._about.decode()}") from None
        return bytes(sealed)

    def chunk_into(self, number: int, data: Bytes, out: memoryview) -> None:
        """Seal one chunk that is not the last into `out`."""
        nonce = _nonce(number, last=False)
        for layer in self._layers[:-1]:
            data = layer.encrypt(nonce, data, self._about)
        self._layers[-1].encrypt_into(nonce, data, self._about, out)

    def open_chunk_into(self, number: int, sealed: Bytes, out: memoryview, *, last: bool) -> None:
        """Open one chunk into `out`. Raises BytesDamagedError."""
        nonce = _nonce(number, last=last)
        try:
            for layer in self._layers[:0:-1]:
                sealed = layer.decrypt(nonce, sealed, self._about)
            self._layers[0].decrypt_into(nonce, sealed, self._about, out)
        except InvalidTag:
            raise BytesDamagedError(f"chunk {number} of blob {self._about.decode()}") from None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


class Sealing:
    """Seals a stream of bytes of unknown length."""

    __slots__ = ("_held", "_number", "_out", "_seal")

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._number = 0
        self._held = b""
        self._out = bytearray()

    def update(self, data: bytes) -> bytes:
        """Add bytes; the chunks that are whole and certainly not the last."""
        data = self._held + data if self._held else data
        count = max(0, (len(data) - 1) // CHUNK)
        sealed = CHUNK + self._seal.overhead
        if len(self._out) < count * sealed:
            self._out = bytearray(count * sealed)
        plain, out = memoryview(data), memoryview(self._out)
        for place in range(count):
            self._seal.chunk_into(
                self._number + place,
                plain[place * CHUNK : (place + 1) * CHUNK],
                out[place * sealed : (place + 1) * sealed],
            )
        self._number += count
        self._held = data[count * CHUNK :]
        return bytes(out[: count * sealed])

    def finish(self) -> bytes:
        """The last chunk."""
        return self._seal.chunk(self._number, self._held, last=True)


class Opening:
    """Opens `length` bytes from `offset` of a blob of `size` bytes, in pieces of whole chunks.

    `begin` and `stored` are where the chunks lie that hold them, and how long they are together.
    """

    __slots__ = ("_end", "_last", "_number", "_seal", "_skip", "begin", "stored")

    def __init__(self, seal: Seal, *, size: int, offset: int, length: int) -> None:
        self._seal = seal
        self._last = max(0, size - 1) // CHUNK
        self._number = offset // CHUNK
        self._skip = offset % CHUNK
        self._end = offset + length
        sealed = CHUNK + seal.overhead
        upto = min(size, -(-self._end // CHUNK) * CHUNK)
        whole, rest = divmod(upto, CHUNK)
        self.begin = self._number * sealed
        self.stored = whole * sealed + (rest + seal.overhead if rest else 0) - self.begin

    @property
    def number(self) -> int:
        """The number of the next chunk."""
        return self._number

    def open(self, data: memoryview, out: memoryview) -> memoryview:
        """The next chunks, whole, `data` being all of these as they are stored. They are opened into `out`, which has
        room for so many chunks, and are a part of it. `take` moves on behind them.

        Raises:
            BytesDamagedError: they are not what was sealed.
        """
        sealed = CHUNK + self._seal.overhead
        made, number = 0, self._number
        for place in range(0, len(data), sealed):
            chunk = data[place : place + sealed]
            size = len(chunk) - self._seal.overhead
            if size < 0:
                raise BytesDamagedError("a chunk is shorter than its tag")
            self._seal.open_chunk_into(number, chunk, out[made : made + size], last=number == self._last)
            number += 1
            made += size
        return out[:made]

    def take(self, opened: Bytes) -> memoryview:
        """The bytes that are wanted of the next chunks, these being opened."""
        begin = self._number * CHUNK
        self._number += -(-len(opened) // CHUNK)
        first, self._skip = self._skip, 0
        return memoryview(opened)[first : min(len(opened), self._end - begin)]
