"""The tags of what another service keeps. A port only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol


class TaggedBuckets(Protocol):
    """The tags of buckets, by their names. Whoever asks has been allowed to already."""

    async def of(self, bucket: str, /) -> Sequence[Mapping[str, str]] | None:
        """The tags, `{"Key": ..., "Value": ...}`, in the order in which they came; None where there is no such
        bucket."""
        ...

    async def add(self, bucket: str, tags: Sequence[Mapping[str, str]], /) -> bool:
        """Set these tags beside those that are there; of a key that is there only the value changes. False where there
        is no such bucket.

        Raises:
            InvalidTag: a bucket takes no such tags.
            BadRequest: it would have more than it may.
        """
        ...

    async def remove(self, bucket: str, keys: Collection[str], /) -> bool:
        """Remove the tags of these keys, of which none needs to be there. False where there is no such bucket."""
        ...
