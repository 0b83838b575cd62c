"""Custom entity recognizers: streets in San Diego's requests, which a rule annotated, and names in sentences made up.

The rule looks at capitals, so that the texts are also measured in small letters, which tell nothing of where a name
begins. The sentences made up are said in ways, about streets and with numbers of vehicles that the lesson did not have:
what they measure is whether a recognizer finds more than what it was shown. Beside both stands the list of the names of
the lesson, found as they are.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from evaluation.city import descriptions, streets
from evaluation.custom_classes import go_on
from evaluation.figures import Figure, Row, Timing
from evaluation.measures import Integers, bootstrap, calibration_error, share
from evaluation.running import Bench
from marinelayer.engines.language.recognition.entity_list import EntityList
from marinelayer.ports import EntityLesson, Passage

Place = tuple[int, int, str]
Known = tuple[str, set[Place]]
"""A text, and the first letter, that after the last, and the type of each entity in it."""

DRAWS = 200
LESSON = 3000
TEST = 3000
MADE_UP = (125, 500, 2000)
"""Sentences in a lesson."""

FIRST_WORDS = (
    (
        "Market",
        "Fairmount",
        "Balboa",
        "Texas",
        "Genesee",
        "Nimitz",
        "Voltaire",
        "Catalina",
        "Garnet",
        "Mission",
        "Adams",
    ),
    ("Imperial", "Euclid", "Federal", "Hancock", "Juniper", "Kettner", "Laurel", "Meade", "Newport", "Polk", "Quince"),
)
"""Those of the lesson's streets, and of the test's."""
SUFFIXES = ("Street", "Avenue", "Boulevard", "St", "Ave", "Drive")
FORMS = (
    (
        "There is a pothole on {STREET} near the school.",
        "Scooter {VEHICLE} blocks the ramp at {STREET}.",
        "{VEHICLE} was left on {STREET} since Monday",
        "Graffiti at the corner of {STREET} and {STREET}, please come.",
        "I saw {VEHICLE} in the canyon and nobody picks it up",
        "The lamp in front of my house flickers for 12 days",
        "Trash on {STREET} again, call me at 555-0123",
        "Number {VEHICLE} lies across the sidewalk",
    ),
    (
        "On {STREET} somebody dumped a couch.",
        "My neighbour on {STREET} complains of bike {VEHICLE}.",
        "{VEHICLE}: broken brakes",
        "Huge crater, {STREET} by the Market",
        "Two scooters, {VEHICLE} and {VEHICLE}, were thrown into the bay",
        "For 3 weeks the light at Mission Bay is out",
    ),
)
"""The lesson's ways of saying, and the test's."""


class Telling(NamedTuple):
    """What was told of texts: the entities of each, and the score of each of these."""

    told: list[dict[Place, float]]
    timing: Timing | None


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Streets by the rule, and names made up."""
    real = [(text, {(*one, "STREET") for one in streets(text)}) for _, text in descriptions(bench.data.parent)]
    real = real[: LESSON + TEST][:: bench.step]
    border = len(real) * LESSON // (LESSON + TEST)
    for data, known in (
        ("streets in San Diego's requests, by a rule", real),
        ("the same in small letters", [(text.lower(), places) for text, places in real]),
    ):
        async for row in _compared(bench, data, known[:border], known[border:]):
            yield row
    for size in MADE_UP:
        lesson, test = made_up(size, 0), made_up(1000 // bench.step, 1)
        async for row in _compared(bench, f"names in sentences made up, {size} in the lesson", lesson, test):
            yield row


def made_up(count: int, part: int) -> list[Known]:
    """Sentences of the lesson (part 0) or the test (1); no name and no way of saying is in both."""
    chance = random.Random(part)
    made: list[Known] = []
    for _ in range(count):
        text, places = "", set[Place]()
        for piece in chance.choice(FORMS[part]).replace("{", "}").split("}"):
            name = _name(chance, piece, part)
            if name is not piece:
                places.add((len(text), len(text) + len(name), piece))
            text += name
        made.append((text, places))
    return made


def _name(chance: random.Random, piece: str, part: int) -> str:
    if piece == "STREET":
        return f"{chance.choice(FIRST_WORDS[part])} {chance.choice(SUFFIXES)}"
    if piece == "VEHICLE":
        return f"{chance.choice(('SD', 'LM') if part == 0 else ('SD', 'LM', 'BRD'))}-{chance.randint(100, 9999)}"
    return piece


async def _compared(bench: Bench, data: str, lesson: Sequence[Known], test: Sequence[Known]) -> AsyncIterator[Row]:
    kinds = sorted({kind for _, places in lesson for _, _, kind in places})
    ours = await _ours(bench, lesson, test, kinds)
    for engine, telling in (
        ("custom recognizer", ours),
        ("the lesson's names, as a list", _listed(lesson, test, kinds)),
    ):
        for row in _figures(engine, data, test, telling):
            yield row
    scores = [
        (place in places, score)
        for told, (_, places) in zip(ours.told, test, strict=True)
        for place, score in told.items()
    ]
    right, sure = np.array([one for one, _ in scores]), np.array([score for _, score in scores])
    if scores:
        yield Figure(
            engine="custom recognizer",
            language="en",
            data=data,
            measure="calibration error",
            interval=bootstrap(len(scores), lambda numbers: calibration_error(right[numbers], sure[numbers]), DRAWS),
            items=len(scores),
            percent=False,
        )


async def _ours(bench: Bench, lesson: Sequence[Known], test: Sequence[Known], kinds: Sequence[str]) -> Telling:
    form = EntityLesson(form="annotations", kinds=kinds, tested=True)
    trained = await bench.engines.recognizer_training.train(form, _giving(lesson), go_on)

    async def weights() -> bytes:
        return trained.model

    name = sha256(trained.model).hexdigest()

    async def find(text: str) -> list[Passage]:
        (found,) = await bench.engines.recognition.recognize(name, weights, [text])
        return found

    await find("")  # the worker gets the model
    found, timing = await bench.timed(find, [text for text, _ in test])
    return Telling([{(one.begin, one.end, one.kind): one.score for one in each} for each in found], timing)


def _giving(lesson: Sequence[Known]) -> Callable[[Mapping[str, Any]], Awaitable[bytes]]:
    """What a trainer reads from: a line a document, and nothing to test with, since that is done here."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("File", "Line", "Begin Offset", "End Offset", "Type"))
    for line, (_, places) in enumerate(lesson):
        writer.writerows(("d", line, *place) for place in sorted(places))
    documents = "\n".join(text.replace("\n", " ").replace("\r", " ") for text, _ in lesson)
    waiting = {
        json.dumps({"names": "train"}): b'"d"\n',
        json.dumps({"names": "test"}): b'"d"\n',
        json.dumps({"part": "train", "file": "d"}): documents.encode(),
        json.dumps({"part": "annotations"}): file.getvalue().encode(),
        json.dumps({"part": "test-annotations"}): b"File,Line,Begin Offset,End Offset,Type\n",
    }

    async def read(asked: Mapping[str, Any]) -> bytes:
        return waiting.pop(json.dumps(asked), b"")

    return read


def _listed(lesson: Sequence[Known], test: Sequence[Known], kinds: Sequence[str]) -> Telling:
    names = {text[begin:end]: kinds.index(kind) for text, places in lesson for begin, end, kind in places}
    entries = EntityList(names)
    return Telling(
        [{(one.begin, one.end, kinds[one.kind]): 1.0 for one in entries.spans(text)} for text, _ in test], None
    )


def _figures(engine: str, data: str, test: Sequence[Known], telling: Telling) -> list[Figure]:
    counts = np.array(
        [
            (len(told.keys() & places), len(told), len(places))
            for told, (_, places) in zip(telling.told, test, strict=True)
        ]
    )
    right, told, there = (int(number) for number in counts.sum(axis=0))
    precision: list[Figure] = []
    if told:
        precision.append(
            Figure(
                engine=engine,
                language="en",
                data=data,
                measure="precision",
                interval=share(right, told),
                items=told,
                timing=telling.timing,
            )
        )
    return [
        *precision,
        Figure(engine=engine, language="en", data=data, measure="recall", interval=share(right, there), items=there),
        Figure(
            engine=engine,
            language="en",
            data=data,
            measure="F1",
            interval=bootstrap(len(test), lambda numbers: _f1(counts[numbers]), DRAWS),
            items=there,
        ),
    ]


def _f1(counts: npt.NDArray[np.int64] | Integers) -> float:
    right, told, there = counts.sum(axis=0)
    return float(2 * right / (told + there)) if told + there else 0.0
