"""Attacks by someone with a key on what that key does not open."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from marinelayer.testing import LocalCloud

Client = Callable[..., Any]
Key = Mapping[str, str]
DENIED = "AccessDenied|AuthorizationError|403|Forbidden"


def statement(effect: str, action: str | list[str], resource: str | list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class Person:
    """A user with a key, and a policy that can be changed."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._iam = client("iam")
        self.name = name
        self._iam.create_user(UserName=name)
        self.key = self._iam.create_access_key(UserName=name)["AccessKey"]

    def may(self, *statements: Mapping[str, Any]) -> None:
        self._iam.put_user_policy(UserName=self.name, PolicyName="p", PolicyDocument=document(*statements))

    def api(self, service: str) -> Any:
        return self._client(service, self.key)

    def gone(self) -> None:
        for key in self._iam.list_access_keys(UserName=self.name)["AccessKeyMetadata"]:
            self._iam.delete_access_key(UserName=self.name, AccessKeyId=key["AccessKeyId"])
        for name in self._iam.list_user_policies(UserName=self.name)["PolicyNames"]:
            self._iam.delete_user_policy(UserName=self.name, PolicyName=name)
        self._iam.delete_user(UserName=self.name)


@pytest.fixture
def mallory(client: Client) -> Iterator[Person]:
    person = Person(client, f"mallory-{uuid.uuid4().hex[:8]}")
    yield person
    person.gone()


@pytest.fixture
def vault(client: Client, bucket: str) -> str:
    """A bucket that holds a secret."""
    client("s3").put_object(Bucket=bucket, Key="secret", Body=b"a secret")
    return bucket


@pytest.fixture
def own(client: Client, mallory: Person) -> str:
    """A bucket in which Mallory may do everything, and no other."""
    name = f"own-{uuid.uuid4().hex[:20]}"
    client("s3").create_bucket(Bucket=name)
    mallory.may(statement("Allow", "s3:*", [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]))
    return name


SOURCES = (
    "{v}/secret",
    "/{v}/secret",
    "//{v}/secret",
    "{v}%2Fsecret",
    "%2F{v}%2Fsecret",
    "{v}/%73ecret",
    "{v}/secret?versionId=null",
    "{o}/../{v}/secret",
    "{o}/%2e%2e/{v}/secret",
    "arn:aws:s3:::{v}/secret",
    "{v}/secret?versionId=null&x={o}/a",
    "{v}/secret#{o}",
)


@pytest.mark.parametrize("source", SOURCES)
def test_a_copy_reads_nothing_that_its_caller_may_not(mallory: Person, vault: str, own: str, source: str) -> None:
    s3 = mallory.api("s3")
    s3.put_object(Bucket=own, Key="mine", Body=b"mine")
    text = source.format(v=vault, o=own)
    with pytest.raises(ClientError, match=f"{DENIED}|NoSuch|Invalid"):
        s3.copy_object(Bucket=own, Key="copy", CopySource=text)
    upload = s3.create_multipart_upload(Bucket=own, Key="copy")["UploadId"]
    with pytest.raises(ClientError, match=f"{DENIED}|NoSuch|Invalid"):
        s3.upload_part_copy(Bucket=own, Key="copy", UploadId=upload, PartNumber=1, CopySource=text)
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=own)["Contents"]] == ["mine"]


@pytest.mark.parametrize(
    "path",
    [
        "/{v}/secret",
        "/{o}%2F..%2F{v}/secret",
        "/{o}/../{v}/secret",
        "/{v}%2Fsecret",
        "/{v}%2Fx/secret",
        "/%2F{v}/secret",
        "//{v}/secret",
        "/{o}%00/../{v}/secret",
        "/{V}/secret",
        "/{v}./secret",
        "/{v}%20/secret",
    ],
)
def test_no_spelling_of_an_address_gets_round_a_policy(
    cloud: LocalCloud, mallory: Person, vault: str, own: str, path: str
) -> None:
    from botocore.auth import S3SigV4Auth

    target = path.format(v=vault, o=own, V=vault.upper())
    request = AWSRequest("GET", cloud.endpoint_url + target)
    S3SigV4Auth(Credentials(mallory.key["AccessKeyId"], mallory.key["SecretAccessKey"]), "s3", "us-east-1").add_auth(
        request
    )
    prepared = requests.Request("GET", cloud.endpoint_url).prepare()
    prepared.url = cloud.endpoint_url + target
    prepared.headers.update(dict(request.headers))
    with requests.Session() as session:
        answer = session.send(prepared, timeout=10)
    assert answer.status_code in {400, 403, 404}, answer.text
    assert "a secret" not in answer.text


