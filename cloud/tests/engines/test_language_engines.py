"""The language engines on real input: the language, the sentiment, the translation follow the text."""

import asyncio
import contextlib
import csv
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.engines import catalogue
from marinelayer.engines.assembly import Engines, open_engines
from marinelayer.engines.language import apertium, languages_task, sentiments_task
from marinelayer.engines.language.apertium import installed_pairs
from marinelayer.engines.language.sentiments_task import TellSentiment
from marinelayer.ports import EngineUnavailableError, Run

DATA = Path(__file__).resolve().parents[3] / "benchmarks" / "evaluation" / "data"

pytestmark = pytest.mark.asyncio(loop_scope="module")

needs_apertium = pytest.mark.skipif(
    ("es", "en") not in installed_pairs(), reason="no Apertium: apt-get install apertium apertium-eng-spa"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bare() -> AsyncIterator[Engines]:
    """What the packages bring."""
    engines = open_engines(None, workers=1)
    yield engines
    await engines.close()


# --- language --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hay basura por todas partes a lo largo de la carretera.", "es"),
        ("There is trash all along the road.", "en"),
        ("Es liegt überall Müll auf der Straße.", "de"),
        ("道路两旁到处都是垃圾。", "zh"),
        ("May basura sa lahat ng dako sa tabi ng kalsada.", "tl"),
        ("THE STREET LIGHT IS BROKEN", "en"),
    ],
)
async def test_the_language_of_a_text_is_told(bare: Engines, text: str, code: str) -> None:
    languages = await bare.languages.languages(text)
    assert languages[0][0] == code
    shares = [share for _, share in languages]
    assert shares == sorted(shares, reverse=True)
    assert 0.8 < sum(shares) <= 1.000001


@pytest.mark.parametrize("text", ["12345", "!!!", "", "\ud800", "\x00"])
async def test_a_text_without_letters_gets_an_unsure_answer(bare: Engines, text: str) -> None:
    (_, share), *_ = await bare.languages.languages(text)
    assert share < 0.2


async def test_short_complaints_are_told_apart(bare: Engines, evaluation: Path) -> None:
    complaints = json.loads((evaluation / "lid" / "complaints_311.json").read_text())
    right = total = 0
    for code, texts in complaints.items():
        told = await asyncio.gather(*(bare.languages.languages(text) for text in texts))
        right += sum(languages[0][0] == code for languages in told)
        total += len(texts)
    assert right / total >= 0.98


async def test_sentences_pairs_of_words_and_words_are_told(bare: Engines, evaluation: Path) -> None:
    for name, least in (("sentences", 0.95), ("word-pairs", 0.86), ("single-words", 0.72)):
        with (evaluation / "lid" / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        rows = [row for row in rows if row[0] in known_codes()][::10]
        told = [(await bare.languages.languages(text))[0][0] for _, text in rows]
        assert sum(one == row[0] for one, row in zip(told, rows, strict=True)) / len(rows) >= least


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Pemerintah memutuskan bahwa perusahaan itu harus membayar pajak karena mobil mereka.", "id"),
        ("Kerajaan memutuskan bahawa syarikat itu perlu membayar cukai kerana kereta mereka.", "ms"),
        ("Tijekom siječnja tvrtka je priopćila da će tisuću obitelji dobiti vlak i kruh.", "hr"),
        ("U januaru je saopćeno da će hiljadu porodica u Sarajevu dobiti bolje uslove i historiju.", "bs"),
        ("Deca su videla belo mleko i lepo vreme.", "sr"),
        ("Деца су видела бело млеко и лепо време.", "sr"),  # noqa: RUF001
        ("公園の街灯が壊れています", "ja"),
        ("公园里的路灯坏了", "zh"),
        ("Gatelyset er ødelagt, og ingen har reparert det.", "no"),
        ("Gadelyset er i stykker, og ingen har repareret det.", "da"),
    ],
)
async def test_near_languages_are_told_apart_where_their_words_differ(bare: Engines, text: str, code: str) -> None:
    assert (await bare.languages.languages(text))[0][0] == code


async def test_each_language_of_a_text_has_a_score_that_grows_with_its_part(bare: Engines) -> None:
    english = "The weather is nice today and we will go to the park with the children. "
    french = "Il fait beau aujourd'hui et nous irons au parc avec les enfants. "
    alone, more, less = [
        dict(await bare.languages.languages(text)) for text in (english, 3 * english + french, english + 3 * french)
    ]
    assert alone["en"] > 0.95
    assert more["en"] > less["en"] > 0.1
    assert less["fr"] > more["fr"] > 0.1
    assert more["en"] > more["fr"]
    assert less["fr"] > less["en"]


