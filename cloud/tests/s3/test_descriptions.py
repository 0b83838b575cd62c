"""What a request says of its object, as it is kept and shown."""

from typing import Any

import pytest

from marinelayer.services.s3.headers import described


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("gzip", "gzip"),
        ("deflate, gzip", "deflate, gzip"),
        ("deflate,gzip", "deflate,gzip"),
        ("gzip, aws-chunked", "gzip"),
        ("aws-chunked, gzip", "gzip"),
        ("AWS-Chunked,deflate, gzip", "deflate, gzip"),
        ("deflate, aws-chunked, gzip", "deflate, gzip"),
        ("aws-chunked", None),
        ("aws-chunked, aws-chunked", None),
        ("", None),
    ],
)
def test_an_encoding_is_kept_as_written_but_for_that_of_the_transfer(given: str, kept: str | None) -> None:
    headers: Any = described({"ContentEncoding": given}).headers
    assert headers.get("ContentEncoding") == kept
