"""output.tar.gz: files that are written one after the other, and packed without being held in memory."""

from __future__ import annotations

import asyncio
import io
import shutil
import tarfile
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from marinelayer.services.locations import SpooledBody


def packed(files: Mapping[str, bytes], moment: int) -> bytes:
    """An archive of small files, as they were written at `moment` (seconds since the epoch)."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, data in files.items():
            archive.addfile(_entry(name, len(data), moment), io.BytesIO(data))
    return target.getvalue()


def _entry(name: str, size: int, moment: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, moment, 0o644
    return entry


class LinesFile:
    """A file of lines in the spool, that is packed when it is whole."""

    def __init__(self, folder: Path, called: str) -> None:
        self._lines = (folder / called).open("wb")
        self.empty = True
        self._archive = folder / "output.tar.gz"

    async def write(self, lines: bytes) -> None:
        """Append."""
        self.empty = self.empty and not lines
        await asyncio.to_thread(self._lines.write, lines)

    async def pack(self, moment: int) -> SpooledBody:
        """The archive with the file, to be written somewhere."""
        await asyncio.to_thread(self._pack, moment)
        return SpooledBody(self._archive)

    async def whole(self) -> SpooledBody:
        """The file itself, to be written somewhere."""
        await asyncio.to_thread(self._lines.close)
        return SpooledBody(Path(self._lines.name))

    def close(self) -> None:
        """Let go of the file."""
        self._lines.close()

    def _pack(self, moment: int) -> None:
        self._lines.close()
        source = Path(self._lines.name)
        with tarfile.open(self._archive, mode="w:gz") as archive, source.open("rb") as lines:
            archive.addfile(_entry(source.name, source.stat().st_size, moment), lines)


@asynccontextmanager
async def lines_file(spool: Path | None, name: str, called: str = "output") -> AsyncGenerator[LinesFile]:
    """A file of lines, `called` so in its archive, that is gone afterwards. What a killed try under the same name left
    goes first."""
    folder = Path(spool or tempfile.gettempdir()) / f"comprehend-{name}"
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    file = LinesFile(folder, called)
    try:
        yield file
    finally:
        file.close()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
