"""CLIP with vision transformers, in numpy: pictures and texts as points of one space, near where they mean the same.

Radford et al., Learning Transferable Visual Models From Natural Language Supervision (arXiv:2103.00020). Both sides are
transformers with the norm first (Vaswani et al., arXiv:1706.03762; Dosovitskiy et al., arXiv:2010.11929), heads of 64
numbers, and x * sigmoid(1.702 x) between. A picture is a square of 224 pixels, cut into patches; what stands for all of
it is a token before them. A text's tokens look only back, so that its last one, the end, has seen all.

Sizes follow from the tensors; their names are those of OpenAI's models. Numbers are computed as 32 bits, whatever they
are kept as.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from marinelayer.engines.vision.decoding import Pixels
from marinelayer.ports import EngineUnavailableError

Floats = npt.NDArray[np.float32]
Tensors = Mapping[str, npt.NDArray[Any]]

HEAD = 64
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


class ImageTower:
    """The side that looks at pictures."""

    def __init__(self, tensors: Tensors) -> None:
        """Take its tensors. Raises EngineUnavailableError: some are not there."""
        own = _Part(tensors, "visual.")
        patches = own["conv1.weight"]
        self._width, _, self._patch, _ = patches.shape
        self._patches = patches.reshape(self._width, -1)
        self._first = own["class_embedding"]
        self._places = own["positional_embedding"]
        self._before, self._after = _Norm(own, "ln_pre"), _Norm(own, "ln_post")
        self._blocks = _Blocks(own, self._width)
        self._projection = own["proj"]
        self.side: int = self._patch * round((len(self._places) - 1) ** 0.5)

    def seen(self, picture: Pixels) -> Floats:
        """What it has seen when it is done, of as many numbers as it is wide: good to learn other things from."""
        count = self.side // self._patch
        square = _prepared(picture, self.side).reshape(count, self._patch, count, self._patch, 3)
        patches = square.transpose(0, 2, 4, 1, 3).reshape(count * count, -1) @ self._patches.T
        tokens = self._before(np.concatenate([self._first[np.newaxis], patches]) + self._places)
        return self._after(self._blocks(tokens[np.newaxis], None)[0, 0])

    def point(self, picture: Pixels) -> Floats:
        """Where the picture is, at the length 1."""
        return _unit(self.seen(picture) @ self._projection)


class TextTower:
    """The side that reads texts. `scale` is what the cosine of a picture and a text is multiplied by to be a logit."""

    def __init__(self, tensors: Tensors) -> None:
        """Take its tensors. Raises EngineUnavailableError: some are not there."""
        own = _Part(tensors, "")
        # The largest table of all, of which a few rows are looked at: it stays as it is kept.
        self._words = own.kept("token_embedding.weight")
        self._places = own["positional_embedding"]
        self._blocks = _Blocks(own, self._words.shape[1])
        self._after = _Norm(own, "ln_final")
        self._projection = own["text_projection"]
        self.scale = float(np.exp(own["logit_scale"]))

    @property
    def longest(self) -> int:
        """How many tokens a text may have."""
        return len(self._places)

    def points(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Where each text is (a row each), at the length 1; a text is its tokens, the end's last. Those that are as
        long as each other are read together."""
        found = np.empty((len(texts), self._projection.shape[1]), np.float32)
        for length in {len(text) for text in texts}:
            rows = [row for row, text in enumerate(texts) if len(text) == length]
            tokens = self._words[np.array([texts[row] for row in rows])].astype(np.float32)
            ahead = np.triu(np.full((length, length), -np.inf, np.float32), 1)
            done = self._blocks(tokens + self._places[:length], ahead)
            found[rows] = _unit(self._after(done[:, -1]) @ self._projection)
        return found


class _Part:
    """Tensors by the ends of their names."""

    def __init__(self, tensors: Tensors, prefix: str) -> None:
        self._tensors = tensors
        self._prefix = prefix

    def kept(self, name: str) -> npt.NDArray[Any]:
        if self._prefix + name not in self._tensors:
            raise EngineUnavailableError(f"the model is of a form that can not be used: it has no {self._prefix}{name}")
        return self._tensors[self._prefix + name]

    def __getitem__(self, name: str) -> Floats:
        return np.asarray(self.kept(name), np.float32, order="C")

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self._tensors

    def below(self, name: str) -> _Part:
        return _Part(self._tensors, f"{self._prefix}{name}.")


