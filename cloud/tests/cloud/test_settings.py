"""What `marinelayer up` can be told: keys, account, TLS, defaults of buckets, the public address; and what it refuses."""

import subprocess
import sys
from pathlib import Path

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from marinelayer.config import CloudError
from marinelayer.testing import local_cloud

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))
KEY = "AKIAEXAMPLEEXAMPLE12:" + "s" * 40


def client(cloud, service, **arguments):
    return boto3.client(service, **(cloud.client_arguments() | arguments))


def test_the_root_key_and_the_account_are_fixed_at_the_first_start(tmp_path):
    with local_cloud(tmp_path, root_key=KEY, account="444455556666") as cloud:
        assert (cloud.access_key_id, cloud.account) == ("AKIAEXAMPLEEXAMPLE12", "444455556666")
        assert client(cloud, "sts").get_caller_identity()["Account"] == "444455556666"
    with local_cloud(tmp_path) as again:
        assert (again.access_key_id, again.account) == ("AKIAEXAMPLEEXAMPLE12", "444455556666")
    with pytest.raises(CloudError, match="another root key"), local_cloud(tmp_path, root_key=KEY[:-1] + "t"):
        pass
    with pytest.raises(CloudError, match="444455556666"), local_cloud(tmp_path, account="111122223333"):
        pass


def test_random_keys_differ_from_folder_to_folder(tmp_path):
    with local_cloud(tmp_path / "a") as one, local_cloud(tmp_path / "b") as other:
        assert one.access_key_id != other.access_key_id
        assert one.secret_access_key != other.secret_access_key
        with pytest.raises(ClientError):
            client(one, "s3", endpoint_url=other.endpoint_url).list_buckets()


def test_secrets_are_readable_by_their_owner_only(tmp_path):
    with local_cloud(tmp_path / "data") as cloud:
        assert (cloud.folder.stat().st_mode & 0o777) == 0o700
        for name in ("master.key", "control.sock"):
            assert (cloud.folder / name).stat().st_mode & 0o077 == 0
        assert cloud.secret_access_key.encode() not in b"".join(
            path.read_bytes() for path in cloud.folder.rglob("*") if path.is_file()
        )


def test_tls_is_served_by_the_folders_own_authority(tmp_path):
    with local_cloud(tmp_path, tls_port=0) as cloud:
        assert cloud.tls_url is not None
        trusted = str(cloud.folder / "ca" / "own-ca.pem")
        s3 = client(cloud, "s3", endpoint_url=cloud.tls_url, verify=trusted)
        s3.create_bucket(Bucket="by-tls")
        s3.put_object(Bucket="by-tls", Key="k", Body=b"x" * 300_000)
        assert s3.get_object(Bucket="by-tls", Key="k")["Body"].read() == b"x" * 300_000
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(cloud.tls_url, timeout=10)


def test_new_buckets_take_acls_as_when_the_lesson_was_written(tmp_path):
    with local_cloud(tmp_path, s3_defaults="classic") as cloud:
        s3 = client(cloud, "s3")
        s3.create_bucket(Bucket="classic")
        s3.put_object(Bucket="classic", Key="k", Body=b"", ACL="public-read")
        assert s3.get_bucket_acl(Bucket="classic")["Owner"]["DisplayName"] == "main"
        assert requests.get(f"{cloud.endpoint_url}/classic/k", timeout=10).status_code == 200


def test_new_buckets_are_closed_as_awss_are_today(tmp_path):
    with local_cloud(tmp_path, s3_defaults="current") as cloud:
        s3 = client(cloud, "s3")
        s3.create_bucket(Bucket="current")
        assert "DisplayName" not in s3.list_buckets()["Owner"]
        with pytest.raises(ClientError) as refused:
            s3.put_object(Bucket="current", Key="k", Body=b"", ACL="public-read")
        assert refused.value.response["Error"]["Code"] == "AccessControlListNotSupported"
        rules = s3.get_bucket_ownership_controls(Bucket="current")["OwnershipControls"]["Rules"]
        assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        assert all(s3.get_public_access_block(Bucket="current")["PublicAccessBlockConfiguration"].values())
        policy = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::current/*"}}'
        with pytest.raises(ClientError) as blocked:
            s3.put_bucket_policy(Bucket="current", Policy=policy)
        assert blocked.value.response["Error"]["Code"] == "AccessDenied"
        s3.delete_public_access_block(Bucket="current")
        s3.put_bucket_policy(Bucket="current", Policy=policy)
        s3.put_object(Bucket="current", Key="k", Body=b"open")
        assert requests.get(f"{cloud.endpoint_url}/current/k", timeout=10).content == b"open"


def test_links_in_mail_lead_to_the_public_address(tmp_path, eventually):
    with local_cloud(tmp_path, public_url="https://cloud.example/") as cloud:
        sns = client(cloud, "sns")
        arn = sns.create_topic(Name="t")["TopicArn"]
        sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="a@example.com")
        shown = eventually(
            lambda: (
                subprocess.run(
                    [MARINELAYER, "inbox", "--data", str(cloud.folder)], capture_output=True, text=True, check=True
                ).stdout
            )
        )
        assert "https://cloud.example/_marinelayer/confirm?" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--root-key", "test:test"], "root_key"),
        (["--account", "123"], "account"),
        (["--port", "70000"], "port"),
        (["--s3-defaults", "open"], "s3-defaults"),
    ],
)
def test_bad_settings_are_refused_in_a_line_without_secrets(tmp_path, arguments, said):
    up = [MARINELAYER, "up", "--data", str(tmp_path), *arguments]
    done = subprocess.run(up, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "test:test" not in done.stderr
    assert "Traceback" not in done.stderr


def test_env_says_when_there_was_never_a_cloud(tmp_path):
    env = [MARINELAYER, "env", "--data", str(tmp_path / "none")]
    done = subprocess.run(env, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "marinelayer up --data" in done.stderr
