"""Attacks on signed requests: whatever is changed after signing, nothing of it counts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from marinelayer.testing import LocalCloud

Client = Callable[..., Any]
Send = Callable[..., Any]
Pairs = Iterable[tuple[str, str]]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def sign(cloud: LocalCloud) -> Callable[..., dict[str, str]]:
    """`sign(method, target, body, service, headers)`: the headers of the request, signed by the root user."""

    def signed(
        method: str,
        target: str,
        body: bytes = b"",
        service: str = "s3",
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> dict[str, str]:
        request = AWSRequest(method, cloud.endpoint_url + target, headers=dict(headers or {}), data=body)
        auth = S3SigV4Auth if service == "s3" else SigV4Auth
        auth(Credentials(cloud.access_key_id, cloud.secret_access_key, token), service, "us-east-1").add_auth(request)
        host = {"Host": urlsplit(cloud.endpoint_url).netloc}
        return host | dict(request.headers.items())

    return signed


@pytest.fixture
def say(cloud: LocalCloud) -> Callable[..., tuple[int, bytes]]:
    """`say(method, target, pairs, body)` sends just these header fields, in this order, however often each stands."""

    def said(method: str, target: str, pairs: Pairs, body: bytes = b"") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(urlsplit(cloud.endpoint_url).netloc, timeout=20)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in pairs:
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    return said


LIST_USERS = b"Action=ListUsers&Version=2010-05-08"


def _with(headers: Mapping[str, str], *added: tuple[str, str], first: bool = False) -> list[tuple[str, str]]:
    pairs = list(headers.items())
    return [*added, *pairs] if first else [*pairs, *added]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    "added",
    [
        ("x-amz-acl", "public-read"),
        ("X-Amz-Copy-Source", "/other/secret"),
        ("x-amz-meta-a", "1"),
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        ("x-amz-content-sha256", hashlib.sha256(b"forged").hexdigest()),
        ("x-amz-date", "20990101T000000Z"),
        ("x-amz-security-token", "t"),
        ("x-amz-decoded-content-length", "6"),
        ("Host", "other.localhost"),
        ("Authorization", "AWS4-HMAC-SHA256 Credential=a/b"),
        ("Authorization", "AWS a:b"),
    ],
)
def test_a_field_that_was_not_signed_spoils_the_request(
    client: Client, bucket: str, sign: Any, say: Any, added: tuple[str, str], first: bool
) -> None:
    target = f"/{bucket}/k"
    headers = sign("PUT", target, b"signed")
    assert say("PUT", target, headers.items(), b"signed")[0] == 200
    assert say("PUT", target, _with(headers, added, first=first), b"forged")[0] in {400, 403}
    assert client("s3").get_object(Bucket=bucket, Key="k")["Body"].read() == b"signed"


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.replace("SignedHeaders=host;", "SignedHeaders="),
        lambda value: value.replace("SignedHeaders=host;", "SignedHeaders=host;host;"),
        lambda value: value.replace("x-amz-content-sha256;", ""),
        lambda value: value.replace("/us-east-1/s3/", "/us-east-1/iam/"),
        lambda value: value.replace("/us-east-1/s3/", "/eu-west-1/s3/"),
        lambda value: value.replace("/us-east-1/s3/", "/*/s3/"),
        lambda value: value.replace("Signature=", "Signature=0, Signature="),
        lambda value: value.replace("Credential=", "Credential=AKIAAAAAAAAAAAAAAAAA/20260101/us-east-1/s3/x, Credential="),
        lambda value: value.rpartition("Signature=")[0] + "Signature=",
        lambda value: value.rpartition("Signature=")[0] + "Signature=" + "0" * 64,
        lambda value: value.rpartition(",")[0],
        lambda value: value.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
        lambda value: value.replace("AWS4-HMAC-SHA256", "aws4-hmac-sha256"),
        lambda value: value.replace("AWS4-HMAC-SHA256 ", "AWS4-ECDSA-P256-SHA256 "),
        lambda value: "Bearer " + value,
        lambda value: "Basic cm9vdDpyb290",
        lambda value: "",
    ],
)  # fmt: skip
def test_a_rewritten_authorization_is_refused(client: Client, bucket: str, sign: Any, say: Any, change: Any) -> None:
    client("s3").put_object(Bucket=bucket, Key="k", Body=b"secret")
    target = f"/{bucket}/k"
    headers = sign("GET", target)
    assert say("GET", target, headers.items()) == (200, b"secret")
    headers["Authorization"] = change(headers["Authorization"])
    status, body = say("GET", target, headers.items())
    assert status in {400, 403}
    assert b"secret" not in body


def test_a_signature_is_good_for_one_method_target_and_body(client: Client, bucket: str, sign: Any, say: Any) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"kept")
    target = f"/{bucket}/k"
    headers = sign("GET", target)
    for method in ("HEAD", "PUT", "DELETE", "POST", "get"):
        assert say(method, target, headers.items())[0] in {400, 403, 405}, method
    for other in (
        f"{target}?acl",
        f"{target}?versionId=null",
        f"/{bucket}",
        f"/{bucket}/k2",
        f"//{bucket}/k",
        f"{target}?",
    ):
        status, body = say("GET", other, headers.items())
        assert status in {400, 403, 404} or other.endswith("?"), other
        assert b"AccessControlPolicy" not in body
    for value in ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", hashlib.sha256(b"forged").hexdigest()):
        signed = sign("PUT", target, b"signed")
        signed["X-Amz-Content-SHA256"] = value
        assert say("PUT", target, signed.items(), b"forged")[0] in {400, 403, 411}, value
    assert say("PUT", target, sign("PUT", target, b"signed").items(), b"forged")[0] == 400
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"kept"


@pytest.mark.parametrize("service", ["iam", "sns", "sts", "rekognition", "s3", "marinelayer", "", "IAM"])
@pytest.mark.parametrize("unsigned", [True, False])
def test_only_a_signature_for_a_service_reaches_it_and_over_its_body(
    sign: Any, say: Any, service: str, unsigned: bool
) -> None:
    """A body's hash that is not the body's (`UNSIGNED-PAYLOAD`) is S3's privilege."""
    given = {"Content-Type": FORM} | ({"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"} if unsigned else {})
    headers = sign("POST", "/", LIST_USERS, service, given)
    status, body = say("POST", "/", headers.items(), LIST_USERS)
    if service == "iam" and not unsigned:
        assert (status, b"ListUsersResult" in body) == (200, True)
        for forged in (b"Action=ListUsers&Version=2010-05-08&MaxItems=1", b"Action=GetUser&Version=2010-05-08"):
            assert say("POST", "/", headers.items(), forged)[0] == 403
        for target in ("/?Action=GetUser", "/?MaxItems=1", "/x", "/?Version=2011-06-15"):
            assert say("POST", target, headers.items(), LIST_USERS)[0] in {400, 403, 404}, target
    else:
        assert status in {400, 403, 405}, body
        assert b"ListUsersResult" not in body


