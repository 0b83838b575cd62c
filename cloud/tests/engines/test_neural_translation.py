"""Neural translation by the code that loads real models, on models that are made by hand.

`tiny_argos` writes a transformer that copies what it reads and replaces letters: small, and exact. The task runs in this
process, since a worker knows only the real catalogue.
"""

import hashlib
import importlib.util
import io
import logging
import tomllib
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines import catalogue
from marinelayer.engines.language import apertium, neural
from marinelayer.engines.language.neural_task import Translate, devices, open_task
from marinelayer.engines.language.runs import letters
from marinelayer.engines.language.sentences import LONGEST, sentences_of
from marinelayer.engines.language.translation import TranslationEngine
from marinelayer.engines.models.shelf import Shelf
from marinelayer.ports import EngineUnavailableError, Run

needs_packages = pytest.mark.skipif(not neural.can_run(), reason=f"no CTranslate2: {neural.INSTALL}")
CAPITALS = {letter: letter.upper() for letter in "abcdefghijklmnopqrstuvwxyzñ"}
VOWELS = {"A": "E", "E": "I", "O": "U"}


class Here:
    """A supervisor whose worker is this process."""

    def __init__(self, task: Any) -> None:
        self.task = task

    async def run(self, request: Mapping[str, Any], payload: bytes = b"") -> Mapping[str, Any]:
        return self.task.run(request, payload)

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with models of two pairs, in a catalogue that knows them."""
    pytest.importorskip("ctranslate2", reason=f"no CTranslate2: {neural.INSTALL}")
    package = tiny_argos().package
    made = tmp_path_factory.mktemp("models")
    text = catalogue.CATALOGUE.read_text("utf-8")
    for name, data in (("argos-es-en", package(CAPITALS)), ("argos-en-fr", package(VOWELS, root="en_fr"))):
        (made / f"{name}.argosmodel").write_bytes(data)
        text = text.replace(f'name = "{name}"', f'name = "real-{name}"') + entry(name, data)
    (made / "catalogue.toml").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "CATALOGUE", made / "catalogue.toml")
        catalogue.catalogue.cache_clear()
        yield made
    catalogue.catalogue.cache_clear()


def tiny_argos() -> Any:
    """The module beside this one."""
    found = importlib.util.spec_from_file_location("tiny_argos", Path(__file__).with_name("tiny_argos.py"))
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def entry(name: str, data: bytes) -> str:
    return f"""
