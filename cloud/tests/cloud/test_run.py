"""`marinelayer run`: every amazonaws.com name is served here, for the time of one command."""

import subprocess
import sys
from pathlib import Path

import pytest

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))

TOUCH = """
import boto3, os, urllib.request
assert "AWS_ENDPOINT_URL" not in os.environ
s3 = boto3.client("s3")
if "run-bucket.dotted" not in [b["Name"] for b in s3.list_buckets()["Buckets"]]:
    s3.create_bucket(Bucket="run-bucket.dotted")
s3.put_object(Bucket="run-bucket.dotted", Key="k", Body=b"hello", ACL="public-read")
for scheme in ("https", "http"):
    with urllib.request.urlopen(f"{scheme}://run-bucket.dotted.s3.amazonaws.com/k") as answer:
        assert answer.read() == b"hello"
print(boto3.client("sts").get_caller_identity()["Account"])
"""

LEAVE = """
import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=10)
except OSError as error:
    print("refused", error)
else:
    print("let through")
"""


def run(*arguments, code=0):
    done = subprocess.run([MARINELAYER, "run", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return done


def test_a_command_runs_on_a_cloud_of_its_own(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    monkeypatch.setenv("NO_PROXY", "amazonaws.com")
    done = run("--account", "320333787981", "--", sys.executable, "-c", TOUCH)
    assert done.stdout == "320333787981\n"


def test_a_command_runs_on_the_cloud_that_serves_the_folder(cloud, client):
    done = run("--data", str(cloud.folder), "--", sys.executable, "-c", TOUCH)
    assert done.stdout == f"{cloud.account}\n"
    assert client("s3").get_object(Bucket="run-bucket.dotted", Key="k")["Body"].read() == b"hello"


def test_other_hosts_are_refused_only_when_offline(cloud):
    address = f"{cloud.endpoint_url}/_marinelayer/health".replace("127.0.0.1", "localtest.invalid")
    done = run("--offline", "--", sys.executable, "-c", LEAVE, address)
    assert done.stdout.startswith("refused HTTP Error 403")


@pytest.mark.parametrize("code", [0, 7])
def test_the_commands_exit_code_is_passed_on(code):
    run("--", sys.executable, "-c", f"raise SystemExit({code})", code=code)


def test_a_command_that_is_not_there_is_said_in_a_line():
    done = run("--", "no-such-command", code=1)
    assert done.stderr.strip() == "Error: no-such-command: no such command"
