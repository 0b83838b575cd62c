"""The lines of text in a picture, each the right way up, as the stages of PP-OCR find and read them.

PP-OCR takes tall lines to run downwards and all others to run to the right. What is read unsurely so is read again the
other ways; a line that stands on its head or runs upwards is surer then. (Of 740 upright lines of drawn signs three had
less than SURE, of 140 that were not upright none had more.)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidocr.main import RapidOCRError
from rapidocr.utils.process_img import map_boxes_to_original

from marinelayer.engines.vision.decoding import Pixels
from marinelayer.engines.vision.quads import Quad, is_tall, turned
from marinelayer.engines.vision.words import Letter, Line, with_spaces

SURE = 0.9
TURNED = 0.8
"""Text that is not upright is hardly ever less sure, once it is turned; whatever is no text often is."""
BATCH = 24
"""Lines that are read together."""
LEAST_SCORE = 0.5
"""Below it nothing was read: PP-OCR's own default."""
SQUARE = 1.5
"""Sides that differ less than so many times do not tell whether text runs down or to the right."""
_IDEOGRAPH = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class _Crop:
    """A line: its picture, as PP-OCR takes it to run, and its corners in the order of that. A tall one is taken to run
    downwards."""

    picture: Pixels
    corners: Quad
    tall: bool


def read_lines(reader: Any, picture: Pixels, enough: int | None = None) -> list[Line]:
    """The lines of a picture (blue, green, red), from top to bottom, with text of single spaces; no further ones once
    `enough` words were read."""
    crops = _found(reader, picture)
    lines: list[Line] = []
    usual = 0
    for begin in range(0, len(crops), BATCH):
        read = _upright(reader, crops[begin : begin + BATCH], usual)
        usual = Counter(quarters for quarters, _ in read).most_common(1)[0][0]
        lines += (line for _, line in read if line.text and line.score >= LEAST_SCORE)
        if enough is not None and sum(len(line.text.split()) for line in lines) >= enough:
            break
    return [with_spaces(line) for line in without_pictograms(lines)]


def without_pictograms(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines but those that are one ideograph, unsurely read, in a picture whose other lines have none: arrows and
    the little drawings of signs are read so."""
    drawn = [line for line in lines if len(line.text) == 1 and line.score < SURE and _IDEOGRAPH.match(line.text)]
    others = [line for line in lines if all(line is not each for each in drawn)]
    return others if others and not any(_IDEOGRAPH.search(line.text) for line in others) else lines


def _found(reader: Any, picture: Pixels) -> list[_Crop]:
    """Where lines are, from top to bottom."""
    record: dict[str, Any] = {}
    try:
        images, found = reader.detect_and_crop(picture, record)
    except RapidOCRError:  # there is no text
        return []
    height, width = picture.shape[:2]
    quads = [_quad(box) for box in map_boxes_to_original(found.boxes, record, height, width)]
    return [
        _Crop(image, turned(quad, 1) if is_tall(quad) else quad, is_tall(quad))
        for image, quad in zip(images, quads, strict=True)
    ]


def _upright(reader: Any, crops: Sequence[_Crop], usual: int) -> list[tuple[int, Line]]:
    """Each line as it is read best, with the quarters by which it was turned for that. The lines of a page stand alike,
    so that the `usual` turn is tried first."""
    first = [usual if usual in _turns(crop) else 0 for crop in crops]
    ways = [[(quarters, line)] for quarters, line in zip(first, _read(reader, crops, first), strict=True)]
    further = [
        (n, quarters)
        for n, ((tried, line),) in enumerate(ways)
        if line.score < SURE
        for quarters in (0, *_turns(crops[n]))
        if quarters != tried
    ]
    again = _read(reader, [crops[n] for n, _ in further], [quarters for _, quarters in further])
    for (n, quarters), line in zip(further, again, strict=True):
        if quarters == 0 or line.score > TURNED:
            ways[n].append((quarters, line))
    return [max(each, key=lambda way: way[1].score) for each in ways]


def _turns(crop: _Crop) -> Sequence[int]:
    """By how many quarters a line may be turned; a tall one may be one upright letter."""
    high, wide = crop.picture.shape[:2]
    if max(high, wide) < SQUARE * min(high, wide):
        return 1, 2, 3
    return (2, 3) if crop.tall else (2,)


def _read(reader: Any, crops: Sequence[_Crop], turns: Sequence[int]) -> list[Line]:
    """Each crop as it reads when it is turned so."""
    if not crops:
        return []
    images = [np.ascontiguousarray(np.rot90(crop.picture, n)) for crop, n in zip(crops, turns, strict=True)]
    corners = [turned(crop.corners, n) for crop, n in zip(crops, turns, strict=True)]
    found = reader.recognize_txt(images)
    read = zip(found.txts, found.scores, found.word_results, strict=True)
    return [_line(*each) for each in zip(images, corners, read, strict=True)]


def _line(image: Pixels, corners: Quad, read: tuple[str, float, Any]) -> Line:
    text, score, located = read
    return Line(
        text=" ".join(text.split()),
        score=float(score),
        corners=corners,
        letters=list(_letters(text, located)),
        picture=image,
    )


def _letters(text: str, located: Any) -> Iterator[Letter]:
    """The letters with their scores and places; `located` counts the columns of the reader's last layer."""
    places = [column for columns in located.word_cols or () for column in columns]
    scores = [score for letter, score in zip(text, located.confs or (), strict=False) if not letter.isspace()]
    letters = [letter for letter in text if not letter.isspace()]
    if len(places) == len(scores) == len(letters):
        for letter, score, column in zip(letters, scores, places, strict=True):
            yield Letter(text=letter, score=float(score), middle=min(1.0, (column + 0.5) / located.line_txt_len))


def _quad(corners: Any) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d
