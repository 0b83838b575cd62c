"""Telling the language of a text, in a worker: py3langid's naive Bayes, limited to Comprehend's codes, weighed by how
often a language is written (`languages.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from py3langid.langid import LanguageIdentifier

from marinelayer.engines import catalogue

MOST = 10


class TellLanguage:
    """`text` in; out `languages`: the likeliest codes with their shares, which sum to at most 1."""

    def __init__(self, identifier: Any, prior: Mapping[str, float]) -> None:
        self._identifier = identifier
        self._prior = prior

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Rank the languages of one text."""
        shares = [(code, share * self._prior[code]) for code, share in self._identifier.rank(request["text"])]
        total = sum(share for _, share in shares)
        ranked = sorted(shares, key=lambda pair: -pair[1])[:MOST]
        return {"languages": [[code, share / total] for code, share in ranked]}


def open_task(_options: Mapping[str, Any]) -> TellLanguage:
    """Load the model. Raises EngineUnavailableError if it is not the catalogue's."""
    installed = catalogue.find("py3langid", None)
    data = tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))
    library: Any = LanguageIdentifier
    identifier = library.from_model_file(installed.checked("data/model.npz.xz"), norm_probs=True)
    identifier.set_languages(data["codes"])
    prior = {code: data["written"].get(code, data["otherwise"]) ** data["weight"] for code in data["codes"]}
    return TellLanguage(identifier, prior)
