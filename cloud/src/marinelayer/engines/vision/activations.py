"""What a network has in the middle of it: its activations as further outputs.

An ONNX file is a message of Protocol Buffers (onnx.proto3), in which a field that comes twice is merged: a graph with
nothing but outputs, added at the end, gives the graph of the file these outputs too.
"""

from __future__ import annotations

from collections.abc import Iterable

_GRAPH_OF_MODEL = b"\x3a"
_OUTPUT_OF_GRAPH = b"\x62"
_NAME_OF_VALUE = b"\x0a"


def with_outputs(model: bytes, names: Iterable[str]) -> bytes:
    """The model, which also puts out the values of these names."""
    graph = b"".join(_field(_OUTPUT_OF_GRAPH, _field(_NAME_OF_VALUE, name.encode())) for name in names)
    return model + _field(_GRAPH_OF_MODEL, graph)


def _field(key: bytes, content: bytes) -> bytes:
    return key + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
