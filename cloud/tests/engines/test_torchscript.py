"""TorchScript archives are read without PyTorch, and nothing that one holds is done."""

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.vision.torchscript import TorchScript
from marinelayer.ports import EngineUnavailableError

from . import tiny_clip
from .tiny_clip import archive, integer, integers, pickle_of, tensor, text

NUMBERS = np.arange(12, dtype=np.float32).reshape(3, 4)
TINY = {"weight": NUMBERS, "inner.half": NUMBERS.astype(np.float16), "inner.deeper.one": np.array(7, np.int64)}


def test_tensors_have_the_names_of_their_modules() -> None:
    read = TorchScript(archive(TINY))
    assert set(read) == set(TINY)
    for name, values in TINY.items():
        assert read[name].dtype == values.dtype
        assert read[name].shape == values.shape
        assert (read[name] == values).all()


def test_a_tensor_may_be_a_part_of_its_storage_and_turned() -> None:
    turned = b"\x80\x02c__torch__\nTiny\n)\x81}(" + text("turned") + tensor(NUMBERS.T, 0) + b"ub."
    assert (TorchScript(archive({"x": NUMBERS}, pickled=turned))["turned"] == NUMBERS.T).all()
    part = b"\x80\x02c__torch__\nTiny\n)\x81}(" + text("part") + tensor(NUMBERS[1:], 0, offset=4, count=12) + b"ub."
    assert (TorchScript(archive({"x": NUMBERS}, pickled=part))["part"] == NUMBERS[1:]).all()


def test_what_is_read_can_not_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        TorchScript(archive(TINY))["weight"][0, 0] = 1


class Does:
    """A pickle that touches a file when it is trusted."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self._path),)


def hostile(path: Path) -> dict[str, bytes]:
    """Pickles that do something, or try to, by their names."""
    made = pickle.dumps(Does(path), 2)
    folder = text(str(path))
    bag = b"c__torch__\nTiny\n"
    return {
        "a call of another function": made,
        "the same by the names of today": pickle.dumps(Does(path), 4),
        "a call in an attribute": b"\x80\x02" + bag + b")\x81}(" + text("x") + b"cos\nmkdir\n(" + folder + b"tRub.",
        "an object of another class": b"\x80\x02csubprocess\nPopen\n(" + text("true") + b"t\x81.",
        "the old opcode for objects": b"(" + folder + b"ios\nmkdir\n.",
        "the other old opcode": b"(cos\nmkdir\n" + folder + b"o.",
        "a name that leads elsewhere": b"\x80\x04" + text("__torch__") + text("os.mkdir") + b"\x93(" + folder + b"tR.",
        "builtins": b"\x80\x02c__builtin__\neval\n(" + text("1") + b"tR.",
        "a module that is named alike": b"\x80\x02c__torch__x\nmkdir\n)\x81.",
        "other functions of torch": b"\x80\x02ctorch\nload\n(" + folder + b"tR.",
        "a class that is changed": b"\x80\x02" + bag + b"}(" + text("__setstate__") + b"Nub.",
        "a class whose slots are changed": b"\x80\x02" + bag + b"N}" + text("__setstate__") + b"Ns\x86b.",
        "a function that is changed": b"\x80\x02ccollections\nOrderedDict\n}" + text("x") + b"Nsb.",
        "an extension": b"\x80\x02\x82\x01.",
    }


@pytest.mark.parametrize("name", sorted(hostile(Path())))
def test_a_hostile_pickle_is_refused_and_does_nothing(name: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    with pytest.raises(EngineUnavailableError, match="can not be used"):
        TorchScript(archive(TINY, pickled=hostile(made)[name]))
    assert not made.exists()


def test_the_same_pickle_does_something_where_it_is_trusted(tmp_path: Path) -> None:
    pickle.loads(hostile(tmp_path / "made")["a call of another function"])
    assert (tmp_path / "made").is_dir(), "or the tests of hostile pickles would prove nothing"


def module_of(*parts: bytes) -> bytes:
    return b"\x80\x02c__torch__\nTiny\n)\x81}(" + text("x") + b"".join(parts) + b"ub."


def rebuilt(
    kind: bytes, number: str, count: int, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
) -> bytes:
    storage = b"(" + text("storage") + b"ctorch\n" + kind + b"\n" + text(number) + text("cpu") + integer(count) + b"tQ"
    rest = integer(offset) + integers(shape) + integers(strides)
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + rest + b"tR"


@pytest.mark.parametrize(
    ("shape", "strides", "offset"),
    [
        ((13,), (1,), 0),
        ((3, 4), (5, 1), 0),
        ((12,), (1,), 1),
        ((3,), (-1,), 2),
        ((3,), (1,), -1),
        ((-3,), (1,), 0),
        ((2,), (1, 1), 0),
    ],
)
def test_no_tensor_reaches_beyond_its_storage(shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> None:
    beyond = module_of(rebuilt(b"FloatStorage", "0", 12, offset, shape, strides))
    with pytest.raises(EngineUnavailableError, match="can not be used"):
        TorchScript(archive({"x": NUMBERS}, pickled=beyond))


@pytest.mark.parametrize(("number", "count"), [("0", 13), ("1", 12), ("../version", 1), ("-1", 1), ("0", -1)])
def test_a_storage_is_one_of_the_archives_and_as_large_as_it_says(number: str, count: int) -> None:
    with pytest.raises(EngineUnavailableError, match="can not be used"):
        TorchScript(archive({"x": NUMBERS}, pickled=module_of(rebuilt(b"FloatStorage", number, count, 0, (1,), (1,)))))[
            "x"
        ]


def test_a_module_that_holds_itself_is_read_once() -> None:
    around = b"\x80\x02c__torch__\nTiny\n)\x81q\x00}(" + text("me") + b"h\x00" + text("x") + tensor(NUMBERS, 0) + b"ub."
    assert list(TorchScript(archive({"x": NUMBERS}, pickled=around))) == ["x"]


def test_what_is_no_archive_says_so() -> None:
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as written:
        written.writestr("a/data.pkl", pickle_of({}))
        written.writestr("b/data.pkl", pickle_of({}))
    for data in (b"", b"PK", archive(TINY)[:-40], folder.getvalue(), archive(TINY, pickled=pickle.dumps({"a": 1}, 2))):
        with pytest.raises(EngineUnavailableError, match="can not be used"):
            TorchScript(data)


@given(st.binary(max_size=120), st.integers(0, 400))
def test_whatever_is_written_into_a_pickle_it_is_read_or_refused(noise: bytes, at: int) -> None:
    whole = pickle_of(TINY)
    try:
        read = TorchScript(archive(TINY, pickled=whole[:at] + noise + whole[at + len(noise) :]))
        [read[name] for name in read]
    except EngineUnavailableError:
        pass


def test_the_tiny_model_is_kept_as_real_ones_are() -> None:
    read = TorchScript(archive(tiny_clip.colours()))
    assert {str(read[name].dtype) for name in read} == {"float16", "float32"}
    assert read["visual.conv1.weight"].shape == (64, 3, 8, 8)
