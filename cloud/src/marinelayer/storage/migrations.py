"""The schema's versions: which files make them, and what is refused.

A migration is a folder `schema/NNNN/` with one folder a dialect, holding one file a domain (`20_iam.sql`). Its files
run in the order of their names, in one transaction with the new version number. Knows no database.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

Dialect = Literal["sqlite", "postgres"]


class SchemaError(Exception):
    """A database that this program can not use. The text says why and what to do."""


class NewerSchemaError(SchemaError):
    """The database was written by a newer Marine Layer."""

    def __init__(self, where: str, found: int, known: int) -> None:
        super().__init__(
            f"{where} has schema version {found}, and this Marine Layer knows versions up to {known}: "
            "run the version of Marine Layer that wrote it, or a newer one"
        )


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: the version that it leads to, and its DDL in the dialect."""

    version: int
    scripts: tuple[str, ...]


def migrations(dialect: Dialect) -> tuple[Migration, ...]:
    """Every migration of the dialect, in order of version."""
    schema = files("marinelayer.storage") / "schema"
    found = [
        Migration(
            int(folder.name),
            tuple(
                file.read_text("utf-8")
                for file in sorted((folder / dialect).iterdir(), key=lambda file: file.name)
                if file.name.endswith(".sql")
            ),
        )
        for folder in schema.iterdir()
        if folder.name.isdigit()
    ]
    return tuple(sorted(found, key=lambda migration: migration.version))


def pending(dialect: Dialect, version: int, where: str) -> tuple[Migration, ...]:
    """The migrations that lead on from `version` (0: an empty database).

    Raises:
        NewerSchemaError: the database named `where` has a version that no migration here leads to.
    """
    known = migrations(dialect)
    newest = known[-1].version
    if version > newest:
        raise NewerSchemaError(where, version, newest)
    return tuple(migration for migration in known if migration.version > version)
