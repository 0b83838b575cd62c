"""Rekognition: what pictures show. Knows no engine, no protocol and no other service; S3 is reached by `Calls`.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/.
"""

from __future__ import annotations

from marinelayer.ports import Calls, LabelDetector, PropertyMeter, TextReader
from marinelayer.services.operation import ServiceTable, service_table
from marinelayer.services.rekognition.images import Images
from marinelayer.services.rekognition.label_detection import LabelDetection
from marinelayer.services.rekognition.text_detection import TextDetection

__all__ = ["rekognition_service"]


def rekognition_service(
    *, labels: LabelDetector, properties: PropertyMeter, texts: TextReader, calls: Calls
) -> ServiceTable:
    """Rekognition's operations, over the given engines; `calls` reads pictures from S3 as the caller."""
    images = Images(calls)
    return service_table("rekognition", (LabelDetection(labels, properties, images), TextDetection(texts, images)))
