"""Lines of manifests, in the format of SageMaker Ground Truth: a picture each, with labels, or with boxes and theirs.
Pure.

A line that names no picture is left out. What else is wrong with one is written into it (`cl-errors`), and it is not
used, or not that label.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-create-manifest-file.html and
.../tm-debugging-json-line-errors.html; the words are those of its errors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from marinelayer.ports import Box

LONGEST_LINE = 100_000
LONGEST_LABEL = 255
MOST_BOXES = 50
CLASSIFICATION = "groundtruth/image-classification"
DETECTION = "groundtruth/object-detection"

MESSAGES = {
    "ERROR_NO_LABEL_ATTRIBUTES": "No label attributes found.",
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": "The format of the label attribute {} is invalid.",
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": "The format of the label attribute metadata is invalid.",
    "ERROR_NO_VALID_LABEL_ATTRIBUTES": "No valid label attributes found.",
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": "One or more bounding boxes has a missing confidence value.",
    "ERROR_MISSING_CLASS_MAP_ID": "One of more class ids is missing from the class map.",
    "ERROR_INVALID_IMAGE": "The image is invalid. Check S3 path and/or image properties.",
    "ERROR_INVALID_BOUNDING_BOX": "The bounding box has off frame values.",
    "ERROR_BOUNDING_BOX_TOO_SMALL": "The height and width of the bounding box is too small.",
    "ERROR_TOO_MANY_BOUNDING_BOXES": "There are more bounding boxes than the allowed maximum.",
    "ERROR_NO_VALID_ANNOTATIONS": "No valid annotations found.",
    "WARNING_NO_ANNOTATIONS": "No annotations found.",
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": (
        "The use case type of the {} label attribute metadata is unsupported. Check the type field."
    ),
    "ERROR_INVALID_LABEL_NAME_LENGTH": "The length of the label name is invalid.",
}

_SOURCE_REF = re.compile(r"[sS]3://([^/]+)/(.+)", re.DOTALL)
_METADATA = "-metadata"
_FAR = 1e9
_OWN = frozenset({"cl-errors", "cl-metadata"})
_DECLARED = {"human-annotated": str, "creation-date": str, "type": str}

Members = dict[str, Any]
Labels = list[tuple[str, Box | None]]
"""Labels, each of the picture or of a box in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A picture of a dataset: `line` as it is shown; `labels`, each with whether boxes show where it is; `boxes`, each
    with its label, as far as they are right (none where an entry comes from a table: its line has them)."""

    source_ref: str
    line: str
    labels: Mapping[str, bool]
    has_errors: bool
    boxes: Sequence[tuple[str, Box]] = ()

    @property
    def place(self) -> tuple[str, str]:
        """Bucket and key of the picture."""
        bucket, _, key = self.source_ref[len("s3://") :].partition("/")
        return bucket, key


def entries_of(manifest: str) -> Iterator[Entry | None]:
    """The entry of each line; None for one that names no picture. An empty end is no line."""
    return (read_entry(line) for line in manifest.removesuffix("\n").split("\n"))


def read_entry(text: str) -> Entry | None:
    """The entry of a line; None where the line names no picture, or can not be read at all."""
    members = _members(text) if len(text) <= LONGEST_LINE else None
    if members is None:
        return None
    source_ref = members.get("source-ref")
    if not isinstance(source_ref, str) or _SOURCE_REF.fullmatch(source_ref) is None:
        return None
    members = {name: value for name, value in members.items() if name not in _OWN}
    found, errors = _read_attributes(members)
    if errors:
        members["cl-errors"] = errors
    members["cl-metadata"] = {"is_labeled": bool(found)}
    line = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
    boxes = [(label, box) for label, box in found if box is not None]
    located = {label for label, _ in boxes}
    labels = {label: label in located for label, _ in found}
    return Entry(source_ref=source_ref, line=line, labels=labels, has_errors="cl-errors" in line, boxes=boxes)


def error(code: str, name: str = "") -> Members:
    """An error as lines and summaries hold it."""
    return {"code": code, "message": MESSAGES[code].format(name)}


def with_error(line: str, code: str) -> str:
    """An entry's line with one more error of the whole."""
    members = json.loads(line)
    members["cl-errors"] = [*members.get("cl-errors", ()), error(code)]
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _members(text: str) -> Members | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return cast("Members", value) if isinstance(value, dict) else None


def _read_attributes(members: Members) -> tuple[Labels, list[Members]]:
    """The labels of a line, and what is wrong with all of it; what is wrong with an attribute is written there."""
    names = [name for name in members if f"{name}{_METADATA}" in members]
    if not names:
        return [], [error("ERROR_NO_LABEL_ATTRIBUTES")]
    labels: Labels = []
    errors: list[Members] = []
    valid = 0
    for name in names:
        found = _read_attribute(members, name, errors)
        valid += found is not None
        labels += found or ()
    if not valid:
        errors.append(error("ERROR_NO_VALID_LABEL_ATTRIBUTES"))
    return labels, errors


