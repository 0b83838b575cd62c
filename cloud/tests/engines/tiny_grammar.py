"""Models of spaCy's kind that a test has trained, packed as its wheels are; and one that parses a few sentences."""

from __future__ import annotations

import importlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest


def packed(pipeline: Any, folder: Path, measured: Mapping[str, Mapping[str, float]]) -> bytes:
    """A wheel as spaCy's models are, with the pipeline and what was measured of its names."""
    model = folder / "tiny-1.0"
    pipeline.to_disk(model)
    meta = json.loads((model / "meta.json").read_text("utf-8"))
    meta["performance"] = {"ents_per_type": measured}
    (model / "meta.json").write_text(json.dumps(meta), "utf-8")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("tiny/__init__.py", "raise SystemExit('a model is no program')")
        for file in sorted(model.rglob("*")):
            if file.is_file():
                archive.write(file, Path("tiny", "tiny-1.0", file.relative_to(model)))
    return data.getvalue()


TAGS = {"DET": "DET", "NOUN": "NOUN", "AUX": "AUX", "ADJ": "ADJ", "CCONJ": "CCONJ", "PUNCT": "PUNCT", "PROPN": "PROPN"}
PARTS = ["DET", "NOUN", "AUX", "ADJ", "CCONJ", "DET", "NOUN", "AUX", "ADJ", "PUNCT"]
ROLES = ["det", "nsubj", "ROOT", "acomp", "cc", "det", "nsubj", "conj", "acomp", "punct"]
HEADS = [1, 2, 2, 2, 2, 6, 7, 2, 7, 2]
THINGS, WORDS = ("soup", "staff", "room", "price"), ("delicious", "friendly", "awful", "terrible")


def tiny_parser(folder: Path) -> bytes:
    """A wheel of a model that parses `The soup was delicious but the staff was terrible .` and sentences like it."""
    spacy: Any = pytest.importorskip("spacy", reason="no spaCy: pip install 'marinelayer[grammar]'")
    example: Any = importlib.import_module("spacy.training").Example
    pipeline = spacy.blank("en")
    for part in ("tagger", "attribute_ruler", "ner"):
        pipeline.add_pipe(part)
    # Of the few sentences none is too rare to be learned from.
    pipeline.add_pipe("parser", config={"min_action_freq": 1})
    told = {"tags": PARTS, "heads": HEADS, "deps": ROLES, "entities": ["O"] * len(PARTS)}
    examples = [
        example.from_dict(pipeline.make_doc(f"The {one} was {how} but the {other} was {else_how}."), told)
        for one, other, how, else_how in zip(THINGS, THINGS[1:] + THINGS[:1], WORDS, WORDS[::-1], strict=True)
    ]
    name = example.from_dict(
        pipeline.make_doc("Maksim was friendly."),
        {
            "tags": ["PROPN", "AUX", "ADJ", "PUNCT"],
            "heads": [1, 1, 1, 1],
            "deps": ["nsubj", "ROOT", "acomp", "punct"],
            "entities": [(0, 6, "PERSON")],
        },
    )
    spacy.util.fix_random_seed(1)
    learning = pipeline.initialize(lambda: [*examples, name])
    for tag, universal in TAGS.items():
        pipeline.get_pipe("attribute_ruler").add([[{"TAG": tag}]], {"POS": universal})
    for _ in range(20):
        pipeline.update([*examples, name], sgd=learning)
    return packed(pipeline, folder, {"PERSON": {"p": 0.8, "r": 0.7, "f": 0.75}})
