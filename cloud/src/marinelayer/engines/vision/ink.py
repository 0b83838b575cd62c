"""Where the ink is in the picture of one line of text: whatever differs from what its edges show.

A text detector's boxes have a margin, and a reader knows of a letter only about where its middle is. The ink says where
words begin and end.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from marinelayer.engines.vision.decoding import Pixels

Flags = npt.NDArray[np.bool_]

EDGE = 2
"""Pixels of an edge."""
LEAST_CONTRAST = 12
"""Of 255: less is noise."""
MOST = 0.7
"""The share of a line above which what was found is no ink."""
SPECK = 0.03
"""The share of a column or row that noise may fill."""
APART = 0.25
"""Of the line's height: as far as an accent or a dot may stand off its letter."""


def ink(line: Pixels) -> Flags | None:
    """Which pixels of a line are ink; None where it does not stand out."""
    edges = [line[:EDGE], line[-EDGE:], line[:, :EDGE], line[:, -EDGE:]]
    paper = np.median(np.concatenate([edge.reshape(-1, 3) for edge in edges]), axis=0)
    apart = np.abs(line.astype(np.int16) - paper.astype(np.int16)).max(axis=2).astype(np.uint8)
    found: Flags = apart > max(_otsu(apart), LEAST_CONTRAST)
    return found if 0 < found.mean() < MOST else None


def _otsu(values: npt.NDArray[np.uint8]) -> float:
    """The value that parts them best in two."""
    threshold: Any = cv2.threshold
    return float(threshold(values, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0])


def columns(found: Flags) -> Flags:
    """Which columns have ink."""
    return found.sum(axis=0) >= max(1, SPECK * found.shape[0])


def rows(found: Flags) -> tuple[int, int] | None:
    """The first row of the ink and that after its last: of the rows around the fullest that are not far apart."""
    counts = found.sum(axis=1)
    inked = np.flatnonzero(counts >= max(1, SPECK * found.shape[1]))
    if not len(inked):
        return None
    gap = APART * found.shape[0]
    middle = int(np.searchsorted(inked, int(counts.argmax())))
    first = last = min(middle, len(inked) - 1)
    while first > 0 and inked[first] - inked[first - 1] <= gap:
        first -= 1
    while last < len(inked) - 1 and inked[last + 1] - inked[last] <= gap:
        last += 1
    return int(inked[first]), int(inked[last]) + 1
