"""Browser uploads: a form, signed by either version or by no one, posted to a bucket."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from botocore.config import Config

from marinelayer.testing import LocalCloud

Clients = Callable[..., Any]
Fields = Mapping[str, str]
VERSIONS = pytest.mark.parametrize("version", ["s3", "s3v4"])


@pytest.fixture(params=["s3", "s3v4"])
def signer(client: Clients, request: pytest.FixtureRequest) -> Any:
    """A client that signs forms, by each version."""
    return client("s3", config=Config(signature_version=request.param))


def post(form: Mapping[str, Any], data: Any = b"hello", filename: str = "photo.jpg", **more: Any) -> requests.Response:
    """Post a form as `generate_presigned_post` gives it, with a file."""
    files = {"file": (filename, data, "image/jpeg")}
    return requests.post(form["url"], data=form["fields"], files=files, timeout=20, allow_redirects=False, **more)


def keys(client: Clients, bucket: str) -> list[str]:
    return [entry["Key"] for entry in client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def is_refused(answer: requests.Response, status: int, code: str, *texts: str) -> bool:
    return answer.status_code == status and all(text in answer.text for text in (f"<Code>{code}</Code>", *texts))


@pytest.mark.parametrize("size", [0, 5, 65_536, 65_537, 3_000_000])
def test_a_form_stores_its_file(client: Clients, bucket: str, signer: Any, size: int) -> None:
    data = os.urandom(size)
    answer = post(signer.generate_presigned_post(bucket, "a/b ü.bin"), data)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Location"].endswith(f"/{bucket}/a%2Fb%20%C3%BC.bin")
    assert answer.headers["x-amz-request-id"]
    found = client("s3").get_object(Bucket=bucket, Key="a/b ü.bin")
    assert (found["Body"].read(), found["ETag"]) == (data, answer.headers["ETag"])
    assert found["ContentType"] == "binary/octet-stream"


def test_the_forms_fields_are_what_headers_are_to_a_put(
    client: Clients, cloud: LocalCloud, bucket: str, signer: Any
) -> None:
    fields = {
        "acl": "public-read",
        "Content-Type": "text/plain",
        "Cache-Control": "no-cache",
        "Content-Disposition": 'attachment; filename="${filename}"',
        "Expires": "Thu, 01 Apr 2027 12:00:00 GMT",
        "x-amz-meta-Team": "parks ü",
        "x-amz-storage-class": "STANDARD_IA",
    }
    conditions = [{name: value} for name, value in fields.items()]
    form = signer.generate_presigned_post(bucket, "k", Fields=fields, Conditions=conditions)
    assert post(form).status_code == 204
    found = client("s3").head_object(Bucket=bucket, Key="k")
    assert found["ContentType"] == "text/plain"
    assert found["CacheControl"] == "no-cache"
    assert found["ContentDisposition"] == 'attachment; filename="photo.jpg"'
    assert found["Metadata"] == {"team": "=?UTF-8?Q?parks_=C3=BC?="}
    assert found["StorageClass"] == "STANDARD_IA"
    assert requests.get(f"{cloud.endpoint_url}/{bucket}/k", timeout=10).content == b"hello"


@pytest.mark.parametrize("text", ["=?UTF-8?B?YWJj?=", "=?UTF-8?Q?plain?= and more", "=?", "a tab at its end\t"])
def test_metadata_of_a_form_says_what_it_says(client: Clients, bucket: str, signer: Any, text: str) -> None:
    fields = {"x-amz-meta-note": text}
    assert post(signer.generate_presigned_post(bucket, "k", Fields=fields, Conditions=[fields])).status_code == 204
    assert client("s3").head_object(Bucket=bucket, Key="k")["Metadata"] == {"note": text}


@pytest.mark.parametrize("filename", ["x.jpg", "/home/ana/x.jpg", "C:\\photos\\x.jpg"])
def test_the_key_may_name_the_file(client: Clients, bucket: str, signer: Any, filename: str) -> None:
    form = signer.generate_presigned_post(bucket, "user/${filename}")
    assert post(form, filename=filename).status_code == 204
    assert keys(client, bucket) == ["user/x.jpg"]


def test_a_file_without_a_name_leaves_the_key_as_it_is(client: Clients, bucket: str, signer: Any) -> None:
    form = signer.generate_presigned_post(bucket, "user/${filename}")
    answer = requests.post(form["url"], data=form["fields"], files={"file": (None, b"hello")}, timeout=10)
    assert answer.status_code == 204
    assert keys(client, bucket) == ["user/${filename}"]


def test_a_document_of_something_else_than_tags_gives_none(client: Clients, bucket: str, signer: Any) -> None:
    tags = {"tagging": "<InvalidXmlTagging></InvalidXmlTagging>"}
    assert post(signer.generate_presigned_post(bucket, "k", Fields=tags, Conditions=[tags])).status_code == 204
    assert client("s3").get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []


def test_201_says_what_was_stored(cloud: LocalCloud, bucket: str, signer: Any) -> None:
    status = {"success_action_status": "201"}
    answer = post(signer.generate_presigned_post(bucket, "a/b&c", Fields=status, Conditions=[status]))
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/xml"
    location = f"{cloud.endpoint_url}/{bucket}/a%2Fb%26c"
    assert answer.headers["Location"] == location
    assert answer.text == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<PostResponse><Location>{location}</Location><Bucket>{bucket}</Bucket><Key>a/b&amp;c</Key>"
        f"<ETag>{answer.headers['ETag']}</ETag></PostResponse>"
    )


@pytest.mark.parametrize(("asked", "status"), [("200", 200), ("204", 204), ("500", 204), ("", 204)])
def test_other_statuses_have_no_document(bucket: str, signer: Any, asked: str, status: int) -> None:
    fields = {"success_action_status": asked}
    answer = post(signer.generate_presigned_post(bucket, "k", Fields=fields, Conditions=[fields]))
    assert (answer.status_code, answer.content) == (status, b"")


def test_a_form_may_send_the_browser_on(bucket: str, signer: Any) -> None:
    fields = {"success_action_redirect": "https://city.example/thanks?lang=en#top"}
    answer = post(signer.generate_presigned_post(bucket, "a/b c", Fields=fields, Conditions=[fields]))
    assert answer.status_code == 303
    target = urlsplit(answer.headers["Location"])
    assert (target.scheme, target.netloc, target.path, target.fragment) == ("https", "city.example", "/thanks", "top")
    assert parse_qs(target.query) == {
        "lang": ["en"],
        "bucket": [bucket],
        "key": ["a/b c"],
        "etag": [answer.headers["ETag"]],
    }


@pytest.mark.parametrize("target", ["javascript:alert(1)", "/thanks", "https://x y/", "https://[x"])
def test_it_is_sent_nowhere_that_is_no_address(bucket: str, signer: Any, target: str) -> None:
    fields = {"success_action_redirect": target}
    assert post(signer.generate_presigned_post(bucket, "k", Fields=fields, Conditions=[fields])).status_code == 204


def test_a_bucket_in_the_host_name_takes_forms_too(
    client: Clients, cloud: LocalCloud, bucket: str, signer: Any
) -> None:
    form = signer.generate_presigned_post(bucket, "k", Fields={"success_action_status": "201"},
                                          Conditions=[{"success_action_status": "201"}])  # fmt: skip
    answer = post({**form, "url": cloud.endpoint_url}, headers={"Host": f"{bucket}.s3.amazonaws.com"})
    assert answer.status_code == 201
    assert f"<Location>http://{bucket}.s3.amazonaws.com/k</Location>" in answer.text
    assert keys(client, bucket) == ["k"]


# --- what the policy says -----------------------------------------------------------------------------------------


def test_a_form_that_breaks_its_policy_stores_nothing(client: Clients, bucket: str, signer: Any) -> None:
    form = signer.generate_presigned_post(bucket, "user/${filename}", Conditions=[["starts-with", "$acl", "private"]])
    fields = form["fields"]
    for changed in (
        {**fields, "key": "other/x"},
        {**fields, "acl": "public-read"},
        {**fields, "acl": "private", "x-amz-meta-a": "b"},
        {**fields},
    ):
        assert is_refused(post({**form, "fields": changed}), 403, "AccessDenied", "Invalid according to Policy")
    assert keys(client, bucket) == []
    assert post({**form, "fields": {**fields, "acl": "private"}}).status_code == 204


def test_a_form_for_one_bucket_is_none_for_another(
    client: Clients, cloud: LocalCloud, bucket: str, signer: Any
) -> None:
    other = f"{bucket[:-4]}next"
    client("s3").create_bucket(Bucket=other)
    form = signer.generate_presigned_post(bucket, "k")
    assert is_refused(post({**form, "url": f"{cloud.endpoint_url}/{other}"}), 403, "AccessDenied", "$bucket")
    assert keys(client, other) == []


@pytest.mark.parametrize("size", [9, 21, 2_000_000])
def test_a_file_of_a_size_that_is_not_allowed_leaves_nothing_behind(
    client: Clients, cloud: LocalCloud, bucket: str, signer: Any, size: int
) -> None:
    form = signer.generate_presigned_post(bucket, "k", Conditions=[["content-length-range", 10, 20]])
    code = "EntityTooSmall" if size < 10 else "EntityTooLarge"
    assert is_refused(post(form, b"x" * size), 400, code, "SizeAllowed")
    assert keys(client, bucket) == []
    assert post(form, b"x" * 10).status_code == 204
    assert post(form, b"x" * 20).status_code == 204


def test_a_large_file_beyond_its_limit_leaves_no_bytes_on_disk(
    client: Clients, cloud: LocalCloud, bucket: str, signer: Any, eventually: Callable[..., Any]
) -> None:
    def on_disk() -> int:
        return sum(file.stat().st_size for file in Path(cloud.folder).rglob("*") if file.is_file())

    form = signer.generate_presigned_post(bucket, "k", Conditions=[["content-length-range", 0, 30_000_000]])
    before = on_disk()
    assert is_refused(post(form, io.BytesIO(bytes(30_000_001))), 400, "EntityTooLarge", "30000000")
    eventually(lambda: on_disk() < before + 15_000_000)
    assert keys(client, bucket) == []


def test_a_form_ends_with_its_policy(bucket: str, signer: Any, eventually: Callable[..., Any]) -> None:
    form = signer.generate_presigned_post(bucket, "k", ExpiresIn=1)
    expired = "Invalid according to Policy: Policy expired."
    eventually(lambda: is_refused(post(form), 403, "AccessDenied", expired))


def test_what_is_not_served_is_refused_and_not_passed_over(client: Clients, bucket: str, signer: Any) -> None:
    for fields in ({"x-amz-object-lock-event-hold": "ON"}, {"x-amz-write-offset-bytes": "0"}):
        form = signer.generate_presigned_post(bucket, "k", Fields=fields, Conditions=[fields])
        assert is_refused(post(form), 501, "NotImplemented", next(iter(fields)))
    assert keys(client, bucket) == []


def test_a_form_says_how_its_file_is_encrypted(client: Clients, bucket: str, signer: Any) -> None:
    fields = {"x-amz-server-side-encryption": "aws:kms"}
    form = signer.generate_presigned_post(bucket, "k", Fields=fields, Conditions=[fields])
    answer = post(form)
    assert (answer.status_code, answer.headers["x-amz-server-side-encryption"]) == (204, "aws:kms")
    assert client("s3").head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "aws:kms"


def test_tags_come_as_a_document(client: Clients, bucket: str, signer: Any) -> None:
    tag = "<Tag><Key>team + street</Key><Value>a=b</Value></Tag>"
    for document, status in ((f"<Tagging><TagSet>{tag}</TagSet></Tagging>", 204), ("<Tagging/>", 400), ("a=b", 400)):
        fields = {"tagging": document}
        form = signer.generate_presigned_post(bucket, "k", Fields=fields, Conditions=[fields])
        assert post(form).status_code == status
    tags = client("s3").get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert tags == [{"Key": "team + street", "Value": "a=b"}]


def test_digests_are_verified(client: Clients, bucket: str, signer: Any) -> None:
    for fields in ({"Content-MD5": "CY9rzUYh03PK3k6DJie09g=="}, {"x-amz-checksum-crc32": "AAAAAA=="}):
        form = signer.generate_presigned_post(bucket, "k", Fields=fields, Conditions=[fields])
        assert is_refused(post(form), 400, "BadDigest")
    assert keys(client, bucket) == []


# --- who signed it ------------------------------------------------------------------------------------------------


@VERSIONS
def test_a_form_may_do_what_its_signer_may(client: Clients, bucket: str, version: str) -> None:
    iam, name = client("iam"), f"uploader-{bucket[-12:]}-{version}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    signer = client("s3", key, config=Config(signature_version=version))
    plain = signer.generate_presigned_post(bucket, "in/${filename}")
    with_acl = signer.generate_presigned_post(
        bucket, "in/${filename}", Fields={"acl": "public-read"}, Conditions=[{"acl": "public-read"}]
    )
    assert is_refused(post(plain), 403, "AccessDenied", "s3:PutObject")
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/in/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName=name, PolicyName="write", PolicyDocument=policy)
    assert post(plain).status_code == 204
    assert is_refused(post(with_acl), 403, "AccessDenied", "s3:PutObjectAcl")
    assert is_refused(post(signer.generate_presigned_post(bucket, "out/k")), 403, "AccessDenied")
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert is_refused(post(plain), 403, "InvalidAccessKeyId")


@VERSIONS
def test_a_bucket_policy_may_tell_forms_from_other_ways(client: Clients, bucket: str, version: str) -> None:
    s3 = client("s3")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringEquals": {"s3:authType": "POST"}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    form = client("s3", config=Config(signature_version=version)).generate_presigned_post(bucket, "k")
    assert is_refused(post(form), 403, "AccessDenied", "explicit deny")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")


@VERSIONS
def test_a_wrong_signature_or_an_unknown_key_is_refused(
    client: Clients, cloud: LocalCloud, bucket: str, version: str
) -> None:
    config = Config(signature_version=version)
    wrong = client("s3", {"AccessKeyId": cloud.access_key_id, "SecretAccessKey": "x" * 40}, config=config)
    stranger = client("s3", {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "SecretAccessKey": "x" * 40}, config=config)
    assert is_refused(post(wrong.generate_presigned_post(bucket, "k")), 403, "SignatureDoesNotMatch")
    unknown = post(stranger.generate_presigned_post(bucket, "k"))
    assert is_refused(unknown, 403, "InvalidAccessKeyId", "<AWSAccessKeyId>AKIAAAAAAAAAAAAAAAAA<")


def test_a_form_that_is_signed_in_part_is_refused(bucket: str, signer: Any) -> None:
    form = signer.generate_presigned_post(bucket, "k")
    for left_out in form["fields"]:
        if left_out != "key":
            rest = {name: value for name, value in form["fields"].items() if name != left_out}
            answer = post({**form, "fields": rest})
            assert is_refused(answer, 400, "InvalidArgument")
            assert f"must contain a field named '{left_out}'".lower() in answer.text.lower()


def test_an_anonymous_form_needs_a_bucket_that_anyone_may_write(
    client: Clients, cloud: LocalCloud, bucket: str
) -> None:
    form = {"url": f"{cloud.endpoint_url}/{bucket}", "fields": {"key": "k"}}
    assert is_refused(post(form), 403, "AccessDenied")
    client("s3").put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    assert post(form).status_code == 204
    assert keys(client, bucket) == ["k"]


# --- what is no form ----------------------------------------------------------------------------------------------


@pytest.fixture
def open_bucket(client: Clients, bucket: str) -> str:
    """A bucket that anyone may write, so that only the form can be at fault."""
    client("s3").put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    return bucket


def part(name: str, content: bytes = b"x", filename: str | None = None) -> bytes:
    shown = f'; filename="{filename}"' if filename is not None else ""
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{shown}\r\n\r\n'.encode() + content + b"\r\n"


FORM = {"Content-Type": "multipart/form-data; boundary=B"}
KEY, FILE, END = part("key", b"k"), part("file", b"hello", "f"), b"--B--\r\n"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (FILE + END, "InvalidArgument"),
        (FILE + KEY + END, "InvalidArgument"),
        (part("key", b"") + FILE + END, "InvalidArgument"),
        (part("key", b"${filename}") + part("file", b"x", "") + END, "InvalidArgument"),
        (KEY + END, "InvalidArgument"),
        (END, "InvalidArgument"),
        (KEY + FILE + FILE + END, "IncorrectNumberOfFilesInPostRequest"),
        (KEY + FILE, "MalformedPOSTRequest"),
        (KEY + FILE[:-2], "MalformedPOSTRequest"),
        (b"no form", "MalformedPOSTRequest"),
        (b"", "MalformedPOSTRequest"),
        (part("key", b"\xff") + FILE + END, "MalformedPOSTRequest"),
        (KEY + part("pad", b"x" * 21_000) + FILE + END, "MaxPostPreDataLengthExceeded"),
        (KEY + part("pad") * 400 + FILE + END, "MaxPostPreDataLengthExceeded"),
        (b"\r\n" * 11_000 + KEY + FILE + END, "MaxPostPreDataLengthExceeded"),
        (KEY + FILE + part("pad", b"x" * 21_000) + END, "MaxPostPreDataLengthExceeded"),
        (part("key", b"k" * 1025) + FILE + END, "KeyTooLongError"),
        (KEY + part("acl", b"nobody") + FILE + END, "InvalidArgument"),
        (KEY + part("x-amz-meta-a: b") + FILE + END, "InvalidArgument"),
    ],
)
def test_what_is_no_proper_form_is_refused_and_stores_nothing(
    client: Clients, open_bucket: str, send: Clients, body: bytes, code: str
) -> None:
    answer = send("POST", f"/{open_bucket}", body, FORM)
    assert (answer.status, answer.code) == (400, code)
    assert keys(client, open_bucket) == []


def test_what_follows_the_file_is_ignored(client: Clients, open_bucket: str, send: Clients) -> None:
    body = KEY + FILE + part("acl", b"nobody") + part("key", b"other") + END + b"more"
    assert send("POST", f"/{open_bucket}/", body, FORM).status == 204
    assert keys(client, open_bucket) == ["k"]


def test_a_form_in_chunks_of_http_is_a_form(client: Clients, open_bucket: str, send: Clients) -> None:
    body = KEY + part("file", b"y" * 200_000) + END
    pieces = iter([body[at : at + 1000] for at in range(0, len(body), 1000)])
    assert send("POST", f"/{open_bucket}", pieces, FORM).status == 204
    (listed,) = client("s3").list_objects_v2(Bucket=open_bucket)["Contents"]
    assert (listed["Key"], listed["Size"]) == ("k", 200_000)


def test_a_post_to_a_bucket_that_is_no_form_says_so(open_bucket: str, send: Clients) -> None:
    for headers in ({"Content-Type": "application/x-www-form-urlencoded"}, {"Content-Type": "text/plain"}, {}):
        answer = send("POST", f"/{open_bucket}", b"key=k", headers)
        assert (answer.status, answer.code) == (412, "PreconditionFailed")
        assert answer.element("Condition") == "Bucket POST must be of the enclosure-type multipart/form-data"


def test_a_form_goes_to_a_bucket_and_to_nothing_else(bucket: str, send: Clients) -> None:
    answer = send("POST", f"/{bucket}/k", KEY + FILE + END, FORM)
    assert (answer.status, answer.code, answer.element("ResourceType")) == (405, "MethodNotAllowed", "OBJECT")
    assert send("POST", "/", KEY + FILE + END, FORM).status == 405
    answer = send("POST", "/no-such-bucket-anywhere", KEY + FILE + END, FORM)
    assert (answer.status, answer.code) == (404, "NoSuchBucket")
    assert send("POST", f"/{bucket}?delete", KEY + FILE + END, FORM).code == "InvalidRequest"


def test_a_form_can_not_make_itself_a_copy(client: Clients, open_bucket: str, send: Clients) -> None:
    client("s3").put_object(Bucket=open_bucket, Key="secret", Body=b"secret")
    body = KEY + part("x-amz-copy-source", f"{open_bucket}/secret".encode()) + FILE + END
    answer = send("POST", f"/{open_bucket}", body, FORM)
    assert answer.headers["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
