"""DuckDB, locked in: a database in memory that can reach no file, no network, no extension and no Python name; or one
spooled file, which on Linux has no name meanwhile, so that nothing is left of it however the worker ends."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import duckdb

MEMORY = "512MB"


def open_engine(*files: str) -> duckdb.DuckDBPyConnection:
    """An engine that can read and write these files and nothing else. Its settings can not be changed any more."""
    engine = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": MEMORY,
            "max_temp_directory_size": "0KB",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
        },
    )
    engine.execute("SET TimeZone = 'UTC'")
    engine.execute("SET python_enable_replacements = false")
    paths = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    engine.execute(f"SET allowed_paths = [{paths}]")
    engine.execute("SET enable_external_access = false")
    engine.execute("SET lock_configuration = true")
    return engine


@contextmanager
def locked(*files: str) -> Generator[duckdb.DuckDBPyConnection]:
    """The same, closed behind the block."""
    engine = open_engine(*files)
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def spooled(folder: str | None, prefix: str) -> Generator[tuple[IO[bytes], str]]:
    """An empty file that is gone behind the block, and the name by which an engine opens it."""
    unnamed = sys.platform == "linux"
    with tempfile.NamedTemporaryFile(dir=folder, prefix=prefix, delete=not unnamed) as file:
        name = file.name
        if unnamed:
            Path(name).unlink()
            name = f"/proc/self/fd/{file.fileno()}"
        yield file, name
