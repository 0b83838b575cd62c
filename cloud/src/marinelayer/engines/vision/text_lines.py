"""The lines of text in a picture, each the right way up, as the stages of PP-OCR find and read them.

PP-OCR takes tall lines to run downwards and all others to run to the right. What is read unsurely so is read again the
other ways; a line that stands on its head or runs upwards is surer then. (Of 740 upright lines of drawn signs three had
less than SURE, of 140 that were not upright none had more.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
LEAST_SCORE = 0.5
"""Below it nothing was read: PP-OCR's own default."""
SQUARE = 1.5
"""Sides that differ less than so many times do not tell whether text runs down or to the right."""
_IDEOGRAPH = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def read_lines(reader: Any, picture: Pixels) -> list[Line]:
    """The lines of a picture (blue, green, red), from top to bottom, with text of single spaces."""
    record: dict[str, Any] = {}
    try:
        images, found = reader.detect_and_crop(picture, record)
    except RapidOCRError:  # there is no text
        return []
    height, width = picture.shape[:2]
    quads = [_quad(box) for box in map_boxes_to_original(found.boxes, record, height, width)]
    best = [
        _line(image, turned(quad, 1) if is_tall(quad) else quad, read)
        for image, quad, read in zip(images, quads, _read(reader, images), strict=True)
    ]
    for n, line in _read_again(reader, best, quads):
        if line.score > max(TURNED, best[n].score):
            best[n] = line
    read = [line for line in best if line.text and line.score >= LEAST_SCORE]
    return [with_spaces(line) for line in without_pictograms(read)]


def without_pictograms(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines but those that are one ideograph, unsurely read, in a picture whose other lines have none: arrows and
    the little drawings of signs are read so."""
    drawn = [line for line in lines if len(line.text) == 1 and line.score < SURE and _IDEOGRAPH.match(line.text)]
    others = [line for line in lines if all(line is not each for each in drawn)]
    return others if others and not any(_IDEOGRAPH.search(line.text) for line in others) else lines


def _read_again(reader: Any, lines: Sequence[Line], quads: Sequence[Quad]) -> Iterator[tuple[int, Line]]:
    """What unsure lines are when they are turned."""
    ways = [
        (n, quarters)
        for n, line in enumerate(lines)
        if line.score < SURE
        for quarters in _turns(line.picture, tall=is_tall(quads[n]))
    ]
    images = [np.ascontiguousarray(np.rot90(lines[n].picture, quarters)) for n, quarters in ways]
    for (n, quarters), image, read in zip(ways, images, _read(reader, images), strict=True):
        yield n, _line(image, turned(lines[n].corners, quarters), read)


def _turns(picture: Pixels, *, tall: bool) -> Sequence[int]:
    """By how many quarters a line's picture may be turned; a tall one may be one upright letter."""
    high, wide = picture.shape[:2]
    if max(high, wide) < SQUARE * min(high, wide):
        return 1, 2, 3
    return (2, 3) if tall else (2,)


def _read(reader: Any, images: Sequence[Pixels]) -> Sequence[tuple[str, float, Any]]:
    if not images:
        return ()
    read = reader.recognize_txt(list(images))
    return list(zip(read.txts, read.scores, read.word_results, strict=True))


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
