"""Finding what an English text speaks of and how it speaks of each, in a worker: spaCy's parse, our lists and heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from marinelayer.engines import catalogue
from marinelayer.engines.language.grammar_task import Grammar, opened, probabilities
from marinelayer.engines.language.linear_head import LinearHead
from marinelayer.engines.language.targets.groups import Group, Placed, groups
from marinelayer.engines.language.targets.mentions import mentions
from marinelayer.engines.language.targets.opinions import TargetHead, TextHead, both
from marinelayer.engines.language.targets.reading import Sentence, sentences
from marinelayer.engines.language.targets.surroundings import Surroundings, Target

HEAD = "marinelayer-targets-en"
TEXT_HEAD = "marinelayer-sentiment-en"
WITHOUT = ("lemmatizer", "senter")
"""Parts of the pipeline that nothing here needs."""


class ReadTargets:
    """`text` in; out `groups`, each with the places of its best mentions (`best`) and its `mentions`: begin and end in
    code points, type, score, score of belonging to the group, and the four shares of its sentiment. With `begin` and
    `end`, `shares` of the target there alone (for measuring), or none where there is no word."""

    def __init__(self, grammar: Grammar, text_head: TextHead, head: TargetHead) -> None:
        self._grammar = grammar
        self._text_head = text_head
        self._head = head

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Read one text."""
        read = self._read(str(request["text"]))
        if "begin" in request:
            found = placed(read, int(request["begin"]), int(request["end"]))
            return {"shares": None if found is None else self._shares(self._around(found[0]), found[1])}
        around = [self._around(sentence) for sentence in read]
        every = [
            Placed(number=number, sentence=sentence, mention=mention)
            for number, sentence in enumerate(read)
            for mention in mentions(sentence, self._grammar.precision)
        ]
        return {"groups": [self._group(group, around) for group in groups(every)]}

    def _read(self, text: str) -> list[Sentence]:
        document = self._grammar.pipeline(text)
        return sentences(document, probabilities(self._grammar.pipeline, document)) if len(document) else []

    def _around(self, sentence: Sentence) -> Surroundings:
        return Surroundings(sentence, self._text_head.valences, self._text_head.logits)

    def _group(self, group: Group, around: Sequence[Surroundings]) -> Mapping[str, Any]:
        told: list[Mapping[str, Any]] = []
        for one, sure in zip(group.members, group.sure, strict=True):
            target = one.mention.target
            shares = self._shares(around[one.number], target)
            # `It` and `they` are of the type of what they mean.
            kind = group.kind if one.mention.part == "PRON" else one.mention.kind
            begin, end = one.sentence.begins[target.first], one.sentence.end(target.after - 1)
            told.append({"begin": begin, "end": end, "kind": kind, "score": one.mention.score, "group": sure, **shares})
        return {"best": group.best, "mentions": told}

    def _shares(self, around: Surroundings, target: Target) -> Mapping[str, float]:
        negative, neutral, positive = self._head.shares(around, target)
        mixed = both(self._text_head, around, target)
        rest = 1 - mixed
        return {"negative": negative * rest, "neutral": neutral * rest, "positive": positive * rest, "mixed": mixed}


def placed(read: Sequence[Sentence], begin: int, end: int) -> tuple[Sentence, Target] | None:
    """The sentence and the words that stand at a passage (code points); None where no word does."""
    for sentence in read:
        inside = [place for place, first in enumerate(sentence.begins) if first < end and sentence.end(place) > begin]
        if inside:
            within = set(inside)
            outside = (place for place in inside if sentence.heads[place] not in within or _root(sentence, place))
            return sentence, Target(first=inside[0], after=inside[-1] + 1, head=next(outside, inside[-1]))
    return None


def _root(sentence: Sentence, place: int) -> bool:
    return sentence.heads[place] == place


class ReadByModels:
    """As `ReadTargets`, by the model of spaCy's that a request names (`model`)."""

    def __init__(self, models: Path | None) -> None:
        self._models = models
        self._readers: dict[str, ReadTargets] = {}

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Read one text. Raises EngineUnavailableError if a model is not the catalogue's, or not installed."""
        name = str(request["model"])
        if name not in self._readers:
            grammar = opened(self._bytes(name, self._models), without=WITHOUT)
            text_head = TextHead(LinearHead(self._bytes(TEXT_HEAD, None)))
            self._readers[name] = ReadTargets(grammar, text_head, TargetHead(self._bytes(HEAD, None)))
        return self._readers[name].run(request, payload)

    def _bytes(self, name: str, folder: Path | None) -> bytes:
        found = catalogue.find(name, folder)
        return found.read(found.model.files[0].name)


def open_task(options: Mapping[str, Any]) -> ReadByModels:
    """Nothing yet: models are loaded when they are first needed."""
    return ReadByModels(Path(options["models"]) if options.get("models") else None)
