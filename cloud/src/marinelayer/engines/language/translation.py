"""The Translator: texts to the workers of Apertium and of neural models, directly or through a third language.

A model of the catalogue, where it is installed, goes before Apertium: neural models are taken for better, though nobody
here has measured those of the catalogue. `make eval` measures whatever is chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from marinelayer.engines.catalogue import Installed
from marinelayer.engines.language import apertium, neural
from marinelayer.engines.language.runs import from_json, letters, to_json
from marinelayer.engines.language.unchanging import kept
from marinelayer.engines.models.shelf import Shelf, only
from marinelayer.engines.supervisor import Limits, Supervisor
from marinelayer.ports import Engine, EngineUnavailableError, Text, Translated

PIVOT = "en"
MOST_LETTERS = 5_000
"""Letters of texts that go to a worker as one task, which must end before its deadline."""
NEURAL_LIMITS = Limits(workers=1, queue=128, deadline=60, memory=1500 << 20)


class TranslationEngine:
    """Translates with the models of `shelf` that are here, and with the pairs that Apertium has. A region's variant
    (es-MX, fr-CA, pt-PT) is translated as its language."""

    def __init__(self, supervisor: Supervisor, neural_supervisor: Supervisor, shelf: Shelf) -> None:
        self._supervisor = supervisor
        self._neural = neural_supervisor
        self._shelf = shelf
        self._pairs = apertium.installed_pairs()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Source and target of every direction that can be translated without a third language, by AWS codes."""
        models = (pair for pair in neural.models() if self._model(*pair))
        return tuple(dict.fromkeys((*self._pairs, *models)))

    @property
    def apertium_pairs(self) -> tuple[tuple[str, str], ...]:
        """The directions that Apertium translates here."""
        return tuple(self._pairs)

    @property
    def models(self) -> Sequence[Installed]:
        """The models that are on this machine and can be run."""
        if not neural.can_run():
            return ()
        found = (self._shelf.find(name) for name in neural.models().values())
        return [one for one in found if one.state == "present"]

    @property
    def languages(self) -> Collection[str]:
        """The languages of all pairs."""
        return {code for pair in self.pairs for code in pair}

    def route(self, source: str, target: str) -> Sequence[str]:
        """`source` and `target` where they are translated directly, else with English in between.

        Raises EngineUnavailableError where neither is possible, saying what to install.
        """
        first, last = _language(source), _language(target)
        if first == last or self._direct(first, last):
            return (first, last)
        if self._direct(first, PIVOT) and self._direct(PIVOT, last):
            return (first, PIVOT, last)
        raise EngineUnavailableError(_advice(first, last))

    async def translate(self, texts: Sequence[Text], source: str, target: str) -> Translated:
        """The texts in the target language. Raises EngineUnavailableError and EngineFailedError."""
        way = self.route(source, target)
        engines: list[Engine] = []
        done: list[Text] = [kept(text) for text in texts]
        for one, next_one in pairwise(way):
            if one != next_one:
                done, engine = await self._leg(done, one, next_one)
                engines.append(engine)
        return Translated(texts=done, engines=engines, via=way[1:-1])

    async def close(self) -> None:
        """End the worker of the neural models."""
        await self._neural.close()

    def _direct(self, source: str, target: str) -> bool:
        return (source, target) in self._pairs or bool(self._model(source, target))

    def _model(self, source: str, target: str) -> str:
        """The catalogue's model for a pair, "" where there is none that can be used here."""
        name = neural.models().get((source, target), "")
        return name if name and neural.can_run() and self._shelf.at_hand(name) else ""

    async def _leg(self, texts: Sequence[Text], source: str, target: str) -> tuple[list[Text], Engine]:
        name = self._model(source, target)
        if name:
            installed = await self._shelf.have(only(name))
            replies = [
                await self._neural.run({"texts": [to_json(text) for text in some], "model": name})
                for some in _portions(texts)
            ]
            engine = installed.model.engine
        else:
            pair = {"source": source, "target": target}
            replies = [
                await self._supervisor.run({"texts": [to_json(text) for text in some], **pair})
                for some in _portions(texts)
            ]
            version = replies[0]["version"] if replies else ""
            engine = Engine(name=f"Apertium {self._pairs[source, target].mode.stem}", version=version)
        return [from_json(text) for reply in replies for text in reply["texts"]], engine


def _advice(source: str, target: str) -> str:
    """What to install for a pair that is not there."""
    name = neural.models().get((source, target))
    if name is None:
        return apertium.advice(source, target)
    pull = f"marinelayer models pull {name}" + ("" if neural.can_run() else f" (and {neural.INSTALL})")
    package = apertium.package(source, target)
    return f"no engine here translates {source} to {target}: {f'{package}, or ' if package else ''}{pull}"


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
