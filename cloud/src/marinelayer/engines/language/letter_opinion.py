"""What a text's letters say of its language, by Comprehend's codes.

Each word speaks by itself, and can count against a language no more than `MOST_AGAINST`: a name or a quotation in
another language does not decide over the text that it stands in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marinelayer.engines.language.letter_runs import LetterRuns

MOST_AGAINST = 4.0
"""By how much of log-likelihood one word can speak against a language."""
WRITTEN_FORMS = {"nb": "no", "nn": "no", "vi-bare": "vi"}
SERBIAN = "sr"
NEAR_SERBIAN = ("bs", "hr", "sl")
_DIGRAPHS = {"lj": "љ", "nj": "њ", "dž": "џ"}
_DIGRAPH = re.compile("|".join(_DIGRAPHS))
_CYRILLIC = str.maketrans("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш")


@dataclass(frozen=True, slots=True)
class Against:
    """`logs`: how much less likely a sentence (rows) is in a code (columns) than in its likeliest, as the log of their
    ratio. `parts`: what share of the text's letters each sentence has."""

    logs: npt.NDArray[np.float64]
    parts: npt.NDArray[np.float64]


class LetterOpinion:
    """The opinion of `LetterRuns`; `codes` are those that it knows, in the order of its answers."""

    def __init__(self, runs: LetterRuns) -> None:
        self._runs = runs
        self.codes = tuple(dict.fromkeys(WRITTEN_FORMS.get(language, language) for language in runs.languages))
        of_columns = [self.codes.index(WRITTEN_FORMS.get(language, language)) for language in runs.languages]
        self._by_code = np.argsort(of_columns, kind="stable")
        self._firsts = np.flatnonzero(np.diff(np.sort(of_columns), prepend=-1))
        self._serbian = runs.languages.index(SERBIAN)
        self._near_serbian = {self.codes.index(code) for code in NEAR_SERBIAN}

    def against(self, text: str) -> Against:
        """What speaks against each language in each sentence.

        The model knows Serbian in Cyrillic. What looks Bosnian, Croatian or Slovene is looked at as Serbian in Latin
        letters too.
        """
        words = self._runs.likelihoods(text)
        likelihoods, sentences = words.likelihoods, words.sentences
        if not len(sentences):
            return Against(np.zeros((1, len(self.codes))), np.ones(1))
        starts = np.append(0, np.flatnonzero(sentences[1:] != sentences[:-1]) + 1)
        said = self._by_sentence(likelihoods, starts)
        seen = said.sum(0)
        if int(seen.argmax()) in self._near_serbian:
            likelihoods[:, self._serbian] = self._runs.likelihoods(in_cyrillic(text)).likelihoods[:, self._serbian]
            latin, code = self._by_sentence(likelihoods, starts), self.codes.index(SERBIAN)
            said = latin if latin.sum(0)[code] > seen[code] else said
        letters = np.add.reduceat(words.letters, starts)
        return Against(said, letters / letters.sum())

    def _by_sentence(
        self, likelihoods: npt.NDArray[np.float64], starts: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.float64]:
        against = np.maximum(likelihoods - likelihoods.max(1, keepdims=True), -MOST_AGAINST)
        return np.maximum.reduceat(np.add.reduceat(against, starts)[:, self._by_code], self._firsts, axis=1)


def in_cyrillic(text: str) -> str:
    """Serbian in Latin letters, lower case, in Cyrillic."""
    return _DIGRAPH.sub(lambda found: _DIGRAPHS[found[0]], text.lower()).translate(_CYRILLIC)
