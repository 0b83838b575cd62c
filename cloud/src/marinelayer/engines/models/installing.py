"""The models folder: models pulled into it, added from files that somebody brought, and removed.

A model's files appear in its own folder together and whole, by a rename; what is not finished lies in `.partial`.
Blocking: for a command line or a thread.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from marinelayer.engines import catalogue
from marinelayer.engines.catalogue import Installed, Model, ModelFile
from marinelayer.engines.models.fetching import PullError, fetch

PARTIAL = ".partial"
CHUNK = 1 << 20

Progress = Callable[[ModelFile, int, int | None], None]
"""Told of a file the bytes that are there, and the bytes there will be (None: nobody says)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What came of the files of a folder: the models that are installed now, and those that lack files still."""

    installed: tuple[str, ...]
    incomplete: tuple[Installed, ...]


def pull(name: str, folder: Path, progress: Progress) -> Installed:
    """Download the model's files and install them; nothing is done where it is installed.

    Raises:
        PullError: it is unknown, comes by other ways, can not be had, or the folder can not be written.
    """
    model = known(name)
    found = catalogue.find(name, folder)
    if model.where == "models" and found.state == "present":
        return found
    if not model.downloadable:
        raise PullError(f"it can not be downloaded by this command: {model.install}")
    try:
        for file in model.files:
            fetch(file, _part(folder, file), partial(progress, file))
    except PullError:
        _leave(folder / PARTIAL)
        raise
    _install(model, folder, {file.name: _part(folder, file) for file in model.files})
    return catalogue.find(name, folder)


def add(source: Path, folder: Path) -> Added:
    """Install every model whose files lie in or below `source`, under whatever names: their sha256 tells them.

    Raises:
        PullError: `source` can not be read, or `folder` can not be written.
    """
    try:
        found = _recognised(source)
        installed: list[str] = []
        incomplete: list[Installed] = []
        for model in _of_folders():
            paths = {file.name: found[file.sha256] for file in model.files if file.sha256 in found}
            if len(paths) == len(model.files):
                _copy(model, folder, paths)
                installed.append(model.name)
            elif paths:
                incomplete.append(Installed(model=model, state="missing", paths=paths))
    except OSError as error:
        raise PullError(f"{error.filename or source}: {error.strerror or error}") from None
    return Added(installed=tuple(installed), incomplete=tuple(incomplete))


def remove(name: str, folder: Path) -> None:
    """Remove the model's own folder. Files that somebody put elsewhere are theirs to remove.

    Raises:
        PullError: it is unknown, not installed, lies elsewhere, or can not be removed.
    """
    model = known(name)
    own = folder / name
    if model.where != "models":
        raise PullError(f"{name} is not in the models folder: it comes by {model.install}")
    found = catalogue.find(name, folder)
    try:
        for file in model.files:
            _part(folder, file).unlink(missing_ok=True)
        if own.is_dir():
            shutil.rmtree(own)
        elif found.paths:
            places = ", ".join(str(path) for path in found.paths.values())
            raise PullError(f"{name} was not put there by this command: remove {places}")
        else:
            raise PullError(f"{name} is not installed in {folder}")
    except OSError as error:
        raise PullError(f"{own} can not be removed: {error.strerror or error}") from None


def known(name: str) -> Model:
    """The catalogue's entry.

    Raises:
        PullError: there is none.
    """
    model = catalogue.catalogue().get(name)
    if model is None:
        raise PullError(f"there is no model {name} in the catalogue; `marinelayer models list` shows what there is")
    return model


def _of_folders() -> Iterator[Model]:
    return (model for model in catalogue.catalogue().values() if model.where == "models")


def _part(folder: Path, file: ModelFile) -> Path:
    return folder / PARTIAL / file.sha256


def _install(model: Model, folder: Path, parts: dict[str, Path]) -> None:
    """Move the files, which are whole and on disk, to the model's folder.

    Raises:
        PullError: the folder can not be written.
    """
    own, staged = folder / model.name, folder / PARTIAL / model.name
    try:
        shutil.rmtree(staged, ignore_errors=True)
        for name, part in parts.items():
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            part.rename(staged / name)
        shutil.rmtree(own, ignore_errors=True)  # what lay there was not the model
        staged.rename(own)
        _sync(folder)
        _leave(folder / PARTIAL)
    except OSError as error:
        raise PullError(f"{own} can not be written: {error.strerror or error}") from None


def _copy(model: Model, folder: Path, paths: dict[str, Path]) -> None:
    found = catalogue.find(model.name, folder)
    if found.state == "present" and all(path.is_relative_to(folder / model.name) for path in found.paths.values()):
        return
    parts: dict[str, Path] = {}
    for file in model.files:
        parts[file.name] = _part(folder, file)
        _copied(paths[file.name], parts[file.name], file)
    _install(model, folder, parts)


def _copied(source: Path, target: Path, file: ModelFile) -> None:
    """Copy what has the file's sha256 still.

    Raises:
        PullError: it was changed meanwhile.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("wb") as write:
        while piece := read.read(CHUNK):
            digest.update(piece)
            write.write(piece)
        write.flush()
        os.fsync(write.fileno())
    if digest.hexdigest() != file.sha256:
        target.unlink()
        raise PullError(f"{source} changed while it was copied")


def _recognised(source: Path) -> dict[str, Path]:
    """The catalogued files in and below a folder, by their sha256."""
    files = [file for model in _of_folders() for file in model.files]
    wanted, sizes = {file.sha256 for file in files}, {file.size for file in files}
    found: dict[str, Path] = {}
    if not source.is_dir():
        raise NotADirectoryError(20, "is not a folder", str(source))
    for path in sorted(source.rglob("*")):
        if path.is_file() and (0 in sizes or path.stat().st_size in sizes):
            digest = catalogue.digest(path)
            if digest in wanted:
                found.setdefault(digest, path)
    return found


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _leave(folder: Path) -> None:
    """Remove the folder of partial files if it holds none."""
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
