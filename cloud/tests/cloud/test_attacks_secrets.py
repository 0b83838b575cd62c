"""Secrets stay where they belong: not in logs, not in what is printed, not in files or lists that others may read."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from marinelayer.app.log import log_request, set_up_log
from marinelayer.http import BytesBody, Headers, Request
from marinelayer.pipeline.trace import Trace
from marinelayer.protocol.call import Call
from marinelayer.security.decision import Decision
from marinelayer.security.requirement import Requirement

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))
KEY_ID, SECRET = "AKIATESTTESTTEST0001", "a-root-secret-that-no-one-may-see/+0001"
MAIL_PASSWORD = "a-mail-password-that-no-one-may-see"
GATEWAY_PASSWORD = "a-gateway-password-that-no-one-may-see"


class Running:
    """A cloud in a process of its own, on a folder that its user had made as folders are made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.folder.mkdir(mode=0o755)
        self.folder.chmod(0o755)
        self._clients: list[Any] = []
        self._log = (folder / "log").open("w+")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "MARINELAYER_ROOT_KEY": f"{KEY_ID}:{SECRET}",
            "MARINELAYER_SMTP_URL": f"smtp://mailer:{MAIL_PASSWORD}@127.0.0.1:1",
            "MARINELAYER_SMS_URL": f"http://sender:{GATEWAY_PASSWORD}@127.0.0.1:1/x",
        }
        self.process = subprocess.Popen(
            [MARINELAYER, "up", "--data", str(self.folder), "--port", "0", "--console-port", "0", "--tls-port", "0"],
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=self.environment,
            text=True,
            umask=0o022,
        )
        assert self.process.stdout is not None
        self._out = self.process.stdout
        self.url = self._out.readline().split()[1]

    def client(self, service: str, **arguments: Any) -> Any:
        key = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
        connect: Any = boto3.client
        made = connect(service, endpoint_url=self.url, region_name="us-east-1", **(key | arguments))
        self._clients.append(made)
        return made

    def command(self, *arguments: str) -> str:
        return subprocess.run(
            [MARINELAYER, arguments[0], "--data", str(self.folder), *arguments[1:]],
            capture_output=True,
            text=True,
            check=True,
            env=self.environment,
        ).stdout

    def log(self) -> str:
        return Path(self._log.name).read_text()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        for opened in (*self._clients, self._log, self._out):
            opened.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    cloud = Running(tmp_path_factory.mktemp("secrets"))
    yield cloud
    cloud.end()


def _secrets_in_use(running: Running) -> Iterator[str]:
    """Do what needs a secret, and say what was used."""
    s3 = running.client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="k", Body=b"x", Metadata={"a": "a-secret-in-metadata"})
    yield "a-secret-in-metadata"
    for version in ("s3", "s3v4"):
        for operation in ("get_object", "delete_bucket_cors"):
            signer = running.client("s3", config=Config(signature_version=version))
            where = {"Bucket": "kept"} | ({"Key": "k"} if operation == "get_object" else {})
            link = signer.generate_presigned_url(operation, where)
            requests.request("GET" if "get" in operation else "DELETE", link, timeout=10)
            query = parse_qs(urlsplit(link).query)
            yield query.get("X-Amz-Signature", query.get("Signature", [""]))[0]
    with pytest.raises(ClientError):
        running.client("s3", aws_session_token="a-session-token-that-is-none").list_buckets()
    yield "a-session-token-that-is-none"
    with pytest.raises(ClientError):
        running.client("s3", aws_secret_access_key="a-wrong-secret-of-someone-else").list_buckets()
    yield "a-wrong-secret-of-someone-else"
    user_key = running.client("iam")
    user_key.create_user(UserName="ana")
    yield user_key.create_access_key(UserName="ana")["AccessKey"]["SecretAccessKey"]
    sns = running.client("sns")
    sns.subscribe(TopicArn=sns.create_topic(Name="t")["TopicArn"], Protocol="email", Endpoint="ana@example.com")
    sns.publish(PhoneNumber="+13125550188", Message="a-message-for-one-person")
    yield "a-message-for-one-person"
    link = running.command("open").strip()
    requests.get(link, timeout=10)
    requests.get(link, timeout=10)
    yield parse_qs(urlsplit(link).query)["token"][0]
    shown = running.command("run", "--", "env")
    proxy = next(line for line in shown.splitlines() if line.startswith("HTTPS_PROXY="))
    yield proxy.split(":")[2].partition("@")[0]
    for _ in range(100):
        mails = [json.loads(line) for line in running.command("inbox").splitlines()]
        if tokens := [link.partition("Token=")[2] for mail in mails for link in mail["links"] if "Token=" in link]:
            requests.get(f"{running.url}/_marinelayer/confirm?TopicArn=x&Token={tokens[0]}", timeout=10)
            yield tokens[0]
            break
        time.sleep(0.1)
    yield from (SECRET, MAIL_PASSWORD, GATEWAY_PASSWORD)


