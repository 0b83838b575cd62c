"""DetectCustomLabels: what a running model finds in a picture.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectCustomLabels.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Box, Caller, CustomLabelDetector, Tables, Transaction
from marinelayer.services.operation import need, operation
from marinelayer.services.rekognition.custom_label_arns import on
from marinelayer.services.rekognition.errors import (
    ImageTooLargeException,
    ResourceNotReadyException,
    engine_errors,
)
from marinelayer.services.rekognition.images import Images
from marinelayer.services.rekognition.running import features_of, locates
from marinelayer.services.rekognition.version_rows import SQL, the_version

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

MOST_BYTES = 4 << 20
"""Of a picture that is sent: less than other operations take."""
PERCENT = 100.0


class CustomLabelDetection:
    """Finds custom labels in pictures."""

    def __init__(self, tables: Tables, detector: CustomLabelDetector, images: Images) -> None:
        self._tables = tables
        self._detector = detector
        self._images = images

    @operation("DetectCustomLabels", needs=need("rekognition:DetectCustomLabels", on=on("ProjectVersionArn")))
    async def detect(self, caller: Caller, request: wire.DetectCustomLabelsRequest) -> wire.DetectCustomLabelsResponse:
        """The labels that are sure enough, the surest first: each by its own assumed threshold, or all by
        MinConfidence. A model that was trained with boxes finds things, each with its own.

        Raises:
            ResourceNotFoundException: there is no such model.
            ResourceNotReadyException: it does not run.
            InvalidParameterException, ImageTooLargeException, InvalidS3ObjectException, InvalidImageFormatException.
        """
        arn = request["ProjectVersionArn"]
        result = await self._tables.read(_running, caller, arn)
        if len(request["Image"].get("Bytes", b"")) > MOST_BYTES:
            raise ImageTooLargeException
        image = await self._images.read(caller, request["Image"])

        async def model() -> bytes:
            row = await self._tables.read(lambda tx: tx.one(SQL.model, arn=arn))
            return b"" if row is None else row["model"]

        told: list[tuple[int, float, Box | None]]
        with engine_errors():
            if locates(result):
                seen = await self._detector.detect_objects(image, arn, features_of(result), model)
                told = [(one.label, one.sure, one.box) for one in seen]
            else:
                sure = await self._detector.detect(image, arn, features_of(result), model)
                told = [(number, confidence, None) for number, confidence in enumerate(sure)]
        labels: list[tuple[str, float]] = result["labels"]
        least = request.get("MinConfidence")
        found = [
            _written(labels[number][0], confidence, box)
            for number, confidence, box in told
            if PERCENT * confidence >= (PERCENT * labels[number][1] if least is None else least)
        ]
        found.sort(key=lambda label: -label.get("Confidence", 0.0))
        return {"CustomLabels": found[: request.get("MaxResults", len(found))]}


def _written(name: str, confidence: float, box: Box | None) -> wire.CustomLabel:
    """A label of the picture, or of what is in a box; there are no polygons, as in AWS."""
    label: wire.CustomLabel = {"Name": name, "Confidence": PERCENT * confidence}
    if box is not None:
        label["Geometry"] = {
            "BoundingBox": {"Left": box.left, "Top": box.top, "Width": box.width, "Height": box.height}
        }
    return label


def _running(tx: Transaction, caller: Caller, arn: str) -> dict[str, Any]:
    row = the_version(tx, caller, arn)
    if row["status"] != "RUNNING":
        raise ResourceNotReadyException(f"The model isn't running: its status is {row['status']}.")
    return json.loads(row["result"])
