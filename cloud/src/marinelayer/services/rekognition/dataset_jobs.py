"""What becomes of datasets after it was asked for: filled from manifests, copied, changed, distributed and deleted.

Each job goes on where a kill left it by doing it all again: entries take the places of those of the same pictures, and
which ones are to be moved follows from both datasets together.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/debugging-datasets-terminal-errors.html
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Caller, Calls, Clock, Mandates, Tables, Transaction
from marinelayer.services.rekognition.dataset_rows import (
    AT_ONCE,
    CREATED_MESSAGE,
    SQL,
    UPDATED_MESSAGE,
    Labeled,
    page_of_entries,
    put_entries,
    put_entry,
    remove_entries,
    set_status,
)
from marinelayer.services.rekognition.errors import InvalidS3ObjectException
from marinelayer.services.rekognition.manifests import Entry, entries_of, read_entry
from marinelayer.services.rekognition.resource_tags import forget_tags
from marinelayer.services.rekognition.splitting import held_back
from marinelayer.services.rekognition.stored_objects import StoredObjects

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

IMPORT = "rekognition.dataset.import"
COPY = "rekognition.dataset.copy"
UPDATE = "rekognition.dataset.update"
DISTRIBUTE = "rekognition.dataset.distribute"
DELETE = "rekognition.dataset.delete"

LARGEST_MANIFEST = 1 << 30
MOST_ROWS = 250_000
MOST_LABELS = 250
MOST_REFUSED = 0.2
"""The share of lines that name no picture, above which nothing is taken from a manifest."""


class UnusableManifestError(Exception):
    """A manifest from which no dataset can be made. The text is AWS's status message."""


