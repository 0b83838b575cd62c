"""Toxic content from boto3 through a whole cloud to onnxruntime, with a tiny model in place of the catalogue's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from marinelayer.engines.language.toxicity import MODEL
from marinelayer.testing import LocalCloud

from .nearby import cloud_with
from .tiny_toxicity import VOCABULARY, tiny_toxicity


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    models = {MODEL: (tiny_toxicity(), VOCABULARY)}
    with cloud_with(models, tmp_path_factory.mktemp("models"), "toxicity_task") as running:
        yield running


def told(comprehend: Any, *texts: str) -> list[tuple[bool, set[str]]]:
    """Of each text whether it is toxic, and the labels that are likelier than not."""
    segments = [{"Text": text} for text in texts]
    answer = comprehend.detect_toxic_content(TextSegments=segments, LanguageCode="en")
    return [
        (one["Toxicity"] > 0.5, {label["Name"] for label in one["Labels"] if label["Score"] > 0.5})
        for one in answer["ResultList"]
    ]


KIND, INSULT, THREAT = (False, set[str]()), (True, {"INSULT"}), (True, {"VIOLENCE_OR_THREAT"})


def test_texts_that_change_places_change_their_answers(comprehend: Any) -> None:
    assert told(comprehend, "You are kind", "You idiots", "I kill you") == [KIND, INSULT, THREAT]
    assert told(comprehend, "I kill you", "You are kind", "You idiots") == [THREAT, KIND, INSULT]


def test_a_word_that_is_taken_away_takes_its_label_along(comprehend: Any) -> None:
    assert told(comprehend, "You damn idiots") == [(True, {"PROFANITY", "INSULT"})]
    assert told(comprehend, "You idiots") == [INSULT]
    assert told(comprehend, "You") == [KIND]


def test_ten_texts_of_a_kilobyte_are_read_to_their_ends(comprehend: Any) -> None:
    assert told(comprehend, *["! " * 497 + "idiot"] * 10) == [INSULT] * 10


def test_only_labels_that_the_model_knows_are_answered(comprehend: Any) -> None:
    answer = comprehend.detect_toxic_content(TextSegments=[{"Text": "You"}], LanguageCode="en")
    (one,) = answer["ResultList"]
    assert [label["Name"] for label in one["Labels"]] == ["PROFANITY", "HATE_SPEECH", "INSULT", "VIOLENCE_OR_THREAT"]