@pytest.mark.parametrize(
    "added",
    [
        ("X-Amz-Target", "RekognitionService.DetectText"),
        ("X-Amz-Target", "AmazonSQS.SendMessage"),
        ("X-Amz-Target", "x"),
        ("smithy-protocol", "rpc-v2-cbor"),
        ("Content-Type", "application/x-amz-json-1.1"),
    ],
)
def test_an_unsigned_target_does_not_lead_elsewhere(sign: Any, say: Any, added: tuple[str, str]) -> None:
    headers = sign("POST", "/", LIST_USERS, "iam", {"Content-Type": FORM})
    headers.pop("Content-Type") if added[0] == "Content-Type" else None
    status, body = say("POST", "/", _with(headers, added), LIST_USERS)
    assert status in {400, 403, 404}
    assert b"UserName" not in body


@pytest.mark.parametrize("minutes", [-20, -16, 16, 20, 60 * 24 * 365 * 50])
@pytest.mark.parametrize("service", ["s3", "iam"])
def test_a_request_of_another_time_is_refused(
    cloud: LocalCloud, sign: Any, say: Any, monkeypatch: pytest.MonkeyPatch, minutes: int, service: str
) -> None:
    import botocore.auth

    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: moment.replace(tzinfo=None))
    method, body = ("GET", b"") if service == "s3" else ("POST", LIST_USERS)
    status, answer = say(method, "/", sign(method, "/", body, service, {"Content-Type": FORM}).items(), body)
    assert status in {400, 403}
    assert b"RequestTimeTooSkewed" in answer or b"SignatureDoesNotMatch" in answer or b"RequestExpired" in answer


