"""Sequences of different lengths side by side: all first elements, all second ones, and so on.

What goes from element to element is then computed for all sequences at once, a step after the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]


class SideBySide:
    """The elements of sequences, which are given one sequence after the other, in the order of their steps.

    `order` says which of the given elements stands at each place; `steps` are the ends of the steps' parts. In each
    part the sequences stand in the same order, the longer ones first, so that those that go on are the first of it.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        sizes = np.asarray(lengths, np.int64)
        begins = np.cumsum(sizes) - sizes
        longest_first = np.argsort(-sizes, kind="stable")
        sizes, begins = sizes[longest_first], begins[longest_first]
        active = [int(np.searchsorted(-sizes, -step, side="left")) for step in range(int(sizes.max(initial=0)))]
        self.order: Places = np.concatenate(
            [np.zeros(0, np.int64), *(begins[:count] + step for step, count in enumerate(active))]
        )
        self.steps: list[slice] = []
        begin = 0
        for count in active:
            self.steps.append(slice(begin, begin + count))
            begin += count

    def before(self, step: int) -> slice:
        """The elements right before those of `step` (over 0), in the same order."""
        last, this = self.steps[step - 1], self.steps[step]
        return slice(last.start, last.start + this.stop - this.start)
