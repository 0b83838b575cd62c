"""Entities and parts of speech: the loading code, on a tiny model that the test trains; the big one is not here."""

import hashlib
import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from marinelayer.engines import catalogue as catalogue_module
from marinelayer.engines.assembly import open_engines
from marinelayer.engines.catalogue import catalogue
from marinelayer.engines.language import grammar_task
from marinelayer.engines.language.grammar import GRAMMAR
from marinelayer.engines.language.grammar_task import KINDS, TAGS, ReadGrammar, load
from marinelayer.model.service import load_service
from marinelayer.model.shapes import StringShape
from marinelayer.ports import EngineUnavailableError

from .tiny_grammar import packed

SENTENCES = [
    ("Maksim lives in Oakland .", ["NNP", "VBZ", "IN", "NNP", "."], [(0, 6, "PERSON"), (16, 23, "GPE")]),
    ("Nora works in Berlin .", ["NNP", "VBZ", "IN", "NNP", "."], [(0, 4, "PERSON"), (14, 20, "GPE")]),
    ("Maksim works in Berlin .", ["NNP", "VBZ", "IN", "NNP", "."], [(0, 6, "PERSON"), (16, 22, "GPE")]),
    ("Nora lives in Oakland .", ["NNP", "VBZ", "IN", "NNP", "."], [(0, 4, "PERSON"), (14, 21, "GPE")]),
]
UNIVERSAL = {"NNP": "PROPN", "VBZ": "VERB", "IN": "ADP", ".": "PUNCT"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A wheel as spaCy's models are, with a pipeline that has learned four sentences."""
    spacy: Any = pytest.importorskip("spacy", reason="no spaCy: pip install 'marinelayer[grammar]'")
    example: Any = importlib.import_module("spacy.training").Example
    pipeline = spacy.blank("en")
    pipeline.add_pipe("tagger")
    ruler = pipeline.add_pipe("attribute_ruler")
    pipeline.add_pipe("ner")
    examples = [
        example.from_dict(pipeline.make_doc(text), {"tags": tags, "entities": places})
        for text, tags, places in SENTENCES
    ]
    spacy.util.fix_random_seed(1)
    learning = pipeline.initialize(lambda: examples)
    for tag, universal in UNIVERSAL.items():
        ruler.add([[{"TAG": tag}]], {"POS": universal})
    for _ in range(40):
        pipeline.update(examples, sgd=learning)
    return packed(pipeline, tmp_path_factory.mktemp("model"), {"PERSON": {"p": 0.8, "r": 0.7, "f": 0.75}})


@pytest.fixture(scope="module")
def grammar(wheel: bytes) -> ReadGrammar:
    return load(wheel)


def read(grammar: ReadGrammar, text: str, what: str) -> list[tuple[str, str]]:
    found = grammar.run({"text": text, "what": what}, b"")["passages"]
    return [(text[begin:end], kind) for begin, end, _, kind in found]


def test_another_name_and_place_are_other_entities(grammar: ReadGrammar) -> None:
    assert read(grammar, "Maksim lives in Oakland .", "entities") == [("Maksim", "PERSON"), ("Oakland", "LOCATION")]
    assert read(grammar, "Nora lives in Berlin .", "entities") == [("Nora", "PERSON"), ("Berlin", "LOCATION")]


def test_another_order_of_words_is_another_order_of_parts(grammar: ReadGrammar) -> None:
    assert [kind for _, kind in read(grammar, "Nora lives in Berlin .", "words")] == [
        "PROPN",
        "VERB",
        "ADP",
        "PROPN",
        "PUNCT",
    ]
    assert [kind for _, kind in read(grammar, "in Berlin Nora lives .", "words")] == [
        "ADP",
        "PROPN",
        "PROPN",
        "VERB",
        "PUNCT",
    ]


def test_offsets_are_code_points_and_blanks_are_no_words(grammar: ReadGrammar) -> None:
    words = read(grammar, "Nora  lives in Berlin .", "words")
    assert words == [("Nora", "PROPN"), ("lives", "VERB"), ("in", "ADP"), ("Berlin", "PROPN"), (".", "PUNCT")]
    text = "🚲 Nora"
    assert read(grammar, text, "words")[-1][0] == "Nora"


def test_scores_are_the_authors_precision_and_the_tagger_s_probability(grammar: ReadGrammar) -> None:
    entities = grammar.run({"text": "Maksim lives in Oakland .", "what": "entities"}, b"")["passages"]
    assert [score for _, _, score, _ in entities] == [0.8, 0.0], "what nobody measured is not known to be right"
    words = grammar.run({"text": "Maksim lives in Oakland .", "what": "words"}, b"")["passages"]
    assert all(0.3 < score <= 1 for _, _, score, _ in words)


def test_kinds_and_tags_are_aws_s() -> None:
    for names, shape in ((set(KINDS.values()), "EntityType"), (TAGS, "PartOfSpeechTagType")):
        declared = load_service("comprehend").shapes[shape]
        assert isinstance(declared, StringShape)
        assert names <= set(declared.enum)


def test_without_spacy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar_task.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineUnavailableError, match=r"pip install 'marinelayer\[grammar\]'"):
        load(b"")


async def test_without_the_model_it_says_which_to_pull() -> None:
    engines = open_engines(None)
    try:
        for engine in (engines.entities, engines.words):
            with pytest.raises(EngineUnavailableError, match="spaCy-en-core-web-sm"):
                await engine.passages("Maksim lives in Oakland.", "en")
            with pytest.raises(EngineUnavailableError, match="translate first"):
                await engine.passages("Maksim vive en Oakland.", "es")
    finally:
        await engines.close()


def test_the_catalogue_knows_their_licence_and_where_the_authors_own_is() -> None:
    assert {catalogue()[name].licence for name in GRAMMAR.names} == {"MIT"}
    assert catalogue()[GRAMMAR.default].downloadable


@pytest.mark.parametrize("name", GRAMMAR.names)
async def test_either_of_the_models_is_read_where_it_lies(
    name: str, wheel: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = catalogue()[name]
    file = replace(entry.files[0], sha256=hashlib.sha256(wheel).hexdigest(), size=len(wheel))
    monkeypatch.setattr(catalogue_module, "catalogue", lambda: {name: replace(entry, files=(file,))})
    folder = tmp_path / name
    folder.mkdir()
    (folder / file.name).write_bytes(wheel)
    text = "Maksim lives in Oakland ."
    told = grammar_task.open_task({"models": str(tmp_path)}).run({"text": text, "what": "entities", "model": name}, b"")
    assert [text[begin:end] for begin, end, *_ in told["passages"]] == ["Maksim", "Oakland"]
