"""How well entities were found, in the measures that AWS reports.

Source: Comprehend Developer Guide, "Custom entity recognizer metrics": an entity counts only where place and type are
both right; over all types together the counts of all are added up. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from marinelayer.ports import EntityMeasures

Place = tuple[int, int, str]
"""Its first code point, that after its last, and its type."""


def measures_of(
    truth: Sequence[set[Place]], found: Sequence[set[Place]], kinds: Sequence[str]
) -> tuple[EntityMeasures, dict[str, EntityMeasures]]:
    """Compare the entities of documents with what was found in each: over all, and by type."""
    right, told, there = Counter[str](), Counter[str](), Counter[str]()
    for known, seen in zip(truth, found, strict=True):
        right.update(kind for _, _, kind in known & seen)
        told.update(kind for _, _, kind in seen)
        there.update(kind for _, _, kind in known)
    of_kinds = {kind: _measures(right[kind], told[kind], there[kind]) for kind in kinds}
    return _measures(right.total(), told.total(), there.total()), of_kinds


def _measures(right: int, told: int, there: int) -> EntityMeasures:
    """Shares of nothing are 0."""
    return EntityMeasures(
        precision=right / told if told else 0.0,
        recall=right / there if there else 0.0,
        f1=2 * right / (told + there) if told + there else 0.0,
    )
