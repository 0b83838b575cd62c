"""Labels by what is said of them: CLIP tells which of many sentences (`open_labels.toml`) a picture is nearest to.

A label's point is the mean of its sentences' (section 3.1.4 of the paper); how sure it is, its share of a softmax over
all labels and the neutral sentences. So labels exclude each other: a picture of two things shares out between them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from marinelayer.engines import catalogue
from marinelayer.engines.vision.byte_pairs import BytePairs
from marinelayer.engines.vision.clip import Floats, ImageTower, TextTower
from marinelayer.engines.vision.decoding import Pixels
from marinelayer.engines.vision.torchscript import TorchScript
from marinelayer.ports import EngineUnavailableError

MODEL, MERGES = "ViT-B-32.pt", "bpe_simple_vocab_16e6.txt.gz"
LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sayings:
    """What is said of each label, of none of them, and which labels stand for several."""

    labels: Mapping[str, Sequence[str]]
    neutral: Sequence[str]
    sums: Mapping[str, Sequence[str]]


@cache
def sayings() -> Sayings:
    """Those of `open_labels.toml`, as whole sentences."""
    data = tomllib.loads(Path(__file__).with_name("open_labels.toml").read_text("utf-8"))
    sentence: str = data["sentence"]
    labels: dict[str, list[str]] = data["labels"]
    return Sayings(
        labels={name: [sentence.format(words) for words in said] for name, said in labels.items()},
        neutral=data["neutral"],
        sums=data["sums"],
    )


def image_tower(installed: catalogue.Installed) -> ImageTower:
    """The side that looks, alone. Raises EngineUnavailableError: it is not here, or another."""
    return ImageTower(TorchScript(installed.read(MODEL)))


class Describing:
    """The model with the labels that it may see. Its reading side is gone once it has read what is said of them."""

    def __init__(self, installed: catalogue.Installed) -> None:
        """Read some 250 sentences: seconds. Raises EngineUnavailableError: it is not here, or another."""
        known, pairs, parts = sayings(), BytePairs(installed.read(MERGES)), TorchScript(installed.read(MODEL))
        self._points, self._scale = _read(known, pairs, TextTower(parts))
        self._names = list(known.labels)
        self._sums = known.sums
        self._looking = ImageTower(parts)

    def look(self, picture: Pixels) -> Iterator[tuple[str, float, None]]:
        """Every label that is likely enough, with how sure it is in percent."""
        logits = self._scale * self._points @ self._looking.point(picture)
        powers = np.exp(logits - logits.max())
        shares = dict(zip(self._names, (powers / powers.sum()).tolist(), strict=False))  # neutral ones have no name
        for name, members in self._sums.items():
            shares[name] = max(shares.get(name, 0.0), sum(shares[member] for member in members))
        for name, share in shares.items():
            if share >= LEAST_SHARE:
                yield name, 100 * min(share, 1.0), None


def _read(known: Sayings, pairs: BytePairs, reading: TextTower) -> tuple[Floats, float]:
    """Where each label is, and after them each neutral sentence; and the scale of cosines."""
    said = [*known.labels.values(), *([sentence] for sentence in known.neutral)]
    texts = [pairs.encode(sentence) for sentences in said for sentence in sentences]
    if max(map(len, texts)) > reading.longest:
        raise EngineUnavailableError(f"the model reads {reading.longest} tokens and no more")
    points = iter(reading.points(texts))
    return np.stack([_middle([next(points) for _ in sentences]) for sentences in said]), reading.scale


def _middle(points: Sequence[Floats]) -> Floats:
    mean: Floats = np.mean(points, axis=0)
    length: np.float32 = np.linalg.norm(mean)
    return mean / length
