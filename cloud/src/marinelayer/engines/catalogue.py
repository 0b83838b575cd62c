"""The catalogue of models (`catalogue.toml`), and where their files are on this machine.

Rule: nothing is loaded whose sha256 is not the catalogue's. Knows nothing of how a model is run, and downloads
nothing (`models/` does).
"""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from marinelayer.ports import Engine, EngineUnavailableError

CATALOGUE = Path(__file__).with_name("catalogue.toml")

State = Literal["present", "missing", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model: its path below the package, or below the model's own folder in the models folder; size in
    bytes (0 where it is not known), sha256 in hex, and where exactly these bytes can be downloaded."""

    name: str
    sha256: str
    size: int = 0
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One entry of the catalogue; the fields are explained at the head of `catalogue.toml`."""

    name: str
    task: str
    version: str
    where: str
    languages: tuple[str, ...]
    licence: str
    source: str
    accuracy: str
    measured_by: str
    install: str
    """What a person does to have it here."""
    files: tuple[ModelFile, ...]

    @property
    def downloadable(self) -> bool:
        """Whether `marinelayer models pull` can get it."""
        return self.where == "models" and all(file.urls for file in self.files)

    @property
    def size(self) -> int | None:
        """Bytes of all files; None where the size of one is not known."""
        sizes = [file.size for file in self.files]
        return sum(sizes) if all(sizes) else None

    @property
    def engine(self) -> Engine:
        """How an answer names it."""
        return Engine(name=self.name, version=self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A model as it is (or is not) on this machine. `paths` holds the files found, by their catalogued names;
    `problem` says what is wrong when `state` is not "present"."""

    model: Model
    state: State
    paths: Mapping[str, Path]
    problem: str = ""

    def read(self, name: str) -> bytes:
        """The file's bytes, once their sha256 was found to be the catalogue's.

        Raises:
            EngineUnavailableError: the file is not there, or is another.
        """
        file = next(file for file in self.model.files if file.name == name)
        path = self.paths.get(name)
        if path is None:
            raise EngineUnavailableError(f"{self.model.name} is not installed: {self.model.install}")
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise EngineUnavailableError(_another(path, self.model))
        return data

    def checked(self, name: str) -> Path:
        """The file's path, for a library that loads no bytes, once its sha256 was checked. Raises as `read`."""
        self.read(name)
        return self.paths[name]


@cache
def catalogue() -> Mapping[str, Model]:
    """Every model by its name, in the catalogue's order."""
    entries: list[dict[str, Any]] = tomllib.loads(CATALOGUE.read_text("utf-8"))["model"]
    models = [_model(**entry) for entry in entries]
    return {model.name: model for model in models}


def _model(languages: list[str], files: list[dict[str, Any]], **entry: Any) -> Model:
    parts = tuple(_file(**file) for file in files)
    install: str = entry.pop("install", "") or _install(entry["name"], parts)
    return Model(languages=tuple(languages), files=parts, install=install, **entry)


def _file(urls: Sequence[str] = (), **entry: Any) -> ModelFile:
    return ModelFile(urls=tuple(urls), **entry)


def _install(name: str, files: Sequence[ModelFile]) -> str:
    put = f"put {' and '.join(_base(file) for file in files)} into the folder of --models"
    return f"marinelayer models pull {name}, or {put}" if all(file.urls for file in files) else put


def find(name: str, models: Path | None) -> Installed:
    """The model `name` of the catalogue, looked for where it belongs; `models` is the folder of --models.

    In the models folder that is `name`'s own folder, where `marinelayer models` puts its files; their sha256 is checked
    when they are read. Else files are found by name, anywhere in the models folder, or by size under any name, if they
    have the sha256.
    """
    model = catalogue()[name]
    if model.where == "models":
        return _in_folder(model, models)
    package = model.where.removeprefix("package:")
    spec = importlib.util.find_spec(package)
    folder = Path(spec.origin).parent if spec and spec.origin else None
    return _in_package(model, folder)


def require(name: str, models: Path | None) -> Installed:
    """The model `name`, as `find` finds it.

    Raises:
        EngineUnavailableError: it is not here; the text says what to install.
    """
    installed = find(name, models)
    if installed.state != "present":
        raise EngineUnavailableError(installed.problem)
    return installed


def digest(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _in_package(model: Model, folder: Path | None) -> Installed:
    paths = {file.name: folder / file.name for file in model.files} if folder else {}
    present = {name: path for name, path in paths.items() if path.is_file()}
    if len(present) < len(model.files):
        return Installed(model=model, state="missing", paths=present, problem=_missing(model))
    return Installed(model=model, state="present", paths=present)


def _in_folder(model: Model, folder: Path | None) -> Installed:
    if folder is None or not folder.is_dir():
        return Installed(model=model, state="missing", paths={}, problem=_missing(model))
    own = {file.name: path for file in model.files if _has_size(path := folder / model.name / file.name, file)}
    if len(own) == len(model.files):
        return Installed(model=model, state="present", paths=own)
    return _anywhere(model, folder)


def _anywhere(model: Model, folder: Path) -> Installed:
    paths: dict[str, Path] = {}
    others: list[Path] = []
    for file in model.files:
        named, candidates = _candidates(file, folder)
        match = next((path for path in candidates if digest(path) == file.sha256), None)
        if match is not None:
            paths[file.name] = match
        else:
            others += named
    if len(paths) == len(model.files):
        return Installed(model=model, state="present", paths=paths)
    if others:
        return Installed(model=model, state="wrong", paths=paths, problem=_another(others[0], model))
    return Installed(model=model, state="missing", paths=paths, problem=_missing(model))


def _has_size(path: Path, file: ModelFile) -> bool:
    return path.is_file() and file.size in (0, path.stat().st_size)


def _candidates(file: ModelFile, folder: Path) -> tuple[list[Path], list[Path]]:
    """The files that have the name, and all that may be the file, most likely first."""
    everything = [path for path in _two_levels(folder) if path.is_file()]
    named = [path for path in everything if path.name == _base(file)]
    if not file.size:
        return named, named
    same_size = [path for path in everything if path.stat().st_size == file.size]
    return named, [path for path in same_size if path in named] + [path for path in same_size if path not in named]


def _two_levels(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from sorted(path.iterdir()) if not path.name.startswith(".") else ()
        else:
            yield path


def _base(file: ModelFile) -> str:
    return file.name.rpartition("/")[2]


def _missing(model: Model) -> str:
    return f"{model.name} is not installed: {model.install}"


def _another(path: Path, model: Model) -> str:
    return f"{path.name} is not the file that the catalogue knows for {model.name} (its sha256 differs): not loaded"
