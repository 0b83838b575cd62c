"""Documents with their entities, as SageMaker Ground Truth's labelling jobs for named entities write them.

Source: Comprehend Developer Guide, "Augmented manifest file": JSON lines, each with the text (`source`, or `source-ref`
for an object in S3) and for each labelling job an attribute with `annotations.entities`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from marinelayer.engines.language.recognition.annotations import holds_token, in_order
from marinelayer.engines.language.recognition.documents import LARGEST_DOCUMENT, Annotated, size_of
from marinelayer.engines.language.recognition.tags import Span
from marinelayer.engines.language.training_data import Ask, lines_of, referred
from marinelayer.ports import TrainingDataError


def of_manifest(ask: Ask, part: str, kinds: Sequence[str], attributes: Sequence[str]) -> Iterator[Annotated]:
    """The documents of a part that is made of manifests, with their entities of `kinds`.

    Raises:
        TrainingDataError: a line is no document with entities, or the document is too large.
    """
    numbers = {kind: number for number, kind in enumerate(kinds)}
    for number, line in enumerate(lines_of(ask, {"part": part}), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            spans = {span for name in attributes if name in entry for span in _spans(entry[name], numbers)}
            text = entry.get("source")
            reference = entry.get("source-ref")
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            raise TrainingDataError(f"Line {number} of the manifest is no document with entities.") from None
        if text is None and reference is not None:
            text = referred(ask, str(reference))
        yield _checked(str(text or ""), spans, number)


def _spans(labelled: Mapping[str, Any], numbers: Mapping[str, int]) -> Iterator[Span]:
    for entity in cast("Sequence[Mapping[str, Any]]", labelled["annotations"]["entities"]):
        if entity["label"] in numbers:
            yield Span(int(entity["startOffset"]), int(entity["endOffset"]), numbers[entity["label"]])


def _checked(text: str, spans: set[Span], number: int) -> Annotated:
    if not text.strip() or size_of(text) > LARGEST_DOCUMENT:
        raise TrainingDataError(
            f"Line {number} of the manifest has no text, or one of more than {LARGEST_DOCUMENT} bytes."
        )
    for span in spans:
        if not 0 <= span.begin < span.end <= len(text) or not holds_token(text, span):
            raise TrainingDataError(f"Line {number} of the manifest has an entity that is not in its text.")
    return Annotated(text=text, spans=in_order(spans, f"the entities of line {number} of the manifest"))
