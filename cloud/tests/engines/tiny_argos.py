"""A translation package of Argos's form whose model is made by hand: a transformer that writes what it reads, position by
position, with each letter replaced by another. Small, exact, and loaded by the same code as a real one."""

import importlib
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

POSITIONS = 200
SHARP = 400.0
"""How much a position attends to itself."""
LOUD = 50.0
"""How much louder the letter that is attended to is than the one written before."""


def package(mapping: Mapping[str, str], *, root: str = "xx_yy", prefix: str = "") -> bytes:
    """The archive of a model that replaces letters by `mapping` and copies all others. With a `prefix`, which the package
    asks each translation to begin with, the piece in whose place the prefix is written gets lost."""
    letters = sorted({*mapping, *mapping.values(), *"XQ0123456789.,!?<>[]-"})
    pieces = _sentencepiece(letters, blank_first=not prefix)
    with tempfile.TemporaryDirectory() as folder:
        tokens = _tokens(pieces)
        _model(tokens, mapping).save(folder)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            described = {"from_code": "xx", "to_code": "yy"} | ({"target_prefix": prefix} if prefix else {})
            archive.writestr(f"{root}/metadata.json", json.dumps(described))
            archive.writestr(f"{root}/sentencepiece.model", pieces)
            for file in sorted(Path(folder).iterdir()):
                archive.writestr(f"{root}/model/{file.name}", file.read_bytes())
    return packed.getvalue()


def _sentencepiece(letters: list[str], *, blank_first: bool) -> bytes:
    trained = io.BytesIO()
    trainer: Any = importlib.import_module("sentencepiece").SentencePieceTrainer
    trainer.train(
        sentence_iterator=iter(["".join(letters), " ".join(letters)] * 4),
        model_writer=trained,
        model_type="char",
        vocab_size=len(letters) + 4,
        character_coverage=1.0,
        normalization_rule_name="identity",
        add_dummy_prefix=blank_first,
        minloglevel=2,
    )
    return trained.getvalue()


def _tokens(pieces: bytes) -> list[str]:
    processor: Any = importlib.import_module("sentencepiece").SentencePieceProcessor()
    processor.LoadFromSerializedProto(pieces)
    return [processor.id_to_piece(number) for number in range(processor.get_piece_size())]


def _model(tokens: list[str], mapping: Mapping[str, str]) -> Any:
    count = len(tokens)
    size = count + POSITIONS
    spec: Any = importlib.import_module("ctranslate2.specs.transformer_spec").TransformerSpec.from_config(
        1, 1, pre_norm=True
    )
    spec.config.add_source_eos = True
    names = np.zeros((count, size), np.float32)
    names[np.arange(count), np.arange(count)] = 1
    places = np.zeros((POSITIONS, size), np.float32)
    places[np.arange(POSITIONS), count + np.arange(POSITIONS)] = 1
    only_places = np.diag(np.r_[np.zeros(count), np.ones(POSITIONS)]).astype(np.float32)
    replace = np.zeros((size, size), np.float32)
    for number, token in enumerate(tokens):
        replace[tokens.index(mapping.get(token, token)), number] = LOUD
    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        embeddings.weight = names
        side.position_encodings.encodings = places
        side.scale_embeddings = False
        _norm(side.layer_norm, size)
        layer = side.layer[0]
        _norm(layer.self_attention.layer_norm, size)
        _linear(layer.self_attention.linear[0], np.zeros((3 * size, size), np.float32))
        _linear(layer.self_attention.linear[1], np.zeros((size, size), np.float32))
        _norm(layer.ffn.layer_norm, size)
        _linear(layer.ffn.linear_0, np.zeros((4, size), np.float32))
        _linear(layer.ffn.linear_1, np.zeros((size, 4), np.float32))
    attention = spec.decoder.layer[0].attention
    _norm(attention.layer_norm, size)
    _linear(attention.linear[0], only_places * SHARP)
    _linear(attention.linear[1], np.concatenate([only_places, replace]))
    _linear(attention.linear[2], np.eye(size, dtype=np.float32))
    _linear(spec.decoder.projection, names)
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.validate()
    return spec


def _norm(layer: Any, size: int) -> None:
    layer.gamma = np.ones(size, np.float32)
    layer.beta = np.zeros(size, np.float32)


def _linear(layer: Any, weight: Any) -> None:
    layer.weight = weight
    layer.bias = np.zeros(weight.shape[0], np.float32)
