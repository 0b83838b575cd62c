"""The files of the test as Python clients see them: what there is, and whether two folders hold the same."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

FILES = Path(os.environ["FILES"])
BUCKET = os.environ["BUCKET"]
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
KEY_ID, SECRET, WRONG_SECRET = (
    os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "WRONG_SECRET")
)


def names(folder: Path = FILES) -> list[str]:
    """The paths of all files, relative to their folder, in order."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def digests(folder: Path = FILES) -> dict[str, str]:
    """The SHA-256 of each file by its path."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names(folder)}


def digest(data: bytes) -> str:
    """The SHA-256 of some bytes, as `digests` has it."""
    return hashlib.sha256(data).hexdigest()
