"""ImportTerminology, GetTerminology, ListTerminologies and DeleteTerminology.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/API_ImportTerminology.html and its neighbours.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, Clock, Ids, Keyring, Tables, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import ForgedTokenError, PageTokens
from marinelayer.services.translate.errors import InvalidParameterValueException, LimitExceededException
from marinelayer.services.translate.tagging import checked_tags, request_tag_context, tagged
from marinelayer.services.translate.terminology_file import MOST_WARNINGS, BadTerminologyError, Glossary, read
from marinelayer.services.translate.terminology_links import Linked, TerminologyLinks
from marinelayer.services.translate.terminology_store import (
    SQL,
    Terminology,
    TerminologyFiles,
    TerminologyName,
    find,
    of_row,
    shown_languages,
    the,
)

if TYPE_CHECKING:
    from marinelayer.model.types import translate as wire

MOST_TERMINOLOGIES = 100
MOST_LISTED = 500


def terminology_name(request: Mapping[str, Any], caller: Caller) -> TerminologyName:
    """The terminology that a request names, at home where the caller is."""
    return TerminologyName(caller.account, caller.region, request["Name"])


def _arn(request: Mapping[str, Any], caller: Caller) -> str:
    return terminology_name(request, caller).arn


def _import_needs(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
    actions = ("translate:ImportTerminology", *(("translate:TagResource",) if request.get("Tags") else ()))
    context = request_tag_context(request)
    return [Requirement(action=action, resource=_arn(request, caller), context=context) for action in actions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A terminology on its way into the tables; `file` and `warnings` wrapped, `now` in microseconds."""

    name: TerminologyName
    revision: str
    description: str
    form: str
    directionality: str
    source: str
    targets: Sequence[str]
    tags: Mapping[str, str]
    size: int
    terms: int
    skipped: int
    file: bytes
    warnings: bytes


def put(tx: Transaction, imported: Imported, now: int) -> Terminology:
    """Write a terminology in the place of the one of its name; tags are added to those that it has.

    Raises:
        LimitExceededException: the account has a hundred in this region.
        TooManyTagsException: it would have more than fifty tags.
    """
    name = imported.name
    before = find(tx, name)
    if before is None:
        row = tx.one(SQL.count, account=name.account, region=name.region)
        if row is not None and row["n"] >= MOST_TERMINOLOGIES:
            raise LimitExceededException(
                f"The maximum number of custom terminologies, {MOST_TERMINOLOGIES}, has been reached."
            )
    tags = tagged(before.tags if before else {}, imported.tags, name.arn)
    tx.run(
        SQL.put,
        **name.key,
        revision=imported.revision,
        description=imported.description,
        format=imported.form,
        directionality=imported.directionality,
        source=imported.source,
        targets=json.dumps(imported.targets),
        tags=json.dumps(tags),
        size=imported.size,
        terms=imported.terms,
        skipped=imported.skipped,
        now=now,
    )
    tx.run(SQL.put_file, **name.key, file=imported.file, warnings=imported.warnings)
    return the(tx, name)


def remove(tx: Transaction, name: TerminologyName) -> None:
    """Remove a terminology with its file. Raises ResourceNotFoundException."""
    the(tx, name)
    tx.run(SQL.remove_file, **name.key)
    tx.run(SQL.remove, **name.key)


def page(tx: Transaction, account: str, region: str, after: str, limit: int) -> list[Terminology]:
    """Terminologies by name, `limit` at most, behind the name `after`."""
    return [of_row(row) for row in tx.all(SQL.page, account=account, region=region, after=after, n=limit)]


