"""Terminologies as stored, and the terms of one, ready to be looked for.

A file is compressed and wrapped by the folder's master key; what was read of the last few is kept in memory, by the
revision that each import makes anew.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from marinelayer.ports import Keyring, Row, Tables, Transaction
from marinelayer.services.translate.errors import ResourceNotFoundException
from marinelayer.services.translate.terminology_file import Glossary, entries, read
from marinelayer.services.translate.terms import Terms
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.translate", "terminologies.sql")
KEPT = 200_000
"""Terms that are kept ready, of the terminologies used last; the last one is kept however large it is."""


@dataclass(frozen=True, slots=True, order=True)
class TerminologyName:
    """What a terminology is called, and where it is."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        """`arn:aws:translate:REGION:ACCOUNT:terminology/NAME/LATEST`."""
        return f"arn:aws:translate:{self.region}:{self.account}:terminology/{self.name}/LATEST"

    @property
    def key(self) -> Mapping[str, str]:
        """The values of its primary key."""
        return {"account": self.account, "region": self.region, "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminology:
    """A terminology without its file. `directionality` is "" where none was named; times in microseconds."""

    name: TerminologyName
    revision: str
    description: str
    form: str
    directionality: str
    source: str
    targets: tuple[str, ...]
    tags: Mapping[str, str]
    size: int
    terms: int
    skipped: int
    created: int
    updated: int


def find(tx: Transaction, name: TerminologyName) -> Terminology | None:
    """The terminology of that name."""
    row = tx.one(SQL.get, **name.key)
    return None if row is None else of_row(row)


def the(tx: Transaction, name: TerminologyName) -> Terminology:
    """The terminology of that name. Raises ResourceNotFoundException."""
    found = find(tx, name)
    if found is None:
        raise ResourceNotFoundException(f"The terminology {name.name} was not found.")
    return found


def find_all(tx: Transaction, names: Iterable[TerminologyName]) -> None:
    """Raises ResourceNotFoundException unless all of these are there."""
    for name in names:
        the(tx, name)


def has_terminologies(tx: Transaction, account: str) -> bool:
    """Whether an account has terminologies, in whatever region."""
    return tx.one(SQL.any_of, account=account) is not None


def file_of(tx: Transaction, name: TerminologyName) -> tuple[Terminology, bytes, bytes]:
    """The terminology of that name with its file and the warnings, wrapped. Raises ResourceNotFoundException."""
    row = tx.one(SQL.get_file, **name.key)
    if row is None:
        raise ResourceNotFoundException(f"The terminology {name.name} was not found.")
    return of_row(row), row["file"], row["warnings"]


def of_row(row: Row) -> Terminology:
    """A terminology as its row says."""
    return Terminology(
        name=TerminologyName(row["account"], row["region"], row["name"]),
        revision=row["revision"],
        description=row["description"],
        form=row["format"],
        directionality=row["directionality"],
        source=row["source"],
        targets=tuple(json.loads(row["targets"])),
        tags=json.loads(row["tags"]),
        size=row["size"],
        terms=row["terms"],
        skipped=row["skipped"],
        created=row["created"],
        updated=row["updated"],
    )


class TerminologyFiles:
    """Files at rest."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def wrapped(self, name: TerminologyName, data: bytes) -> bytes:
        """As it is stored."""
        return self._keyring.wrap(zlib.compress(data), f"translate:{name.arn}")

    def unwrapped(self, name: TerminologyName, stored: bytes) -> bytes:
        """As it was given."""
        return zlib.decompress(self._keyring.unwrap(stored, f"translate:{name.arn}"))


class TermsAtHand:
    """The terms of terminologies for pairs of languages."""

    def __init__(self, tables: Tables, files: TerminologyFiles) -> None:
        self._tables = tables
        self._files = files
        self._kept: OrderedDict[tuple[str, str, str], Terms] = OrderedDict()

    async def find(self, name: TerminologyName, source: str, target: str) -> Terms:
        """The terms that a terminology has for a pair. Raises ResourceNotFoundException."""
        terminology = await self._tables.read(the, name)
        key = (terminology.revision, source, target)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        terminology, stored, _ = await self._tables.read(file_of, name)
        terms = await asyncio.to_thread(self._read, terminology, stored, source, target)
        self._kept[terminology.revision, source, target] = terms
        while len(self._kept) > 1 and sum(len(one) for one in self._kept.values()) + len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return terms

    def _read(self, terminology: Terminology, stored: bytes, source: str, target: str) -> Terms:
        glossary = read(self._files.unwrapped(terminology.name, stored), terminology.form)
        return Terms(entries(glossary, source, target, multi=terminology.directionality == "MULTI"), source)


def shown_languages(glossary: Glossary, *, multi: bool) -> tuple[str, list[str]]:
    """The source of a terminology and all that can be its targets."""
    return glossary.languages[0], glossary.languages if multi else glossary.languages[1:]
