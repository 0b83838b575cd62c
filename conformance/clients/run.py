"""Run every client's script against one cloud, and write results.md.

A client passes when its script exits 0. The script gets the cloud's address and keys by the ordinary AWS variables, and
WRONG_SECRET, a secret that must be refused.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE / ".env"
MARINELAYER = Path(sys.prefix) / "bin" / "marinelayer"
WRONG_SECRET = "0" * 40


HEAD = """\
# Clients against the cloud

Printed by `make -C conformance/clients`: put, list, get and delete an object, and be refused with a wrong secret.

| client | version | outcome |
|---|---|---|
"""


@dataclass(frozen=True)
class Client:
    """One client: how its environment is made, how its version is told, and what runs its script."""

    name: str
    install: list[str]
    version: list[str]
    command: list[str]


def python_client(name: str, folder: str, script: str, package: str) -> Client:
    """A client in a virtual environment of its own."""
    env = ENVIRONMENTS / folder
    python = str(env / "bin" / "python")
    pinned = HERE / folder / "requirements.txt"
    pip = f"{sys.executable} -m venv {env} && {python} -m pip install -q --require-hashes -r {pinned}"
    show = f"import importlib.metadata as m; print(m.version('{package}'))"
    return Client(name, ["sh", "-c", pip], [python, "-c", show], [*script_runner(folder, python), script])


def script_runner(folder: str, python: str) -> list[str]:
    """The interpreter of a client's script: a shell for aws-cli, else its Python."""
    return ["sh"] if folder == "awscli" else [python]


def javascript_client() -> Client:
    """The AWS SDK for JavaScript v3 on Node."""
    env = ENVIRONMENTS / "javascript"
    copy = f"mkdir -p {env} && cp {HERE}/javascript/* {env}/ && cd {env} && npm ci --silent --no-audit --no-fund"
    show = f"console.log(require('{env}/node_modules/@aws-sdk/client-s3/package.json').version)"
    return Client(
        "AWS SDK for JavaScript v3", ["sh", "-c", copy], ["node", "-e", show], ["node", str(env / "client.mjs")]
    )


CLIENTS = (
    python_client("boto3", "boto3", str(HERE / "boto3/client.py"), "boto3"),
    python_client("aws-cli", "awscli", str(HERE / "awscli/client.sh"), "awscli"),
    python_client("s3fs", "s3fs", str(HERE / "s3fs/client.py"), "s3fs"),
    javascript_client(),
)


@contextmanager
def cloud() -> Iterator[dict[str, str]]:
    """A cloud on a throw-away folder; yields the variables that point clients at it."""
    folder = tempfile.mkdtemp(prefix="marinelayer-clients-")
    up = [str(MARINELAYER), "up", "--data", folder, "--port", "0", "--console-port", "0"]
    with subprocess.Popen(up, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
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


def try_client(client: Client, variables: dict[str, str]) -> str:
    """One row of the results."""
    subprocess.run(client.install, check=True)
    version = subprocess.run(client.version, check=True, capture_output=True, text=True).stdout.strip()
    bin_folder = str(Path(client.version[0]).parent)
    environment = {
        **os.environ,
        **variables,
        "WRONG_SECRET": WRONG_SECRET,
        "PATH": bin_folder + os.pathsep + os.environ["PATH"],
    }
    done = subprocess.run(client.command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    outcome = "passed" if done.returncode == 0 else "FAILED"
    print(f"{client.name} {version}: {outcome}", flush=True)
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-4000:], sep="\n")
    return f"| {client.name} | {version} | {outcome} |"


def main() -> None:
    """Run them all; exit 1 if one failed."""
    with cloud() as variables:
        rows = [try_client(client, variables) for client in CLIENTS]
    (HERE / "results.md").write_text(HEAD + "\n".join(rows) + "\n")
    sys.exit(any("FAILED" in row for row in rows))


if __name__ == "__main__":
    main()
