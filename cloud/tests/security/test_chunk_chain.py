"""The chain of signatures over a streamed body's chunks and trailers."""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.http import Request
from marinelayer.model.errors import (
    Refusal,
    SignatureMismatch,
)
from marinelayer.security.chunk_chain import ChunkChain
from marinelayer.security.claim_reading import read_claim
from marinelayer.security.sigv4 import SigningKey

# The example of the S3 API reference ("transferring payload in multiple chunks"): a chunk of 64 KiB of `a`, one of
# 1024, and the empty one.
EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EXAMPLE_CHUNKS = (
    (b"a" * 65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (b"a" * 1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (b"", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
)


def example_key() -> SigningKey:
    key = b"AWS4" + EXAMPLE_SECRET.encode()
    scope = "20130524/us-east-1/s3/aws4_request"
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), sha256).digest()
    seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    return SigningKey(key=key, amz_date="20130524T000000Z", scope=scope, seed=seed)


def test_the_documentations_chunks_are_proven_in_any_pieces() -> None:
    chain = ChunkChain(example_key())
    for data, signature in EXAMPLE_CHUNKS:
        chain.start(signature)
        for offset in range(0, len(data), 1000):
            chain.update(data[offset : offset + 1000])
        chain.end()


@pytest.mark.parametrize("broken", range(3))
def test_a_changed_chunk_is_refused(broken: int) -> None:
    chain = ChunkChain(example_key())
    for data, signature in EXAMPLE_CHUNKS[:broken]:
        chain.start(signature)
        chain.update(data)
        chain.end()
    data, signature = EXAMPLE_CHUNKS[broken]
    chain.start(signature)
    chain.update(b"x" + data[1:])
    with pytest.raises(SignatureMismatch):
        chain.end()


def test_a_chunk_out_of_its_place_is_refused() -> None:
    chain = ChunkChain(example_key())
    data, signature = EXAMPLE_CHUNKS[1]
    chain.start(signature)
    chain.update(data)
    with pytest.raises(SignatureMismatch):
        chain.end()


def test_an_end_without_a_signature_is_refused() -> None:
    chain = ChunkChain(example_key())
    with pytest.raises(SignatureMismatch):
        chain.end()


def trailer_chain() -> ChunkChain:
    """The documentation's example with trailers, behind its three chunks."""
    seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
    chain = ChunkChain(dataclasses.replace(example_key(), seed=seed))
    for data, signature in (
        (b"a" * 65536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
        (b"a" * 1024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
        (b"", "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
    ):
        chain.start(signature)
        chain.update(data)
        chain.end()
    return chain


def test_the_documentations_trailer_is_proven() -> None:
    signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"
    trailer_chain().trailer([("x-amz-checksum-crc32c", "sOO8/Q==")], signature)


def test_a_changed_trailer_is_refused() -> None:
    signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"
    with pytest.raises(SignatureMismatch):
        trailer_chain().trailer([("x-amz-checksum-crc32c", "sOO8/A==")], signature)


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_no_authorization_header_breaks_the_reader(
    make_request: Callable[..., Request], authorization: str, query: str
) -> None:
    for header in (authorization, f"AWS4-HMAC-SHA256 {authorization}"):
        request = make_request(query=f"X-Amz-Algorithm={query}", headers=(("authorization", header), ("host", "h")))
        with pytest.raises(Refusal):
            read_claim(request)
        with pytest.raises(Refusal):
            read_claim(dataclasses.replace(request, query=""))