class Terminologies:
    """Custom terminologies."""

    def __init__(
        self, tables: Tables, clock: Clock, ids: Ids, keyring: Keyring, pages: PageTokens, links: TerminologyLinks
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._files = TerminologyFiles(keyring)
        self._pages = pages
        self._links = links

    @operation("ImportTerminology", needs=_import_needs)
    async def import_terminology(
        self, caller: Caller, request: wire.ImportTerminologyRequest
    ) -> wire.ImportTerminologyResponse:
        """Make a terminology of a file, or replace the one of that name.

        Raises:
            InvalidParameterValueException: the file is no terminology.
            LimitExceededException, TooManyTagsException: see `put`.
            OperationNotImplemented: a KMS key is named.
        """
        if "EncryptionKey" in request:
            raise OperationNotImplemented(
                "translate.ImportTerminology with an EncryptionKey is not implemented here: files are encrypted by the "
                "master key of the cloud's folder."
            )
        name = terminology_name(request, caller)
        try:
            imported = await asyncio.to_thread(self._imported, name, request)
        except BadTerminologyError as error:
            raise InvalidParameterValueException(str(error)) from None
        terminology = await self._tables.write(put, imported, self._clock.now())
        answer: wire.ImportTerminologyResponse = {"TerminologyProperties": shown(terminology)}
        if terminology.skipped:
            answer["AuxiliaryDataLocation"] = self._location(caller, terminology, "")
        return answer

    def _imported(self, name: TerminologyName, request: wire.ImportTerminologyRequest) -> Imported:
        data = request["TerminologyData"]
        file, form, directionality = data["File"], data["Format"], data.get("Directionality", "")
        glossary = read(file, form)
        source, targets = shown_languages(glossary, multi=directionality == "MULTI")
        return Imported(
            name=name,
            revision=self._ids.token(),
            description=request.get("Description", ""),
            form=form,
            directionality=directionality,
            source=source,
            targets=targets,
            tags=checked_tags(request.get("Tags") or ()),
            size=len(file),
            terms=len(glossary.rows),
            skipped=len(glossary.skipped),
            file=self._files.wrapped(name, file),
            warnings=self._files.wrapped(name, _warnings(glossary)),
        )

    @operation("GetTerminology", needs=need("translate:GetTerminology", on=_arn))
    async def get(self, caller: Caller, request: wire.GetTerminologyRequest) -> wire.GetTerminologyResponse:
        """A terminology, with a link to its file.

        Raises:
            ResourceNotFoundException: there is none of that name.
            InvalidParameterValueException: a multi-directional one is asked for in another format than its own.
        """
        terminology = await self._tables.read(the, terminology_name(request, caller))
        form = request.get("TerminologyDataFormat", terminology.form)
        if form != terminology.form and terminology.directionality == "MULTI":
            raise InvalidParameterValueException(
                f"A multi-directional terminology can only be retrieved in the format that it was imported in, "
                f"{terminology.form}."
            )
        answer: wire.GetTerminologyResponse = {
            "TerminologyProperties": shown(terminology),
            "TerminologyDataLocation": self._location(caller, terminology, form),
        }
        if terminology.skipped:
            answer["AuxiliaryDataLocation"] = self._location(caller, terminology, "")
        return answer

    def _location(self, caller: Caller, terminology: Terminology, form: str) -> wire.TerminologyDataLocation:
        link = self._links.link(caller, Linked(name=terminology.name, form=form))
        return {"RepositoryType": "S3", "Location": link}

    @operation("ListTerminologies", needs=need("translate:ListTerminologies"))
    async def list_terminologies(
        self, caller: Caller, request: wire.ListTerminologiesRequest
    ) -> wire.ListTerminologiesResponse:
        """A page of terminologies, by name.

        Raises:
            InvalidParameterValueException: the page token is not one of this list's.
        """
        scope = f"translate.ListTerminologies/{caller.account}/{caller.region}"
        try:
            after = self._pages.position(request.get("NextToken"), scope)
        except ForgedTokenError:
            raise InvalidParameterValueException("Invalid next token.") from None
        most = request.get("MaxResults", MOST_LISTED)
        found = await self._tables.read(page, caller.account, caller.region, after, most + 1)
        answer: wire.ListTerminologiesResponse = {"TerminologyPropertiesList": [shown(one) for one in found[:most]]}
        if len(found) > most:
            answer["NextToken"] = self._pages.seal(found[most - 1].name.name, scope)
        return answer

    @operation("DeleteTerminology", needs=need("translate:DeleteTerminology", on=_arn))
    async def delete(self, caller: Caller, request: wire.DeleteTerminologyRequest) -> None:
        """Remove a terminology. Raises ResourceNotFoundException."""
        await self._tables.write(remove, terminology_name(request, caller))


def shown(terminology: Terminology) -> wire.TerminologyProperties:
    """A terminology in the model's shape."""
    properties: wire.TerminologyProperties = {
        "Name": terminology.name.name,
        "Arn": terminology.name.arn,
        "SourceLanguageCode": terminology.source,
        "TargetLanguageCodes": terminology.targets,
        "SizeBytes": terminology.size,
        "TermCount": terminology.terms,
        "CreatedAt": _time(terminology.created),
        "LastUpdatedAt": _time(terminology.updated),
        "SkippedTermCount": terminology.skipped,
        "Format": terminology.form,
    }
    if terminology.description:
        properties["Description"] = terminology.description
    if terminology.directionality:
        properties["Directionality"] = terminology.directionality
    if terminology.skipped:
        properties["Message"] = f"{terminology.skipped} terms of the input file were skipped."
    return properties


def _time(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def _warnings(glossary: Glossary) -> bytes:
    more = len(glossary.skipped) - MOST_WARNINGS
    lines = glossary.skipped[:MOST_WARNINGS] + ([f"and {more} more"] if more > 0 else [])
    return "".join(f"{line}\n" for line in lines).encode()
