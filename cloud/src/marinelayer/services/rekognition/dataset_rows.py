"""Datasets as they are kept: their rows, statuses and entries. Every function here belongs into a transaction.

An entry is known by its picture (`source-ref`): another line about the same picture takes its place. Entries have
numbers, by which they are listed, and which they keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from marinelayer.ports import Caller, Row, Transaction
from marinelayer.services.rekognition.custom_label_arns import in_reach
from marinelayer.services.rekognition.errors import (
    InvalidParameterException,
    ResourceInUseException,
    ResourceNotFoundException,
    ResourceNotReadyException,
)
from marinelayer.services.rekognition.manifests import Entry
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

SQL = Statements("marinelayer.services.rekognition", "datasets.sql")
MICROSECONDS = 1_000_000
AT_ONCE = 100
"""Entries that one write takes: each may have rows for fifty labels, but hardly any has."""

Code = Literal["SUCCESS", "SERVICE_ERROR", "CLIENT_ERROR"]
CREATED_MESSAGE = "The dataset was successfully created from the manifest file."
UPDATED_MESSAGE = "The dataset was successfully updated."
BUSY = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"})
"""Statuses of datasets with which something is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeled:
    """An entry of a dataset by its number, with its labels, each with whether it has boxes."""

    number: int
    source_ref: str
    line: str
    labels: Mapping[str, bool]


def moment(microseconds: int) -> datetime:
    """A time of the tables as answers have it."""
    return datetime.fromtimestamp(microseconds / MICROSECONDS, UTC)


def the_dataset(tx: Transaction, caller: Caller, arn: str) -> Row:
    """The dataset of an ARN.

    Raises:
        ResourceNotFoundException: there is none in the caller's account and region.
    """
    row = tx.one(SQL.dataset, arn=arn) if in_reach(arn, caller) else None
    if row is None:
        raise ResourceNotFoundException
    return row


def demand_idle(row: Row) -> None:
    """Raises ResourceInUseException while a dataset is made, changed or deleted."""
    if row["status"] in BUSY:
        raise ResourceInUseException(f"The dataset is in use: its status is {row['status']}.")


def demand_readable(row: Row) -> None:
    """Raises ResourceNotReadyException where a dataset is not made yet, ResourceInUseException while it goes."""
    if row["status"] in {"CREATE_IN_PROGRESS", "CREATE_FAILED"}:
        raise ResourceNotReadyException(f"The dataset isn't ready: its status is {row['status']}.")
    if row["status"] == "DELETE_IN_PROGRESS":
        raise ResourceInUseException("The dataset is being deleted.")


def demand_made(row: Row) -> None:
    """Raises InvalidParameterException where a dataset is not made yet, could not be made, or goes: for operations
    whose model does not have ResourceNotReadyException."""
    if row["status"] in {"CREATE_IN_PROGRESS", "CREATE_FAILED", "DELETE_IN_PROGRESS"}:
        raise InvalidParameterException(f"The dataset can not be used: its status is {row['status']}.")


def set_status(tx: Transaction, arn: str, status: str, now: int, message: str = "", code: Code = "SUCCESS") -> None:
    """Say how it is with a dataset."""
    tx.run(SQL.set_status, arn=arn, status=status, message=message, code=code, now=now)


def dataset_members(row: Row) -> wire.DatasetMetadata:
    """What every description of a dataset says."""
    members: wire.DatasetMetadata = {"CreationTimestamp": moment(row["created"]), "Status": row["status"]}
    if row["message"]:
        members |= {"StatusMessage": row["message"], "StatusMessageCode": row["code"]}
    return members


def put_entries(tx: Transaction, arn: str, entries: Iterable[Entry]) -> None:
    """Write entries, in place of those of the same pictures. Nothing happens where the dataset is gone."""
    for entry in entries:
        known = tx.one(SQL.entry_number, arn=arn, source_ref=entry.source_ref)
        if known is None:
            counted = tx.one(SQL.next_number, arn=arn)
            if counted is None:
                return
            number = counted["next_number"]
        else:
            number = known["number"]
            remove_entries(tx, arn, (number,))
        put_entry(tx, arn, number, entry)


def put_entry(tx: Transaction, arn: str, number: int, entry: Entry) -> None:
    """Write an entry of a number that no other has."""
    tx.run(
        SQL.put_entry,
        arn=arn,
        number=number,
        source_ref=entry.source_ref,
        line=entry.line,
        is_labeled=int(bool(entry.labels)),
        has_errors=int(entry.has_errors),
    )
    for label, boxed in entry.labels.items():
        tx.run(SQL.put_entry_label, arn=arn, number=number, label=label, boxed=int(boxed))


def remove_entries(tx: Transaction, arn: str, numbers: Iterable[int]) -> None:
    """Remove entries, with what their labels are."""
    for number in numbers:
        tx.run(SQL.delete_entry_labels, arn=arn, number=number)
        tx.run(SQL.delete_entry, arn=arn, number=number)


def page_of_entries(
    tx: Transaction, arn: str, after: int, size: int, *, is_labeled: int = -1, has_errors: int = -1
) -> Sequence[Labeled]:
    """The next entries behind a number, of those that are (1) or are not (0) labelled or in error."""
    rows = tx.all(SQL.entries, arn=arn, after=after, size=size, is_labeled=is_labeled, has_errors=has_errors)
    if not rows:
        return ()
    labels: dict[int, dict[str, bool]] = {row["number"]: {} for row in rows}
    for row in tx.all(SQL.entry_labels, arn=arn, after=after, last=rows[-1]["number"]):
        labels.get(row["number"], {})[row["label"]] = bool(row["boxed"])
    return [
        Labeled(number=row["number"], source_ref=row["source_ref"], line=row["line"], labels=labels[row["number"]])
        for row in rows
    ]
