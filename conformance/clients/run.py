"""Run every client's script against one cloud, and write results.md.

    python run.py [NAME ...]      all clients, or those named; others' rows of results.md stay

A client passes when its script exits 0. The script gets the cloud's address and keys by the ordinary AWS variables,
BUCKET (empty, its own), FILES (a folder with 1,000 files, one large enough for parts) and WRONG_SECRET, a secret that
must be refused. A client that can not be had on this machine is no failure: the table says so.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boto3

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE / ".env"
MARINELAYER = Path(sys.prefix) / "bin" / "marinelayer"
WRONG_SECRET = "0" * 40
SECONDS = 600
ALL = "put, list, copy, move, get 1,000 files"
SYNC = "sync, list, copy, move, sync back 1,000 files"
HEAD = """\
# Clients against the cloud

Printed by `make -C conformance/clients`. Each works on 1,000 files (some empty, some with blanks and letters beyond
ASCII in their names, one of 20 MB) and compares all bytes that come back; each is refused with a wrong secret.

| client | version | does | outcome |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Client:
    """One client: how its environment is made, how its version is told, and what runs its script."""

    name: str
    install: str
    version: str
    command: list[str]
    does: str = ALL
    path: Path | None = field(default=None)


def python_client(name: str, folder: str, package: str, does: str = ALL, script: str | None = None) -> Client:
    """A client in a virtual environment of its own, with a script in Python, or in sh where it is a command. `script`
    names the folder whose script it has, if not its own."""
    env = ENVIRONMENTS / folder
    python = env / "bin" / "python"
    pinned = HERE / folder / "requirements.txt"
    shell = HERE / folder / "client.sh"
    return Client(
        name=name,
        install=f"{sys.executable} -m venv {env} && {python} -m pip install -q --require-hashes -r {pinned}",
        version=f"{python} -c \"import importlib.metadata as m; print(m.version('{package}'))\"",
        command=["sh", str(shell)] if shell.exists() else [str(python), str(HERE / (script or folder) / "client.py")],
        does=does,
        path=env / "bin",
    )


def debian_client(name: str, folder: str, package: str, command: str, does: str) -> Client:
    """A client that Debian packages."""
    return Client(
        name=name,
        install=f"command -v {command} || apt-get install -y -qq {package}",
        version=f"dpkg-query -W -f '${{Version}}' {package}",
        command=["sh", str(HERE / folder / "client.sh")],
        does=does,
    )


def javascript_client() -> Client:
    """The AWS SDK for JavaScript v3 on Node."""
    env = ENVIRONMENTS / "javascript"
    return Client(
        name="AWS SDK for JavaScript v3",
        install=f"mkdir -p {env} && cp {HERE}/javascript/* {HERE}/javascript/.npmrc {env}/ && cd {env}"
        " && npm ci --silent --no-audit --no-fund",
        version=f"node -p \"require('{env}/node_modules/@aws-sdk/client-s3/package.json').version\"",
        command=["node", str(env / "client.mjs")],
    )


def go_client() -> Client:
    """The AWS SDK for Go v2."""
    binary = ENVIRONMENTS / "go" / "client"
    return Client(
        name="AWS SDK for Go v2",
        install=f"cd {HERE}/go && go build -o {binary} .",
        version=f"cd {HERE}/go && go list -m -f '{{{{.Version}}}}' github.com/aws/aws-sdk-go-v2/service/s3",
        command=[str(binary)],
    )


def mc_client() -> Client:
    """MinIO's command mc, on minio-go."""
    folder = ENVIRONMENTS / "mc"
    return Client(
        name="mc (minio-go)",
        install=f"test -x {folder}/mc || GOBIN={folder} go install github.com/minio/mc@{MC}",
        version=f"echo {MC}",
        command=["sh", str(HERE / "mc" / "client.sh")],
        does=SYNC,
        path=folder,
    )


def java_client() -> Client:
    """The AWS SDK for Java v2."""
    env = ENVIRONMENTS / "java"
    return Client(
        name="AWS SDK for Java v2",
        install=f"mvn -q -B -f {HERE}/java/pom.xml {COPY_DEPENDENCIES} -DoutputDirectory={env}/lib"
        f" && javac -encoding UTF-8 -cp '{env}/lib/*' -d {env}/classes {HERE}/java/src/main/java/Client.java",
        version=f"ls {env}/lib | sed -n 's/^s3-\\(.*\\).jar$/\\1/p'",
        command=["java", "-Dfile.encoding=UTF-8", "-cp", f"{env}/classes:{env}/lib/*", "Client"],
    )


COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
MC = "v0.0.0-20250313080218-cf909e1063a9"
STREAMS = "stream up, iterate, seek, stream back 1,000 files"
COMMITS = "a table of 1,000 files in 100 commits by four writers; delete, update, compact, vacuum"
TABLES = "write and scan 1,000 CSV files, write and read Parquet"
CLIENTS = (
    python_client("boto3 (resource, transfers)", "boto3", "boto3"),
    python_client("boto3 of 2022", "boto3-2022", "boto3", script="boto3"),
    python_client("aws-cli", "awscli", "awscli", SYNC),
    python_client("s3fs", "s3fs", "s3fs"),
    python_client("s3cmd", "s3cmd", "s3cmd", SYNC),
    python_client("minio-py", "minio", "minio"),
    python_client("obstore", "obstore", "obstore"),
    python_client("pyarrow.fs", "pyarrow", "pyarrow", ALL + "; CSV and Parquet"),
    python_client("smart_open", "smart_open", "smart-open", STREAMS),
    python_client("delta-rs", "deltalake", "deltalake", COMMITS),
    python_client("polars", "polars", "polars", TABLES),
    python_client("DuckDB httpfs", "duckdb", "duckdb-ext-httpfs", TABLES),
    debian_client("rclone", "rclone", "rclone", "rclone", SYNC),
    debian_client("s3fs-fuse", "s3fs-fuse", "s3fs", "s3fs", "mount; copy, list, move, compare 1,000 files"),
    mc_client(),
    javascript_client(),
    go_client(),
    java_client(),
)


@contextmanager
def cloud() -> Iterator[dict[str, str]]:
    """A cloud on a throw-away folder; yields the variables that point clients at it."""
    folder = tempfile.mkdtemp(prefix="marinelayer-clients-")
    up = [str(MARINELAYER), "up", "--data", folder, "--port", "0", "--console-port", "0"]
    with (
        (HERE / "cloud.log").open("w") as log,
        subprocess.Popen(up, stdout=subprocess.PIPE, stderr=log, text=True) as server,
    ):
        try:
            assert server.stdout is not None
            server.stdout.readline()
            shown = subprocess.run(
                [str(MARINELAYER), "env", "--data", folder], check=True, capture_output=True, text=True
            ).stdout
            pairs = (line.removeprefix("export ").split("=", 1) for line in shown.splitlines())
            yield {name: value.strip("'") for name, value in pairs}
        finally:
            server.terminate()
            server.wait(20)
            shutil.rmtree(folder, ignore_errors=True)


def make_files(folder: Path) -> None:
    """1,000 files, the same at every run."""
    chance = random.Random(3)
    for number in range(999):
        name = f"d{number % 7}/{('plain', 'with blank', 'ünï-ß', 'a+b&c=d')[number % 4]} {number:03}.txt"
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(chance.randbytes(chance.choice((0, 1, 100, 4000, 70_000))))
    (folder / "big.bin").write_bytes(chance.randbytes(20_000_000))


def try_client(client: Client, number: int, variables: dict[str, str], files: Path) -> str:
    """One row of the results."""
    made = subprocess.run(["sh", "-c", client.install], capture_output=True, text=True, check=False)
    if made.returncode:
        print(f"{client.name}: can not be had here", made.stdout[-500:], made.stderr[-1000:], sep="\n", flush=True)
        return f"| {client.name} | - | {client.does} | not to be had where this ran |"
    version = subprocess.run(["sh", "-c", client.version], check=True, capture_output=True, text=True).stdout.strip()
    bucket = f"client-{number}"
    s3 = boto3.client(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_DEFAULT_REGION"],
    )
    s3.create_bucket(Bucket=bucket)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **variables,
        "AWS_REGION": variables["AWS_DEFAULT_REGION"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "BUCKET": bucket,
        "FILES": str(files),
        "WRONG_SECRET": WRONG_SECRET,
        "PATH": f"{client.path}{os.pathsep}{os.environ['PATH']}" if client.path else os.environ["PATH"],
        "PYTHONPATH": str(HERE),
    }
    began = time.monotonic()
    try:
        done = subprocess.run(
            client.command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        said, failed = done.stdout[-2000:] + done.stderr[-4000:], done.returncode != 0
    except subprocess.TimeoutExpired:
        said, failed = f"not done after {SECONDS} s", True
    outcome = "FAILED" if failed else "passed"
    print(f"{client.name} {version}: {outcome} ({time.monotonic() - began:.0f} s)", flush=True)
    if failed:
        print(said)
    return f"| {client.name} | {version} | {client.does} | {outcome} |"


def main() -> None:
    """Run them; exit 1 if one failed."""
    wanted = set(sys.argv[1:])
    chosen = [client for client in CLIENTS if not wanted or client.name in wanted]
    failed = False
    with tempfile.TemporaryDirectory(prefix="marinelayer-files-") as folder, cloud() as variables:
        make_files(Path(folder))
        for number, client in enumerate(chosen):
            row = try_client(client, number, variables, Path(folder))
            write_row(client.name, row)
            failed = failed or "FAILED" in row
    sys.exit(failed)


def write_row(name: str, row: str) -> None:
    """Put a client's row into results.md, in the order of CLIENTS; rows of clients that are no more go."""
    results = HERE / "results.md"
    lines = results.read_text().splitlines() if results.exists() else []
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in lines if line.startswith("| ")} | {name: row}
    results.write_text(HEAD + "".join(f"{rows[client.name]}\n" for client in CLIENTS if client.name in rows))


if __name__ == "__main__":
    main()