class _Norm:
    """Layer norm: each row with the mean 0 and the deviation 1, then scaled and shifted."""

    def __init__(self, part: _Part, name: str) -> None:
        self._weight, self._bias = part[f"{name}.weight"], part[f"{name}.bias"]

    def __call__(self, rows: Floats) -> Floats:
        centred = rows - rows.mean(axis=-1, keepdims=True)
        return centred / np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + 1e-5) * self._weight + self._bias


class _Linear:
    def __init__(self, part: _Part, weight: str, bias: str) -> None:
        self._weight, self._bias = part[weight], part[bias]

    def __call__(self, rows: Floats) -> Floats:
        flat = rows.reshape(-1, rows.shape[-1]) @ self._weight.T + self._bias
        return flat.reshape(*rows.shape[:-1], -1)


class _Blocks:
    """The blocks of a transformer of this width, one after the other, on tokens of the shape [texts, tokens, width].
    `mask` is added to what a token (row) looks at in each (column)."""

    def __init__(self, part: _Part, width: int) -> None:
        self._heads = width // HEAD
        self._blocks: list[_Block] = []
        while f"transformer.resblocks.{len(self._blocks)}.ln_1.weight" in part:
            self._blocks.append(_Block(part.below(f"transformer.resblocks.{len(self._blocks)}")))

    def __call__(self, tokens: Floats, mask: Floats | None) -> Floats:
        for block in self._blocks:
            tokens = tokens + block.attend(tokens, mask, self._heads)
            tokens = tokens + block.think(tokens)
        return tokens


class _Block:
    def __init__(self, part: _Part) -> None:
        self._norms = _Norm(part, "ln_1"), _Norm(part, "ln_2")
        self._ask = _Linear(part, "attn.in_proj_weight", "attn.in_proj_bias")
        self._answer = _Linear(part, "attn.out_proj.weight", "attn.out_proj.bias")
        self._widen = _Linear(part, "mlp.c_fc.weight", "mlp.c_fc.bias")
        self._narrow = _Linear(part, "mlp.c_proj.weight", "mlp.c_proj.bias")

    def attend(self, tokens: Floats, mask: Floats | None, heads: int) -> Floats:
        texts, count, width = tokens.shape
        asked = self._ask(self._norms[0](tokens)).reshape(texts, count, 3, heads, HEAD)
        query, key, value = asked.transpose(2, 0, 3, 1, 4)
        likeness = query @ key.swapaxes(-1, -2) / np.float32(HEAD**0.5)
        looked = _shares(likeness if mask is None else likeness + mask) @ value
        return self._answer(looked.transpose(0, 2, 1, 3).reshape(texts, count, width))

    def think(self, tokens: Floats) -> Floats:
        wide = self._widen(self._norms[1](tokens))
        with np.errstate(over="ignore"):  # what is far below nothing becomes nothing
            powers: Floats = np.exp(np.float32(-1.702) * wide)
        return self._narrow(wide / (1 + powers))


def _shares(logits: Floats) -> Floats:
    highest: Floats = logits.max(axis=-1, keepdims=True)
    powers: Floats = np.exp(logits - highest)
    total: Floats = powers.sum(axis=-1, keepdims=True)
    return powers / total


def _unit(rows: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / lengths


def _prepared(picture: Pixels, side: int) -> Floats:
    """The middle of the picture, whose shorter side is `side` long, in the colours' own scale."""
    image = Image.fromarray(picture)
    shorter = min(image.size)
    width, height = (side if length == shorter else int(side * length / shorter) for length in image.size)
    scaled = image.resize((width, height), Image.Resampling.BICUBIC)
    left, top = round((width - side) / 2), round((height - side) / 2)
    square: Floats = np.asarray(scaled.crop((left, top, left + side, top + side)), np.float32)
    return (square / np.float32(255) - MEAN) / DEVIATION