@pytest.mark.parametrize("service", ["s3", "iam"])
def test_a_session_token_without_a_session_is_refused(sign: Any, say: Any, service: str) -> None:
    method, body = ("GET", b"") if service == "s3" else ("POST", LIST_USERS)
    headers = sign(method, "/", body, service, {"Content-Type": FORM}, token="a-token")
    assert say(method, "/", headers.items(), body)[0] in {400, 403}


def test_a_key_that_was_switched_off_or_deleted_opens_nothing(client: Client) -> None:
    from botocore.exceptions import ClientError

    iam = client("iam")
    iam.create_user(UserName="was-here")
    key = iam.create_access_key(UserName="was-here")["AccessKey"]
    sts = client("sts", key)
    assert sts.get_caller_identity()["Arn"].endswith("user/was-here")
    which = {"UserName": "was-here", "AccessKeyId": key["AccessKeyId"]}
    iam.update_access_key(**which, Status="Inactive")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()
    iam.update_access_key(**which, Status="Active")
    assert sts.get_caller_identity()
    iam.delete_access_key(**which)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()
    iam.delete_user(UserName="was-here")


def test_a_field_that_is_named_as_signed_many_times_costs_no_more_than_once(
    cloud: LocalCloud, sign: Any, say: Any
) -> None:
    """An access key's id is no secret. Each name would repeat its value in what is hashed, and in the error."""
    headers = sign("GET", "/", headers={"x-a": "a" * 6000})
    headers["Authorization"] = headers["Authorization"].replace(";x-a;", ";x-a" * 1500 + ";")
    status, body = say("GET", "/", headers.items())
    assert status in {400, 403}
    assert len(body) < 200_000


# --- aws-chunked ----------------------------------------------------------------------------------------------


DATA = b"0123456789abcdef" * 1000


class Chunks:
    """The chunks of a signed streaming upload, by our own arithmetic."""

    def __init__(self, cloud: LocalCloud, headers: Mapping[str, str]) -> None:
        authorization = headers["Authorization"]
        self.scope = authorization.split("Credential=")[1].split(",")[0].partition("/")[2]
        self.date = headers["X-Amz-Date"]
        self.previous = authorization.rpartition("Signature=")[2]
        self.key = ("AWS4" + cloud.secret_access_key).encode()
        for part in self.scope.split("/"):
            self.key = hmac.digest(self.key, part.encode(), "sha256")

    def _signature(self, algorithm: str, *hashes: str) -> str:
        to_sign = "\n".join((algorithm, self.date, self.scope, self.previous, *hashes))
        self.previous = hmac.digest(self.key, to_sign.encode(), "sha256").hex()
        return self.previous

    def chunk(self, data: bytes) -> bytes:
        empty = hashlib.sha256(b"").hexdigest()
        signature = self._signature("AWS4-HMAC-SHA256-PAYLOAD", empty, hashlib.sha256(data).hexdigest())
        return b"%x;chunk-signature=%s\r\n%s" % (len(data), signature.encode(), data + b"\r\n" if data else b"")

    def trailer(self, line: bytes) -> bytes:
        signature = self._signature("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(line + b"\n").hexdigest())
        return line + b"\r\nx-amz-trailer-signature:" + signature.encode() + b"\r\n"


CHECKSUM = b"x-amz-checksum-crc32:" + base64.b64encode(zlib.crc32(DATA).to_bytes(4, "big"))


@pytest.fixture
def stream(cloud: LocalCloud, bucket: str, sign: Any, say: Any) -> Callable[..., int]:
    """`stream(alter)` uploads DATA in two signed chunks, and with `trailing` a signed trailer; `alter` gets the pieces
    (first, second, last, trailer) and gives what is sent. The status."""

    def upload(
        alter: Callable[[list[bytes]], list[bytes]] = list, *, trailing: bool = False, length: int = len(DATA)
    ) -> int:
        mode = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if trailing else "")
        given = {"X-Amz-Content-SHA256": mode, "X-Amz-Decoded-Content-Length": str(length)}
        given |= {"Content-Encoding": "aws-chunked"} | ({"X-Amz-Trailer": "x-amz-checksum-crc32"} if trailing else {})
        request = AWSRequest("PUT", f"{cloud.endpoint_url}/{bucket}/k", headers=given)
        auth = SigV4Auth(Credentials(cloud.access_key_id, cloud.secret_access_key), "s3", "us-east-1")
        auth.add_auth(request)
        chunks = Chunks(cloud, request.headers)
        pieces = [chunks.chunk(DATA[:9000]), chunks.chunk(DATA[9000:]), chunks.chunk(b"")]
        pieces.append(chunks.trailer(CHECKSUM) if trailing else b"")
        host = {"Host": urlsplit(cloud.endpoint_url).netloc}
        return say("PUT", f"/{bucket}/k", (host | dict(request.headers)).items(), b"".join(alter(pieces)) + b"\r\n")[0]

    return upload


