"""What a presigned request carries in its query for its headers."""

import pytest

from marinelayer.http import BytesBody, Headers, Request
from marinelayer.protocol.presigned import with_query_headers


def seen(query: str, *headers: tuple[str, str], v2: bool = False) -> dict[str, str]:
    request = Request(
        id="R", method="PUT", path="/b/k", query=query, headers=Headers(headers), body=BytesBody(),
        scheme="http", host="localhost", peer="127.0.0.1",
    )  # fmt: skip
    moved = with_query_headers(request, v2=v2)
    assert (moved.path, moved.query) == (request.path, query)
    return dict(moved.headers.pairs)


def test_amz_fields_move_whatever_their_case() -> None:
    query = (
        "X-Amz-Signature=s&x-amz-acl=public-read&X-Amz-Meta-Team=parks%20and+more&x-amz-tagging=a%3Db&x-id=PutObject"
    )
    assert seen(query) == {
        "x-amz-acl": "public-read",
        "x-amz-meta-team": "parks and more",
        "x-amz-tagging": "a=b",
    }


def test_what_makes_the_signature_stays() -> None:
    query = (
        "X-Amz-Algorithm=A&X-Amz-Credential=C&X-Amz-Date=D&X-Amz-Expires=1&X-Amz-SignedHeaders=host"
        "&X-Amz-Security-Token=T&X-Amz-Signature=S"
    )
    assert seen(query) == {}


def test_the_checksum_of_a_body_that_was_not_there_yet_is_not_looked_at() -> None:
    assert seen("x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32") == {}
    assert seen("x-amz-checksum-algorithm=CRC32") == {"x-amz-checksum-algorithm": "CRC32"}


@pytest.mark.parametrize("v2", [True, False])
def test_only_version_2_moves_content_type_and_md5(v2: bool) -> None:
    moved = seen("content-type=text%2Fplain&Content-MD5=m&cache-control=no", v2=v2)
    assert moved == ({"content-type": "text/plain", "content-md5": "m"} if v2 else {})


def test_a_header_that_was_sent_stays() -> None:
    assert seen("x-amz-acl=private", ("x-amz-acl", "public-read")) == {"x-amz-acl": "public-read"}


def test_of_a_field_given_twice_the_last_counts_as_it_does_for_the_signature() -> None:
    assert seen("x-amz-acl=private&X-Amz-Acl=public-read", v2=True) == {"x-amz-acl": "public-read"}


def test_other_alphabets_come_as_the_bytes_that_headers_have() -> None:
    assert seen("x-amz-meta-a=%C3%BC")["x-amz-meta-a"].encode("latin-1").decode() == "ü"
