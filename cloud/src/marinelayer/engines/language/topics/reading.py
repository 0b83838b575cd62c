"""Documents as they come from the cloud, some at a time (ports.TopicModeller says how)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from marinelayer.engines.language.topics.words import words_of

Ask = Callable[[Mapping[str, Any]], bytes]


def read_documents(ask: Ask, number: int) -> Iterator[list[str]]:
    """The words of each document, in the pass of that number."""
    words: list[str] = []
    while data := ask({"pass": number}):
        for text, whole in json.loads(data):
            words += words_of(text)
            if whole:
                yield words
                words = []
