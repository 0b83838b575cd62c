"""Tiny models with the inputs and outputs of YuNet and SFace, for OpenCV to load.

A face is a block of 32 pixels, aligned to 32, that has all blue and no red; how much green it has says whose it is.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from .onnx_model import model, node

STRIDES = (8, 16, 32)
ALICE, BOB = (0, 0, 255), (0, 255, 255)
"""The colours of two faces; none between them is either's."""
SIZE = 32

EYES_NOSE_MOUTH = ((-0.25, -0.25), (0.25, -0.25), (0.0, 0.0), (-0.2, 0.25), (0.2, 0.25))
"""The landmarks of every face, from its middle, in blocks."""


def detector(*, tilt: float = 0.0, high: float = 1.0) -> bytes:
    """A YuNet: twelve outputs, of which those of stride 32 see blue blocks. `tilt` lowers the right eye, in blocks; it
    takes a block for the middle of a face that is `high` blocks wide and high."""
    nodes: list[bytes] = []
    weights: dict[str, np.ndarray] = {}
    outputs: dict[str, tuple[int | str, ...]] = {}
    points = np.array(EYES_NOSE_MOUTH, np.float32)
    points[1, 1] += tilt
    for stride in STRIDES:
        sees = np.zeros((1, 3, stride, stride), np.float32)
        if stride == SIZE:
            sees[0, 0] = 1 / 255 / SIZE / SIZE  # blue
            sees[0, 2] = -1 / 255 / SIZE / SIZE  # red
        constants = {
            "cls": (sees, np.zeros(1, np.float32)),
            "obj": (np.zeros((1, 3, stride, stride), np.float32), np.ones(1, np.float32)),
            "bbox": (
                np.zeros((4, 3, stride, stride), np.float32),
                np.array([0.5, 0.5, np.log(high), np.log(high)], np.float32),
            ),
            "kps": (np.zeros((10, 3, stride, stride), np.float32), (points + 0.5).ravel()),
        }
        for kind, (kernel, bias) in constants.items():
            name = f"{kind}_{stride}"
            weights |= {f"{name}_w": kernel, f"{name}_b": bias}
            weights[f"{name}_shape"] = np.array([1, -1, len(bias)], np.int64)
            nodes += [
                node(
                    "Conv",
                    ["input", f"{name}_w", f"{name}_b"],
                    f"{name}_map",
                    kernel_shape=[stride, stride],
                    strides=[stride, stride],
                ),
                node("Transpose", [f"{name}_map"], f"{name}_last", perm=[0, 2, 3, 1]),
                node("Reshape", [f"{name}_last", f"{name}_shape"], name),
            ]
            outputs[name] = (1, (640 // stride) ** 2, len(bias))
    return model(nodes, inputs={"input": (1, 3, 640, 640)}, outputs=outputs, weights=weights)


def recogniser() -> bytes:
    """An SFace: 128 numbers of an upright face, here of its mean colour alone."""
    mixing = np.zeros((3, 128), np.float32)
    mixing[0, 0], mixing[1, 1], mixing[2, 2] = 1, 3, 1
    weights = {"mixing": mixing, "middle": (-128 * mixing.sum(axis=0)).astype(np.float32)}
    nodes = [
        node("GlobalAveragePool", ["data"], "mean"),
        node("Flatten", ["mean"], "colour", axis=1),
        node("Gemm", ["colour", "mixing", "middle"], "fc1"),
    ]
    return model(nodes, inputs={"data": (1, 3, 112, 112)}, outputs={"fc1": (1, 128)}, weights=weights)


def crowd(*faces: tuple[int, int, tuple[int, int, int]], size: tuple[int, int] = (320, 256)) -> bytes:
    """A grey picture with faces: column and row of their blocks, and their colours."""
    picture = Image.new("RGB", size, (128, 128, 128))
    for column, row, colour in faces:
        picture.paste(colour, (column * SIZE, row * SIZE, (column + 1) * SIZE, (row + 1) * SIZE))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
