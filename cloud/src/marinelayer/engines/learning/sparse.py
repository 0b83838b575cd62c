"""Examples as rows of numbers of which nearly all are zero, as the words of texts are.

All that learning needs of them are two products: with weights, and back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from marinelayer.engines.learning.logistic import Floats

AT_ONCE = 1 << 22
"""Products of single numbers that are held at the same time."""


class SparseExamples:
    """Rows of which only some columns are not zero.

    `columns` and `values` are those of all rows one after the other, row `n` ending before place `ends[n]`.
    """

    def __init__(
        self, columns: npt.NDArray[np.int64], values: Floats, ends: Sequence[int] | npt.NDArray[np.int64], width: int
    ) -> None:
        self.width = width
        self._ends = np.asarray(ends, np.int64)
        self.count = len(self._ends)
        self._forward = _Sums(self._ends, columns, values)
        order = np.argsort(columns, kind="stable")
        rows = np.repeat(np.arange(self.count), np.diff(self._ends, prepend=0))
        column_ends = np.cumsum(np.bincount(columns, minlength=width))
        self._backward = _Sums(column_ends, rows[order], values[order])

    def times(self, weights: Floats) -> Floats:
        """The product with `width` x classes weights: `count` x classes scores."""
        return self._forward.of(weights)

    def back(self, errors: Floats) -> Floats:
        """The product of the transposed rows with `count` x classes errors: `width` x classes slopes."""
        return self._backward.of(errors)


class _Sums:
    """Weighted sums of rows of a matrix: sum `n` is of the rows `places[ends[n-1]:ends[n]]`, times their `factors`."""

    def __init__(self, ends: npt.NDArray[np.int64], places: npt.NDArray[np.int64], factors: Floats) -> None:
        self._ends = ends
        self._places = places
        # Half the digits are enough, and twice as fast.
        self._factors = factors[:, np.newaxis].astype(np.float32)

    def of(self, matrix: Floats) -> Floats:
        sums = np.zeros((len(self._ends), matrix.shape[1]))
        matrix_32 = matrix.astype(np.float32)
        most = max(1, AT_ONCE // matrix.shape[1])
        first, begin = 0, 0
        while first < len(self._ends):
            last = max(first + 1, int(np.searchsorted(self._ends, begin + most, side="right")))
            end = int(self._ends[last - 1])
            starts = np.concatenate(([begin], self._ends[first : last - 1])) - begin
            filled = np.diff(self._ends[first:last], prepend=begin) > 0
            if end > begin:
                products = matrix_32[self._places[begin:end]] * self._factors[begin:end]
                # An empty sum would be given the number that stands at its place.
                sums[first:last][filled] = np.add.reduceat(products, starts[filled], axis=0)
            first, begin = last, end
        return sums
