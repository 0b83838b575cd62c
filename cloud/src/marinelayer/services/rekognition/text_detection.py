"""DetectText: the lines and words that a picture shows, and where.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectText.html and
https://docs.aws.amazon.com/rekognition/latest/dg/text-detection.html. The lines come first, then their words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from marinelayer.ports import Caller, SeenText, TextReader
from marinelayer.services.operation import need, operation
from marinelayer.services.rekognition.errors import engine_errors
from marinelayer.services.rekognition.images import Images
from marinelayer.services.rekognition.regions import in_a_region, read_regions

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LEAST_WORD_CONFIDENCE = 80.0
"""What a WordFilter wants where it does not say."""
MOST_WORDS = 100
"""Of a picture; those beyond are not told."""


class TextDetection:
    """Finds text in pictures."""

    def __init__(self, reader: TextReader, images: Images) -> None:
        self._reader = reader
        self._images = images

    @operation("DetectText", needs=need("rekognition:DetectText"))
    async def detect(self, caller: Caller, request: wire.DetectTextRequest) -> wire.DetectTextResponse:
        """The lines with their words, at most 100, but for those that the request's filters leave out.

        Raises:
            InvalidParameterException, ImageTooLargeException, InvalidS3ObjectException, InvalidImageFormatException.
        """
        wanted = TextFilters(request.get("Filters", {}))
        image = await self._images.read(caller, request["Image"])
        with engine_errors():
            texts = await self._reader.read(image, enough=wanted.enough)
        return {
            "TextDetections": numbered(wanted.kept(texts.lines)),
            "TextModelVersion": f"{texts.engine.name} {texts.engine.version}",
        }


class TextFilters:
    """Which words stay, and with them their lines: those that pass the word filter and lie more than half in one of
    the regions, where there are any."""

    def __init__(self, filters: wire.DetectTextFilters) -> None:
        self._all = not filters
        words = filters.get("WordFilter")
        self._confidence = 0.0 if words is None else words.get("MinConfidence", LEAST_WORD_CONFIDENCE)
        self._height = (words or {}).get("MinBoundingBoxHeight", 0.0)
        self._width = (words or {}).get("MinBoundingBoxWidth", 0.0)
        self._regions = read_regions(filters.get("RegionsOfInterest", ()))

    @property
    def enough(self) -> int | None:
        """The words after which no further need be read; None where filters may drop some."""
        return MOST_WORDS if self._all else None

    def kept(self, lines: Sequence[SeenText]) -> list[tuple[SeenText, list[SeenText]]]:
        """The lines that keep any of their words, with those: the first MOST_WORDS in all."""
        kept: list[tuple[SeenText, list[SeenText]]] = []
        room = MOST_WORDS
        for line in lines:
            words = [word for word in line.words if self._keep(word)][:room]
            if words:
                kept.append((line, words))
                room -= len(words)
        return kept

    def _keep(self, word: SeenText) -> bool:
        box = _bounding_box(word)
        large = box.get("Height", 0.0) >= self._height and box.get("Width", 0.0) >= self._width
        if word.confidence < self._confidence or not large:
            return False
        return not self._regions or in_a_region(word.corners, self._regions)


def numbered(lines: Sequence[tuple[SeenText, Sequence[SeenText]]]) -> list[wire.TextDetection]:
    """Lines with their words in AWS's shape: the lines first, then the words, each with its line's number."""
    found: list[wire.TextDetection] = [
        {"Type": "LINE", "Id": n, **_detection(line)} for n, (line, _) in enumerate(lines)
    ]
    for parent, (_, words) in enumerate(lines):
        for word in words:
            found.append({"Type": "WORD", "Id": len(found), "ParentId": parent, **_detection(word)})
    return found


def _detection(text: SeenText) -> wire.TextDetection:
    polygon: list[wire.Point] = [{"X": x, "Y": y} for x, y in text.corners]
    return {
        "DetectedText": text.text,
        "Confidence": text.confidence,
        "Geometry": {"BoundingBox": _bounding_box(text), "Polygon": polygon},
    }


def _bounding_box(text: SeenText) -> wire.BoundingBox:
    xs, ys = [x for x, _ in text.corners], [y for _, y in text.corners]
    return {"Left": min(xs), "Top": min(ys), "Width": max(xs) - min(xs), "Height": max(ys) - min(ys)}
