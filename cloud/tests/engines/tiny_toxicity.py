"""A model of MiniLMv2-toxic-jigsaw's inputs and outputs that means something: each head is as sure as of the worst word.

It has a vocabulary of its own. As BERT does, it looks at what is masked and at which of two sentences a word is in: a
text that is not given rightly has other answers.
"""

from __future__ import annotations

import numpy as np

from .onnx_model import model, node

PIECES = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
    *("you", "are", "kind", "un", "##kind", "idiot", "##s", "damn", "kill", "vermin", "!", "[", "]", "sep"),
)
HEADS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
"""As `id2label` of the model's own config.json has them; not taken from the code under test."""
WORSE = {
    "idiot": ("toxic", "insult"),
    "damn": ("toxic", "obscene"),
    "kill": ("toxic", "threat"),
    "vermin": ("toxic", "identity_hate"),
}
VOCABULARY = "".join(f"{piece}\n" for piece in PIECES).encode()
HARMLESS, SURE = -4.0, 3.0


def tiny_toxicity() -> bytes:
    """The model."""
    words = np.full((len(PIECES), len(HEADS)), HARMLESS, np.float32)
    for piece, heads in WORSE.items():
        words[PIECES.index(piece), [HEADS.index(head) for head in heads]] = SURE
    masked = np.array([[-100.0], [0.0]], np.float32)
    second = np.array([[0.0], [100.0]], np.float32)
    nodes = [
        node("Gather", ["words", "input_ids"], "meant", axis=0),
        node("Gather", ["masked", "attention_mask"], "hidden", axis=0),
        node("Gather", ["second", "token_type_ids"], "raised", axis=0),
        node("Add", ["meant", "hidden"], "seen"),
        node("Add", ["seen", "raised"], "read"),
        node("ReduceMax", ["read"], "logits", axes=[1], keepdims=0),
    ]
    shape = ("texts", "pieces")
    return model(
        nodes,
        inputs={},
        numbers={"input_ids": shape, "attention_mask": shape, "token_type_ids": shape},
        outputs={"logits": ("texts", len(HEADS))},
        weights={"words": words, "masked": masked, "second": second},
    )