async def test_names_do_not_decide_over_the_text_that_they_stand_in(bare: Engines) -> None:
    text = "The council met in Ljubljana, and the mayor thanked Þórður Guðmundsson and Nguyễn Văn Thiệu for it."
    assert (await bare.languages.languages(text))[0][0] == "en"


def known_codes() -> set[str]:
    return set(languages_task.DATA["codes"])


async def test_without_a_second_opinion_the_first_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    found = catalogue.find

    def without_cld2(name: str, models: Path | None) -> catalogue.Installed:
        return replace(found(name, models), state="missing") if name == "CLD2" else found(name, models)

    both = languages_task.open_task({}).run({"text": "lesbiese laerskool"}, b"")["languages"]
    monkeypatch.setattr(catalogue, "find", without_cld2)
    first = languages_task.open_task({}).run({"text": "lesbiese laerskool"}, b"")["languages"]
    assert first != both
    assert sum(share for _, share in first) == pytest.approx(1, abs=0.1)


# --- sentiment -------------------------------------------------------------------------------------------------

TURNED = [
    ("en", "The new lights are good.", "The new lights are not good."),
    ("en", "The service is great.", "The service isn't great."),
    ("en", "I like this park.", "I don't like this park."),
    ("es", "El parque es bueno.", "El parque no es bueno."),
    ("es", "Me gusta el parque.", "No me gusta el parque."),
    ("fr", "Le parc est bon.", "Le parc n'est pas bon."),
    ("de", "Der Park ist gut.", "Der Park ist nicht gut."),
    ("de", "Ich mag den Park.", "Ich mag den Park nicht."),
    ("it", "Mi piace il parco.", "Non mi piace il parco."),
    ("pt", "O parque é bom.", "O parque não é bom."),
    ("ar", "الحديقة جميلة", "الحديقة ليست جميلة"),
]


async def score(engines: Engines, text: str, language: str) -> str:
    seen = await engines.sentiments.score(text, language)
    shares = {"POSITIVE": seen.positive, "NEGATIVE": seen.negative, "NEUTRAL": seen.neutral, "MIXED": seen.mixed}
    assert abs(sum(shares.values()) - 1) < 1e-9
    return max(shares, key=shares.__getitem__)


@pytest.mark.parametrize(
    ("text", "language", "sentiment"),
    [
        ("Maksim is amazing.", "en", "POSITIVE"),
        ("This is disgusting, the worst street ever.", "en", "NEGATIVE"),
        ("The library opens at nine on Monday.", "en", "NEUTRAL"),
        ("I love the park but I hate the noise.", "en", "MIXED"),
        ("¡Muchas gracias, qué maravilla!", "es", "POSITIVE"),
        ("Qué asco, es una vergüenza.", "es", "NEGATIVE"),
        ("Me encanta el parque, pero los baños están asquerosos.", "es", "MIXED"),
        ("Merci beaucoup, c'est magnifique !", "fr", "POSITIVE"),
        ("C'est dégoûtant, quelle honte.", "fr", "NEGATIVE"),
    ],
)
async def test_sentiment_follows_the_text(bare: Engines, text: str, language: str, sentiment: str) -> None:
    assert await score(bare, text, language) == sentiment


@pytest.mark.parametrize(("language", "said", "denied"), TURNED)
async def test_a_negation_turns_the_sentiment(bare: Engines, language: str, said: str, denied: str) -> None:
    one, other = [await bare.sentiments.score(text, language) for text in (said, denied)]
    assert one.positive > one.negative
    assert other.negative > other.positive


async def test_either_half_of_a_mixed_text_is_not_mixed(bare: Engines) -> None:
    both = await bare.sentiments.score("The crew was great, but the street is a disgusting mess.", "en")
    for half in ("The crew was great.", "The street is a disgusting mess."):
        seen = await bare.sentiments.score(half, "en")
        assert seen.mixed < 0.1
    assert both.mixed > 0.5


