"""How likely a text's letters are in each language, by runs of up to five letters. The model is `languages.npz.xz`,
which `training/languages.py` makes.

A word is read letter by letter. How likely a letter is depends on up to four letters before it; where a language does
not know so long a run, on fewer, at a price (`backoff`); where it does not even know the letter, it has `floor`. The
weight of a run is what it adds to what its own last letters say, so that a text's log-likelihood is a plain sum.
Chinese characters and Japanese syllables stand alone.

Knows nothing of Comprehend's codes, nor of other opinions on a text.
"""

from __future__ import annotations

import io
import lzma
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

LONGEST_RUN = 5
STEP = 0.2
"""What one step of a stored weight is worth."""
LONGEST_TEXT = 20_000
"""Letters of a text that are looked at; what comes behind them is not."""
_LETTER, _ALONE, _END = 1, 2, 3
_STANDS_ALONE = re.compile("[\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_SENTENCE_ENDS = "\n.!?\u061f\u06d4\u0964\u1362\u3002\uff01\uff1f"
_PLANE = 1 << 16
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_POWERS = np.array([[pow(0x5851F42D4C957F2D, distance, 1 << 64)] for distance in range(LONGEST_RUN)], np.uint64)
_LENGTHS = np.arange(1, LONGEST_RUN + 1, dtype=np.uint64)[:, None]
_LAST = np.uint64(2**64 - 1)
_AT_ONCE = 1 << 18
"""Bytes of runs that are hashed at once, when the model is loaded."""
_INDEX_BITS = 20
_INDEX_SHIFT = np.uint64(64 - _INDEX_BITS)

Points = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text: the log-likelihood of each (rows) in each language (columns), how many letters it has, and
    the number of its sentence, which rises from word to word."""

    likelihoods: npt.NDArray[np.float64]
    letters: npt.NDArray[np.intp]
    sentences: npt.NDArray[np.intp]


class LetterRuns:
    """The model; `languages` names the columns.

    Its file is xz around npz: `languages`, `floor`, `backoff`; `runs`, all runs in UTF-8, a line each; `counts`, for
    each run the number of languages that it has a weight in; `columns` and `weights` (in steps of `STEP`) for these.
    """

    def __init__(self, data: bytes) -> None:
        with np.load(io.BytesIO(lzma.decompress(data)), allow_pickle=False) as model:
            self.languages: tuple[str, ...] = tuple(model["languages"].tolist())
            self._floor, self._backoff = float(model["floor"]), float(model["backoff"])
            self._columns: npt.NDArray[np.uint8] = model["columns"]
            self._weights: npt.NDArray[np.int8] = model["weights"]
            counts: npt.NDArray[np.uint8] = model["counts"]
            lines = io.TextIOWrapper(io.BytesIO(model["runs"]), "utf-8", newline="\n")
            hashes = np.concatenate([_hashed(runs) for runs in iter(lambda: lines.readlines(_AT_ONCE), [])])
        order = np.argsort(hashes)
        self._hashes = np.append(hashes[order], _LAST)
        firsts = np.arange(1 << _INDEX_BITS, dtype=np.uint64) << _INDEX_SHIFT
        self._index = np.searchsorted(self._hashes, firsts).astype(np.int32)
        self._starts = np.append((np.cumsum(counts, dtype=np.int32) - counts)[order], np.int32(0))
        self._counts = np.append(counts[order], np.uint8(0))

    def likelihoods(self, text: str) -> Words:
        """How likely each word of a text is in each language."""
        points = code_points(text[:LONGEST_TEXT])
        kind = kinds(points)
        starts = kind != _LETTER
        starts[1:] |= kind[:-1] == _ALONE
        words = np.cumsum(starts)
        hashes, whole = _runs(points, kind)
        of_runs = words[np.nonzero(whole)[1]]
        count = int(words[-1]) + 1 if len(words) else 0
        lengths = np.bincount(words[whole[0]], minlength=count)
        longer = np.bincount(of_runs, minlength=count) - lengths
        least = self._floor * lengths + self._backoff * longer
        sentences = np.zeros(count, np.intp)
        sentences[words] = np.cumsum(kind == _END)
        said = lengths > 0
        sums = self._sums(hashes[whole], of_runs, count)
        return Words((least[:, None] + sums)[said], lengths[said], sentences[said])

    def _sums(self, hashes: Hashes, words: npt.NDArray[np.intp], count: int) -> npt.NDArray[np.float64]:
        places = self._places(hashes)
        known = self._hashes[places] == hashes
        places = places[known]
        counts = self._counts[places].astype(np.intp)
        behind = np.cumsum(counts)
        entries = np.arange(behind[-1] if len(behind) else 0)
        entries += np.repeat(self._starts[places] - (behind - counts), counts)
        width = len(self.languages)
        cells = np.repeat(words[known] * width, counts) + self._columns[entries]
        sums = np.bincount(cells, self._weights[entries], minlength=count * width).reshape(count, width)
        return np.multiply(sums, STEP, dtype=np.float64)

    def _places(self, hashes: Hashes) -> npt.NDArray[np.int32]:
        """What `searchsorted` would say, three times as fast: few hashes share their first bits."""
        places = self._index[hashes >> _INDEX_SHIFT]
        while (before := self._hashes[places] < hashes).any():
            places = places + before
        return places


def code_points(text: str) -> Points:
    """Those of a text in lower case, composed."""
    return np.frombuffer(unicodedata.normalize("NFC", text.lower()).encode("utf-32-le", "replace"), np.uint32)


def _runs(points: Points, kind: npt.NDArray[np.uint8]) -> tuple[Hashes, npt.NDArray[np.bool_]]:
    """For each length (rows, shortest first) and each place: the hash of so many letters that end there, and whether
    they are a run."""
    places = np.arange(len(points))
    lengths = places - np.maximum.accumulate(np.where(kind == _LETTER, -1, places)) + (kind == _ALONE)
    before = np.zeros((LONGEST_RUN, len(points)), np.uint64)
    for distance in range(min(LONGEST_RUN, len(points))):
        before[distance, distance:] = points[: len(points) - distance]
    hashes = (np.cumsum(before * _POWERS, axis=0, dtype=np.uint64) + _LENGTHS) * _FACTOR
    hashes ^= hashes >> _HALF
    return hashes * _FACTOR, lengths >= _LENGTHS.astype(np.intp)


def _hashed(runs: Sequence[str]) -> Hashes:
    """The hash of each of the runs, which are lines."""
    points = code_points("".join(runs).rstrip("\n") + "\n")
    behind = np.flatnonzero(points == ord("\n"))
    ends, lengths = behind - 1, np.diff(behind, prepend=-1) - 1
    hashes, _ = _runs(points, kinds(points))
    found = hashes[np.minimum(lengths, LONGEST_RUN) - 1, ends]
    return np.where(lengths > LONGEST_RUN, np.uint64(0), found)  # a letter that is two in lower case


def kinds(points: Points) -> npt.NDArray[np.uint8]:
    """What each code point is: 1 a letter or mark of a word, 2 one that stands alone, 3 the end of a sentence, 0 all
    else, and whatever lies beyond the basic plane."""
    return _table()[np.minimum(points, _PLANE - 1)]


@cache
def _table() -> npt.NDArray[np.uint8]:
    table = np.zeros(_PLANE, np.uint8)
    table[[ord(mark) for mark in _SENTENCE_ENDS]] = _END
    for point, letter in enumerate(map(chr, range(_PLANE))):
        if unicodedata.category(letter)[0] in "LM":
            table[point] = _ALONE if _STANDS_ALONE.match(letter) else _LETTER
    return table
