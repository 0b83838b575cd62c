"""A translator and a detector that tests can foresee: a small dictionary, word by word."""

import re
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from marinelayer.engines.documents.documents_task import texts, written
from marinelayer.http import Headers, NoBody, Request, Response
from marinelayer.ports import Caller, Engine, EngineUnavailableError, Run, Tables, Text, Translated
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.services.operation import ServiceTable
from marinelayer.services.translate import TerminologyLinks, TranslateGround, translate_service
from marinelayer.storage.sqlite import SqliteTables

ACCOUNT = "111122223333"

WORDS = {
    ("es", "en"): {"hay": "there is", "un": "a", "patinete": "scooter", "en": "on", "la": "the", "acera": "pavement"},
    ("en", "es"): {"the": "el", "dog": "perro", "bad": "malo", "scooter": "patinete", "is": "es", "broken": "roto"},
    ("en", "ca"): {"there": "hi", "is": "ha", "a": "un", "scooter": "patinet", "on": "a", "the": "la", "bad": "dolent"},
}


class Dictionary:
    """Detector and translator. `asked` holds what came to the translator."""

    def __init__(self) -> None:
        self.told: tuple[tuple[str, float], ...] = (("es", 0.95),)
        self.error: Exception | None = None
        self.asked: list[tuple[str, str, str]] = []

    @property
    def languages(self) -> Collection[str]:
        return {code for pair in WORDS for code in pair}

    def route(self, source: str, target: str) -> Sequence[str]:
        if isinstance(self.error, EngineUnavailableError):
            raise self.error
        if (source, target) in WORDS:
            return (source, target)
        if (source, "en") in WORDS and ("en", target) in WORDS:
            return (source, "en", target)
        raise EngineUnavailableError(f"no dictionary from {source} to {target}")

    async def translate(self, texts: Sequence[Text], source: str, target: str) -> Translated:
        way = self.route(source, target)
        self.asked += [("".join(run.text for run in text), source, target) for text in texts]
        if self.error is not None:
            raise self.error
        for leg in pairwise(way):
            texts = [[_translated(run, WORDS[leg]) for run in text] for text in texts]
        return Translated(texts=texts, engines=[Engine(name="Dictionary", version="1")], via=way[1:-1])


class HeldClock:
    def __init__(self) -> None:
        self.time = 1_617_235_200_000_000

    def now(self) -> int:
        return self.time


class CountedIds:
    def __init__(self) -> None:
        self.count = 0

    def token(self, size: int = 32) -> str:
        self.count += 1
        return f"{self.count:0{size}x}"

    def ordered(self) -> str:
        return self.token()

    def aws(self, prefix: str, size: int = 21) -> str:
        raise AssertionError

    def secret(self) -> str:
        raise AssertionError


class DocumentsHere:
    """Documents in this process."""

    async def texts(self, document: bytes, media_type: str) -> Sequence[Text]:
        return texts(document, media_type)

    async def with_texts(self, document: bytes, media_type: str, new: Sequence[Text], language: str = "") -> bytes:
        return written(document, media_type, [list(text) for text in new], language)


class Detector:
    """Tells what the dictionary was told to."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self.asked: list[str] = []

    async def languages(self, text: str) -> tuple[tuple[str, float], ...]:
        self.asked.append(text)
        return self._dictionary.told


def _translated(run: Run, words: dict[str, str]) -> Run:
    if run.kept:
        return run
    return replace(run, text=re.sub(r"\w+", lambda word: words.get(word[0].lower(), word[0]), run.text))


class Keys:
    """A keyring that hides nothing."""

    def wrap(self, secret: bytes, purpose: str) -> bytes:
        return purpose.encode() + b"\0" + secret

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        found, _, secret = wrapped.partition(b"\0")
        if found != purpose.encode():
            raise ValueError(purpose)
        return secret


class Desk:
    """Translate over the dictionary. `last` is the caller of the last operation."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.dictionary = Dictionary()
        detector = Detector(self.dictionary)
        self.detected = detector.asked
        self.clock = HeldClock()
        self.links = TerminologyLinks(tables, Keys(), self.clock)
        self.ground = TranslateGround(
            tables=tables,
            clock=self.clock,
            ids=CountedIds(),
            keyring=Keys(),
            translator=self.dictionary,
            languages=detector,
            documents=DocumentsHere(),
            poke=lambda: None,
        )
        self.table: ServiceTable = translate_service(self.ground)
        self.last = self.caller()

    def caller(self) -> Caller:
        return Caller(
            identity=ANONYMOUS_IDENTITY,
            account=ACCOUNT,
            region="us-east-1",
            request_id="r",
            authoriser=cast("Any", None),
            base_url="http://cloud.example",
        )

    async def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        self.last = self.caller()
        return cast("dict[str, Any]", await self.table.operations[operation].run(self.last, request) or {})

    async def translate(self, text: str, source: str = "es", target: str = "en", **more: Any) -> dict[str, Any]:
        return await self.ask("TranslateText", Text=text, SourceLanguageCode=source, TargetLanguageCode=target, **more)

    async def import_(self, name: str, file: str, form: str = "CSV", **more: Any) -> dict[str, Any]:
        data: dict[str, Any] = {"File": file.encode(), "Format": form}
        if "Directionality" in more:
            data["Directionality"] = more.pop("Directionality")
        return await self.ask("ImportTerminology", Name=name, MergeStrategy="OVERWRITE", TerminologyData=data, **more)

    async def fetch(self, location: dict[str, str]) -> Response:
        """What stands behind a link."""
        path, _, query = location["Location"].removeprefix("http://cloud.example").partition("?")
        request = Request(
            id="r",
            method="GET",
            path=path,
            query=query,
            headers=Headers(),
            body=NoBody(),
            scheme="http",
            host="cloud.example",
            peer="",
        )
        return await self.links.follow(request, self.caller())


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Translate on SQLite."""
    tables = SqliteTables(tmp_path / "cloud.db")
    yield Desk(tables)
    await tables.close()


@pytest.fixture
def every_desk(tables: Tables) -> Desk:
    """Translate on each database."""
    return Desk(tables)