class DatasetJobs:
    """The jobs of datasets."""

    def __init__(self, tables: Tables, clock: Clock, calls: Calls, mandates: Mandates) -> None:
        self._tables = tables
        self._clock = clock
        self._objects = StoredObjects(calls)
        self._mandates = mandates

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {
            IMPORT: self.fill,
            COPY: self.copy,
            UPDATE: self.update,
            DISTRIBUTE: self.distribute,
            DELETE: self.delete,
        }

    async def fill(self, job: Job) -> None:
        """Take in a manifest from S3."""
        told: Mapping[str, Any] = json.loads(job.payload)
        arn: str = told["dataset"]
        try:
            caller = await self._mandates.caller(told["mandate"], job.id)
            await self._check(caller, told["place"])
            entries: list[Entry] = []
            async with aclosing(self._objects.lines(caller, told["place"])) as lines:
                async for line in lines:
                    entry = read_entry(line.decode("utf-8", "replace"))
                    entries += [entry] if entry is not None else []
                    if len(entries) >= AT_ONCE:
                        await self._tables.write(put_entries, arn, entries)
                        entries = []
            await self._tables.write(put_entries, arn, entries)
            await self._check_labels(arn)
        except UnusableManifestError as error:
            await self._fail(arn, "CREATE_FAILED", str(error))
        except (AccessDenied, InvalidS3ObjectException):
            await self._fail(arn, "CREATE_FAILED", "The S3 bucket permissions are incorrect.")
        else:
            await self._settle(arn, "CREATE_COMPLETE", CREATED_MESSAGE)

    async def copy(self, job: Job) -> None:
        """Take in another dataset."""
        told: Mapping[str, Any] = json.loads(job.payload)
        async for page in self._pages(told["source"]):
            entries = [_entry(one) for one in page]
            await self._tables.write(put_entries, told["dataset"], entries)
        await self._settle(told["dataset"], "CREATE_COMPLETE", "The dataset was successfully created.")

    async def update(self, job: Job) -> None:
        """Take in the lines of a request."""
        told: Mapping[str, Any] = json.loads(job.payload)
        arn: str = told["dataset"]
        read = list(entries_of(told["lines"]))
        entries = [entry for entry in read if entry is not None]
        if len(entries) < (1 - MOST_REFUSED) * len(read):
            await self._fail(arn, "UPDATE_FAILED", "The manifest file has too many terminal errors.")
            return
        for start in range(0, len(entries), AT_ONCE):
            await self._tables.write(put_entries, arn, entries[start : start + AT_ONCE])
        await self._settle(arn, "UPDATE_COMPLETE", UPDATED_MESSAGE)

    async def distribute(self, job: Job) -> None:
        """Move a fifth of a training dataset to its test dataset."""
        told: Mapping[str, Any] = json.loads(job.payload)
        train, test = told["dataset"], told["test"]
        # Those that were moved before a kill count too, or it would be a fifth of what is left.
        known: dict[int, Labeled] = {}
        moved: set[int] = set()
        for arn in (train, test):
            async for page in self._pages(arn):
                known.update({one.number: one for one in page})
                moved.update(one.number for one in page if arn == test)
        chosen = held_back((number, one.labels) for number, one in known.items() if one.labels)
        if not chosen:
            for arn in (train, test):
                message = "The manifest file doesn't have enough labeled images to distribute the dataset."
                await self._fail(arn, "UPDATE_FAILED", message)
            return
        left = sorted(chosen - moved)
        for start in range(0, len(left), AT_ONCE):
            await self._tables.write(_move, train, test, [known[number] for number in left[start : start + AT_ONCE]])
        for arn in (train, test):
            await self._settle(arn, "UPDATE_COMPLETE", UPDATED_MESSAGE)

    async def delete(self, job: Job) -> None:
        """Remove a dataset, its entries first."""
        arn: str = json.loads(job.payload)["dataset"]
        while page := await self._tables.read(page_of_entries, arn, -1, AT_ONCE):
            await self._tables.write(remove_entries, arn, [one.number for one in page])
        await self._tables.write(_delete, arn)

    async def _check(self, caller: Caller, place: wire.S3Object) -> None:
        """Look at a manifest before anything is taken from it."""
        if await self._objects.demand(caller, place) > LARGEST_MANIFEST:
            raise UnusableManifestError("The manifest file size exceeds the maximum supported size.")
        count = refused = 0
        async with aclosing(self._objects.lines(caller, place)) as lines:
            async for line in lines:
                count += 1
                refused += read_entry(line.decode("utf-8", "replace")) is None
                if count > MOST_ROWS:
                    raise UnusableManifestError("The manifest file has too many rows.")
        if not count or refused == count:
            raise UnusableManifestError("The manifest file extension or contents are invalid.")
        if refused > MOST_REFUSED * count:
            raise UnusableManifestError("The manifest file has too many terminal errors.")

    async def _check_labels(self, arn: str) -> None:
        counted = await self._tables.read(lambda tx: tx.one(SQL.count_labels, arn=arn))
        if counted is not None and counted["labels"] > MOST_LABELS:
            raise UnusableManifestError("The manifest file has too many labels.")

    async def _pages(self, arn: str) -> AsyncIterator[Sequence[Labeled]]:
        position = -1
        while page := await self._tables.read(page_of_entries, arn, position, AT_ONCE):
            position = page[-1].number
            yield page

    async def _settle(self, arn: str, status: str, message: str) -> None:
        await self._tables.write(set_status, arn, status, self._clock.now(), message)

    async def _fail(self, arn: str, status: str, message: str) -> None:
        await self._tables.write(set_status, arn, status, self._clock.now(), message, "CLIENT_ERROR")


def _entry(one: Labeled) -> Entry:
    return Entry(source_ref=one.source_ref, line=one.line, labels=one.labels, has_errors="cl-errors" in one.line)


def _move(tx: Transaction, train: str, test: str, entries: Sequence[Labeled]) -> None:
    """Move entries that keep their numbers: the dataset that they come to is empty but for others of them."""
    remove_entries(tx, train, [one.number for one in entries])
    for one in entries:
        put_entry(tx, test, one.number, _entry(one))
    tx.run(SQL.count_from, arn=test, source=train)


def _delete(tx: Transaction, arn: str) -> None:
    tx.run(SQL.delete_dataset, arn=arn)
    forget_tags(tx, arn)