def _swapped(pieces: list[bytes]) -> list[bytes]:
    return [pieces[1], pieces[0], *pieces[2:]]


ALTERATIONS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "a byte of data": lambda p: [p[0].replace(b"0123", b"forg", 1), *p[1:]],
    "the order of chunks": _swapped,
    "a chunk left out": lambda p: [p[0], *p[2:]],
    "a chunk twice": lambda p: [p[0], *p],
    "no last chunk": lambda p: [p[0], p[1], b"", p[3]],
    "only the last chunk": lambda p: [p[2], p[3]],
    "the signature of another chunk": lambda p: [p[0][:22] + p[1][22:86] + p[0][86:], *p[1:]],
    "no signature": lambda p: [p[0].replace(p[0][4:85], b"", 1), *p[1:]],
    "an empty signature": lambda p: [p[0].replace(p[0][21:85], b"", 1), *p[1:]],
    "a signature in capitals and more": lambda p: [p[0].replace(b";chunk-signature=", b";chunk-signature=0", 1), *p[1:]],
    "the last chunk's signature": lambda p: [p[0], p[1], p[2].replace(p[2][18:82], b"0" * 64, 1), p[3]],
    "bytes behind the end": lambda p: [*p, b"\r\nmore"],
    "bytes before the beginning": lambda p: [b"x", *p],
    "plain bytes": lambda _: [DATA],
    "nothing": lambda _: [],
}  # fmt: skip


@pytest.mark.parametrize("trailing", [False, True])
@pytest.mark.parametrize("name", ALTERATIONS)
def test_a_streamed_body_is_the_one_that_was_signed(
    client: Client, bucket: str, stream: Callable[..., int], name: str, trailing: bool
) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    assert stream(ALTERATIONS[name], trailing=trailing) in {400, 403}
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"before"


@pytest.mark.parametrize(
    "alter",
    [
        lambda p: [*p[:3], b""],
        lambda p: [*p[:3], CHECKSUM + b"\r\n"],
        lambda p: [*p[:3], p[3].replace(b"crc32:", b"crc32:A", 1)],
        lambda p: [*p[:3], p[3].partition(b"\r\n")[2]],
        lambda p: [*p[:3], p[3].replace(b"x-amz-checksum-crc32", b"x-amz-checksum-crc32c", 1)],
        lambda p: [*p[:3], p[3] + b"x-amz-meta-a:1\r\n"],
        lambda p: [*p[:3], b"x-amz-meta-a:1\r\n" + p[3]],
        lambda p: [*p[:3], p[3] + p[3]],
        lambda p: [*p[:3], p[3].rpartition(b":")[0] + b":" + b"0" * 64 + b"\r\n"],
        lambda p: [*p[:3], p[3].rpartition(b":")[0] + b":\r\n"],
    ],
)
def test_a_trailer_is_the_one_that_was_signed(client: Client, bucket: str, stream: Any, alter: Any) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    assert stream(alter, trailing=True) in {400, 403}
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"before"


@pytest.mark.parametrize("trailing", [False, True])
def test_a_streamed_body_holds_as_many_bytes_as_were_signed(
    client: Client, bucket: str, stream: Callable[..., int], trailing: bool
) -> None:
    for length in (0, 1, 9000, len(DATA) - 1, len(DATA) + 1, 10**15, -1):
        assert stream(trailing=trailing, length=length) in {400, 403, 411}, length
    assert "Contents" not in client("s3").list_objects_v2(Bucket=bucket)
    assert stream(trailing=trailing) == 200
    assert client("s3").get_object(Bucket=bucket, Key="k")["Body"].read() == DATA
