"""Downloading one file whose sha256 is known, going on where an earlier attempt broke off.

Rule 1: what is returned has the sha256; nothing else is left under any name but the partial file of what may still
become it. Rule 2: a server that breaks off, or knows no ranges, costs time and never correctness. Blocking: for a
command line or a thread. Proxies are those of the environment, as urllib knows them.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from marinelayer.engines.catalogue import ModelFile

SECONDS = 30.0
"""How long a server may be silent."""
CHUNK = 1 << 18
MOST_BYTES = 4 << 30
"""What is taken of a file whose size is not known."""
ATTEMPTS = 5
"""Times that an address may break off without giving a byte more."""
PAUSE = 0.5
"""Seconds before it is asked again."""

Progress = Callable[[int, int | None], None]
"""Told the bytes that are there and the bytes there will be (None: nobody says)."""

_LINE_ERRORS = (OSError, http.client.HTTPException)
"""What a connection raises that fails; urllib's URLError is an OSError."""


class PullError(Exception):
    """A model can not be had. The text is for the person who asked for it."""


class _BrokenOffError(Exception):
    """The server stopped before the end."""


def fetch(file: ModelFile, partial: Path, progress: Progress) -> None:
    """Bring the file's bytes to `partial`, going on from what is there.

    Raises:
        PullError: no address gives the file, or the disk does not take it. What was got is kept where it may be part
            of the file, and removed where it can not be.
    """
    problems: list[str] = []
    try:
        with _alone(partial) as target:
            for url in file.urls:
                try:
                    _from(url, file, target, progress)
                except PullError as error:
                    problems.append(f"{url}: {error}")
                else:
                    return
            if not os.fstat(target.fileno()).st_size:
                partial.unlink()
    except OSError as error:
        raise PullError(f"{partial} can not be written: {error.strerror or error}") from None
    raise PullError("; ".join(problems) or f"{file.name} has no address to download it from")


@contextmanager
def _alone(partial: Path) -> Generator[IO[bytes]]:
    """The partial file, opened and locked."""
    partial.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("ab+") as target:
        try:
            fcntl.flock(target, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PullError(f"another process is downloading {partial.name} already") from None
        yield target


def _from(url: str, file: ModelFile, target: IO[bytes], progress: Progress) -> None:
    """The file from one address, with as many connections as it takes.

    Raises:
        PullError: it is not to be had there.
        OSError: the disk does not take it.
    """
    failures = 0
    resumed = _size(target) > 0
    while True:
        before = _size(target)
        try:
            _once(url, file, target, progress)
        except _BrokenOffError as error:
            failures = failures + 1 if _size(target) <= before else 0
            if failures >= ATTEMPTS:
                kept = "; what was got is kept, and the next pull goes on from there" if _size(target) else ""
                raise PullError(f"{error}{kept}") from None
            time.sleep(PAUSE)
            continue
        if _digest(target) == file.sha256:
            target.flush()
            os.fsync(target.fileno())
            return
        target.truncate(0)
        if not resumed:
            raise PullError("what it gives is not the catalogue's file (its sha256 differs)")
        resumed = False  # the part from another time may have been of something else: once more, from the beginning


def _once(url: str, file: ModelFile, target: IO[bytes], progress: Progress) -> None:
    """One connection, to the file's end.

    Raises:
        PullError: the server refuses, or gives what can not be the file.
        _BrokenOffError: it stopped before the end, or could not be reached.
    """
    have = _size(target)
    if file.size and have == file.size:
        return
    headers = {"User-Agent": "marinelayer", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the catalogue's addresses are https
    try:
        response = urllib.request.urlopen(request, timeout=SECONDS)  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            return  # there is no more of it: its digest tells whether it is whole
        if error.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _BrokenOffError(f"the server answers {error.code}") from None
        raise PullError(f"the server answers {error.code} {error.reason}") from None
    except _LINE_ERRORS as error:
        raise _BrokenOffError(f"it can not be reached: {_said(error)}") from None
    with response:
        _take(response, file, target, progress)


def _take(response: Any, file: ModelFile, target: IO[bytes], progress: Progress) -> None:
    if response.status != http.HTTPStatus.PARTIAL_CONTENT or not _goes_on_at(response, _size(target)):
        target.truncate(0)  # the server knows no ranges: it gives all of it
    have = _size(target)
    length = response.headers.get("Content-Length")
    announced = have + int(length) if length and length.isdigit() else None
    most = file.size or MOST_BYTES
    if announced is not None and (announced > most or announced < file.size):
        target.truncate(0)
        raise PullError(f"what it gives is not the catalogue's file ({announced} bytes)")
    total = file.size or announced
    progress(have, total)
    while piece := _piece(response):
        if have + len(piece) > most:
            target.truncate(0)
            raise PullError(f"what it gives is not the catalogue's file (more than {most} bytes)")
        target.write(piece)
        target.flush()
        have += len(piece)
        progress(have, total)
    if total is not None and have < total:
        raise _BrokenOffError(f"the connection broke off after {have} of {total} bytes")


def _piece(response: Any) -> bytes:
    """The next bytes.

    Raises:
        _BrokenOffError: the connection failed.
    """
    try:
        return response.read(CHUNK)
    except _LINE_ERRORS as error:
        raise _BrokenOffError(f"the connection broke off: {_said(error)}") from None


def _goes_on_at(response: Any, offset: int) -> bool:
    return str(response.headers.get("Content-Range", "")).startswith(f"bytes {offset}-")


def _size(target: IO[bytes]) -> int:
    return os.fstat(target.fileno()).st_size


def _digest(target: IO[bytes]) -> str:
    target.seek(0)
    found = hashlib.file_digest(target, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]  # IO[bytes] has readinto
    target.seek(0, os.SEEK_END)
    return found


def _said(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason or error) or type(error).__name__
