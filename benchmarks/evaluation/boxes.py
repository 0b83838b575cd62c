"""Boxes in pictures, as fractions or pixels: how much two overlap, and average precision over many pictures. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Seen = tuple[str, float, Box]
"""Label, confidence, box."""
True_ = tuple[str, Box, bool]
"""Label, box, and whether the annotation calls it difficult."""


def box_of(corners: Sequence[tuple[float, float]]) -> Box:
    """The box around the corners."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def average_precision(
    name: str, found: Mapping[int, Sequence[Seen]], truth: Mapping[int, Sequence[True_]]
) -> float | None:
    """The area under the precision envelope for one label at IoU .5, difficult objects ignored; None where no picture
    shows it. Pictures go by the same numbers in `found` and `truth`."""
    total = sum(label == name and not difficult for objects in truth.values() for label, _, difficult in objects)
    if not total:
        return None
    located = [(sure, number, box) for number, seen in found.items() for label, sure, box in seen if label == name]
    used: set[tuple[int, int]] = set()
    hits: list[bool] = []
    for _, picture, box in sorted(located, key=lambda each: -each[0]):
        overlaps = [(overlap(box, true), n) for n, (label, true, _) in enumerate(truth[picture]) if label == name]
        best, number = max(overlaps, default=(0.0, -1))
        if best >= 0.5 and truth[picture][number][2]:
            continue
        hits.append(best >= 0.5 and (picture, number) not in used)
        if best >= 0.5:
            used.add((picture, number))
    area, right, envelope = 0.0, sum(hits), 0.0
    for n in range(len(hits), 0, -1):
        envelope = max(envelope, right / n)
        if hits[n - 1]:
            area += envelope / total
            right -= 1
    return area
