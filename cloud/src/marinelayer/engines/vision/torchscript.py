"""The tensors of a TorchScript archive, as `torch.jit.save` writes it, read without PyTorch and without trusting it.

    ROOT/data.pkl   the module, as a pickle: objects of classes below `__torch__`, whose tensors name their storages
    ROOT/data/N     the numbers of storage N, little endian

The rest (code, constants) is not looked at. A pickle may call what it names: here it can name nothing but the classes
below `__torch__` (all are the same bag of attributes), the kinds of storages, and three functions that put tensors,
empty dicts and lists together.

Source: https://github.com/pytorch/pytorch/blob/main/torch/csrc/jit/docs/serialization.md.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from marinelayer.ports import EngineUnavailableError

Tensor = npt.NDArray[Any]

MOST_BYTES = 1 << 30
KINDS: Mapping[str, str] = {
    "HalfStorage": "<f2",
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "BoolStorage": "?",
}


@dataclass(frozen=True, slots=True)
class _Storage:
    """Numbers that lie in the archive: their type, the number of their file, and how many they are."""

    kind: str
    number: str
    count: int


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor: where it begins in its storage, and by how many numbers it goes on in each dimension."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class TorchScript(Mapping[str, Tensor]):
    """Every tensor of an archive by its name, a submodule's with that module's before a dot. Each is read when it is
    asked for, and is read-only."""

    def __init__(self, archive: bytes) -> None:
        """Read what there is.

        Raises:
            EngineUnavailableError: it is no such archive, or wants more than one may.
        """
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(archive))
            self._root, module = _module(self._archive)
            self._views = dict(_named(module, "", set()))
        except Exception as error:
            # A pickle that is not what it should be fails in all kinds of ways; none of them has done anything.
            raise _unusable(error) from error

    def __getitem__(self, name: str) -> Tensor:
        """The tensor. Raises EngineUnavailableError: its numbers are not there."""
        view = self._views[name]
        try:
            data = self._archive.read(f"{self._root}/data/{view.storage.number}")
            numbers = np.frombuffer(data, np.dtype(view.storage.kind), view.storage.count)
        except (KeyError, ValueError, zipfile.BadZipFile) as error:
            raise _unusable(error) from error
        strides = tuple(stride * numbers.itemsize for stride in view.strides)
        return np.lib.stride_tricks.as_strided(numbers[view.offset :], view.shape, strides, writeable=False)

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._views)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._views)


def _unusable(error: Exception) -> EngineUnavailableError:
    return EngineUnavailableError(f"the model is of a form that can not be used: {error}")


class _Frozen(type):
    """A class that a pickle can not change."""

    def __setattr__(cls, name: str, value: Any) -> None:
        raise pickle.UnpicklingError(f"{cls.__name__} can not be changed")


class _Bag(metaclass=_Frozen):
    """An object of any class below `__torch__`: its attributes."""

    def __init__(self) -> None:
        self.attributes: Mapping[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        self.attributes = state if isinstance(state, dict) else {}


class _Tensor:
    """torch._utils._rebuild_tensor_v2: a part of a storage, in some shape."""

    __slots__ = ()

    def __call__(self, storage: Any, offset: int, shape: Sequence[int], strides: Sequence[int], *_: Any) -> _View:
        if not isinstance(storage, _Storage) or len(shape) != len(strides):
            raise pickle.UnpicklingError("a tensor without a storage")
        last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
        if min((offset, *shape, *strides)) < 0 or (0 not in shape and last >= storage.count):
            raise pickle.UnpicklingError("a tensor beyond its storage")
        return _View(storage, offset, tuple(shape), tuple(strides))


class _Nothing:
    """collections.OrderedDict: the hooks that a tensor has not."""

    __slots__ = ()

    def __call__(self) -> dict[str, Any]:
        return {}


class _List:
    """torch.jit._pickle.build_intlist and its like."""

    __slots__ = ()

    def __call__(self, items: Sequence[Any]) -> list[Any]:
        return list(items)


class _Unpickler(pickle.Unpickler):
    """One that can name nothing which does anything."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """What a pickle may name; see the module's docstring."""
        if module_name == "__torch__" or module_name.startswith("__torch__."):
            return _Bag
        if module_name == "torch" and global_name in KINDS:
            return KINDS[global_name]
        if (module_name, global_name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor()
        if (module_name, global_name) == ("collections", "OrderedDict"):
            return _Nothing()
        if module_name == "torch.jit._pickle" and global_name in {"build_intlist", "build_tensorlist"}:
            return _List()
        raise pickle.UnpicklingError(f"it wants {module_name}.{global_name}")

    def persistent_load(self, pid: Any) -> _Storage:
        """A storage: ("storage", its kind, its number, a device, how many numbers)."""
        tag, kind, number, _, count = pid[:5]
        if tag != "storage" or kind not in KINDS.values() or not str(number).isdigit() or not 0 <= count < MOST_BYTES:
            raise pickle.UnpicklingError("it wants something that is no storage")
        return _Storage(kind, str(number), count)


def _module(archive: zipfile.ZipFile) -> tuple[str, _Bag]:
    """The archive's folder, and the module that it holds."""
    pickles = [name for name in archive.namelist() if name.endswith("/data.pkl") and name.count("/") == 1]
    if len(pickles) != 1:
        raise pickle.UnpicklingError("it holds no module")
    if sum(file.file_size for file in archive.infolist()) > MOST_BYTES:
        raise pickle.UnpicklingError("it is too large")
    found = _Unpickler(io.BytesIO(archive.read(pickles[0]))).load()
    if not isinstance(found, _Bag):
        raise pickle.UnpicklingError("it holds no module")
    return pickles[0].partition("/")[0], found


def _named(module: _Bag, prefix: str, seen: set[int]) -> Iterator[tuple[str, _View]]:
    seen.add(id(module))
    for name, value in module.attributes.items():
        if isinstance(value, _View):
            yield f"{prefix}{name}", value
        elif isinstance(value, _Bag) and id(value) not in seen:
            yield from _named(value, f"{prefix}{name}.", seen)