[[model]]
name = "{name}"
task = "translation"
version = "tiny"
where = "models"
languages = []
licence = "MIT"
source = "tests"
accuracy = "none"
measured_by = "none"
files = [{{ name = "{name}.argosmodel", size = {len(data)}, sha256 = "{hashlib.sha256(data).hexdigest()}" }}]
"""


@pytest_asyncio.fixture
async def translator(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TranslationEngine]:
    monkeypatch.setattr(apertium, "installed_pairs", dict)
    engine = TranslationEngine(cast("Any", None), cast("Any", Here(Translate(folder))), Shelf(folder))
    yield engine
    await engine.close()


async def translated(engine: TranslationEngine, text: str, source: str = "es", target: str = "en") -> str:
    done = await engine.translate([[Run(text)]], source, target)
    return letters(done.texts[0])


async def test_a_text_is_translated_by_the_model_of_its_pair(translator: TranslationEngine) -> None:
    done = await translator.translate([[Run("hola mundo")], [Run("el niño")]], "es", "en")
    assert done.texts == [[Run("HOLA MUNDO")], [Run("EL NIÑO")]]
    assert [(engine.name, engine.version) for engine in done.engines] == [("argos-es-en", "tiny")]
    assert set(translator.pairs) == {("es", "en"), ("en", "fr")}


async def test_another_text_is_translated_otherwise(translator: TranslationEngine) -> None:
    assert await translated(translator, "una casa") != await translated(translator, "una cosa")


async def test_a_pair_without_a_model_goes_through_english(translator: TranslationEngine) -> None:
    done = await translator.translate([[Run("hola")]], "es", "fr")
    assert done.texts == [[Run("HULE")]]
    assert done.via == ("en",)
    assert [engine.name for engine in done.engines] == ["argos-es-en", "argos-en-fr"]


async def test_sentences_are_translated_one_by_one_and_lines_stay(translator: TranslationEngine) -> None:
    text = "  hola mundo. que tal? bien!\r\n\n\tel sr. no vino.  12 %\n"
    assert await translated(translator, text) == text.upper()


@needs_packages
def test_a_package_s_target_prefix_is_given_to_the_model_and_not_shown() -> None:
    from marinelayer.engines.language.neural_model import NeuralModel  # needs the packages

    model = NeuralModel(tiny_argos().package(CAPITALS, prefix=">"))
    line = [Run("h", 1), Run("ola ", 2), Run("mundo", 3)]
    assert model.translate([line]) == [[Run("OLA", 2), Run(" "), Run("MUNDO", 3)]]


async def test_words_that_the_model_does_not_know_are_copied(translator: TranslationEngine) -> None:
    assert await translated(translator, "hola 道路 fin") == "HOLA 道路 FIN"


async def test_what_is_kept_comes_out_once(translator: TranslationEngine) -> None:
    scooter, other, tag = Run("Scooter roto", 5, kept=True), Run("k", kept=True), Run("", 6, kept=True)
    text = [Run("un "), scooter, Run(" y un "), other, Run(" malo")]
    done = await translator.translate([text, [Run("la "), tag, Run("casa "), scooter]], "es", "en")
    assert done.texts[0] == [Run("UN "), scooter, Run(" Y UN "), other, Run(" MALO")]
    assert [run for run in done.texts[1] if run.kept] == [tag, scooter]
    assert letters(done.texts[1]) == "LA CASA Scooter roto"


async def test_a_model_that_loses_what_is_kept_translates_around_it(
    translator: TranslationEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from marinelayer.engines.language import neural_model

    monkeypatch.setattr(neural_model, "MOST_PIECES", 6)  # the model ends before it has written all
    scooter = Run("Scooter", kept=True)
    done = await translator.translate([[Run("hola "), scooter, Run(" fin")]], "es", "en")
    assert done.texts[0] == [Run("HOLA "), scooter, Run(" FIN")]


async def test_marks_go_with_the_words_that_the_model_looked_at(translator: TranslationEngine) -> None:
    done = await translator.translate([[Run("el "), Run("perro grande", 1), Run(" come "), Run("hoy", 2)]], "es", "en")
    assert done.texts[0] == [Run("EL "), Run("PERRO GRANDE", 1), Run(" COME "), Run("HOY", 2)]


async def test_what_is_lacking_is_said(translator: TranslationEngine) -> None:
    with pytest.raises(EngineUnavailableError, match="marinelayer models pull argos-de-en"):
        translator.route("de", "en")
    with pytest.raises(EngineUnavailableError, match="no engine is known"):
        translator.route("sw", "en")


async def test_without_the_packages_no_model_is_used(
    translator: TranslationEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neural, "can_run", lambda: False)
    monkeypatch.setattr("marinelayer.engines.language.neural_task.can_run", lambda: False)
    assert translator.pairs == ()
    with pytest.raises(EngineUnavailableError, match=r"marinelayer\[translation\]"):
        translator.route("es", "en")
    with pytest.raises(EngineUnavailableError, match=r"marinelayer\[translation\]"):
        open_task({"models": ""})


async def test_a_model_that_is_not_the_catalogues_is_not_loaded(folder: Path, tmp_path: Path) -> None:
    data = bytearray((folder / "argos-es-en.argosmodel").read_bytes())
    data[-1] ^= 1
    own = tmp_path / "argos-es-en"
    own.mkdir()
    (own / "argos-es-en.argosmodel").write_bytes(data)
    with pytest.raises(EngineUnavailableError, match="sha256 differs"):
        Translate(tmp_path).run({"model": "argos-es-en", "texts": []}, b"")


@needs_packages
def test_a_model_of_another_form_is_refused() -> None:
    from marinelayer.engines.language.neural_model import NeuralModel

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("es_en/bpe.model", b"#version: 0.2")
        archive.writestr("es_en/model/model.bin", b"x")
    with pytest.raises(EngineUnavailableError, match="SentencePiece"):
        NeuralModel(packed.getvalue())


def test_every_pair_has_its_model_in_the_catalogue_with_a_licence_for_any_use() -> None:
    text = Path(catalogue.__file__).with_name("catalogue.toml").read_text("utf-8")
    real: dict[str, Any] = {model["name"]: model for model in tomllib.loads(text)["model"]}
    for name in neural.models().values():
        assert all(file["urls"] and len(file["sha256"]) == 64 for file in real[name]["files"])
        assert set(real[name]["licence"].split(" AND ")) <= {"CC-BY-4.0", "MIT"}


# --- sentences -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hola. Bien? Si!", ["Hola. ", "Bien? ", "Si!"]),
        ("El Sr. Paz vino. Fin", ["El Sr. Paz vino. ", "Fin"]),
        ("See J. Smith at 5.30 p.m. on 3rd St. now", ["See J. Smith at 5.30 p.m. on 3rd St. now"]),
        ("路上有垃圾。请清理。", ["路上有垃圾。", "请清理。"]),
        ('"Go." he said.', ['"Go." ', "he said."]),
        ("", []),
    ],
)
def test_a_line_is_cut_at_the_ends_of_sentences(text: str, sentences: list[str]) -> None:
    assert [letters(one) for one in sentences_of([Run(text)])] == sentences


@given(st.lists(st.builds(Run, st.text("ab. ?!。", max_size=300), st.integers(0, 2), st.booleans()), max_size=4))
def test_sentences_lose_nothing_and_cut_nothing_that_is_kept(line: list[Run]) -> None:
    cut = list(sentences_of(line))
    assert letters(run for one in cut for run in one) == letters(line)
    assert [run for one in cut for run in one if run.kept] == [run for run in line if run.kept]
    for one in cut:
        assert sum(len(run.text) for run in one if not run.kept) <= LONGEST


# --- where it runs


@needs_packages
def test_a_graphics_processor_that_fails_is_given_up_and_the_text_translated(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from marinelayer.engines.language import neural_model

    monkeypatch.setattr(neural_model, "graphics_processors", lambda: 1)  # CTranslate2 finds that there is none
    package = tiny_argos().package(CAPITALS)
    with caplog.at_level(logging.INFO):
        model = neural_model.NeuralModel(package, device="auto")
    assert letters(model.translate([[Run("hola")]])[0]) == "HOLA"
    warned, said = (one.getMessage() for one in caplog.records if one.name.startswith("marinelayer.engines"))
    assert warned.startswith("CUDA does not start: ")
    assert said == "runs on the processor"


@needs_packages
def test_a_graphics_processor_is_tried_where_there_is_one_and_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    from marinelayer.engines.language import neural_model

    monkeypatch.setattr(neural_model, "graphics_processors", lambda: 1)
    assert devices({"device": "auto"}) == ["CUDA"]
    assert devices({"device": "cpu"}) == devices({}) == []
    monkeypatch.setattr(neural_model, "graphics_processors", lambda: 0)
    assert devices({"device": "auto"}) == []
