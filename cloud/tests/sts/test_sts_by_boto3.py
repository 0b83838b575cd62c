"""Temporary credentials as boto3 sees them: taken wherever lasting ones are, and refused in each service's words."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from marinelayer.testing import LocalCloud

ACCOUNT = "111122223333"
Client = Callable[..., Any]


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def code(call: Callable[..., Any], **request: Any) -> tuple[str, int]:
    """The code and status by which a call is refused."""
    with pytest.raises(ClientError) as refusal:
        call(**request)
    response = refusal.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def name() -> str:
    return f"n-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def user(client: Client, name: str) -> dict[str, Any]:
    """The key of a user who may assume roles, and nothing else."""
    iam = client("iam")
    iam.create_user(UserName=name)
    policy = document({"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
    return iam.create_access_key(UserName=name)["AccessKey"]


@pytest.fixture
def role(client: Client, name: str) -> str:
    """The ARN of a role that the account may assume."""
    trust = document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    made = client("iam").create_role(RoleName=name, Path="/team/", AssumeRolePolicyDocument=trust)["Role"]
    assert made["AssumeRolePolicyDocument"] == json.loads(trust)
    return made["Arn"]


@pytest.fixture
def session(client: Client, user: dict[str, Any], role: str) -> dict[str, Any]:
    """Credentials of the role."""
    return client("sts", user).assume_role(RoleArn=role, RoleSessionName="night")["Credentials"]


def test_a_session_of_a_role_is_told_who_it_is(client: Client, session: dict[str, Any], name: str) -> None:
    told = client("sts", session).get_caller_identity()
    assert told["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/night"
    assert told["UserId"].startswith("AROA")
    assert told["UserId"].endswith(":night")


def test_a_bucket_policy_names_the_role_or_its_session(
    client: Client, session: dict[str, Any], role: str, name: str, bucket: str
) -> None:
    s3, root = client("s3", session), client("s3")
    root.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert code(s3.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    for principal in (role, f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/night"):
        allow = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:GetObject"}
        root.put_bucket_policy(Bucket=bucket, Policy=document({**allow, "Resource": f"arn:aws:s3:::{bucket}/*"}))
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    other = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/day"
    allow = {"Effect": "Allow", "Principal": {"AWS": other}, "Action": "s3:GetObject"}
    root.put_bucket_policy(Bucket=bucket, Policy=document({**allow, "Resource": f"arn:aws:s3:::{bucket}/*"}))
    assert code(s3.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_link_of_a_session_works_with_its_token_only(client: Client, bucket: str, version: str) -> None:
    credentials = client("sts").get_session_token()["Credentials"]
    s3 = client("s3", credentials, config=Config(signature_version=version))
    client("s3", credentials).put_object(Bucket=bucket, Key="k", Body=b"x")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert fetch(link)[0] == 200
    field = "X-Amz-Security-Token=" if version == "s3v4" else "x-amz-security-token="
    before, _, rest = link.partition(field)
    assert rest
    status, body = fetch(before + field + "x" + rest)
    assert (status, b"<Code>InvalidToken</Code>" in body) == (400, True)
    status, body = fetch(before + rest.partition("&")[2])
    assert (status, b"<Code>InvalidAccessKeyId</Code>" in body) == (403, True)


def test_a_browsers_form_of_a_session_uploads(client: Client, bucket: str) -> None:
    credentials = client("sts").get_session_token()["Credentials"]
    form = client("s3", credentials).generate_presigned_post(bucket, "k")
    assert form["fields"]["x-amz-security-token"] == credentials["SessionToken"]
    assert post(form) == 204
    assert client("s3").get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    assert post({**form, "fields": {**form["fields"], "x-amz-security-token": "x"}}) == 400


def test_a_token_of_another_key_is_refused_in_each_services_words(client: Client, bucket: str) -> None:
    sts = client("sts")
    first, second = (sts.get_session_token()["Credentials"] for _ in range(2))
    mixed = {**first, "SessionToken": second["SessionToken"]}
    without = {**first, "SessionToken": None}
    assert code(client("s3", mixed).list_objects_v2, Bucket=bucket) == ("InvalidToken", 400)
    assert code(client("s3", without).list_objects_v2, Bucket=bucket) == ("InvalidAccessKeyId", 403)
    for service, ask in (("sts", "get_caller_identity"), ("sns", "list_topics")):
        assert code(getattr(client(service, mixed), ask)) == ("InvalidClientTokenId", 403)
        assert code(getattr(client(service, without), ask)) == ("InvalidClientTokenId", 403)
    json_service = client("translate", mixed)
    arguments = {"Text": "a", "SourceLanguageCode": "en", "TargetLanguageCode": "es"}
    assert code(json_service.translate_text, **arguments) == ("UnrecognizedClientException", 400)


def test_a_session_dies_with_its_role(client: Client, session: dict[str, Any], name: str) -> None:
    client("sts", session).get_caller_identity()
    client("iam").delete_role(RoleName=name)
    assert code(client("sts", session).get_caller_identity) == ("InvalidClientTokenId", 403)
    assert code(client("s3", session).list_buckets) == ("InvalidToken", 400)


def test_sessions_call_of_iam_and_sts_what_aws_lets_them(
    client: Client, user: dict[str, Any], session: dict[str, Any], role: str
) -> None:
    token = client("sts", user).get_session_token()["Credentials"]
    sts, iam = client("sts", token), client("iam", token)
    assert code(iam.list_users) == ("InvalidClientTokenId", 403)
    assert code(sts.get_session_token) == ("AccessDenied", 403)
    assert code(sts.get_federation_token, Name="fed") == ("AccessDenied", 403)
    sts.assume_role(RoleArn=role, RoleSessionName="again")
    federated = client("sts", user).get_federation_token(Name="fed")["Credentials"]
    sts = client("sts", federated)
    assert sts.get_caller_identity()["UserId"] == f"{ACCOUNT}:fed"
    assert code(sts.assume_role, RoleArn=role, RoleSessionName="again") == ("AccessDenied", 403)
    assert code(client("iam", federated).list_users) == ("InvalidClientTokenId", 403)
    assert code(client("sts", session).get_session_token) == ("AccessDenied", 403)
    # A role's session may call IAM, where its policies let it.
    assert code(client("iam", session).list_users) == ("AccessDenied", 403)


@pytest.mark.parametrize(
    "request_",
    [
        {"RoleSessionName": "a"},
        {"RoleSessionName": "a b"},
        {"DurationSeconds": 899},
        {"DurationSeconds": 43201},
        {"ExternalId": "a b"},
        {"Tags": [{"Key": "", "Value": ""}]},
    ],
)
def test_what_breaks_the_rules_of_parameters_is_refused(
    cloud: LocalCloud, user: dict[str, Any], role: str, request_: dict[str, Any]
) -> None:
    keys = {"aws_access_key_id": user["AccessKeyId"], "aws_secret_access_key": user["SecretAccessKey"]}
    sts = cast("Any", boto3).client(
        "sts", **{**cloud.client_arguments(), **keys, "config": Config(parameter_validation=False)}
    )
    asked = {"RoleArn": role, "RoleSessionName": "night", **request_}
    assert code(sts.assume_role, **asked) == ("ValidationError", 400)
    sts.close()


def fetch(link: str) -> tuple[int, bytes]:
    """The status and body of a link's answer."""
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def post(form: dict[str, Any]) -> int:
    """The status with which a form with one letter in its file is answered."""
    fields = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in form["fields"].items()]
    body = "".join([*fields, '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n'])
    parts = urlsplit(form["url"])
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    try:
        connection.request("POST", parts.path, body, {"Content-Type": "multipart/form-data; boundary=b"})
        return connection.getresponse().status
    finally:
        connection.close()
