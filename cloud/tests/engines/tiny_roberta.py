"""A model of twitter-roberta-base-sentiment's inputs and outputs that means something: a text is as good and as bad as
its words in the mean. It has a vocabulary and merges of its own; what is masked does not count."""

from __future__ import annotations

import json

import numpy as np

from .onnx_model import model, node

BLANK = "\u0120"
"""How GPT-2 writes a blank."""
WORDS = {
    "good": (-6.0, 0.0, 6.0),
    "awful": (6.0, 0.0, -6.0),
    "user": (0.0, 0.0, 40.0),
}
PLAIN = (0.0, 4.0, 0.0)
BYTES = [*map(chr, range(ord("!"), ord("~") + 1)), BLANK, "\u010a", "\u00c3", "\u00a9"]
"""Of ASCII's letters, blank, line's end and `é`."""


def _merges() -> list[tuple[str, str]]:
    pairs = [(word[:end], word[end]) for word in WORDS for end in range(1, len(word))]
    return [*pairs, *((BLANK, word) for word in WORDS)]


PIECES = ("<s>", "<pad>", "</s>", "<unk>", *BYTES, *(left + right for left, right in _merges()))
VOCABULARY = json.dumps({piece: number for number, piece in enumerate(PIECES)}).encode()
MERGES = "\n".join(["#version: 0.2", *(f"{left} {right}" for left, right in _merges()), ""]).encode()


def tiny_roberta() -> bytes:
    """The model."""
    meant = np.array([WORDS.get(piece.removeprefix(BLANK), PLAIN) for piece in PIECES], np.float32)
    meant[[0, 2]] = 0
    nodes = [
        node("Gather", ["meant", "input_ids"], "read", axis=0),
        node("Gather", ["counted", "attention_mask"], "weight", axis=0),
        node("Mul", ["read", "weight"], "seen"),
        node("ReduceMean", ["seen"], "logits", axes=[1], keepdims=0),
    ]
    shape = ("texts", "pieces")
    return model(
        nodes,
        inputs={},
        numbers={"input_ids": shape, "attention_mask": shape},
        outputs={"logits": ("texts", 3)},
        weights={"meant": meant, "counted": np.array([[0.0], [1.0]], np.float32)},
    )
