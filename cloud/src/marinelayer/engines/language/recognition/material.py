"""What a recognizer learns from and is tested with: documents whose entities are known, whatever says so.

Source: Comprehend Developer Guide, "Guidelines and quotas": the least annotations of a type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from marinelayer.engines.language.recognition.annotations import annotated
from marinelayer.engines.language.recognition.documents import Annotated, check_amount, read_documents
from marinelayer.engines.language.recognition.entity_list import read_entity_list
from marinelayer.engines.language.recognition.manifest import of_manifest
from marinelayer.engines.language.training_data import Ask
from marinelayer.ports import TrainingDataError

LEAST_MENTIONS = 25
"""Annotations of a type, or places where the list's entries of a type are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """See ports.EntityLesson."""

    form: str
    kinds: Sequence[str]
    attributes: Sequence[str]
    each_line: bool
    tested: bool


def read_material(ask: Ask, form: Form) -> tuple[list[Annotated], list[Annotated]]:
    """The documents to learn from, and those to test with, where there are some.

    Raises:
        TrainingDataError: they are not what `form` says, are too few or too many, or hold too few entities of a type.
    """
    read = _reader(ask, form)
    training = read("train")
    check_amount(one.text for one in training)
    check_mentions(training, form.kinds)
    return training, read("test") if form.tested else []


def _reader(ask: Ask, form: Form) -> Callable[[str], list[Annotated]]:
    """What reads a part (`train`, `test`)."""
    if form.form == "manifest":
        return lambda part: list(of_manifest(ask, part, form.kinds, form.attributes))
    if form.form == "list":
        entries = read_entity_list(ask, form.kinds)
        return lambda part: [
            Annotated(text=one.text, spans=entries.spans(one.text))
            for one in read_documents(ask, part, each_line=form.each_line)
        ]

    def read(part: str) -> list[Annotated]:
        documents = read_documents(ask, part, each_line=form.each_line)
        name = "annotations" if part == "train" else "test-annotations"
        return annotated(ask, name, documents, form.kinds, each_line=form.each_line)

    return read


def mentions_of(documents: Iterable[Annotated], kinds: Sequence[str]) -> dict[str, int]:
    """How many entities of each type there are."""
    counts = Counter(span.kind for document in documents for span in document.spans)
    return {kind: counts[number] for number, kind in enumerate(kinds)}


def check_mentions(documents: Iterable[Annotated], kinds: Sequence[str]) -> None:
    """Look whether there are enough entities of each type. Raises TrainingDataError."""
    scarce = {kind: count for kind, count in mentions_of(documents, kinds).items() if count < LEAST_MENTIONS}
    if scarce:
        kind, count = next(iter(scarce.items()))
        raise TrainingDataError(
            f"The training documents hold fewer than {LEAST_MENTIONS} entities of {len(scarce)} of the entity types, "
            f"such as {kind} with {count}."
        )
