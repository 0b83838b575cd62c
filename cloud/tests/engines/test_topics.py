"""Finding topics: which words are terms, what is learned from documents, and the worker that does it."""

import json
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.assembly import Engines, open_engines
from marinelayer.engines.language.topics import topics_task, vocabulary
from marinelayer.engines.language.topics.reading import read_documents
from marinelayer.engines.language.topics.topics_task import gathered, terms_of
from marinelayer.engines.language.topics.vocabulary import Counting
from marinelayer.engines.language.topics.words import language_of, words_of
from marinelayer.engines.learning import allocation
from marinelayer.engines.learning.allocation import Documents, learn, most_words
from marinelayer.ports import Proportions, TrainingDataError

BALL = ["pitcher", "inning", "batter", "umpire", "stadium", "league", "homer", "dugout"]
FOOD = ["oven", "butter", "garlic", "onion", "skillet", "recipe", "flour", "simmer"]


def collection(each: int, seed: int = 1) -> list[list[str]]:
    """Documents of ten words each, that are by turns about the one and the other."""
    chance = random.Random(seed)
    return [chance.choices(words, k=10) for _ in range(each) for words in (BALL, FOOD)]


def numbered(documents: Sequence[Sequence[str]]) -> tuple[Documents, list[str]]:
    terms = sorted({word for document in documents for word in document})
    words = np.array([terms.index(word) for document in documents for word in document], np.int32)
    return Documents(words, np.cumsum([len(document) for document in documents])), terms


def still(_step: int) -> None:
    pass


class Giving:
    """Gives texts, each cut into pieces of so many words, some at a time, in each pass anew."""

    def __init__(self, texts: Sequence[str], size: int = 1000) -> None:
        pieces: list[tuple[str, bool]] = []
        for words in map(str.split, texts):
            pieces += [(" ".join(words[at : at + size]), at + size >= len(words)) for at in range(0, len(words), size)]
        self._frames = [json.dumps(pieces[at : at + 3]).encode() for at in range(0, len(pieces), 3)]
        self._passes: dict[int, int] = {}

    def ask(self, asked: Mapping[str, Any]) -> bytes:
        at = self._passes.get(asked["pass"], 0)
        self._passes[asked["pass"]] = at + 1
        return self._frames[at] if at < len(self._frames) else b""

    async def read(self, asked: Mapping[str, Any]) -> bytes:
        return self.ask(asked)


@pytest.fixture
async def engines() -> AsyncIterator[Engines]:
    opened = open_engines(None, workers=1)
    yield opened
    await opened.close()


def test_words_are_of_letters_and_addresses_and_numbers_are_none() -> None:
    text = "The City\u2019s re-paving of 5th Ave. (see https://example.org/re?a=b or mail a.b@example.org) isn't done in 2021"
    assert words_of(text) == ["the", "city", "re-paving", "ave", "see", "mail", "isn't", "done"]
    assert words_of("Straße ÉCOLE niño 東京の道路 도로 pothole") == ["straße", "école", "niño", "pothole"]
    assert words_of("ab " + "x" * 41) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("There is a pothole in front of the house and it was not fixed", "en"),
        ("Hay un bache en la calle frente a mi casa y todavía no está arreglado", "es"),
        ("Il y a un trou dans la rue devant ma maison et il n'est pas encore réparé, avec des pierres", "fr"),
        ("Vor unserem Haus ist ein Loch in der Straße, das noch nicht repariert wurde", "de"),
        ("Davanti alla mia casa nella strada c'è una buca che non è stata ancora riparata dalla città", "it"),
        ("Há um buraco na rua em frente da minha casa que ainda não foi consertado pela prefeitura", "pt"),
        ("Det finns ett hål på gatan framför mitt hus", None),
        ("pothole asphalt", None),
    ],
)
def test_the_language_of_a_text_is_that_of_its_stop_words(text: str, language: str | None) -> None:
    assert language_of(words_of(text)) == language


def test_stop_words_and_what_one_or_nearly_all_documents_have_are_no_terms() -> None:
    counting = Counting()
    names = [f"{first}{second}" for first in ("alp", "bor", "cer", "dun", "elk") for second in "abcdefghijklmn"]
    for number in range(70):
        words = [names[number], names[(number + 1) % 70], "everywhere", "often" * (number % 2), f"only{'x' * number}"]
        counting.add(["the", "was", "there", "and", *filter(None, words)])
    found = counting.vocabulary()
    assert set(found.terms) == set(names)
    assert (found.documents, found.words) == (70, 140)
    assert found.terms[int(found.numbered(["nothing", "alpb"])[0])] == "alpb"


