"""What happens to objects, made known in the transaction that does it.

A write function that changes an object gets the `Origin` of the change, and announces each `Change`. Who is told of it
is a matter of the bucket's configurations, which were read with the bucket: where it has none nothing is done. Rule 1:
what is announced is undone with what was done, and never announced without it. Rule 2: telling is an outbox row.

Knows nothing of who listens but the name of the configuration that makes them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.services.s3.bucket import Bucket
from marinelayer.services.s3.change import Change, Origin, changed, origin_of
from marinelayer.services.s3.notification_events import notify
from marinelayer.services.s3.replicating import replicate
from marinelayer.services.s3.versions import Version

P = ParamSpec("P")
R = TypeVar("R")


def announce(tx: Transaction, bucket: Bucket, change: Change, origin: Origin) -> None:
    """Make a change known to those who are to be told of it."""
    told = "notification" in bucket.configured and notify(tx, bucket, change, origin)
    if "replication" in bucket.configured and replicate(tx, bucket, change, origin):
        told = True
    if told:
        origin.told.append(change)


def announce_hold(tx: Transaction, bucket: Bucket, version: Version, origin: Origin) -> None:
    """Make a version's legal hold known, of which S3 has no event, but which its replicas follow."""
    change = changed("ObjectRetention:Put", version)
    if "replication" in bucket.configured and replicate(tx, bucket, change, origin):
        origin.told.append(change)


class Changes:
    """Runs the writes that change objects, and has the outbox look where someone is to be told of it."""

    def __init__(self, tables: Tables, clock: Clock, poke: Callable[[], None]) -> None:
        self._tables = tables
        self._clock = clock
        self._poke = poke

    async def write(
        self,
        caller: Caller,
        function: Callable[Concatenate[Transaction, Origin, P], R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run `function(tx, origin, ...)` as Tables.write does, on behalf of a caller, now."""

        def write(tx: Transaction) -> tuple[R, bool]:
            origin = origin_of(caller, now)
            result = function(tx, origin, *args, **kwargs)
            return result, bool(origin.told)

        # So that the tables take it for what it runs: one function that takes long says nothing of the others.
        write.__dict__["__wrapped__"] = function
        now = self._clock.now()
        result, heard = await self._tables.write(write)
        if heard:
            self._poke()
        return result
