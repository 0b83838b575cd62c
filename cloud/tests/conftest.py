"""Fixtures for every room: `tables`, migrated and empty for each test, on SQLite and on PostgreSQL.

PostgreSQL is started from whatever server binary is found, on a temporary folder and a unix socket; with
MARINELAYER_TEST_POSTGRES_URL set, that server is used (its user must be allowed to create databases). Where neither
is there, the PostgreSQL half is skipped and says so.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, settings

from marinelayer.ports import Tables
from marinelayer.storage.sqlite import SqliteTables
from marinelayer.testing import LocalCloud, local_cloud

# A machine that is busy with something else says nothing about the code; and a change is judged by the same examples
# each time, so that what it did not break does not stop it. `make explore` draws new ones.
settings.register_profile("same", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("new", settings.get_profile("same"), derandomize=False)
settings.load_profile(os.environ.get("MARINELAYER_TEST_EXAMPLES", "same"))

ACCOUNT = "111122223333"
_extensions = count()


def _server_binaries() -> Path | None:
    """The folder of initdb and postgres: the newest of Debian's, else what is on the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _ordinary_user() -> dict[str, Any]:
    """Arguments for subprocess under which PostgreSQL agrees to run: it refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": ()}
    pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _start(binaries: Path, folder: Path, user: dict[str, Any]) -> subprocess.Popen[Any]:
    if user:
        os.chown(folder, user["user"], user["group"])
    data = folder / "data"
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "marinelayer", "-A", "trust", "--encoding=UTF8", "--no-sync"],
        check=True,
        capture_output=True,
        cwd=folder,
        **user,
    )
    # Nothing here must survive a power cut, so that nothing waits for the disk.
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "full_page_writes": "off",
    }
    options |= {"synchronous_commit": "off", "shared_buffers": "32MB", "max_connections": "40", "autovacuum": "off"}
    flags = [f"-c{name}={value}" for name, value in options.items()]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen([binaries / "postgres", "-D", data, *flags], stdout=log, stderr=log, cwd=folder, **user)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server's maintenance database, for tests that make databases of their own."""
    given = os.environ.get("MARINELAYER_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    binaries = _server_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL: no initdb found, and MARINELAYER_TEST_POSTGRES_URL is not set")
    folder = Path(tempfile.mkdtemp(prefix="marinelayer-pg-"))
    server = _start(binaries, folder, _ordinary_user())
    try:
        url = f"postgresql://marinelayer@/postgres?host={folder}"
        deadline = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(url).close()
                break
            except psycopg.OperationalError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((folder / "log").read_text()) from None
                time.sleep(0.02)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Iterator[str]:
    """The URL of a database of this session's own, which `tables` empties before each test."""
    import psycopg
    from psycopg import sql

    name = f"marinelayer_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield urlsplit(postgres_server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgres"])
async def tables(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Tables]:
    """Migrated, empty tables: every test that asks for them runs once on each database."""
    if request.param == "sqlite":
        sqlite = SqliteTables(tmp_path / "cloud.db")
        yield sqlite
        await sqlite.close()
        return
    url = request.getfixturevalue("postgres_database")
    from marinelayer.storage.postgres import PostgresTables

    postgres = PostgresTables(url)
    await postgres.empty()
    yield postgres
    await postgres.close()


@pytest.fixture
def phone() -> str:
    """A number that no other test of this session's cloud has."""
    return f"+1415555{next(_extensions):04}"


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """A whole cloud on a folder of its own, for the session; tests use buckets, topics and users of their own names."""
    with tempfile.TemporaryDirectory() as models, local_cloud(account=ACCOUNT, models=Path(models)) as running:
        yield running  # no model files, whatever this machine's user has installed


def through(cloud: LocalCloud) -> Config:
    """Settings of a client that asks the cloud for every host: S3 Control's puts the account before the endpoint's name,
    which resolves nowhere where that is an address."""
    return Config(proxies={"http": cloud.endpoint_url})


@pytest.fixture
def client(cloud: LocalCloud) -> Iterator[Callable[..., Any]]:
    """`client("s3")` is boto3's client of the cloud's root user; `client("s3", key)` that of an access key."""
    made: list[Any] = []

    def make(service: str, key: dict[str, str] | None = None, **arguments: Any) -> Any:
        chosen = cloud.client_arguments()
        if key is not None:
            chosen |= {
                "aws_access_key_id": key["AccessKeyId"],
                "aws_secret_access_key": key["SecretAccessKey"],
                "aws_session_token": key.get("SessionToken"),
            }
        if service == "s3control":
            chosen["config"] = through(cloud).merge(arguments.pop("config", None) or Config())
        made.append(cast("Any", boto3).client(service, **(chosen | arguments)))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def bucket(client: Callable[..., Any]) -> str:
    """A new bucket of the root user."""
    name = f"bucket-{uuid.uuid4().hex[:20]}"
    client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """`eventually(look)` calls `look` until it answers something true, and answers that."""

    def wait(look: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 15
        while not (found := look()):
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.02)
        return found

    return wait
