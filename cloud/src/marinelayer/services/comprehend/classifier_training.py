"""How custom classifiers learn, and what their descriptions tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.ports import ClassifierTrainer, GoOn, Read, TextLesson, TrainedClassifier
from marinelayer.services.comprehend.data_access import checked_location
from marinelayer.services.comprehend.training import Learned
from marinelayer.services.comprehend.training_source import Parts
from marinelayer.services.locations import Location


def places_of(given: Mapping[str, Any], split: str) -> Sequence[Location]:
    """Where an InputDataConfig's manifests of a split are."""
    manifests: Sequence[Mapping[str, Any]] = given.get("AugmentedManifests") or ()
    return [checked_location(one["S3Uri"]) for one in manifests if one.get("Split", "TRAIN") == split]


def attributes_of(given: Mapping[str, Any]) -> tuple[str, ...]:
    """The attributes of an InputDataConfig's manifests that hold what is to be learnt, each once."""
    manifests: Sequence[Mapping[str, Any]] = given.get("AugmentedManifests") or ()
    return tuple(dict.fromkeys(name for one in manifests for name in one["AttributeNames"]))


def lesson_of(document: Mapping[str, Any]) -> TextLesson:
    """How a classifier's data is to be understood."""
    given: Mapping[str, Any] = document["InputDataConfig"]
    return TextLesson(
        form="manifest" if given.get("DataFormat") == "AUGMENTED_MANIFEST" else "csv",
        exclusive=document["Mode"] == "MULTI_CLASS",
        delimiter=given.get("LabelDelimiter", "|"),
        attributes=attributes_of(given),
        tested=bool(_parts(given)["test"]),
        seed=int(document["Id"], 16),
    )


def _parts(given: Mapping[str, Any]) -> Parts:
    members = {"train": ("S3Uri", "TRAIN"), "test": ("TestS3Uri", "TEST")}
    return {
        part: [*places_of(given, split), *([checked_location(given[member])] if member in given else ())]
        for part, (member, split) in members.items()
    }


def metadata_of(trained: TrainedClassifier) -> dict[str, Any]:
    """The ClassifierMetadata of what a training made."""
    names = {
        "Accuracy": "accuracy",
        "Precision": "precision",
        "Recall": "recall",
        "F1Score": "f1",
        "MicroPrecision": "micro_precision",
        "MicroRecall": "micro_recall",
        "MicroF1Score": "micro_f1",
        "HammingLoss": "hamming_loss",
    }
    return {
        "NumberOfLabels": len(trained.labels),
        "NumberOfTrainedDocuments": trained.trained,
        "NumberOfTestDocuments": trained.tested,
        "EvaluationMetrics": {member: trained.measures[name] for member, name in names.items()},
    }


class ClassifierTeaching:
    """Teaches classifiers (training.Teaching)."""

    def __init__(self, trainer: ClassifierTrainer) -> None:
        self._trainer = trainer

    def parts(self, document: Mapping[str, Any]) -> Parts:
        """Where the files to learn from and to test with are."""
        return _parts(document["InputDataConfig"])

    async def learn(self, document: Mapping[str, Any], read: Read, go_on: GoOn) -> Learned:
        """Learn once. Raises as ports.ClassifierTrainer."""
        trained = await self._trainer.train(lesson_of(document), read, go_on)
        return Learned(
            model=trained.model,
            told={"ClassifierMetadata": metadata_of(trained)},
            files={"output/confusion_matrix.json": trained.confusion},
        )