def test_no_secret_that_is_used_is_in_the_log(running: Running) -> None:
    used = list(_secrets_in_use(running))
    assert len(used) > 10
    assert all(len(secret) > 8 for secret in used)
    time.sleep(1.5)  # a mail and a message have been tried, and failed
    log = running.log()
    assert "sns.deliver" in log or "sns.confirm" in log
    assert log.count('"request"') > 10 or log.count("request") > 10
    assert [secret for secret in used if secret in log] == []
    assert "Traceback" not in log


def test_the_commands_of_processes_that_all_may_list_hold_no_secret(running: Running) -> None:
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("there is no /proc here")
    children = [running.process.pid]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == running.process.pid:
            children.append(int(process.name))
    for pid in children:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
        assert not any(secret in line for secret in (SECRET, MAIL_PASSWORD, GATEWAY_PASSWORD))


def test_nothing_in_the_folder_can_be_read_by_others(running: Running) -> None:
    """The folder itself is as its user made it, open to all; what lies in it is not."""
    running.client("s3").create_bucket(Bucket="files")
    running.client("s3").put_object(Bucket="files", Key="large", Body=b"x" * 300_000)
    open_to_others: list[str] = []
    seen: set[str] = set()
    for path, folders, files in os.walk(running.folder):
        for name in [*folders, *files]:
            one = Path(path) / name
            seen.add(one.name)
            mode = one.lstat().st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                open_to_others.append(str(one.relative_to(running.folder)))
        # What lies in a folder that nobody else may enter is out of reach, whatever its own mode.
        folders[:] = [name for name in folders if (Path(path) / name).lstat().st_mode & (stat.S_IXGRP | stat.S_IXOTH)]
    assert {"master.key", "lock", "run.json", "last.json", "control.sock", "account", "epoch", "ca", "epoch-1"} <= seen
    assert open_to_others == []


# --- what is printed ------------------------------------------------------------------------------------------


def _request(**changed: Any) -> Request:
    values: dict[str, Any] = {
        "id": "1",
        "method": "GET",
        "path": "/b/k",
        "query": "X-Amz-Signature=a-secret",
        "headers": Headers((("authorization", "a-secret"), ("cookie", "a-secret"))),
        "body": BytesBody(b"a-secret"),
        "scheme": "http",
        "host": "x",
        "peer": "::1",
    }
    return Request(**(values | changed))


def test_a_request_in_print_shows_no_credential() -> None:
    request = _request()
    call: Any = Call(request=request, service=None, operation=None, payload=b"a-secret")  # type: ignore[arg-type]
    assert "a-secret" not in repr(request) + repr(call) + repr(Trace(request))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[Terminal, io.StringIO])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log as it comes to a terminal, and to a file."""
    import structlog

    out = request.param()
    before = structlog.get_config()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.setattr("marinelayer.app.log._LOG", structlog.get_logger())
    set_up_log()
    yield out
    structlog.configure(**before)


ATTACK: Mapping[str, Any] = {"path": "/b/\x9b31m\x85fake\xff", "query": "Signature=a-secret"}


def test_a_stranger_writes_no_commands_or_lines_into_the_log(log: io.StringIO) -> None:
    trace = Trace(_request(**ATTACK), status=403)
    resource = "arn:aws:s3:::b/\x1b]0;x\x07\n2026 a line of my own\u2028\u202e"
    requirement = Requirement(action="s3:GetObject", resource=resource)
    trace.denied = Decision(requirement=requirement, outcome="implicit-deny", reasons=())
    trace.error = ValueError("\x1b[2J")
    log_request(trace)
    written = log.getvalue()
    assert written.count("\n") == 1
    assert "a-secret" not in written
    ours = written.replace("\x1b[", "") if isinstance(log, Terminal) else written  # the colours of a terminal
    assert "]0;x" in ours
    assert not [letter for letter in ours[:-1] if not (letter.isprintable())]
    assert "\x1b[2J" not in written
    assert "\x9b" not in written
