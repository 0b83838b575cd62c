"""The servers that are measured side by side, each in its own process, on a loopback port: ours, moto server, MiniStack
(also in its persisting mode) and nginx.

moto and MiniStack are installed from PyPI as their lock files in `peers/` say, each into an environment of its own
below `.peers/`, and run as their authors start them, with their defaults; what they log goes to a file, as ours does.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from load import ROOT

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE / ".peers"
_START_SECONDS = 60
_NGINX = """
daemon off;
pid {folder}/nginx.pid;
worker_processes auto;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/root;
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A server that runs: its name, the process at the root of its tree, and where it listens."""

    name: str
    pid: int
    host: str
    port: int


@contextmanager
def cloud(folder: Path, port: int) -> Generator[Subject]:
    """`marinelayer up` on a new folder."""
    key = f"{ROOT['access_key_id']}:{ROOT['secret_key']}"
    program = str(Path(sys.executable).with_name("marinelayer"))
    command = [program, "up", "--data", "data", "--port", str(port), "--console-port", "0", "--root-key", key]
    with _running("cloud", folder, port, command) as subject:
        yield subject


@contextmanager
def moto(folder: Path, port: int) -> Generator[Subject]:
    """Moto server. It keeps everything in memory."""
    program = str(_environment("moto") / "bin" / "moto_server")
    with _running("moto", folder, port, [program, "-H", "127.0.0.1", "-p", str(port)]) as subject:
        yield subject


@contextmanager
def ministack(folder: Path, port: int, *, persisting: bool = False) -> Generator[Subject]:
    """MiniStack. It keeps everything in memory, and with `persisting` S3's objects in files too (without fsync)."""
    program = str(_environment("ministack") / "bin" / "ministack")
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "TMPDIR": str(folder)}
    if persisting:
        settings |= {"S3_PERSIST": "1", "S3_DATA_DIR": str(folder / "data")}
    name = "MiniStack, persisting" if persisting else "MiniStack"
    with _running(name, folder, port, [program], settings) as subject:
        yield subject


@contextmanager
def nginx(folder: Path, port: int) -> Generator[Subject]:
    """nginx, which serves the files below `folder/root`.

    Raises:
        RuntimeError: it is not installed.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise RuntimeError("nginx is not installed (on Debian: apt-get install nginx-light)")
    (folder / "root").mkdir(parents=True)
    folder.chmod(0o755)  # its workers are another user's where it is started as root
    configuration = folder / "nginx.conf"
    configuration.write_text(_NGINX.format(folder=folder, port=port))
    with _running(
        "nginx", folder, port, [program, "-c", str(configuration), "-e", str(folder / "error.log")]
    ) as subject:
        yield subject


@contextmanager
def _running(
    name: str, folder: Path, port: int, command: list[str], settings: Mapping[str, str] | None = None
) -> Generator[Subject]:
    _demand_free(name, port)
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **(settings or {})}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
    try:
        _await_port(name, process, port, folder / "log")
        yield Subject(name, process.pid, "127.0.0.1", port)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _demand_free(name: str, port: int) -> None:
    """Raises RuntimeError where something else listens: it would be measured in the server's place."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise RuntimeError(f"port {port}, where {name} is to listen, is taken") from error


def _await_port(name: str, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{name} did not start: {log.read_text()[-2000:]}")


def _environment(name: str) -> Path:
    """The environment that `peers/<name>.lock` describes, made where it is not there."""
    lock = HERE / "peers" / f"{name}.lock"
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    folder = ENVIRONMENTS / name
    stamp = folder / "stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    print(f"installing {name} into {folder}", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    pip = [str(folder / "bin" / "pip"), "--disable-pip-version-check", "install", "-q", "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "-r", str(lock)], check=True)
    stamp.write_text(wanted)
    return folder
