"""Tiny ONNX models, written by hand: the protocol buffer of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, as
far as these tests need it, so that they need no package for it."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

FLOAT, INT64 = 1, 7
OPSET = 13

Attribute = int | float | str | Sequence[int]
Shape = Sequence[int | str]


def node(kind: str, inputs: Sequence[str], output: str, **attributes: Attribute) -> bytes:
    """One operation with one output."""
    fields = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, kind)
    return fields + b"".join(_bytes(5, _attribute(name, value)) for name, value in attributes.items())


def model(
    nodes: Sequence[bytes],
    *,
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape],
    weights: Mapping[str, npt.NDArray[Any]],
    numbers: Mapping[str, Shape] | None = None,
) -> bytes:
    """A model of these operations; `inputs` and `outputs` are float tensors, `numbers` further inputs of whole numbers."""
    graph = b"".join(_bytes(1, each) for each in nodes) + _text(2, "tiny")
    graph += b"".join(_bytes(5, _tensor(name, values)) for name, values in weights.items())
    graph += b"".join(_bytes(11, _value(name, shape)) for name, shape in inputs.items())
    graph += b"".join(_bytes(11, _value(name, shape, INT64)) for name, shape in (numbers or {}).items())
    graph += b"".join(_bytes(12, _value(name, shape)) for name, shape in outputs.items())
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, OPSET))


def _tensor(name: str, values: npt.NDArray[Any]) -> bytes:
    kind = INT64 if values.dtype == np.int64 else FLOAT
    data = values.astype("<i8" if kind == INT64 else "<f4").tobytes()
    dimensions = b"".join(_number(1, size) for size in values.shape)
    return dimensions + _number(2, kind) + _text(8, name) + _bytes(9, data)


def _value(name: str, shape: Shape, kind: int = FLOAT) -> bytes:
    sizes = b"".join(_bytes(1, _text(2, size) if isinstance(size, str) else _number(1, size)) for size in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, sizes)))


def _attribute(name: str, value: Attribute) -> bytes:
    head = _text(1, name)
    if isinstance(value, str):
        return head + _text(4, value) + _number(20, 3)
    if isinstance(value, float):
        return head + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, 2)
    return head + b"".join(_number(8, each) for each in value) + _number(20, 7)


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value & (1 << 64) - 1)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
