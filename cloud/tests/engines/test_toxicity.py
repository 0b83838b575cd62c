"""Toxic content: WordPiece, and a tiny model of the catalogue's form; the real one where it is in `../shared`."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines import catalogue
from marinelayer.engines.language.readings import parts
from marinelayer.engines.language.toxic_minilm import HEADS, MOST_PIECES, ToxicMiniLM
from marinelayer.engines.language.toxicity import MODEL, ToxicityEngine
from marinelayer.engines.language.toxicity_task import NAMES, TellToxicity, open_task
from marinelayer.engines.language.word_pieces import WordPieces
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.supervisor import Supervisor
from marinelayer.model.service import load_service
from marinelayer.model.shapes import StringShape
from marinelayer.ports import EngineUnavailableError

from .tiny_toxicity import PIECES, VOCABULARY, tiny_toxicity

ENCODER = WordPieces(VOCABULARY)


def pieces(text: str) -> list[str]:
    return [PIECES[number] for number in ENCODER.encode(text)]


# --- word pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You are kind!", ["you", "are", "kind", "!"]),
        ("unkind idiots", ["un", "##kind", "idiot", "##s"]),
        ("ÌDÍÖT", ["idiot"]),
        ("id\u00adi\u200bot\x00\ufffd you\u2003are\nkind", ["idiot", "you", "are", "kind"]),
        ("kindly", ["[UNK]"]),
        ("kind亻are", ["kind", "[UNK]", "are"]),
        ("[SEP] [sep]", ["[", "sep", "]", "[", "sep", "]"]),
        ("kind" + "s" * 97, ["[UNK]"]),
        ("idiot" + "s" * 95, ["idiot", *["##s"] * 95]),
        (" \n ", []),
    ],
)
def test_a_text_is_the_longest_pieces_of_its_words(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@given(st.text(max_size=200))
def test_any_text_has_numbers_and_capitals_do_not_change_them(text: str) -> None:
    found = ENCODER.encode(text)
    assert all(0 <= number < len(PIECES) for number in found)
    assert ENCODER.start not in found
    assert ENCODER.end not in found
    assert ENCODER.encode(text + " ") == found
    plain = text.encode("ascii", "ignore").decode()
    assert ENCODER.encode(plain.upper()) == ENCODER.encode(plain)


@given(st.text(max_size=100), st.text(max_size=100))
def test_two_texts_with_a_blank_between_are_the_pieces_of_both(one: str, other: str) -> None:
    assert ENCODER.encode(f"{one} {other}") == ENCODER.encode(one) + ENCODER.encode(other)


@given(st.integers(0, 60), st.integers(2, 12))
def test_parts_are_no_longer_than_may_be_and_each_neighbours_are_together_in_one(count: int, most: int) -> None:
    found = [list(part) for part in parts(range(count), most)]
    assert all(len(part) <= most for part in found)
    assert len(found) == 1 or all(len(part) == most for part in found)
    assert {number for part in found for number in part} == set(range(count))
    for number in range(count - 1):
        assert any({number, number + 1} <= set(part) for part in found)


# --- a tiny model


@pytest.fixture(scope="module")
def judge() -> TellToxicity:
    return TellToxicity(ToxicMiniLM(tiny_toxicity(), VOCABULARY))


def told(judge: TellToxicity, text: str) -> set[str]:
    """The names of what is likelier than not."""
    reply = judge.run({"text": text}, b"")
    labels = {name for name, score in reply["labels"].items() if score > 0.5}
    return labels | ({"toxic"} if reply["toxicity"] > 0.5 else set())


def test_another_word_is_another_label(judge: TellToxicity) -> None:
    assert told(judge, "You are kind") == set()
    assert told(judge, "You are idiots") == {"toxic", "INSULT"}
    assert told(judge, "damn") == {"toxic", "PROFANITY"}
    assert told(judge, "I kill you") == {"toxic", "VIOLENCE_OR_THREAT"}
    assert told(judge, "You are vermin") == {"toxic", "HATE_SPEECH"}
    assert told(judge, "damn idiots, I kill you") == {"toxic", "PROFANITY", "INSULT", "VIOLENCE_OR_THREAT"}


def test_scores_are_probabilities_of_each_label_by_itself(judge: TellToxicity) -> None:
    reply = judge.run({"text": "idiot"}, b"")
    assert reply["toxicity"] == pytest.approx(0.9526, abs=1e-4)
    assert reply["labels"] == pytest.approx(
        {"PROFANITY": 0.0180, "HATE_SPEECH": 0.0180, "INSULT": 0.9526, "VIOLENCE_OR_THREAT": 0.0180}, abs=1e-4
    )


def test_what_stands_anywhere_in_a_long_text_is_found(judge: TellToxicity) -> None:
    kind = ["kind"] * (3 * MOST_PIECES)
    assert told(judge, " ".join(kind)) == set()
    for place in (0, MOST_PIECES - 1, MOST_PIECES, 2 * MOST_PIECES + 7, len(kind)):
        assert told(judge, " ".join([*kind[:place], "kill", *kind[place:]])) == {"toxic", "VIOLENCE_OR_THREAT"}


def test_a_text_without_words_is_judged_too(judge: TellToxicity) -> None:
    assert told(judge, " ") == set()


def test_labels_are_aws_s_and_stand_for_heads_of_the_model() -> None:
    declared = load_service("comprehend").shapes["ToxicContentType"]
    assert isinstance(declared, StringShape)
    assert set(declared.enum) - set(NAMES) == {"GRAPHIC", "SEXUAL", "HARASSMENT_OR_ABUSE"}
    assert set(NAMES) < set(declared.enum)
    assert set(NAMES.values()) == set(HEADS) - {"toxic", "severe_toxic"}


# --- the real one


async def test_without_the_model_it_says_which_to_pull() -> None:
    engine = ToxicityEngine(cast("Supervisor", None), Shelf(None))
    with pytest.raises(EngineUnavailableError, match=f"marinelayer models pull {MODEL}"):
        await engine.toxicity("You are kind.")
    with pytest.raises(EngineUnavailableError):
        open_task({})


def test_the_catalogue_knows_its_licence_and_where_it_is() -> None:
    model = catalogue.catalogue()[MODEL]
    assert model.licence == "Apache-2.0"
    assert model.downloadable
    assert model.size == 22_864_978 + 231_508


def test_it_says_what_others_saw_it_say(shared_models: Path) -> None:
    """Scores and numbers of words that two public projects wrote down of the same bytes."""
    found = catalogue.find(MODEL, shared_models)
    if found.state != "present":
        pytest.skip(f"{MODEL} is not in {shared_models}")
    words = WordPieces(found.read("vocab.txt")).encode("Hello, you CAN’T hide — café 😀")  # noqa: RUF001
    assert words == [7592, 1010, 2017, 2064, 1521, 1056, 5342, 1517, 7668, 100]
    judge = open_task({"models": str(shared_models)})
    threat = judge.run({"text": "I will kill you tonight."}, b"")["labels"]["VIOLENCE_OR_THREAT"]
    assert threat == pytest.approx(0.82328, abs=0.02)
    angry = judge.run({"text": "I am angry about the broken delivery, please fix it."}, b"")
    assert angry["toxicity"] == pytest.approx(0.00303, abs=0.002)