@pytest.mark.parametrize(
    "denied",
    [
        "s3:GetObject",
        "S3:getobject",
        "s3:Get*",
        "s3:G?tObject",
        "*",
        ["s3:PutObject", "s3:GetObject"],
    ],
)
def test_a_denial_holds_in_whatever_case_and_however_much_is_allowed(
    mallory: Person, vault: str, denied: str | list[str]
) -> None:
    mallory.may(statement("Allow", "*", "*"), statement("Deny", denied, f"arn:aws:s3:::{vault}/sec*"))
    s3 = mallory.api("s3")
    with pytest.raises(ClientError, match=DENIED):
        s3.get_object(Bucket=vault, Key="secret")
    with pytest.raises(ClientError, match=DENIED):
        s3.head_object(Bucket=vault, Key="secret")
    with pytest.raises(ClientError, match=DENIED):
        s3.copy_object(Bucket=vault, Key="copy", CopySource=f"{vault}/secret")


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:s3:::{v}",
        "arn:aws:s3:::{v}/",
        "arn:aws:s3:::{v}/Secret",
        "arn:aws:s3:::{v}/secre",
        "arn:aws:s3:::{v}/secret/*",
        "arn:aws:s3:::{v}x*",
        "arn:aws:s3:::*x/secret",
        "arn:aws:s3:us-east-1::{v}/secret",
        "arn:aws:s3::111122223333:{v}/secret",
        "arn:aws-cn:s3:::{v}/secret",
        "arn:aws:sns:::{v}/secret",
        "arn:aws:s3:::${{aws:username}}/secret",
        "arn:aws:s3:::{v}/${{aws:username}}",
        "arn:aws:s3:::{v}/${{aws:PrincipalTag/none}}secret",
    ],
)
def test_a_grant_on_something_else_is_none(mallory: Person, vault: str, resource: str) -> None:
    mallory.may(statement("Allow", "s3:*", resource.format(v=vault)))
    with pytest.raises(ClientError, match=DENIED):
        mallory.api("s3").get_object(Bucket=vault, Key="secret")


def test_each_key_of_many_is_judged_by_itself(client: Client, mallory: Person, vault: str) -> None:
    client("s3").put_object(Bucket=vault, Key="mine/a", Body=b"")
    mallory.may(statement("Allow", "s3:DeleteObject", f"arn:aws:s3:::{vault}/mine/*"))
    wanted = ["mine/a", "secret", "mine/../secret", "mine/b"]
    answer = mallory.api("s3").delete_objects(Bucket=vault, Delete={"Objects": [{"Key": key} for key in wanted]})
    assert [one["Key"] for one in answer["Errors"]] == ["secret"]
    assert answer["Errors"][0]["Code"] == "AccessDenied"
    assert [entry["Key"] for entry in client("s3").list_objects_v2(Bucket=vault)["Contents"]] == ["secret"]


def test_who_may_not_list_does_not_learn_what_is_there(mallory: Person, vault: str) -> None:
    mallory.may(statement("Allow", "s3:GetObject", f"arn:aws:s3:::{vault}/open/*"))
    s3 = mallory.api("s3")
    told = []
    for key in ("secret", "missing", "open/missing"):
        with pytest.raises(ClientError) as refused:
            s3.get_object(Bucket=vault, Key=key)
        error = refused.value.response["Error"]
        told.append((error["Code"], error["Message"].replace(key, "KEY")))
        with pytest.raises(ClientError) as refused:
            s3.head_object(Bucket=vault, Key=key)
        assert refused.value.response["Error"]["Code"] == "403"
    assert told[0] == told[1]
    assert {code for code, _ in told} == {"AccessDenied"}
    mallory.may(statement("Allow", ["s3:GetObject", "s3:ListBucket"], "*"))
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=vault, Key="missing")


def test_an_inbox_a_user_or_a_topic_that_is_not_ones_own_says_nothing(
    cloud: LocalCloud, client: Client, mallory: Person
) -> None:
    client("sns").create_topic(Name="there")
    request = AWSRequest("GET", f"{cloud.endpoint_url}/_marinelayer/inbox")
    key = Credentials(mallory.key["AccessKeyId"], mallory.key["SecretAccessKey"])
    SigV4Auth(key, "marinelayer", "us-east-1").add_auth(request)
    assert requests.get(request.url, headers=dict(request.headers), timeout=10).status_code == 403
    told = set()
    for name in (mallory.name, "nobody-of-this-name"):
        with pytest.raises(ClientError) as refused:
            mallory.api("iam").get_user(UserName=name)
        told.add(str(refused.value).replace(name, "NAME").replace(mallory.name, "ME"))
    for name in ("there", "not-there"):
        with pytest.raises(ClientError) as refused:
            mallory.api("sns").get_topic_attributes(TopicArn=f"arn:aws:sns:us-east-1:{cloud.account}:{name}")
        told.add(str(refused.value).replace(f":{name}", ":NAME"))
    assert len([one for one in told if "GetTopicAttributes" in one]) == 1
    for topic in ("there", "not-there"):
        with pytest.raises(ClientError, match=DENIED):
            mallory.api("sns").publish(TopicArn=f"arn:aws:sns:us-east-1:{cloud.account}:{topic}", Message="x")