async def test_our_mixed_sentences_are_told(bare: Engines) -> None:
    with (DATA / "mixed.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["part"] == "test"]
    told = [await score(bare, row["text"], row["language"]) == "MIXED" for row in rows]
    true = [row["sentiment"] == "MIXED" for row in rows]
    both = sum(one and other for one, other in zip(told, true, strict=True))
    assert both / sum(told) >= 0.85
    assert both / sum(true) >= 0.75


async def test_thanks_are_told_from_complaints(bare: Engines) -> None:
    with (DATA / "complaints_and_thanks.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    seen = [await bare.sentiments.score(row["text"], row["language"]) for row in rows]
    right = [(s.positive > s.negative) == (row["kind"] == "thanks") for s, row in zip(seen, rows, strict=True)]
    assert sum(right) / len(right) >= 0.95


async def test_a_language_without_a_head_is_unavailable(bare: Engines) -> None:
    assert bare.sentiments.languages == {"ar", "de", "en", "es", "fr", "hi", "it", "pt"}
    with pytest.raises(EngineUnavailableError, match="ja: translate first"):
        await bare.sentiments.score("素晴らしい", "ja")


@given(st.text(max_size=300), st.sampled_from(["ar", "de", "en", "es", "fr", "hi", "it", "pt"]))
@settings(max_examples=60, deadline=None)
async def test_any_text_has_four_shares(task: TellSentiment, text: str, language: str) -> None:
    seen = task.run({"text": text, "language": language, "engine": head_of(language)}, b"")
    shares = [seen[name] for name in ("positive", "negative", "neutral", "mixed")]
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) == pytest.approx(1)


def head_of(language: str) -> str:
    return "marinelayer-sentiment-en" if language == "en" else "marinelayer-sentiment-7"


@pytest.fixture(scope="module")
def task() -> TellSentiment:
    return sentiments_task.open_task({})


@pytest.mark.parametrize(
    ("file", "language", "least"),
    [("tweeteval_val", "en", 0.64), ("xlmt_spanish_val", "es", 0.54), ("xlmt_arabic_val", "ar", 0.54)],
)
async def test_tweets_are_scored_as_well_as_the_catalogue_says(
    task: TellSentiment, evaluation: Path, file: str, language: str, least: float
) -> None:
    rows = (evaluation / "sentiment" / f"{file}.tsv").read_text("utf-8").splitlines()
    hits: dict[int, list[bool]] = {0: [], 1: [], 2: []}
    off: dict[int, float] = {}
    for row in rows:
        label, _, text = row.partition("\t")
        seen = task.run({"text": text, "language": language, "engine": head_of(language)}, b"")
        shares = [seen[name] for name in ("negative", "neutral", "positive")]
        right = shares.index(max(shares)) == int(label)
        hits[int(label)].append(right)
        sure = max(shares) / sum(shares)
        off[int(sure * 10)] = off.get(int(sure * 10), 0.0) + right - sure
    assert sum(sum(right) / len(right) for right in hits.values()) / 3 > least
    # Of 324 texts, scores that are true have an error of some .05 by chance.
    assert sum(map(abs, off.values())) / len(rows) < (0.05 if len(rows) > 1000 else 0.09)


# --- translation -----------------------------------------------------------------------------------------------


async def translate(engines: Engines, text: str, source: str, target: str) -> str:
    """What an unmarked text is in the target language."""
    translated = await engines.translator.translate([[Run(text)]], source, target)
    return "".join(run.text for run in translated.texts[0])


@needs_apertium
async def test_spanish_and_english_are_translated_both_ways(bare: Engines) -> None:
    english = await bare.translator.translate([[Run("Hay basura por todas partes.")]], "es", "en")
    assert english.texts == [[Run("There is rubbish throughout.")]]
    assert english.engines[0].name == "Apertium spa-eng"
    assert english.engines[0].version[0].isdigit()
    assert english.via == ()
    assert "perro" in await translate(bare, "The big dog eats.", "en", "es")


@needs_apertium
async def test_lines_blanks_and_reserved_characters_stay(bare: Engines) -> None:
    text = "  La casa.\n\n\tEl perro [uno] cuesta $5 ~ {x} <b> a\\b ^ @ #2.\r\nzanquilongo"
    first, empty, second, last = (await translate(bare, text, "es", "en")).split("\n")
    assert first == "  The house."
    assert empty == ""
    assert second.startswith("\tThe dog [")
    assert second.endswith("\r")
    for kept in ("$5", "~", "{x}", "<b>", "\\", "^", "@", "#2"):
        assert kept in second
    assert last == "zanquilongo", "an unknown word carries no mark"


@needs_apertium
async def test_marks_go_with_the_words_that_they_are_on(bare: Engines) -> None:
    text = [Run("The "), Run("big", 1), Run(" dog eats "), Run("now", 2), Run(".")]
    translated = await bare.translator.translate([text], "en", "es")
    marked = {run.mark: run.text for run in translated.texts[0] if run.mark}
    assert marked == {1: "grande", 2: "ahora"}
    assert "".join(run.text for run in translated.texts[0]) == "El perro grande come ahora."


@needs_apertium
async def test_what_is_kept_comes_out_once_and_in_its_place(bare: Engines) -> None:
    scooter, tag = Run("[Scooter] ^2$", 3, kept=True), Run("", 4, kept=True)
    text = [Run("I took the "), scooter, Run(" to the library.\nThe "), tag, Run("house")]
    translated = await bare.translator.translate([text], "en", "es")
    found = translated.texts[0]
    assert [run for run in found if run.kept] == [scooter, tag]
    assert "".join(run.text for run in found) == "Tomé el [Scooter] ^2$ a la biblioteca.\nLa casa"


@needs_apertium
async def test_texts_of_one_call_are_translated_each_by_itself(bare: Engines) -> None:
    texts = [[Run("la casa")], [], [Run("12 %")], [Run("la calle")]]
    translated = await bare.translator.translate(texts, "es", "en")
    assert ["".join(run.text for run in text).lower() for text in translated.texts] == [
        "the house",
        "",
        "12 %",
        "the street",
    ]


@needs_apertium
async def test_texts_at_the_same_time_are_not_mixed_up(bare: Engines) -> None:
    words = {"la casa": "the house", "el perro": "the dog", "la calle": "the street"}
    texts = list(words) * 5
    translated = await asyncio.gather(*(translate(bare, text, "es", "en") for text in texts))
    assert [text.lower() for text in translated] == [words[text] for text in texts]


@needs_apertium
async def test_a_text_can_not_speak_to_the_pipeline(bare: Engines) -> None:
    for text in (
        "^casa<n><f><sg>$",
        "\0hola\0\0",
        "[[t:b:abc]]hola[[/]]",
        "[[k0]]hola[[/]] [k0]",
        "[<STREAMCMD:SETVAR:x>]hola",
        "\\\0",
    ):
        await translate(bare, text, "es", "en")
    assert (await translate(bare, "la casa", "es", "en")).lower() == "the house"


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@needs_apertium
async def test_a_pipeline_that_dies_is_started_again_and_fails_no_text(bare: Engines) -> None:
    """Nor does it empty one: a program whose neighbour was killed may end its text properly."""
    await translate(bare, "la casa", "es", "en")
    for _ in range(5):
        (worker,) = bare.supervisors["translation"].pids
        for pipeline in children(worker):
            for program in children(pipeline):
                with contextlib.suppress(ProcessLookupError):  # it ended as its neighbour did
                    os.kill(program, signal.SIGKILL)
        for _ in range(2):
            assert (await translate(bare, "la casa", "es", "en")).lower() == "the house"


async def test_a_pair_that_is_not_installed_names_its_package(bare: Engines) -> None:
    with pytest.raises(EngineUnavailableError, match="apt-get install apertium apertium-isl-eng"):
        await translate(bare, "Halló", "is", "en")
    with pytest.raises(EngineUnavailableError, match="no engine is known"):
        await translate(bare, "Habari", "sw", "en")


async def test_without_apertium_there_are_no_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    engines = open_engines(None)
    assert engines.describe()["translation"]["available"] is False
    with pytest.raises(EngineUnavailableError, match="apertium-eng-spa"):
        await translate(engines, "Hola", "es", "en")
    await engines.close()


async def test_a_pair_goes_through_english_where_there_is_no_direct_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [("es", "en"), ("en", "ca"), ("ca", "en")]
    monkeypatch.setattr(apertium, "installed_pairs", lambda: dict.fromkeys(pairs))
    engine = open_engines(None).translator
    assert engine.route("es", "en") == ("es", "en")
    assert engine.route("es-MX", "ca") == ("es", "en", "ca")
    assert engine.languages == {"es", "en", "ca"}
    with pytest.raises(EngineUnavailableError, match="ca to es"):
        engine.route("ca", "es")


# --- all of them -----------------------------------------------------------------------------------------------


async def test_what_is_there_and_what_is_missing_is_said(bare: Engines, shared_models: Path) -> None:
    said = bare.describe()
    assert {"texts", "labels", "languages", "sentiment", "phrases", "pii"} <= set(said)
    assert said["texts"]["available"]
    assert not said["labels"]["available"]
    assert len(said["labels"]["missing"]) == 4
    json.dumps(said)
    further = " ".join(open_engines(shared_models).describe()["labels"]["missing"])
    assert all(name in further for name in ("D-FINE", "CLIP")), "which could be used too"
    assert "PicoDet" not in further


async def test_warming_loads_what_can_answer_and_nothing_else() -> None:
    engines = open_engines(None, workers=1)
    await engines.warm("languages", "labels")
    assert len(engines.supervisors["languages"].pids) == 1
    assert engines.supervisors["labels"].pids == ()
    await engines.close()


async def test_sentences_of_the_evaluation_are_told(bare: Engines, evaluation: Path) -> None:
    with (evaluation / "lid" / "sentences.tsv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row[0] in {"en", "es", "fr", "de"}
        ]
    told = [(await bare.languages.languages(text))[0][0] for _, text in rows]
    assert sum(one == row[0] for one, row in zip(told, rows, strict=True)) / len(rows) >= 0.98