def _read_attribute(members: Members, name: str, errors: list[Members]) -> Labels | None:
    """The labels that one attribute gives, None where it is not valid."""
    value, metadata = members[name], members[f"{name}{_METADATA}"]
    if not isinstance(metadata, dict):
        errors.append(error("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT"))
        return None
    told = cast("Members", metadata)
    told.pop("cl-errors", None)
    kind = told.get("type")
    if kind not in {CLASSIFICATION, DETECTION}:
        told["cl-errors"] = [error("ERROR_UNSUPPORTED_USE_CASE_TYPE", f"{name}{_METADATA}")]
        return None
    if any(not isinstance(told.get(member), of) for member, of in _DECLARED.items()):
        told["cl-errors"] = [error("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT")]
        return None
    if kind == DETECTION:
        return _boxed_labels(value, told, name, errors)
    return _image_label(value, told, name, errors)


def _image_label(value: Any, metadata: Members, name: str, errors: list[Members]) -> Labels | None:
    label, confidence = metadata.get("class-name"), metadata.get("confidence")
    if not isinstance(label, str) or not _is_number(confidence):
        metadata["cl-errors"] = [error("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT")]
        return None
    if not 1 <= len(label) <= LONGEST_LABEL:
        metadata["cl-errors"] = [error("ERROR_INVALID_LABEL_NAME_LENGTH")]
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        errors.append(error("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", name))
        return None
    return [(label, None)]


def _boxed_labels(value: Any, metadata: Members, name: str, errors: list[Members]) -> Labels | None:
    size = _size_of(value)
    if size is None:
        errors.append(error("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", name))
        return None
    value.pop("cl-errors", None)
    annotations: Sequence[Any] = value["annotations"]
    wrong = _wrong_metadata(metadata, len(annotations))
    if wrong is not None:
        metadata["cl-errors"] = [error(wrong)]
        return None
    if not annotations:
        errors.append(error("WARNING_NO_ANNOTATIONS"))
        return []
    many = len(annotations) > MOST_BOXES
    labels: Labels = [] if many else _labels_of(annotations, metadata, size)
    if not labels:
        value["cl-errors"] = [error("ERROR_TOO_MANY_BOUNDING_BOXES" if many else "ERROR_NO_VALID_ANNOTATIONS")]
        return None
    return labels


def _wrong_metadata(metadata: Members, boxes: int) -> str | None:
    objects, classes = metadata.get("objects"), metadata.get("class-map")
    if not isinstance(objects, list) or not isinstance(classes, dict):
        return "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT"
    sure = cast("list[Any]", objects)
    if len(sure) < boxes or not all(isinstance(one, dict) and "confidence" in one for one in sure):
        return "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE"
    return None


def _labels_of(annotations: Sequence[Any], metadata: Members, size: tuple[float, float]) -> Labels:
    classes: Members = metadata["class-map"]
    labels: Labels = []
    for annotation in annotations:
        if not isinstance(annotation, dict):
            continue
        box = cast("Members", annotation)
        wrong, label = _box_error(box, size), classes.get(str(box.get("class_id")))
        if wrong is not None:
            box["cl-errors"] = [error(wrong)]
        elif not isinstance(label, str) or not 1 <= len(label) <= LONGEST_LABEL:
            metadata["cl-errors"] = [error("ERROR_MISSING_CLASS_MAP_ID")]
        else:
            labels.append((label, _box_of(box, size)))
    return labels


def _box_error(box: Members, size: tuple[float, float]) -> str | None:
    box.pop("cl-errors", None)
    sides = [box.get(name) for name in ("left", "top", "width", "height")]
    if not all(_is_number(side) for side in sides):
        return "ERROR_INVALID_BOUNDING_BOX"
    left, top, width, height = cast("list[float]", sides)
    if min(left, top) < 0 or left + width > size[0] or top + height > size[1]:
        return "ERROR_INVALID_BOUNDING_BOX"
    return "ERROR_BOUNDING_BOX_TOO_SMALL" if width <= 1 or height <= 1 else None


def _box_of(annotation: Members, size: tuple[float, float]) -> Box:
    """The box of an annotation that is right, as fractions of a picture of this size."""
    return Box(
        left=annotation["left"] / size[0],
        top=annotation["top"] / size[1],
        width=annotation["width"] / size[0],
        height=annotation["height"] / size[1],
    )


def _size_of(value: Any) -> tuple[float, float] | None:
    """Width and height that an attribute of boxes gives its picture; None where its form is not that of one."""
    try:
        width, height = value["image_size"][0]["width"], value["image_size"][0]["height"]
        listed = isinstance(value["annotations"], list)
    except (KeyError, IndexError, TypeError):
        return None
    return (width, height) if listed and _is_number(width) and _is_number(height) else None


def _is_number(value: Any) -> bool:
    """Of a size that a picture can have: JSON as Python reads it also has NaN and Infinity."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -_FAR < value < _FAR
