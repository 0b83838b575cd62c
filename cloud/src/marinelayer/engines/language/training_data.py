"""The documents of a custom classifier, read from what the cloud gives piece by piece.

Source: Comprehend Developer Guide, "Preparing classifier training data" (CSV files; augmented manifest files), and
"Guidelines and quotas" for the numbers.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from marinelayer.ports import TrainingDataError

LEAST_LABELS = 2
MOST_CLASSES, MOST_LABELS = 1000, 100
"""Labels of a classifier whose classes exclude each other, and of another one."""
LEAST_DOCUMENTS = 10
"""Of each label."""
LONGEST_LABEL = 5000
LARGEST_FIELD = 10 << 20

Ask = Callable[[Mapping[str, Any]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text and the labels that it is known to have."""

    labels: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """See ports.TextLesson."""

    form: str
    exclusive: bool
    delimiter: str
    attributes: Sequence[str]


def read_documents(ask: Ask, part: str, form: Form) -> Iterator[Document]:
    """The documents of a part (`train`, `test`) of the data.

    Raises:
        TrainingDataError: a row or line is not what `form` says.
    """
    lines = lines_of(ask, {"part": part})
    documents = _of_csv(lines, form) if form.form == "csv" else _of_manifest(lines, form, ask)
    for number, document in enumerate(documents, 1):
        for label in document.labels:
            if not label.strip() or len(label) > LONGEST_LABEL:
                raise TrainingDataError(f"Row {number} of the data has a label that is empty or too long.")
        if not document.labels or not document.text.strip():
            raise TrainingDataError(f"Row {number} of the data has no label or no text.")
        if form.exclusive and len(document.labels) != 1:
            raise TrainingDataError(
                f"Row {number} of the data has more than one label, which MULTI_CLASS does not admit."
            )
        yield document


def check_labels(training: Iterable[Document], testing: Iterable[Document], *, exclusive: bool) -> tuple[str, ...]:
    """The labels of the training documents, in order.

    Raises:
        TrainingDataError: there are too few or too many, of one there are too few documents, or a test knows others.
    """
    counts = Counter(label for document in training for label in dict.fromkeys(document.labels))
    most = MOST_CLASSES if exclusive else MOST_LABELS
    if not LEAST_LABELS <= len(counts) <= most:
        raise TrainingDataError(
            f"The training data has {len(counts)} unique labels. It must have {LEAST_LABELS} or more, up to {most}."
        )
    scarce = sorted(label for label, count in counts.items() if count < LEAST_DOCUMENTS)
    if scarce:
        raise TrainingDataError(
            f"The training data has fewer than {LEAST_DOCUMENTS} documents of {len(scarce)} of its labels, such as "
            f"{scarce[0][:100]!r} with {counts[scarce[0]]}."
        )
    tested = {label for document in testing for label in document.labels}
    if tested and tested != set(counts):
        odd = min(tested ^ set(counts))
        raise TrainingDataError(
            f"The test data must have at least one document of each label of the training data, and of no other: "
            f"{odd[:100]!r} is in one of them only."
        )
    return tuple(sorted(counts))


def lines_of(ask: Ask, asked: Mapping[str, Any]) -> Iterator[str]:
    """The lines of what is asked for, with their ends. Only LF ends one: a quoted field may hold all else.

    Raises:
        TrainingDataError: it is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    rest = ""
    first = True
    while True:
        piece = ask(asked)
        try:
            rest += decoder.decode(piece, final=not piece)
        except UnicodeDecodeError:
            raise TrainingDataError("The data is not UTF-8.") from None
        if first and rest:
            rest, first = rest.removeprefix("\ufeff"), False
        *whole, rest = rest.split("\n")
        yield from (line + "\n" for line in whole)
        if not piece:
            break
    if rest:
        yield rest


def _of_csv(lines: Iterator[str], form: Form) -> Iterator[Document]:
    csv.field_size_limit(LARGEST_FIELD)
    reader = csv.reader(lines, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise TrainingDataError(f"Line {reader.line_num} of the data is no CSV: {error}.") from None
        if row is None:
            return
        if not row:
            continue  # an empty line
        if len(row) != 2:
            raise TrainingDataError(
                f"Line {reader.line_num} of the data has {len(row)} columns. A row has two, the label and the text."
            )
        labels = (row[0],) if form.exclusive else tuple(dict.fromkeys(row[0].split(form.delimiter)))
        yield Document(labels=labels, text=row[1])


def _of_manifest(lines: Iterator[str], form: Form, ask: Ask) -> Iterator[Document]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            labels = _labels_of(entry, form)
            text = entry.get("source")
            reference = entry.get("source-ref")
        except (ValueError, TypeError, KeyError, AttributeError):
            raise TrainingDataError(f"Line {number} of the manifest is no document with a label.") from None
        if text is None and reference is not None:
            text = referred(ask, str(reference))
        yield Document(labels=labels, text=str(text or ""))


def _labels_of(entry: Mapping[str, Any], form: Form) -> tuple[str, ...]:
    """The labels that a Ground Truth job gave: the name of the class, or those that its class map has for numbers."""
    name = next(attribute for attribute in form.attributes if attribute in entry or f"{attribute}-metadata" in entry)
    metadata = cast("Mapping[str, Any]", entry[f"{name}-metadata"])
    if form.exclusive:
        return (str(metadata["class-name"]),)
    return tuple(str(metadata["class-map"][str(number)]) for number in entry[name])


def referred(ask: Ask, reference: str) -> str:
    """A document that a manifest refers to. Raises TrainingDataError where it is not UTF-8."""
    pieces: list[bytes] = []
    while piece := ask({"reference": reference}):
        pieces.append(piece)
    try:
        return b"".join(pieces).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TrainingDataError("A document that the manifest refers to is not UTF-8.") from None
