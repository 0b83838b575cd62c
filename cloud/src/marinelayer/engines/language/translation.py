"""The Translator: texts to `translation_task`'s worker, directly or through a third language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from marinelayer.engines.language.apertium import advice, installed_pairs
from marinelayer.engines.language.runs import from_json, letters, to_json
from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import Engine, EngineUnavailableError, Text, Translated

PIVOT = "en"
MOST_LETTERS = 5_000
"""Letters of texts that go to a worker as one task, which must end before its deadline."""


class TranslationEngine:
    """Translates with the pairs that Apertium has here. A region's variant (es-MX, fr-CA, pt-PT) is translated as
    its language."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._pairs = installed_pairs()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Source and target of every direction that is installed, by AWS codes."""
        return tuple(self._pairs)

    @property
    def languages(self) -> Collection[str]:
        """The languages of all pairs."""
        return {code for pair in self._pairs for code in pair}

    def route(self, source: str, target: str) -> Sequence[str]:
        """`source` and `target` where a pair is installed, else with English in between.

        Raises EngineUnavailableError where neither is possible, saying what to install.
        """
        first, last = _language(source), _language(target)
        if first == last or (first, last) in self._pairs:
            return (first, last)
        if (first, PIVOT) in self._pairs and (PIVOT, last) in self._pairs:
            return (first, PIVOT, last)
        raise EngineUnavailableError(advice(first, last))

    async def translate(self, texts: Sequence[Text], source: str, target: str) -> Translated:
        """The texts in the target language. Raises EngineUnavailableError and EngineFailedError."""
        way = self.route(source, target)
        engines: list[Engine] = []
        done = list(texts)
        for one, next_one in pairwise(way):
            if one != next_one:
                done, engine = await self._leg(done, one, next_one)
                engines.append(engine)
        return Translated(texts=done, engines=engines, via=way[1:-1])

    async def _leg(self, texts: Sequence[Text], source: str, target: str) -> tuple[list[Text], Engine]:
        done: list[Text] = []
        version = ""
        for some in _portions(texts):
            request = {"texts": [to_json(text) for text in some], "source": source, "target": target}
            reply = await self._supervisor.run(request)
            done += [from_json(text) for text in reply["texts"]]
            version = reply["version"]
        return done, Engine(name=f"Apertium {self._pairs[source, target].mode.stem}", version=version)


def _portions(texts: Sequence[Text]) -> Iterator[list[Text]]:
    portion: list[Text] = []
    size = 0
    for text in texts:
        length = len(letters(text))
        if portion and size + length > MOST_LETTERS:
            yield portion
            portion, size = [], 0
        portion.append(text)
        size += length
    if portion:
        yield portion


def _language(code: str) -> str:
    return code if code.startswith("zh") else code.partition("-")[0]