@pytest.mark.parametrize("operation", ["detect_text", "detect_labels"])
def test_a_picture_is_read_with_its_askers_permission_only(
    client: Client, mallory: Person, vault: str, operation: str
) -> None:
    mallory.may(statement("Allow", "rekognition:*", "*"))
    told = set()
    for where in ({"Bucket": vault, "Name": "secret"}, {"Bucket": vault, "Name": "missing"}, {"Bucket": "no-such-bucket-at-all", "Name": "k"}):  # fmt: skip
        with pytest.raises(ClientError) as refused:
            getattr(mallory.api("rekognition"), operation)(Image={"S3Object": where})
        told.add(str(refused.value))
    assert len(told) == 1
    assert "InvalidS3ObjectException" in told.pop()


def _forged(token: str) -> list[str]:
    data = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    flipped = data[:-1] + bytes([data[-1] ^ 1])
    plain = base64.urlsafe_b64encode(b"secret").decode()
    return [base64.urlsafe_b64encode(bytes(flipped)).decode(), token[:-4], token + "AAAA", plain, "0", "%", "\u00e9"]


def test_page_tokens_are_good_for_their_own_list_and_as_they_were_given(client: Client, vault: str, own: str) -> None:
    s3, iam = client("s3"), client("iam")
    for number in range(3):
        s3.put_object(Bucket=vault, Key=f"k{number}", Body=b"")
    token = s3.list_objects_v2(Bucket=vault, MaxKeys=1)["NextContinuationToken"]
    assert s3.list_objects_v2(Bucket=vault, MaxKeys=1, ContinuationToken=token)["KeyCount"] == 1
    for forged in _forged(token):
        with pytest.raises(ClientError, match="InvalidArgument"):
            s3.list_objects_v2(Bucket=vault, ContinuationToken=forged)
    for other in (lambda: s3.list_objects_v2(Bucket=own, ContinuationToken=token), lambda: s3.list_buckets(ContinuationToken=token), lambda: iam.list_users(Marker=token)):  # fmt: skip
        with pytest.raises(ClientError, match=r"Invalid|Validation"):
            other()
    assert b"k0" not in base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def test_a_user_of_an_old_name_inherits_nothing(client: Client, vault: str) -> None:
    s3 = client("s3")
    name = f"twin-{uuid.uuid4().hex[:8]}"
    first = Person(client, name)
    arn = client("iam").get_user(UserName=name)["User"]["Arn"]
    grant = statement("Allow", "s3:GetObject", f"arn:aws:s3:::{vault}/*", Principal={"AWS": arn})
    s3.put_bucket_policy(Bucket=vault, Policy=document(grant))
    assert first.api("s3").get_object(Bucket=vault, Key="secret")["Body"].read() == b"a secret"
    first.gone()
    second = Person(client, name)
    with pytest.raises(ClientError, match=DENIED):
        second.api("s3").get_object(Bucket=vault, Key="secret")
    # Set again, it means the one who is there now.
    s3.put_bucket_policy(Bucket=vault, Policy=document(grant))
    assert second.api("s3").get_object(Bucket=vault, Key="secret")["Body"].read() == b"a secret"
    second.gone()
    with pytest.raises(ClientError, match="MalformedPolicy"):
        s3.put_bucket_policy(Bucket=vault, Policy=document(grant))


@pytest.mark.parametrize("token", ["", "0" * 128, "a" * 128, "%27 OR 1=1", "0" * 127 + "g", "0" * 5000])
def test_a_guessed_token_confirms_nothing(cloud: LocalCloud, client: Client, token: str) -> None:
    sns = client("sns")
    topic = sns.create_topic(Name=f"guess-{uuid.uuid4().hex[:8]}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ana@example.com")
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="email", Endpoint="bob@example.com", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    # What is known of a subscription, its ARN, is the beginning of its token: the rest of it must be right too.
    known = subscription.rpartition(":")[2].replace("-", "")
    for guess in (token, known + token[:96]):
        where = {"TopicArn": topic, "Token": guess}
        assert requests.get(f"{cloud.endpoint_url}/_marinelayer/confirm", params=where, timeout=10).status_code == 400
        form = {"Action": "ConfirmSubscription", "Version": "2010-03-31", **where}
        assert requests.post(cloud.endpoint_url, data=form, timeout=10).status_code in {400, 403}
    shown = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert {one["SubscriptionArn"] for one in shown} == {"PendingConfirmation"}


def test_a_link_ends_the_subscription_that_it_names_and_no_other(cloud: LocalCloud, client: Client) -> None:
    sns = client("sns")
    topic = sns.create_topic(Name=f"end-{uuid.uuid4().hex[:8]}")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+13125550177")["SubscriptionArn"]
    other = sns.create_topic(Name=f"other-{uuid.uuid4().hex[:8]}")["TopicArn"]
    identifier = arn.rpartition(":")[2]
    for wrong in (topic, f"{topic}:*", f"{topic}:{uuid.uuid4()}", f"{other}:{identifier}", arn.upper(), arn + "x", ""):
        where = {"SubscriptionArn": wrong}
        requests.get(f"{cloud.endpoint_url}/_marinelayer/unsubscribe", params=where, timeout=10)
        requests.post(cloud.endpoint_url, data={"Action": "Unsubscribe", "Version": "2010-03-31", **where}, timeout=10)
    assert len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 1
