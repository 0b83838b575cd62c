"""SelectObjectContent: a query over one object, answered as a stream of events.

What can be refused before the first record is found is refused as any request is; from then on a refusal is the last
event. Knows neither the query's language (`protocol.s3_select`) nor how it is run (ports.Selector).

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import InternalError, Refusal
from marinelayer.ports import (
    Blobs,
    Caller,
    Clock,
    EngineBusyError,
    EngineFailedError,
    Selected,
    SelectionError,
    Selector,
    Tables,
)
from marinelayer.protocol.event_stream import Event
from marinelayer.protocol.s3_select.formats import read_formats
from marinelayer.protocol.s3_select.parser import parse
from marinelayer.protocol.s3_select.refusals import (
    Busy,
    InvalidExpressionType,
    MissingRequiredParameter,
    SelectRefusal,
    UnsupportedStorageClass,
)
from marinelayer.services.operation import operation
from marinelayer.services.s3 import blobs as stored
from marinelayer.services.s3.blob_keys import BlobKeys
from marinelayer.services.s3.customer_keys import customer_key
from marinelayer.services.s3.encrypting import demand_key
from marinelayer.services.s3.get import Found, find, missing
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.needs import on_object
from marinelayer.services.s3.opened import BytesGoneError
from marinelayer.services.s3.reading import Reader, stored_pieces

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import SelectObjectContentRequest

UNSUPPORTED_CLASSES = frozenset({"REDUCED_REDUNDANCY"})
"""Beside the archived ones, which no operation reads."""
PROGRESS_EVERY = 1_000_000
"""Microseconds from one Progress event to the next."""
CONTINUE_AFTER = 5_000_000
"""Microseconds without any event, after which a Cont keeps the connection."""


class StoredObject:
    """A version's bytes (ports.StoredBytes)."""

    def __init__(self, tables: Tables, reader: Reader, found: Found) -> None:
        self._tables = tables
        self._reader = reader
        self._blob_id = found.version.blob_id
        self._size = found.version.size
        self._keys = found.keys

    @property
    def size(self) -> int:
        """How many there are."""
        return self._size

    async def read_from(self, offset: int) -> AsyncGenerator[bytes]:
        """The bytes from `offset` on. Raises BytesGoneError if they were freed meanwhile."""
        pieces: Sequence[stored.Piece] = await self._tables.read(
            stored.pieces_of, self._blob_id, offset, self._size - offset
        )
        if not pieces:
            raise BytesGoneError
        async for piece in stored_pieces(await self._reader.body(pieces, self._keys)):
            yield piece


class ObjectSelections:
    """Queries over objects."""

    def __init__(self, tables: Tables, blobs: Blobs, keys: BlobKeys, clock: Clock, selector: Selector) -> None:
        self._tables = tables
        self._reader = Reader(tables, blobs, keys)
        self._clock = clock
        self._selector = selector

    @operation("SelectObjectContent", needs=on_object("s3:GetObject"))
    async def select(self, caller: Caller, request: SelectObjectContentRequest) -> dict[str, Any]:
        """The events of a query, of which the first record or failure has been waited for."""
        if request["ExpressionType"].upper() != "SQL":
            raise InvalidExpressionType
        if not request["Expression"].strip():
            raise MissingRequiredParameter
        formats = read_formats(request)
        expression = request["Expression"]
        parse(expression)
        found = await self._find(caller, request)
        data = StoredObject(self._tables, self._reader, found)
        selected = self._selector.select(expression, formats, data)
        try:
            first = await anext(selected)
        except (SelectionError, EngineBusyError, EngineFailedError) as error:
            raise _refusal(error) from error
        progress = bool((request.get("RequestProgress") or {}).get("Enabled"))
        return {"Payload": self._events(first, selected, progress=progress)}

    async def _find(self, caller: Caller, request: Mapping[str, Any]) -> Found:
        key = key_bytes(request["Key"])
        given = customer_key(request, caller)
        found = await self._tables.read(find, request, key, given, with_bytes=True)
        if not isinstance(found, Found):
            raise await missing(caller, request["Bucket"], request["Key"], found)
        if found.version.description.storage_class in UNSUPPORTED_CLASSES:
            raise UnsupportedStorageClass
        await demand_key(caller, found.keys.encryption, "kms:Decrypt")
        return found

    async def _events(
        self, first: Selected, further: AsyncGenerator[Selected], *, progress: bool
    ) -> AsyncGenerator[Event]:
        """Records as they are found, now and then how far the query is, and at last what it took."""
        told = spoke = self._clock.now()
        returned = 0
        one = first
        async with aclosing(further):
            async for one in _refusing(_from_first(first, further)):
                now = self._clock.now()
                if one.records:
                    returned += len(one.records)
                    yield {"Records": {"Payload": one.records}}
                    spoke = now
                if progress and now - told >= PROGRESS_EVERY:
                    yield {"Progress": _details(one, returned)}
                    told = spoke = now
                elif now - spoke >= CONTINUE_AFTER:
                    yield {"Cont": {}}
                    spoke = now
        if progress:
            yield {"Progress": _details(one, returned)}
        yield {"Stats": _details(one, returned)}
        yield {"End": {}}


async def _from_first(first: Selected, further: AsyncIterator[Selected]) -> AsyncIterator[Selected]:
    yield first
    async for one in further:
        yield one


async def _refusing(selected: AsyncIterator[Selected]) -> AsyncIterator[Selected]:
    """The same, its errors being S3's."""
    try:
        async for one in selected:
            yield one
    except (SelectionError, EngineBusyError, EngineFailedError) as error:
        raise _refusal(error) from error


def _refusal(error: SelectionError | EngineBusyError | EngineFailedError) -> Refusal:
    match error:
        case SelectionError():
            refusal = SelectRefusal.by_code[error.code]
            return refusal(error.message) if error.message else refusal()
        case EngineBusyError():
            return Busy()
        case _:
            return InternalError()


def _details(selected: Selected, returned: int) -> dict[str, Any]:
    counts = {
        "BytesScanned": selected.scanned,
        "BytesProcessed": selected.processed,
        "BytesReturned": returned,
    }
    return {"Details": counts}
