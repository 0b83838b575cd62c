"""Telling the language of a text, in a worker: three opinions, and how often a language is written.

The first is py3langid's naive Bayes, limited to Comprehend's codes; the second is CLD2, which knows short texts better;
where its package could not be built, it is silent. The third is our own, of runs of letters (`letter_opinion.py`). The
shares of a language are multiplied, each to the power of its weight (`languages.toml`). The third does not know all
codes: it shifts shares among those that it knows, and leaves the others what they had. docs/decisions/0018 says what
each was found to be worth.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from py3langid.langid import LanguageIdentifier

from marinelayer.engines import catalogue
from marinelayer.engines.language.letter_opinion import LetterOpinion
from marinelayer.engines.language.letter_runs import LetterRuns
from marinelayer.engines.language.unchanging import ADDRESS

MOST = 10
UNSEEN = 1e-3
"""The share that CLD2 leaves, as we count it, to a language that it does not name."""
LEAST = 1e-6
"""The share that py3langid, as we count it, leaves to a language at least."""
DATA: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))
CODES: Sequence[str] = DATA["codes"]

Shares = npt.NDArray[np.float64]


class TellLanguage:
    """`text` in; out `languages`: the likeliest codes with their shares, which sum to at most 1."""

    def __init__(self, identifier: Any, cld2: Any, third: LetterOpinion) -> None:
        self._identifier = identifier
        self._cld2 = cld2
        self._third = third
        self._known_to_third = [CODES.index(code) for code in third.codes]
        written: Mapping[str, float] = DATA["written"]
        self._prior = DATA["weight"] * np.log([written.get(code, DATA["otherwise"]) for code in CODES])

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Rank the languages of one text."""
        text = ADDRESS.sub(" ", str(request["text"]).encode("utf-8", "replace").decode())
        first: Mapping[str, float] = dict(self._identifier.rank(text))
        powers = np.log(np.maximum([first[code] for code in CODES], LEAST)) + self._prior
        second, certainty = second_opinion(self._cld2, text) if self._cld2 else ({}, 0.0)
        if second:
            shares = np.full(len(CODES), UNSEEN)
            for code, share in second.items():
                shares[CODES.index(code)] = max(share, UNSEEN)
            powers += DATA["second_weight"] * certainty * np.log(shares)
        shares = self._with_third(_shares(powers), text)
        return {"languages": [[CODES[n], float(shares[n])] for n in np.argsort(-shares, kind="stable")[:MOST]]}

    def _with_third(self, shares: Shares, text: str) -> Shares:
        """What the third opinion does not know keeps its share. A sentence that clearly is in another language than the
        text as a whole gives that language its part of the text."""
        against = self._third.against(text)
        weighed = DATA["third_weight"] * against.logs
        known = shares[self._known_to_third]
        shifted = _shares(np.log(known) + weighed.sum(0))
        if len(weighed) > 1:
            ground = (1 - DATA["elsewhere"]) * shifted + DATA["elsewhere"] / len(shifted)
            shifted = against.parts @ np.array([_shares(np.log(ground) + sentence) for sentence in weighed])
        result = shares.copy()
        result[self._known_to_third] = known.sum() * shifted
        return result


def _shares(powers: npt.NDArray[np.float64]) -> Shares:
    shares = np.exp(powers - powers.max())
    return shares / shares.sum()


def second_opinion(cld2: Any, text: str) -> tuple[dict[str, float], float]:
    """The shares of a text that CLD2 gives to Comprehend's codes, empty where it has no opinion, and how certain it is
    (0-1), by what it calls the score of the first."""
    printed = text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)
    try:
        details: Sequence[tuple[str, str, int, float]] = cld2.detect(printed, isPlainText=True, bestEffort=True)[2]
    except cld2.error:
        return {}, 0.0
    shares: dict[str, float] = {}
    for _, name, percent, _ in details:
        code = DATA["second_codes"].get(name, name)
        if code in CODES:
            shares[code] = shares.get(code, 0.0) + percent / 100
    return shares, min(1.0, details[0][3] / DATA["second_certain"])


def open_task(_options: Mapping[str, Any]) -> TellLanguage:
    """Load the models. Raises EngineUnavailableError if they are not the catalogue's."""
    installed = catalogue.find("py3langid", None)
    library: Any = LanguageIdentifier
    identifier = library.from_model_file(installed.checked("data/model.npz.xz"), norm_probs=True)
    identifier.set_languages(CODES)
    second = catalogue.find("CLD2", None).state == "present"
    runs = LetterRuns(catalogue.find("marinelayer-letter-runs", None).read("engines/language/languages.npz.xz"))
    return TellLanguage(identifier, importlib.import_module("pycld2") if second else None, LetterOpinion(runs))
