"""output.tar.gz: files that are written one after the other, and packed without being held in memory."""

from __future__ import annotations

import asyncio
import io
import shutil
import tarfile
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
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


class OutputFiles:
    """Files in the spool that are written to their ends, and packed when they are whole. `empty`: all still are."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._files = {name: (folder / name).open("wb") for name in names}
        self._archive = folder / "output.tar.gz"
        self.empty = True

    async def write(self, name: str, data: bytes) -> None:
        """Append to one of them."""
        self.empty = self.empty and not data
        await asyncio.to_thread(self._files[name].write, data)

    async def pack(self, moment: int) -> SpooledBody:
        """The archive with all of them, to be written somewhere."""
        await asyncio.to_thread(self._pack, moment)
        return SpooledBody(self._archive)

    async def whole(self, name: str) -> SpooledBody:
        """One of the files itself, to be written somewhere."""
        await asyncio.to_thread(self._files[name].close)
        return SpooledBody(Path(self._files[name].name))

    def close(self) -> None:
        """Let go of them."""
        for file in self._files.values():
            file.close()

    def _pack(self, moment: int) -> None:
        self.close()
        with tarfile.open(self._archive, mode="w:gz") as archive:
            for name, file in self._files.items():
                source = Path(file.name)
                with source.open("rb") as data:
                    archive.addfile(_entry(name, source.stat().st_size, moment), data)


@asynccontextmanager
async def output_files(spool: Path | None, job: str, names: Sequence[str]) -> AsyncGenerator[OutputFiles]:
    """Empty files of those names, that are gone afterwards. What a killed try of the same job left goes first."""
    folder = Path(spool or tempfile.gettempdir()) / f"comprehend-{job}"
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    files = OutputFiles(folder, names)
    try:
        yield files
    finally:
        files.close()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
