"""The model of letter runs: what a text adds up to, and the opinion that is made of it."""

import io
import lzma
import unicodedata
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines import catalogue
from marinelayer.engines.language.letter_opinion import MOST_AGAINST, LetterOpinion, in_cyrillic
from marinelayer.engines.language.letter_runs import STEP, LetterRuns, code_points

FLOOR, BACKOFF = -14.0, -0.7


def model(languages: list[str], weights: Mapping[str, Mapping[str, int]]) -> LetterRuns:
    """One with these steps for each run in each language."""
    runs = sorted(weights)
    file = io.BytesIO()
    np.savez(
        file,
        languages=np.array(languages),
        floor=np.float64(FLOOR),
        backoff=np.float64(BACKOFF),
        runs=np.frombuffer("\n".join(runs).encode(), np.uint8),
        counts=np.array([len(weights[run]) for run in runs], np.uint8),
        columns=np.array([languages.index(one) for run in runs for one in weights[run]], np.uint8),
        weights=np.array([steps for run in runs for steps in weights[run].values()], np.int8),
    )
    return LetterRuns(lzma.compress(file.getvalue()))


SMALL = model(
    ["bs", "en", "hr", "sl", "sr"], {"a": {"en": 50}, "ab": {"en": -5, "hr": 10}, "abcde": {"hr": 30}, "ш": {"sr": 40}}
)


@pytest.fixture(scope="module")
def opinion() -> LetterOpinion:
    found = catalogue.find("marinelayer-letter-runs", None)
    return LetterOpinion(LetterRuns(found.read(found.model.files[0].name)))


def test_a_word_is_as_likely_as_its_runs_add_up_to() -> None:
    bosnian, english, croatian, *_ = SMALL.likelihoods("abcde").likelihoods[0]
    least = 5 * FLOOR + (4 + 3 + 2 + 1) * BACKOFF
    assert bosnian == pytest.approx(least)
    assert english == pytest.approx(least + STEP * 45)
    assert croatian == pytest.approx(least + STEP * 40)


def test_case_and_composition_of_letters_do_not_matter() -> None:
    assert SMALL.likelihoods("ABCDE").likelihoods.tolist() == SMALL.likelihoods("abcde").likelihoods.tolist()
    assert code_points("E\u0301").tolist() == [ord("é")]


def test_runs_end_with_their_word() -> None:
    words = SMALL.likelihoods("a b. ab, 7!")
    assert words.letters.tolist() == [1, 1, 2]
    assert words.sentences.tolist() == [0, 0, 1]
    apart = words.likelihoods[0] + words.likelihoods[1]
    assert words.likelihoods[2] == pytest.approx(apart + BACKOFF + STEP * np.array([0, -5, 10, 0, 0]))


def test_chinese_characters_are_words_of_their_own() -> None:
    assert SMALL.likelihoods("道路abc旁").letters.tolist() == [1, 1, 3, 1]


@pytest.mark.parametrize("text", ["", "12 345", "...", "\U0001f600"])
def test_a_text_without_letters_has_no_words_and_speaks_against_nothing(opinion: LetterOpinion, text: str) -> None:
    assert len(SMALL.likelihoods(text).likelihoods) == 0
    against = opinion.against(text)
    assert not against.logs.any()
    assert against.parts.tolist() == [1]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_a_text_is_its_words_one_by_one(parts: list[str]) -> None:
    together = SMALL.likelihoods(" ".join(parts))
    apart = [SMALL.likelihoods(part) for part in parts]
    assert together.letters.tolist() == [count for words in apart for count in words.letters.tolist()]
    rows = [row for words in apart for row in words.likelihoods.tolist()]
    assert np.allclose(together.likelihoods, np.array(rows).reshape(len(rows), 5))


@given(st.text(max_size=200))
def test_what_speaks_against_languages_is_bounded(opinion: LetterOpinion, text: str) -> None:
    against = opinion.against(text)
    words = max(1, len(text))
    assert (against.logs <= 0).all()
    assert (against.logs >= -MOST_AGAINST * words).all()
    assert against.parts.sum() == pytest.approx(1)


def test_serbian_is_known_in_both_of_its_scripts(opinion: LetterOpinion) -> None:
    assert in_cyrillic("Ljubav, konj i džep u Šapcu") == "љубав, коњ и џеп у шапцу"  # noqa: RUF001
    for text in ("Gde je lepo dete video belo mleko?", "Где је лепо дете видео бело млеко?"):  # noqa: RUF001
        against = opinion.against(text).logs.sum(0)
        assert opinion.codes[int(against.argmax())] == "sr"


def test_norwegian_is_one_language_of_two_written_forms(opinion: LetterOpinion) -> None:
    for text in ("Jeg vet ikke hva de heter.", "Eg veit ikkje kva dei heiter."):
        assert opinion.codes[int(opinion.against(text).logs.sum(0).argmax())] == "no"


@pytest.mark.parametrize(
    "text",
    [
        "Tôi muốn báo cáo một ổ gà trên đường.",
        "Xin dọn dẹp con hẻm sau nhà tôi.",
        "Đường bị hư nặng quá.",
        "Cây ngã chắn lối đi.",
    ],
)
def test_vietnamese_is_known_without_its_accents_too(opinion: LetterOpinion, text: str) -> None:
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    for written in (text, bare.replace("đ", "d").replace("Đ", "D")):
        assert opinion.codes[int(opinion.against(written).logs.sum(0).argmax())] == "vi"
