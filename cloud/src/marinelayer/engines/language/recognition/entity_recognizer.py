"""A trained recognizer of entities: a chain of tags over hashed features, and its file.

A file is an `.npz` without pickles: `kinds` (UTF-8 JSON, as bytes), `columns` (ascending), `weights` (columns x tags),
`first` and `following` (see `learning.chain.Chain`).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marinelayer.engines.language.recognition.tags import Stretch, grammar_of, inner_tag, stretches_of, tags_of
from marinelayer.engines.language.recognition.token_features import Columns, features_of
from marinelayer.engines.language.recognition.tokens import Token, sequences_of
from marinelayer.engines.learning.chain import Chain

Floats = npt.NDArray[np.float64]
Entity = tuple[int, int, float, str]
"""Its first code point, that after its last, its probability, and its type."""


def places_in(known: Columns, columns: Columns) -> Columns:
    """Where in `known` (ascending, not empty) each of the columns stands; its length for those that are not in it."""
    at = np.searchsorted(known, columns)
    at[at == len(known)] = 0
    at[known[at] != columns] = len(known)
    return at


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRecognizer:
    """A model as it is used: its types, the columns that it knows (at least one), and what it learnt of them."""

    kinds: tuple[str, ...]
    columns: Columns
    chain: Chain

    def entities(self, text: str) -> list[Entity]:
        """The entities in a text, in its order."""
        return [entity for tokens in sequences_of(text) for entity in self.among(text, tokens)]

    def among(self, text: str, tokens: Sequence[Token]) -> list[Entity]:
        """The entities in one sequence of a text."""
        look = self.chain.look(self._scores(text, tokens))
        found: list[Entity] = []
        for stretch in stretches_of(look.best()):
            sure = look.probability(stretch.first, tags_of(stretch), inner_tag(stretch.kind))
            found.append((*_place(tokens, stretch), sure, self.kinds[stretch.kind]))
        return found

    def _scores(self, text: str, tokens: Sequence[Token]) -> Floats:
        rows = features_of(text, tokens)
        places = places_in(self.columns, rows.columns)
        # What is not known weighs nothing.
        weights = np.where(
            (places < len(self.columns))[:, np.newaxis], self.chain.weights[places.clip(max=len(self.columns) - 1)], 0.0
        )
        return np.add.reduceat(weights, np.concatenate(([0], rows.ends[:-1])), axis=0)

    def to_bytes(self) -> bytes:
        """The model's file. Its numbers have half the digits that they had."""
        file = io.BytesIO()
        np.savez_compressed(
            file,
            kinds=np.frombuffer(json.dumps(self.kinds).encode(), np.uint8),
            columns=self.columns.astype(np.uint32),
            weights=self.chain.weights.astype(np.float32),
            first=self.chain.first.astype(np.float32),
            following=self.chain.following.astype(np.float32),
        )
        return file.getvalue()

    @classmethod
    def of_bytes(cls, data: bytes) -> EntityRecognizer:
        """The model of a file. Raises ValueError where it is none."""
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            kinds = tuple(json.loads(file["kinds"].tobytes()))
            chain = Chain(
                weights=file["weights"].astype(np.float64),
                first=file["first"].astype(np.float64),
                following=file["following"].astype(np.float64),
                grammar=grammar_of(len(kinds)),
            )
            return cls(kinds=kinds, columns=file["columns"].astype(np.int64), chain=chain)


def _place(tokens: Sequence[Token], stretch: Stretch) -> tuple[int, int]:
    return tokens[stretch.first].begin, tokens[stretch.after - 1].end
