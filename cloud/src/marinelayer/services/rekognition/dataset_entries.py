"""Entries of datasets: ListDatasetEntries, UpdateDatasetEntries.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_ListDatasetEntries.html and
.../API_UpdateDatasetEntries.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from marinelayer import outbox
from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.custom_label_arns import on
from marinelayer.services.rekognition.dataset_jobs import UPDATE
from marinelayer.services.rekognition.dataset_rows import (
    Labeled,
    demand_idle,
    demand_made,
    demand_readable,
    page_of_entries,
    set_status,
    the_dataset,
)
from marinelayer.services.rekognition.errors import InvalidParameterException
from marinelayer.services.rekognition.pages import after

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

PAGE = 100
LOOKED_AT = 20
"""Pages of entries that one request looks through for those that its filters let pass; then it answers with less."""


class DatasetEntries:
    """The entries of datasets. `poke` is called when there is something to do later."""

    def __init__(self, tables: Tables, clock: Clock, pages: PageTokens, poke: Callable[[], None]) -> None:
        self._tables = tables
        self._clock = clock
        self._pages = pages
        self._poke = poke

    @operation("ListDatasetEntries", needs=need("rekognition:ListDatasetEntries", on=on("DatasetArn")))
    async def list(self, caller: Caller, request: wire.ListDatasetEntriesRequest) -> wire.ListDatasetEntriesResponse:
        """A page of the entries that all filters let pass, in their order.

        Raises:
            ResourceNotFoundException, ResourceNotReadyException, ResourceInUseException,
            InvalidPaginationTokenException.
        """
        arn, size = request["DatasetArn"], request.get("MaxResults", PAGE)
        scope = f"rekognition.ListDatasetEntries/{arn}"
        position = int(after(self._pages, request.get("NextToken"), scope) or -1)
        await self._tables.read(_demand_readable, caller, arn)
        found: list[str] = []
        for _ in range(LOOKED_AT):
            page = await self._tables.read(_page, arn, position, request)
            if not page:
                return {"DatasetEntries": found}
            for entry in page:
                if _wanted(entry, request):
                    if len(found) == size:
                        return {"DatasetEntries": found, "NextToken": self._pages.seal(str(position), scope)}
                    found.append(entry.line)
                position = entry.number
        return {"DatasetEntries": found, "NextToken": self._pages.seal(str(position), scope)}

    @operation("UpdateDatasetEntries", needs=need("rekognition:UpdateDatasetEntries", on=on("DatasetArn")))
    async def update(
        self, caller: Caller, request: wire.UpdateDatasetEntriesRequest
    ) -> wire.UpdateDatasetEntriesResponse:
        """Begin to add entries, or to put them in place of those of the same pictures.

        Raises:
            ResourceNotFoundException
            ResourceInUseException: the dataset is being made, changed or removed.
            InvalidParameterException: the changes are no text, or the dataset could not be made.
        """
        try:
            lines = request["Changes"]["GroundTruth"].decode()
        except UnicodeDecodeError:
            raise InvalidParameterException("The changes must be JSON Lines.") from None
        await self._tables.write(_begin_update, caller, request["DatasetArn"], lines, self._clock.now())
        self._poke()
        return {}


def _demand_readable(tx: Transaction, caller: Caller, arn: str) -> None:
    demand_readable(the_dataset(tx, caller, arn))


def _page(tx: Transaction, arn: str, position: int, request: wire.ListDatasetEntriesRequest) -> Sequence[Labeled]:
    labeled = request.get("Labeled")
    return page_of_entries(
        tx,
        arn,
        position,
        PAGE,
        is_labeled=-1 if labeled is None else int(labeled),
        has_errors=1 if request.get("HasErrors") else -1,
    )


def _wanted(entry: Labeled, request: wire.ListDatasetEntriesRequest) -> bool:
    labels = request.get("ContainsLabels")
    if labels is not None and entry.labels.keys().isdisjoint(labels):
        return False
    return request.get("SourceRefContains", "") in entry.source_ref


def _begin_update(tx: Transaction, caller: Caller, arn: str, lines: str, now: int) -> None:
    row = the_dataset(tx, caller, arn)
    demand_idle(row)
    demand_made(row)
    set_status(tx, arn, "UPDATE_IN_PROGRESS", now, "The dataset is being updated.")
    outbox.enqueue(
        tx,
        job_id=f"{UPDATE}/{arn}/{now}",
        kind=UPDATE,
        group=f"rekognition.dataset/{arn}",
        payload=json.dumps({"dataset": arn, "lines": lines}, ensure_ascii=False).encode(),
        due=now,
    )
