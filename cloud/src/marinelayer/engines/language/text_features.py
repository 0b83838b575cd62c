"""A text as sparse numbers: its words, pairs of words, and runs of letters within words, each hashed to a column.

Each of the two kinds (words and pairs; runs) is scaled to length 1 by itself, so that neither drowns the other. Works
for every script: where words are not parted by blanks, the runs tell them.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

COLUMNS = 1 << 22
_HALF = COLUMNS // 2
RUNS = (2, 3, 4, 5)
_TOKEN = re.compile(r"\w+(?:['’]\w+)?|[^\w\s]+")  # noqa: RUF001  # both apostrophes are written
LONGEST = 100_000
"""Letters of a text that are looked at; what comes behind them is not."""


def hashed(text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The columns of a text's features, ascending, each once, and how much of each there is: 1 + log of its count."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    counts = Counter(zlib.crc32(one.encode("utf-8", "replace")) % _HALF for one in _words(plain))
    counts.update(_HALF + zlib.crc32(one.encode("utf-8", "replace")) % _HALF for one in _runs(plain))
    columns = np.fromiter(sorted(counts), np.int64, len(counts))
    return columns, 1 + np.log([counts[column] for column in columns.tolist()])


def scaled(columns: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The values of one text's features (columns ascending), each of the two kinds brought to length 1."""
    border = int(np.searchsorted(columns, _HALF))
    result = values.copy()
    for part in (slice(0, border), slice(border, None)):
        length = float(np.sqrt((values[part] ** 2).sum()))
        if length:
            result[part] /= length
    return result


def _words(plain: str) -> Iterator[str]:
    tokens = _TOKEN.findall(plain)
    yield from tokens
    yield from (f"{one} {other}" for one, other in pairwise(tokens))


def _runs(plain: str) -> Iterator[str]:
    for word in plain.split():
        padded = f" {word} "
        for size in RUNS:
            if len(padded) <= size:
                yield padded
                break
            yield from (padded[start : start + size] for start in range(len(padded) - size + 1))


def rare(columns_of_texts: Sequence[npt.NDArray[np.int64]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The columns that occur in some of the texts, ascending, and how telling each is: the rarer, the more."""
    found, counts = np.unique(np.concatenate(columns_of_texts), return_counts=True)
    return found, rarity_of(counts, len(columns_of_texts))


def rarity_of(counts: npt.ArrayLike, texts: int) -> npt.NDArray[np.float64]:
    """How telling features are that occur in `counts` of so many texts (1 where they occur in all)."""
    return 1 + np.log((1 + texts) / (1 + np.asarray(counts, np.float64)))
