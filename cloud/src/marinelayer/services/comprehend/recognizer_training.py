"""How custom entity recognizers learn, and what their descriptions tell of it.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_EntityRecognizerMetadata.html: measures of
recognizers of plain text are percentages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.ports import EntityLesson, EntityMeasures, GoOn, Read, RecognizerTrainer, TrainedRecognizer
from marinelayer.services.comprehend.classifier_training import attributes_of, places_of
from marinelayer.services.comprehend.data_access import checked_location
from marinelayer.services.comprehend.training import Learned
from marinelayer.services.comprehend.training_source import Parts

_PLACES = {
    "train": ("Documents", "S3Uri"),
    "test": ("Documents", "TestS3Uri"),
    "annotations": ("Annotations", "S3Uri"),
    "test-annotations": ("Annotations", "TestS3Uri"),
    "list": ("EntityList", "S3Uri"),
}
"""The members of the input that name the place of each part."""


def lesson_of(document: Mapping[str, Any]) -> EntityLesson:
    """How a recognizer's data is to be understood."""
    given: Mapping[str, Any] = document["InputDataConfig"]
    documents: Mapping[str, Any] = given.get("Documents") or {}
    form = "list" if "EntityList" in given else "annotations"
    return EntityLesson(
        form="manifest" if given.get("DataFormat") == "AUGMENTED_MANIFEST" else form,
        kinds=tuple(one["Type"] for one in given["EntityTypes"]),
        attributes=attributes_of(given),
        each_line=documents.get("InputFormat", "ONE_DOC_PER_LINE") == "ONE_DOC_PER_LINE",
        tested="TestS3Uri" in documents or bool(places_of(given, "TEST")),
        seed=int(document["Id"], 16),
    )


def metadata_of(trained: TrainedRecognizer) -> dict[str, Any]:
    """The RecognizerMetadata of what a training made."""
    return {
        "NumberOfTrainedDocuments": trained.trained,
        "NumberOfTestDocuments": trained.tested,
        "EvaluationMetrics": _percentages(trained.measures),
        "EntityTypes": [
            {"Type": kind, "EvaluationMetrics": _percentages(one), "NumberOfTrainMentions": trained.mentions[kind]}
            for kind, one in trained.of_kinds.items()
        ],
    }


def _percentages(measures: EntityMeasures) -> dict[str, float]:
    return {
        "Precision": 100 * measures.precision,
        "Recall": 100 * measures.recall,
        "F1Score": 100 * measures.f1,
    }


class RecognizerTeaching:
    """Teaches entity recognizers (training.Teaching)."""

    def __init__(self, trainer: RecognizerTrainer) -> None:
        self._trainer = trainer

    def parts(self, document: Mapping[str, Any]) -> Parts:
        """Where documents, annotations, the entity list and manifests are."""
        given: Mapping[str, Any] = document["InputDataConfig"]
        splits = {"train": places_of(given, "TRAIN"), "test": places_of(given, "TEST")}
        return {
            part: [
                *splits.get(part, ()),
                *([checked_location(given[member][uri])] if uri in (given.get(member) or {}) else ()),
            ]
            for part, (member, uri) in _PLACES.items()
        }

    async def learn(self, document: Mapping[str, Any], read: Read, go_on: GoOn) -> Learned:
        """Learn once. Raises as ports.RecognizerTrainer."""
        trained = await self._trainer.train(lesson_of(document), read, go_on)
        return Learned(model=trained.model, told={"RecognizerMetadata": metadata_of(trained)})