def test_words_of_an_unknown_language_that_many_documents_have_are_no_terms() -> None:
    counting = Counting()
    names = [f"{first}{second}" for first in ("alp", "bor", "cer", "dun", "elk") for second in "abcdefghijklmn"]
    for number in range(70):
        counting.add([names[number], names[(number + 1) % 70], *(["och"] if number % 3 else [])])
    assert set(counting.vocabulary().terms) == set(names)


def test_of_too_many_different_words_the_rarest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MOST_COUNTED", 100)
    counting = Counting()
    for number in range(300):
        counting.add([*(BALL if number % 2 else FOOD), f"rare{number:04}"])
    found = counting.vocabulary()
    assert {*BALL, *FOOD} <= set(found.terms)
    assert len(found.terms) <= 100


def test_the_words_of_two_subjects_part_into_two_topics_the_same_each_time() -> None:
    documents, terms = numbered(collection(20))
    learned = learn(documents, len(terms), 2, still)
    topics = terms_of(learned.counts, terms)
    assert sorted(sorted(term for term, _ in topic) for topic in topics) == [sorted(BALL), sorted(FOOD)]
    shares = learned.proportions(documents)
    assert np.allclose(shares.sum(1), 1)
    assert set(shares.argmax(1)[::2]) | {9} != set(shares.argmax(1)[1::2]) | {9}
    assert shares.max(1).min() > 0.95
    assert (learn(documents, len(terms), 2, still).counts == learned.counts).all()


def test_topics_are_told_by_their_size_and_those_without_words_not_at_all() -> None:
    documents, terms = numbered([["tiger", "lion"]] * 3)
    learned = learn(documents, len(terms), 50, still)
    sizes = learned.counts.sum(0)
    assert (np.diff(sizes) <= 0).all()
    assert {term for topic in terms_of(learned.counts, terms) for term, _ in topic} == {"tiger", "lion"}
    assert len(terms_of(learned.counts, terms)) < 50


def test_terms_are_the_heaviest_in_the_order_of_how_they_set_their_topic_apart() -> None:
    counts = np.array([[50.0, 60.0], [45.0, 0.0], [5.0, 0.2], [0.0, 40.0]])
    first, second = terms_of(counts, ["both", "one", "rare", "other"])
    assert first == [("one", 0.45), ("rare", 0.05), ("both", 0.5)]
    assert [term for term, _ in second] == ["other", "both"]
    assert sum(weight for _, weight in second) == pytest.approx(1)
    many = np.concatenate([np.full((30, 1), 2.0), np.arange(30.0)[:, None]], axis=1)
    assert len(terms_of(many, [f"w{n}" for n in range(30)])[1]) == 10


@given(st.lists(st.lists(st.integers(0, 6), max_size=8), min_size=1, max_size=6), st.integers(1, 5))
def test_shares_of_any_documents_sum_to_one_where_they_have_words(rows: list[list[int]], topics: int) -> None:
    words = np.array([word for row in rows for word in row], np.int32)
    documents = Documents(words, np.cumsum([len(row) for row in rows]))
    shares = learn(documents, 7, topics, still).proportions(documents)
    assert np.allclose(shares.sum(1), [float(bool(row)) for row in rows])


def test_a_collection_that_is_too_large_is_learned_from_in_part_and_told_of_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(topics_task, "most_words", lambda _topics: 400)
    giving = Giving([" ".join(words) for words in collection(100)])
    counting = Counting()
    for words in read_documents(giving.ask, 1):
        counting.add(words)
    found = counting.vocabulary()
    documents = gathered(giving.ask, found, 2)
    assert 200 < len(documents.words) <= 400
    assert most_words(100) < most_words(10) <= 20_000_000
    assert 100 * most_words(100) <= allocation.WORK // allocation.FEWEST_SWEEPS


@pytest.mark.parametrize("size", [1000, 3])
async def test_a_worker_tells_the_topics_and_what_each_document_is_about(engines: Engines, size: int) -> None:
    texts = [" ".join(words) for words in collection(250)]
    told: list[Proportions] = []

    async def tell(some: Sequence[Proportions]) -> None:
        told.extend(some)

    topics = await engines.topics.model(2, Giving([*texts, "12"], size).read, tell)
    assert len(told) == 501
    assert told.pop() == []
    assert {tuple(topic for topic, share in one if share > 0.5) for one in told[::2]} in ({(0,)}, {(1,)})
    ((of_ball, _), *_) = told[0]
    assert {one.term for one in topics[of_ball]} == set(BALL)


async def test_documents_without_words_can_not_be_learned_from(engines: Engines) -> None:
    async def tell(_some: Sequence[Proportions]) -> None:
        raise AssertionError

    with pytest.raises(TrainingDataError, match="no words"):
        await engines.topics.model(2, Giving(["12 34", "東京"]).read, tell)
