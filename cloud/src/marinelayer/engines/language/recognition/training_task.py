"""Learning to find entities, in a worker: documents are asked for, learned from and tested with, and the model told.

What is asked for: see ports.RecognizerTrainer. What is told: `step` (the learning goes on), `model` (its bytes, a piece
at a time), and `learned` (`trained`, `tested`, `measures`, `of_kinds`, `mentions`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from marinelayer.engines.language.recognition.documents import Annotated
from marinelayer.engines.language.recognition.entity_recognizer import EntityRecognizer
from marinelayer.engines.language.recognition.learning import learn, learnable
from marinelayer.engines.language.recognition.material import Form, mentions_of, read_material
from marinelayer.engines.language.recognition.scoring import Place, measures_of
from marinelayer.engines.learning.heldout import MOST_TESTED, held_back
from marinelayer.engines.worker import Talk

PIECE = 4 << 20
SOME = 200
"""Documents that are tested between two words to the cloud."""


class LearnRecognizer:
    """`form`, `kinds`, `attributes`, `each_line`, `tested` and `seed` in."""

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Learn once. Raises TrainingDataError."""
        form = Form(
            form=request["form"],
            kinds=request["kinds"],
            attributes=request["attributes"],
            each_line=bool(request["each_line"]),
            tested=bool(request["tested"]),
        )
        training, testing = read_material(talk.ask, form)
        if not form.tested:
            training, testing = held_back(training, int(request["seed"]))
        training = learnable(training, len(form.kinds), int(request["seed"]))
        learned = learn(training, form.kinds, lambda step: talk.tell({"step": step}, b""))
        data = learned.to_bytes()
        # What is tested is what will answer: its numbers have half the digits.
        told = _tested(EntityRecognizer.of_bytes(data), testing[:MOST_TESTED], form.kinds, talk)
        for begin in range(0, len(data), PIECE):
            talk.tell({"model": begin}, data[begin : begin + PIECE])
        told |= {"trained": len(training), "mentions": mentions_of(training, form.kinds)}
        talk.tell({"learned": told}, b"")
        return {}


def _tested(
    recognizer: EntityRecognizer, documents: Sequence[Annotated], kinds: Sequence[str], talk: Talk
) -> dict[str, Any]:
    truth: list[set[Place]] = []
    found: list[set[Place]] = []
    for number, document in enumerate(documents):
        if number % SOME == 0:
            talk.tell({"step": number}, b"")
        truth.append({(span.begin, span.end, kinds[span.kind]) for span in document.spans})
        found.append({(begin, end, kind) for begin, end, _, kind in recognizer.entities(document.text)})
    measures, of_kinds = measures_of(truth, found, kinds)
    return {
        "tested": len(documents),
        "measures": asdict(measures),
        "of_kinds": {kind: asdict(one) for kind, one in of_kinds.items()},
    }


def open_task(_options: Mapping[str, Any]) -> LearnRecognizer:
    """There is nothing to load."""
    return LearnRecognizer()
