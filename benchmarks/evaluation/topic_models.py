"""Topic modelling: whether documents of one subject have one topic, and whether a topic's terms go together, beside
scikit-learn's latent Dirichlet allocation on the same words.

San Diego's requests are told apart by their service, which no engine sees. How strong our priors are was chosen on
every other one of them; these others are asked about here. Documents that were made up have one of ten topics most of
all, by whose words they were drawn.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.city import NAME, Labelled, descriptions, with_frequent_labels
from evaluation.figures import Family, Figure, Interval, Row, Skipped
from evaluation.measures import SEED, Integers, bootstrap, coherence, mutual_information, purity
from evaluation.running import Bench
from marinelayer.engines.language.topics.vocabulary import Counting
from marinelayer.engines.language.topics.words import words_of
from marinelayer.engines.learning.allocation import ALPHA, ETA
from marinelayer.ports import Proportions

CITY, INVENTED = "San Diego's requests by service", "documents drawn from topics"
DRAWS = 200
SHOWN = 10
TOGETHER = 500
SUBJECTS, WORDS, DOCUMENTS, LENGTH = 10, 400, 500, 60
"""Of the documents that are made up."""


@dataclass(frozen=True, slots=True)
class Told:
    """The numbers of the topics that documents are most about (-1 for one without), and the terms of each topic."""

    most: Integers
    terms: Sequence[Sequence[str]]


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """Ours and scikit-learn's, on both kinds of documents."""
    rows = invented()
    async for row in _measured(bench, INVENTED, rows, SUBJECTS):
        yield row
    if not (bench.data.parent / NAME).exists():
        yield Skipped(what=CITY, reason=f"no data: there is no {NAME} beside the folder of data")
        return
    requests = with_frequent_labels(descriptions(bench.data.parent))[1 :: 2 * bench.step]
    for topics in (10, 30):
        async for row in _measured(bench, CITY, requests, topics):
            yield row


def invented() -> list[Labelled]:
    """Documents that are drawn as latent Dirichlet allocation supposes it, with the topic that they have most of."""
    chance = np.random.default_rng(SEED)
    topics = chance.dirichlet(np.full(WORDS, 0.05), SUBJECTS)
    rows: list[Labelled] = []
    for shares in chance.dirichlet(np.full(SUBJECTS, 0.1), DOCUMENTS):
        drawn = chance.choice(WORDS, LENGTH, p=shares @ topics)
        rows.append((f"subject {shares.argmax()}", " ".join(_word(number) for number in drawn)))
    return rows


def _word(number: int) -> str:
    """An invented word of five letters."""
    return "".join(
        letters[number // 4**place % 4] for place, letters in enumerate(("bdkm", "aeiu", "lnrs", "gptz", "aioy"))
    )


async def _measured(bench: Bench, data: str, rows: Sequence[Labelled], topics: int) -> AsyncIterator[Row]:
    labels = sorted({label for label, _ in rows})
    truth = np.array([labels.index(label) for label, _ in rows])
    texts = [text for _, text in rows]
    named = f"{data} ({len(labels)}), {topics} topics"
    for row in _figures("latent Dirichlet allocation", named, truth, await _ours(bench, texts, topics), texts):
        yield row
    for engine, priors in (
        ("scikit-learn: LatentDirichletAllocation", {}),
        ("scikit-learn, with our priors", {"doc_topic_prior": ALPHA / topics, "topic_word_prior": ETA}),
    ):
        told = _theirs(texts, topics, priors)
        if told is None:
            yield Skipped(what="scikit-learn beside it", reason="scikit-learn is not installed")
            return
        for row in _figures(engine, named, truth, told, texts):
            yield row


def _figures(engine: str, data: str, truth: Integers, told: Told, texts: Sequence[str]) -> list[Figure]:
    named = told.most >= 0
    right, most = truth[named], told.most[named]
    together = coherence(told.terms, [frozenset(words_of(text)) for text in texts])

    def figure(measure: str, interval: Interval, items: int) -> Figure:
        percent = measure == "purity"
        return Figure(
            engine=engine, language="en", data=data, measure=measure, interval=interval, items=items, percent=percent
        )

    return [
        figure("NMI", _spread(right, most, mutual_information), len(most)),
        figure("purity", _spread(right, most, purity), len(most)),
        figure("NPMI of terms", bootstrap(len(together), lambda n: float(together[n].mean())), len(together)),
    ]


def _spread(right: Integers, most: Integers, measure: Callable[[Integers, Integers], float]) -> Interval:
    return bootstrap(len(most), lambda numbers: measure(right[numbers], most[numbers]), DRAWS, centred=True)


async def _ours(bench: Bench, texts: Sequence[str], topics: int) -> Told:
    most: list[int] = []

    async def told(some: Sequence[Proportions]) -> None:
        most.extend(one[0][0] if one else -1 for one in some)

    found = await bench.engines.topics.model(topics, _giving(texts), told)
    return Told(np.array(most), [[one.term for one in topic] for topic in found])


def _giving(texts: Sequence[str]) -> Callable[[Mapping[str, Any]], Awaitable[bytes]]:
    places: dict[int, int] = {}

    async def read(asked: Mapping[str, Any]) -> bytes:
        begin = places.get(asked["pass"], 0)
        places[asked["pass"]] = begin + TOGETHER
        some = [(text, True) for text in texts[begin : begin + TOGETHER]]
        return json.dumps(some).encode() if some else b""

    return read


def _theirs(texts: Sequence[str], topics: int, priors: Mapping[str, float]) -> Told | None:
    """By the same words."""
    try:
        decomposition: Any = importlib.import_module("sklearn.decomposition")
    except ImportError:
        return None
    counting = Counting()
    for text in texts:
        counting.add(words_of(text))
    vocabulary = counting.vocabulary()
    counts = np.zeros((len(texts), len(vocabulary.terms)), np.int32)
    for number, text in enumerate(texts):
        np.add.at(counts[number], vocabulary.numbered(words_of(text)), 1)
    model = decomposition.LatentDirichletAllocation(topics, random_state=SEED, **priors)
    shares = np.asarray(model.fit_transform(counts))
    heaviest = np.argsort(-np.asarray(model.components_), axis=1)[:, :SHOWN]
    return Told(np.where(counts.any(1), shares.argmax(1), -1), [[vocabulary.terms[n] for n in row] for row in heaviest])


FAMILY = Family(name="topics", title="Topic modelling", task="", folder="", measure=measure)
