"""Texts as the numbers that BERT's uncased models know: WordPiece, by the vocabulary that they were trained with.

Devlin et al. (arXiv:1810.04805). A text loses its control characters and its accents and is put in lower case, and is
cut at blanks, around each mark and around each Chinese character. A word is then the longest pieces of the vocabulary
from its left on, those within it beginning with `##`; where that does not come out even, the whole word is unknown.
The numbers are those of Hugging Face's `tokenizers`, but that `[SEP]` and the like in a text are text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

WITHIN = "##"
LONGEST_WORD = 100
"""Letters; a longer word is unknown."""
_BLANK = frozenset({"Zl", "Zp", "Zs"})
_INVISIBLE = frozenset({"Cc", "Cf", "Co"})
_CHINESE = re.compile(
    r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ceaf\U0002f800-\U0002fa1f])"
)
_ASCII_MARKS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class WordPieces:
    """The encoder of one vocabulary."""

    def __init__(self, vocabulary: bytes) -> None:
        """Take the vocabulary: UTF-8, a piece a line, its number its line's from 0 on."""
        pieces = vocabulary.decode("utf-8").removesuffix("\n").split("\n")
        self._numbers = {piece.removesuffix("\r"): number for number, piece in enumerate(pieces)}
        self._unknown = self._numbers["[UNK]"]
        self.start = self._numbers["[CLS]"]
        self.end = self._numbers["[SEP]"]

    def encode(self, text: str) -> list[int]:
        """The text's numbers, without those of its start and its end."""
        return [number for word in _words(text) for number in self._pieces(word)]

    def _pieces(self, word: str) -> list[int]:
        found: list[int] = []
        at = 0 if len(word) <= LONGEST_WORD else -1
        while 0 <= at < len(word):
            at, number = self._longest(word, at)
            found.append(number)
        return found if at == len(word) else [self._unknown]

    def _longest(self, word: str, at: int) -> tuple[int, int]:
        """Where the longest piece that begins at `at` ends, and its number; -1 where there is none."""
        prefix = WITHIN if at else ""
        for end in range(len(word), at, -1):
            number = self._numbers.get(prefix + word[at:end])
            if number is not None:
                return end, number
        return -1, self._unknown


def _words(text: str) -> Iterator[str]:
    seen = "".join(map(_seen, text))
    apart = _CHINESE.sub(r" \1 ", seen)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", apart) if unicodedata.category(letter) != "Mn")
    # Letter by letter: a sigma at the end of a word is lowered like any other.
    spaced = "".join(f" {letter} " if _is_mark(letter) else letter.lower() for letter in bare)
    yield from spaced.split()


def _seen(letter: str) -> str:
    """The letter, a blank for any kind of blank, nothing for what is not seen."""
    kind = unicodedata.category(letter)
    if letter in "\t\n\r" or kind in _BLANK:
        return " "
    return "" if letter == "\ufffd" or kind in _INVISIBLE else letter


def _is_mark(letter: str) -> bool:
    return letter in _ASCII_MARKS or unicodedata.category(letter).startswith("P")
