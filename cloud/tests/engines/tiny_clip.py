"""Tiny models of CLIP's form, and the TorchScript archive that holds one, written by hand: no PyTorch is needed.

`colours` means something: it puts a picture near the letter r, g or b of its colour. `waves` means nothing, and has
numbers everywhere, for comparing with what PyTorch makes of the same numbers.
"""

import gzip
import io
import struct
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from marinelayer.engines.vision.byte_pairs import BytePairs

Tensors = dict[str, npt.NDArray[Any]]

MERGES = gzip.compress(b"#version: 0.2\np h\nph o\nt o</w>\npho to</w>\n")
"""A list with which `photo` is one symbol."""
ENCODER = BytePairs(MERGES)
SYMBOLS = ENCODER.end + 1
WIDTH = 64
SIDE, PATCH = 32, 8


def archive(tensors: Mapping[str, npt.NDArray[Any]], *, root: str = "tiny", pickled: bytes | None = None) -> bytes:
    """An archive of these tensors, of 16 or 32 bits; `pickled` in the place of their pickle, if it is given."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as written:
        written.writestr(f"{root}/version", b"3\n")
        written.writestr(f"{root}/code/__torch__/tiny.py", b"class Tiny(Module): ...\n")
        written.writestr(f"{root}/data.pkl", pickled if pickled is not None else pickle_of(tensors))
        for number, tensor in enumerate(tensors.values()):
            written.writestr(f"{root}/data/{number}", np.ascontiguousarray(tensor).tobytes())
    return packed.getvalue()


def pickle_of(tensors: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """What `torch.jit.save` writes of a module with these tensors."""
    numbers = {name: number for number, name in enumerate(tensors)}
    return b"\x80\x02" + _module(tensors, numbers, "") + b"."


def _module(tensors: Mapping[str, npt.NDArray[Any]], numbers: Mapping[str, int], prefix: str) -> bytes:
    content = text("training") + b"\x89" + text("_is_full_backward_hook") + b"N"
    for name in dict.fromkeys(full[len(prefix) :].partition(".")[0] for full in tensors if full.startswith(prefix)):
        full = prefix + name
        inner = tensor(tensors[full], numbers[full]) if full in tensors else _module(tensors, numbers, f"{full}.")
        content += text(name) + inner
    return b"c__torch__.tiny.___torch_mangle_7\nTiny\n)\x81}(" + content + b"ub"


def tensor(values: npt.NDArray[Any], number: int, *, offset: int = 0, count: int | None = None) -> bytes:
    """A tensor that lies in storage `number`, from `offset` on."""
    kind = {"float16": b"Half", "float32": b"Float", "int64": b"Long"}[values.dtype.name]
    strides = tuple(stride // values.itemsize for stride in values.strides)
    storage = text("storage") + b"ctorch\n" + kind + b"Storage\n" + text(str(number)) + text("cuda:0")
    storage = b"(" + storage + integer(values.size if count is None else count) + b"tQ"
    rest = integer(offset) + integers(values.shape) + integers(strides) + b"\x88ccollections\nOrderedDict\n)R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + rest + b"tR"


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def integer(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def integers(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(map(integer, values)) + b"t"


def colours() -> Tensors:
    """A model of one block a side, whose tokens look at all they may alike. Points have four numbers: how red, green and
    blue it is, and how much of a text is its end alone."""
    first = np.zeros((WIDTH, 3, PATCH, PATCH), np.float32)
    for colour in range(3):
        first[colour, colour] = 1 / PATCH**2
    points = np.eye(WIDTH, 4, dtype=np.float32)
    words = np.zeros((SYMBOLS, WIDTH), np.float16)
    for axis, letter in enumerate("rgb"):
        words[ENCODER.encode(letter)[1], axis] = 10
    words[ENCODER.end, 3] = 0.5
    return {
        "positional_embedding": np.zeros((16, WIDTH), np.float32),
        "text_projection": points.astype(np.float16),
        "logit_scale": np.array(np.log(10), np.float32),
        "visual.class_embedding": np.zeros(WIDTH, np.float32),
        "visual.positional_embedding": np.zeros((1 + (SIDE // PATCH) ** 2, WIDTH), np.float32),
        "visual.proj": points.astype(np.float16),
        "visual.conv1.weight": first.astype(np.float16),
        **_norm("visual.ln_pre"),
        **dict(_averaging("visual.")),
        **_norm("visual.ln_post"),
        **dict(_averaging("")),
        "token_embedding.weight": words,
        **_norm("ln_final"),
    }


def _norm(name: str) -> Tensors:
    return {f"{name}.weight": np.ones(WIDTH, np.float32), f"{name}.bias": np.zeros(WIDTH, np.float32)}


def _averaging(prefix: str) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """A block in which each token gets the mean of what it looks at, and thinks nothing of it."""
    block = f"{prefix}transformer.resblocks.0"
    alike = np.zeros((2 * WIDTH, WIDTH), np.float16)
    itself = np.eye(WIDTH, dtype=np.float16)
    yield f"{block}.attn.in_proj_weight", np.concatenate([alike, itself])
    yield f"{block}.attn.in_proj_bias", np.zeros(3 * WIDTH, np.float16)
    yield f"{block}.attn.out_proj.weight", itself
    yield f"{block}.attn.out_proj.bias", np.zeros(WIDTH, np.float16)
    yield from _norm(f"{block}.ln_1").items()
    yield f"{block}.mlp.c_fc.weight", np.zeros((4 * WIDTH, WIDTH), np.float16)
    yield f"{block}.mlp.c_fc.bias", np.zeros(4 * WIDTH, np.float16)
    yield f"{block}.mlp.c_proj.weight", np.zeros((WIDTH, 4 * WIDTH), np.float16)
    yield f"{block}.mlp.c_proj.bias", np.zeros(WIDTH, np.float16)
    yield from _norm(f"{block}.ln_2").items()


def waves() -> Tensors:
    """Two blocks a side; pictures of 8 pixels in patches of 4, wide 64; texts of 8 tokens of 520, wide 128; points of 8
    numbers. Every number is a sine of the square of its place."""
    shapes: dict[str, tuple[int, ...]] = {
        "positional_embedding": (8, 128),
        "text_projection": (128, 8),
        "logit_scale": (),
        "visual.class_embedding": (64,),
        "visual.positional_embedding": (5, 64),
        "visual.proj": (64, 8),
        "visual.conv1.weight": (64, 3, 4, 4),
        "token_embedding.weight": (520, 128),
        **_pair("visual.ln_pre", 64),
        **_pair("visual.ln_post", 64),
        **_pair("ln_final", 128),
    }
    for prefix, width in (("visual.", 64), ("", 128)):
        for number in range(2):
            block = f"{prefix}transformer.resblocks.{number}"
            shapes |= _pair(f"{block}.ln_1", width) | _pair(f"{block}.ln_2", width)
            shapes[f"{block}.attn.in_proj_weight"], shapes[f"{block}.attn.in_proj_bias"] = (
                (3 * width, width),
                (3 * width,),
            )
            shapes |= _linear(f"{block}.attn.out_proj", width, width)
            shapes |= _linear(f"{block}.mlp.c_fc", 4 * width, width) | _linear(f"{block}.mlp.c_proj", width, 4 * width)
    return {name: _wave(name, shape) for name, shape in shapes.items()}


def _pair(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def _linear(name: str, rows: int, columns: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}


def _wave(name: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    seed = sum(name.encode())
    count = np.arange(np.prod(shape, dtype=int))
    values = np.sin(1.7 * count + 0.0131 * count**2 + seed).reshape(shape)
    if name.endswith(("ln_1.weight", "ln_2.weight", "ln_pre.weight", "ln_post.weight", "ln_final.weight")):
        return (1 + values / 4).astype(np.float32)
    return (values / (2 if len(shape) < 2 else 6)).astype(np.float16)
