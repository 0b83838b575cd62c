"""The pictures that a version is trained on and tested by, and what is wrong with them. Pure.

A training set is checked as AWS checks it: some errors stop the training (of its content as a whole), others only leave
out a line. All are told in documents beside the model.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/tm-debugging-aggregate-errors.html and
.../tm-debugging-summary.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from marinelayer.services.rekognition.manifests import Entry, with_error

MOST_INVALID = 0.2
LEAST_LABELS: Mapping[bool, int] = {False: 2, True: 1}
"""Of pictures; of things in them (AWS: "Guidelines and quotas in Amazon Rekognition Custom Labels")."""
MOST_LABELS = 250
LEAST_OVERLAP = 50
"""Percent of the labels of training that testing must have."""

UseCase = Literal["IMAGE_LEVEL_LABELS", "OBJECT_LOCALIZATION", "NOT_DETERMINED"]

_MESSAGES = {
    "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST": "The manifest file contains too many invalid rows.",
    "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS": "The manifest file contains images from multiple S3 buckets.",
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT": (
        "The manifest file contains insufficient labeled images per label to perform auto-split."
    ),
    "ERROR_MANIFEST_TOO_FEW_LABELS": "The manifest file has too few labels.",
    "ERROR_MANIFEST_TOO_MANY_LABELS": "The manifest file has too many labels.",
    "ERROR_INSUFFICIENT_LABEL_OVERLAP": (
        f"Less than {LEAST_OVERLAP}% label overlap between the training and testing manifest files."
    ),
}


@dataclass(slots=True, kw_only=True)
class Pictures:
    """A manifest's lines in their order: the entries (None for a line that names no picture), and what is found out
    about them: the places in `entries` of pictures that can not be used, and the errors of the whole. Where they are
    about things that are `located`, only labels of boxes count, and else all labels do."""

    entries: Sequence[Entry | None]
    located: bool = False
    invalid: set[int] = field(default_factory=set[int])
    errors: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def usable(self) -> list[int]:
        """The places of entries that have labels that count, and whose pictures are not known to be invalid."""
        return [at for at in range(len(self.entries)) if self.labels_at(at) and at not in self.invalid]

    @property
    def labels(self) -> set[str]:
        """The labels of the usable entries."""
        return {label for at in self.usable for label in self.labels_at(at)}

    def labels_at(self, at: int) -> Collection[str]:
        """The labels of the entry at a place, those that count."""
        entry = self.entries[at]
        if entry is None:
            return ()
        return {label for label, _ in entry.boxes} if self.located else entry.labels.keys()

    def add(self, code: str) -> None:
        """Note an error of the whole."""
        self.errors.append({"code": code, "message": _MESSAGES[code]})

    @property
    def unusable(self) -> list[int]:
        """The places of lines that are in error; those that merely have no boxes are not."""
        return [at for at, entry in enumerate(self.entries) if at in self.invalid or _wrong(entry)]

    @property
    def use_case(self) -> UseCase:
        """What most labelled lines have: labels of the picture, or boxes."""
        boxed = [any(entry.labels.values()) for entry in self.entries if entry is not None and entry.labels]
        if not boxed:
            return "NOT_DETERMINED"
        return "OBJECT_LOCALIZATION" if sum(boxed) > len(boxed) / 2 else "IMAGE_LEVEL_LABELS"


def _wrong(entry: Entry | None) -> bool:
    return entry is None or (not entry.labels and "WARNING_NO_ANNOTATIONS" not in entry.line)


def check(training: Pictures, testing: Pictures) -> list[dict[str, Any]]:
    """Note what stops training, as far as is known by now; the errors that are of both together are returned."""
    for pictures in (training, testing):
        pictures.errors = []
        if len(pictures.unusable) > MOST_INVALID * len(pictures.entries):
            pictures.add("ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST")
        if len({entry.place[0] for entry in pictures.entries if entry is not None}) > 1:
            pictures.add("ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS")
        if len(pictures.labels) < LEAST_LABELS[pictures.located]:
            pictures.add("ERROR_MANIFEST_TOO_FEW_LABELS")
        if len(pictures.labels) > MOST_LABELS:
            pictures.add("ERROR_MANIFEST_TOO_MANY_LABELS")
    learnt = training.labels
    if learnt and 100 * len(learnt & testing.labels) < LEAST_OVERLAP * len(learnt):
        code = "ERROR_INSUFFICIENT_LABEL_OVERLAP"
        return [{"code": code, "message": _MESSAGES[code]}]
    return []


def manifest_summary(training: Pictures, testing: Pictures, errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The manifest summary file."""
    return {
        "statistics": {"training": _statistics(training), "testing": _statistics(testing)},
        "errors": list(errors),
    }


def _statistics(pictures: Pictures) -> dict[str, Any]:
    wrong, valid = pictures.unusable, len(pictures.usable)
    return {
        "use_case": pictures.use_case,
        "total_json_lines": len(pictures.entries),
        "valid_json_lines": valid,
        "invalid_json_lines": len(wrong),
        "ignored_json_lines": len(pictures.entries) - valid - len(wrong),
        "error_json_line_indices": wrong,
        "errors": pictures.errors,
    }


def validation_line(pictures: Pictures, at: int) -> str:
    """A line of a manifest with validation: the entry's, with what was found out about its picture."""
    entry = pictures.entries[at]
    if entry is None:
        return '{"cl-errors":[{"code":"ERROR_INVALID_JSON_LINE","message":"The JSON Line has an invalid format."}]}'
    return with_error(entry.line, "ERROR_INVALID_IMAGE") if at in pictures.invalid else entry.line
