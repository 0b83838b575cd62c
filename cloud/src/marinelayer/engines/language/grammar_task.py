"""Finding entities and parts of speech, in a worker: spaCy with its small English model, read from the wheel that the
catalogue names.

The wheel is unpacked and read as data; nothing of it is imported. spaCy is no dependency of the cloud (extra
`grammar`). An entity's score is the precision that the model's authors measured for its label, since the parser gives
none of its own; a word's is the tagger's probability.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marinelayer.engines import catalogue
from marinelayer.ports import EngineUnavailableError

UNUSED = ("parser", "lemmatizer", "senter")
KINDS = {
    "PERSON": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
    "PRODUCT": "COMMERCIAL_ITEM",
    "EVENT": "EVENT",
    "DATE": "DATE",
    "TIME": "DATE",
    "CARDINAL": "QUANTITY",
    "MONEY": "QUANTITY",
    "ORDINAL": "QUANTITY",
    "PERCENT": "QUANTITY",
    "QUANTITY": "QUANTITY",
    "WORK_OF_ART": "TITLE",
    "LAW": "TITLE",
}
"""OntoNotes' labels, by Comprehend's types; others are OTHER."""
TAGS = frozenset(
    ("ADJ", "ADP", "ADV", "AUX", "CCONJ", "CONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT")
) | {"SCONJ", "SYM", "VERB"}
"""Universal parts of speech that Comprehend has too; others are O."""

Passages = list[list[Any]]
"""Each its begin, end, score and kind."""


class ReadGrammar:
    """`text` and `what` (`entities` or `words`) in; out `passages`."""

    def __init__(self, pipeline: Any, precision: Mapping[str, float]) -> None:
        self._pipeline = pipeline
        self._precision = precision

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Read one text."""
        document = self._pipeline(str(request["text"]))
        return {"passages": self._entities(document) if request["what"] == "entities" else self._words(document)}

    def _entities(self, document: Any) -> Passages:
        return [
            [each.start_char, each.end_char, self._precision.get(each.label_, 0.0), KINDS.get(each.label_, "OTHER")]
            for each in document.ents
        ]

    def _words(self, document: Any) -> Passages:
        shares = probabilities(self._pipeline, document)
        return [
            [word.idx, word.idx + len(word), share, word.pos_ if word.pos_ in TAGS else "O"]
            for word, share in zip(document, shares, strict=True)
            if not word.is_space
        ]


@dataclass(frozen=True, slots=True)
class Grammar:
    """spaCy's pipeline, and the precision (0-1) that the model's authors measured for each label of a name."""

    pipeline: Any
    precision: Mapping[str, float]


def opened(wheel: bytes, *, without: Sequence[str] = UNUSED) -> Grammar:
    """The model that a wheel holds, without some of its parts.

    Raises:
        EngineUnavailableError: spaCy is not installed, or of a version that can not read the model.
    """
    if importlib.util.find_spec("spacy") is None:
        raise EngineUnavailableError("spaCy is not installed: pip install 'marinelayer[grammar]'")
    spacy: Any = importlib.import_module("spacy")
    with tempfile.TemporaryDirectory(prefix="marinelayer-") as unpacked:
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            archive.extractall(unpacked)
        config = min(Path(unpacked).rglob("config.cfg"), key=lambda path: len(path.parts))
        try:
            pipeline = spacy.load(config.parent, exclude=without)
        except (ValueError, OSError) as error:
            raise EngineUnavailableError(f"spaCy {spacy.__version__} can not read {config.parent.name}") from error
        measured: dict[str, Any] = json.loads((config.parent / "meta.json").read_text("utf-8"))["performance"]
    labels: dict[str, dict[str, float]] = measured.get("ents_per_type") or {}
    return Grammar(pipeline, {label: values["p"] for label, values in labels.items()})


def load(wheel: bytes) -> ReadGrammar:
    """What reads texts with the model that a wheel holds. Raises as `opened`."""
    grammar = opened(wheel)
    return ReadGrammar(grammar.pipeline, grammar.precision)


def probabilities(pipeline: Any, document: Any) -> list[float]:
    """How sure the tagger is of each word."""
    numpy: Any = importlib.import_module("numpy")
    (logits,) = pipeline.get_pipe("tagger").model.predict([document])
    powers = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers.max(axis=1) / powers.sum(axis=1)).tolist()


class ReadGrammars:
    """As `ReadGrammar`, by the model of the catalogue that a request names (`model`)."""

    def __init__(self, models: Path | None) -> None:
        self._models = models
        self._readers: dict[str, ReadGrammar] = {}

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Read one text. Raises EngineUnavailableError if the model is not the catalogue's, or not installed."""
        name = str(request["model"])
        if name not in self._readers:
            installed = catalogue.find(name, self._models)
            self._readers[name] = load(installed.read(installed.model.files[0].name))
        return self._readers[name].run(request, payload)


def open_task(options: Mapping[str, Any]) -> ReadGrammars:
    """Nothing yet: a model is loaded when it is first needed."""
    return ReadGrammars(Path(options["models"]) if options.get("models") else None)
