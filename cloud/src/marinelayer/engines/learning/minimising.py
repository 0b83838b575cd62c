"""The least value of a smooth function of many numbers, by L-BFGS with a line search that halves its steps.

Source: J. Nocedal, S. Wright, "Numerical Optimization", algorithms 3.1, 7.4 and 7.5.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from marinelayer.engines.learning.logistic import Floats

Function = Callable[[Floats], tuple[float, Floats]]
"""The value and the slope at a point."""

REMEMBERED = 5
SUFFICIENT = 1e-4
HALVINGS = 30


def minimise(
    function: Function,
    start: Floats,
    *,
    steps: int = 200,
    tolerance: float = 1e-3,
    each_step: Callable[[int], None] = lambda _: None,
) -> Floats:
    """The point at which `function` is least, from `start`: after `steps`, or where no number of the slope is larger
    than `tolerance` times the largest at the start. `each_step` is called before each; what it raises ends it."""
    point = start
    value, slope = function(point)
    enough = tolerance * float(np.abs(slope).max())
    history: deque[tuple[Floats, Floats]] = deque(maxlen=REMEMBERED)
    for step in range(steps):
        each_step(step)
        if float(np.abs(slope).max()) <= enough:
            break
        direction = _direction(slope, history)
        fall = float(direction @ slope)
        # The first step has no history to tell its length.
        length = 1.0 if history else 1.0 / max(1.0, float(np.abs(slope).sum()))
        for _ in range(HALVINGS):
            new_point = point + length * direction
            new_value, new_slope = function(new_point)
            if new_value <= value + SUFFICIENT * length * fall:
                break
            length /= 2
        else:
            break  # no step goes down any more: this is as exact as the numbers are
        moved, bent = new_point - point, new_slope - slope
        if float(moved @ bent) > 1e-12 * float(bent @ bent):
            history.append((moved, bent))
        point, value, slope = new_point, new_value, new_slope
    return point


def _direction(slope: Floats, history: deque[tuple[Floats, Floats]]) -> Floats:
    """Downhill, by the two-loop recursion."""
    downhill = -slope
    factors: list[float] = []
    for moved, bent in reversed(history):
        factor = float(moved @ downhill) / float(moved @ bent)
        factors.append(factor)
        downhill = downhill - factor * bent
    if history:
        moved, bent = history[-1]
        downhill = downhill * (float(moved @ bent) / float(bent @ bent))
    for (moved, bent), factor in zip(history, reversed(factors), strict=True):
        downhill = downhill + moved * (factor - float(bent @ downhill) / float(moved @ bent))
    return downhill
