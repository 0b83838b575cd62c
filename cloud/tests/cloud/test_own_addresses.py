"""Health, reset, inbox, and the pages behind the links in mail."""

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from marinelayer.testing import local_cloud


def signed_get(cloud, path, *, service="marinelayer", key=None):
    """A GET of one of the cloud's own addresses, signed as AWS requests are."""
    key = key or {"AccessKeyId": cloud.access_key_id, "SecretAccessKey": cloud.secret_access_key}
    request = AWSRequest("GET", cloud.endpoint_url + path)
    SigV4Auth(Credentials(key["AccessKeyId"], key["SecretAccessKey"]), service, "us-east-1").add_auth(request)
    return requests.get(request.url, headers=dict(request.headers), timeout=10)


def test_health_is_open_and_names_the_engines(cloud):
    answer = requests.get(f"{cloud.endpoint_url}/_marinelayer/health", timeout=10)
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()["engines"]) == {
        "texts",
        "labels",
        "faces",
        "grammar",
        "moderation",
        "properties",
        "languages",
        "phrases",
        "pii",
        "sentiment",
        "targets",
        "toxicity",
        "translation",
    }


def test_the_inbox_is_for_those_who_may(cloud, client):
    assert requests.get(f"{cloud.endpoint_url}/_marinelayer/inbox", timeout=10).status_code == 403
    assert signed_get(cloud, "/_marinelayer/inbox", service="s3").status_code == 403
    assert signed_get(cloud, "/_marinelayer/inbox").status_code == 200
    iam = client("iam")
    iam.create_user(UserName="reader-of-mail")
    key = iam.create_access_key(UserName="reader-of-mail")["AccessKey"]
    assert signed_get(cloud, "/_marinelayer/inbox", key=key).status_code == 403
    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "marinelayer:ListInbox", "Resource": "*"}}'
    iam.put_user_policy(UserName="reader-of-mail", PolicyName="read", PolicyDocument=policy)
    assert signed_get(cloud, "/_marinelayer/inbox", key=key).status_code == 200


def test_a_person_confirms_by_the_link_in_the_mail_and_leaves_by_another(cloud, client, eventually):
    sns = client("sns")
    arn = sns.create_topic(Name="potholes")["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="reader-of-potholes@example.com")

    def mails(subject):
        found = signed_get(cloud, "/_marinelayer/inbox?limit=1000").json()["messages"]
        return [m for m in found if m["to"] == "reader-of-potholes@example.com" and re.search(subject, m["subject"])]

    mail = eventually(lambda: mails("Confirm"))[0]
    link = next(link for link in mail["links"] if "Token=" in link)
    assert requests.get(link.replace("Token=", "Token=0"), timeout=10).status_code == 400
    page = requests.get(link, timeout=10)
    assert page.status_code == 200
    assert "Subscription confirmed!" in page.text
    assert "script" not in page.headers["Content-Security-Policy"]
    sns.publish(TopicArn=arn, Message="14 potholes", Subject="Potholes")
    message = eventually(lambda: mails("Potholes"))[0]
    assert message["text"].startswith("14 potholes")
    leave = next(link for link in message["links"] if "nsubscribe" in link)
    assert requests.get(leave, timeout=10).status_code == 200
    assert sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] == []


def test_reset_is_not_there_unless_it_was_allowed(cloud):
    assert requests.post(f"{cloud.endpoint_url}/_marinelayer/reset", timeout=10).status_code in {403, 404}


def test_reset_empties_the_cloud_but_for_accounts_and_root_keys():
    with local_cloud(allow_reset=True) as cloud:
        s3 = boto3.client("s3", **cloud.client_arguments())
        iam = boto3.client("iam", **cloud.client_arguments())
        s3.create_bucket(Bucket="gone-soon")
        s3.put_object(Bucket="gone-soon", Key="k", Body=b"x" * 100_000)
        iam.create_user(UserName="gone-too")
        reset = f"{cloud.endpoint_url}/_marinelayer/reset"
        assert requests.post(reset, headers={"Host": "evil.example"}, timeout=10).status_code == 403
        assert requests.post(reset, headers={"Origin": "http://evil.example"}, timeout=10).status_code == 403
        assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == ["gone-soon"]
        answer = requests.post(reset, timeout=10)
        assert answer.status_code == 200
        assert s3.list_buckets()["Buckets"] == []
        assert iam.list_users()["Users"] == []
        s3.create_bucket(Bucket="gone-soon")
        with pytest.raises(ClientError):
            s3.head_object(Bucket="gone-soon", Key="k")
        for made in (s3, iam):
            made.close()


class _Gateway(BaseHTTPRequestHandler):
    """An SMS gateway that is out of order at first."""

    seen: ClassVar[list[str]] = []
    working: ClassVar[bool] = False

    def do_POST(self):
        self.seen.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200 if self.working else 503)
        self.end_headers()

    def log_message(self, format, *args):  # noqa: A002 - the name that the library gives it
        pass


def test_what_waited_for_delivery_before_a_reset_is_never_delivered(eventually):
    with ThreadingHTTPServer(("127.0.0.1", 0), _Gateway) as gateway:
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        with local_cloud(allow_reset=True, sms_url=f"http://127.0.0.1:{gateway.server_port}/sms") as cloud:
            sns = boto3.client("sns", **cloud.client_arguments())
            sns.publish(PhoneNumber="+13125550123", Message="before the reset")
            eventually(lambda: _Gateway.seen)
            assert requests.post(f"{cloud.endpoint_url}/_marinelayer/reset", timeout=10).status_code == 200
            _Gateway.working = True
            before = len(_Gateway.seen)
            sns.publish(PhoneNumber="+13125550123", Message="after the reset")
            eventually(lambda: any("after the reset" in text for text in _Gateway.seen))
            time.sleep(3)  # the first retry is due after about a second, the second after about two
            assert not any("before the reset" in text for text in _Gateway.seen[before:])
            sns.close()
        gateway.shutdown()
