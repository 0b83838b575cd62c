"""Telling the language of a text, in a worker: two opinions, and how often a language is written.

The first is py3langid's naive Bayes, limited to Comprehend's codes; the second is CLD2, which knows short texts better;
where its package could not be built, the first speaks alone. The shares of a language are multiplied, each to the power
of its weight (`languages.toml`); docs/decisions/0018 says what each was found to be worth.
"""

from __future__ import annotations

import importlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from py3langid.langid import LanguageIdentifier

from marinelayer.engines import catalogue

MOST = 10
UNSEEN = 1e-3
"""The share that CLD2 leaves, as we count it, to a language that it does not name."""
DATA: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))


class TellLanguage:
    """`text` in; out `languages`: the likeliest codes with their shares, which sum to at most 1."""

    def __init__(self, identifier: Any, cld2: Any) -> None:
        self._identifier = identifier
        self._cld2 = cld2
        written: Mapping[str, float] = DATA["written"]
        self._prior = {code: DATA["weight"] * math.log(written.get(code, DATA["otherwise"])) for code in DATA["codes"]}

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Rank the languages of one text."""
        text = str(request["text"]).encode("utf-8", "replace").decode()
        second, certainty = second_opinion(self._cld2, text) if self._cld2 else ({}, 0.0)
        powers: dict[str, float] = {}
        for code, share in self._identifier.rank(text):
            powers[code] = math.log(max(share, 1e-6)) + self._prior[code]
            if second:
                powers[code] += DATA["second_weight"] * certainty * math.log(max(second.get(code, 0.0), UNSEEN))
        highest = max(powers.values())
        shares = {code: math.exp(power - highest) for code, power in powers.items()}
        total = sum(shares.values())
        ranked = sorted(shares.items(), key=lambda pair: -pair[1])[:MOST]
        return {"languages": [[code, share / total] for code, share in ranked]}


def second_opinion(cld2: Any, text: str) -> tuple[dict[str, float], float]:
    """The shares of a text that CLD2 gives to Comprehend's codes, empty where it has no opinion, and how certain it is
    (0-1), by what it calls the score of the first."""
    printed = "".join(letter if letter.isprintable() else " " for letter in text)
    try:
        details: Sequence[tuple[str, str, int, float]] = cld2.detect(printed, isPlainText=True, bestEffort=True)[2]
    except cld2.error:
        return {}, 0.0
    shares: dict[str, float] = {}
    for _, name, percent, _ in details:
        code = DATA["second_codes"].get(name, name)
        if code in DATA["codes"]:
            shares[code] = shares.get(code, 0.0) + percent / 100
    return shares, min(1.0, details[0][3] / DATA["second_certain"])


def open_task(_options: Mapping[str, Any]) -> TellLanguage:
    """Load the model. Raises EngineUnavailableError if it is not the catalogue's."""
    installed = catalogue.find("py3langid", None)
    library: Any = LanguageIdentifier
    identifier = library.from_model_file(installed.checked("data/model.npz.xz"), norm_probs=True)
    identifier.set_languages(DATA["codes"])
    second = catalogue.find("CLD2", None).state == "present"
    return TellLanguage(identifier, importlib.import_module("pycld2") if second else None)
