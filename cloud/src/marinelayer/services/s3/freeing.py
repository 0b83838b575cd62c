"""What happens later to bytes that no one names any more: outbox jobs, each of which may run twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Blobs, Clock, Tables, Transaction
from marinelayer.services.s3.blobs import (
    DELETE_BLOB,
    DELETE_INLINE,
    RELEASE_PARTS,
    delete_inline,
    named_blobs,
    release_parts,
    release_some_parts,
)
from marinelayer.services.s3.buckets import ABORT_UPLOADS
from marinelayer.services.s3.statements import SQL

UPLOADS_A_WRITE = 20


def abort_some_uploads(tx: Transaction, bucket_id: int, now: int) -> bool:
    """Give up a few uploads of a bucket that is gone; True when none are left."""
    rows = tx.all(SQL.uploads_of_bucket, bucket_id=bucket_id, limit=UPLOADS_A_WRITE + 1)
    for row in rows[:UPLOADS_A_WRITE]:
        tx.run(SQL.delete_upload, bucket_id=bucket_id, key=row["key"], upload_id=row["upload_id"])
        release_parts(tx, row["upload_id"], now)
    return len(rows) <= UPLOADS_A_WRITE


class S3Blobs:
    """Frees bytes, and tells the sweeper which must stay."""

    def __init__(self, tables: Tables, blobs: Blobs, clock: Clock) -> None:
        self._tables = tables
        self._blobs = blobs
        self._clock = clock

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job that S3 writes."""
        return {
            DELETE_BLOB: self.delete_freed_blob,
            DELETE_INLINE: self.delete_freed_inline,
            RELEASE_PARTS: self.release_parts,
            ABORT_UPLOADS: self.abort_uploads,
        }

    async def delete_freed_blob(self, job: Job) -> None:
        """Remove the bytes of a blob whose row is gone. Names are never used again, so that twice is once."""
        await self._blobs.delete(job.payload.decode())

    async def delete_freed_inline(self, job: Job) -> None:
        """Remove the inline bytes of a part that is gone."""
        await self._tables.write(delete_inline, job.payload.decode())

    async def release_parts(self, job: Job) -> None:
        """Let go of the parts of an upload that was too large to be released with its cause."""
        while not await self._tables.write(release_some_parts, job.payload.decode(), self._clock.now()):
            pass

    async def abort_uploads(self, job: Job) -> None:
        """Give up the uploads of a bucket that was deleted."""
        while not await self._tables.write(abort_some_uploads, int(job.payload), self._clock.now()):
            pass

    async def named(self, blob_ids: Sequence[str]) -> Collection[str]:
        """Which of the stored blobs a row names; the others are the sweeper's."""
        return await self._tables.read(named_blobs, list(blob_ids))
