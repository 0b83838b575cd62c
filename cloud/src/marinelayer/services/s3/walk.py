"""One page of a listing: keys in the order of their bytes, rolled up at a delimiter, from a marker on.

The cost depends on the page, not on the bucket: rows are sought by key, and everything below a common prefix is skipped
by seeking behind it (the successor of the prefix), however many keys it has. Knows no requests, and of rows only `key`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from marinelayer.ports import Row
from marinelayer.services.s3.names import after_prefix

Fetch = Callable[[bytes, str, bytes, int], Sequence[Row]]
"""Rows from a key (and, of that key, only ids above the given one), up to but without an end key, at most a number."""

_FIRST_BATCH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`entries` are rows and common prefixes in order; `next` is the last of them when more follow, else None."""

    entries: tuple[Row | bytes, ...] = ()
    next: Row | bytes | None = None

    @property
    def rows(self) -> list[Row]:
        """The entries that are keys."""
        return [entry for entry in self.entries if not isinstance(entry, bytes)]

    @property
    def prefixes(self) -> list[bytes]:
        """The entries that are common prefixes."""
        return [entry for entry in self.entries if isinstance(entry, bytes)]


@dataclass(slots=True, kw_only=True)
class _Seek:
    """Where the next rows are read from, and how many at once."""

    first: bytes
    after_id: str = ""
    batch: int = field(default=_FIRST_BATCH)


def walk(
    fetch: Fetch,
    *,
    prefix: bytes,
    delimiter: bytes,
    marker: bytes,
    limit: int,
    marker_id: str = "",
    next_of: Callable[[Row], tuple[bytes, str]] = lambda row: (row["key"] + b"\0", ""),
) -> Page:
    """The page of at most `limit` entries above `marker`.

    An entry is above the marker if its own name is: a common prefix that the marker begins with is not shown again.
    With `marker_id`, rows of the marker's own key follow that have higher ids. `next_of` says where to go on behind
    a row.
    """
    if limit == 0:
        return Page()
    end = after_prefix(prefix)
    if not delimiter and not marker_id:
        first = max(prefix, marker + b"\0" if marker else b"")
        return _unrolled(fetch(first, "", end, limit + 1) if first < end else (), limit)
    seek = _begin(prefix=prefix, delimiter=delimiter, marker=marker, marker_id=marker_id)
    entries: list[Row | bytes] = []
    while seek.first < end:
        wanted = limit + 1 - len(entries)
        asked = min(wanted, seek.batch) if delimiter else wanted
        rows = fetch(seek.first, seek.after_id, end, asked)
        for row in rows:
            common = _common_prefix(row["key"], prefix, delimiter)
            if len(entries) == limit:
                return Page(entries=tuple(entries), next=entries[-1])
            if common is not None:
                entries.append(common)
                seek = _Seek(first=after_prefix(common), batch=max(2, seek.batch // 2))
                break
            entries.append(row)
            seek.first, seek.after_id = next_of(row)
        else:
            if len(rows) < asked:
                break
            seek.batch *= 2
    return Page(entries=tuple(entries))


def _unrolled(rows: Sequence[Row], limit: int) -> Page:
    """A page without a delimiter: every row is an entry."""
    if len(rows) > limit:
        return Page(entries=tuple(rows[:limit]), next=rows[limit - 1])
    return Page(entries=tuple(rows))


def _begin(*, prefix: bytes, delimiter: bytes, marker: bytes, marker_id: str) -> _Seek:
    if marker < prefix:
        return _Seek(first=prefix)
    common = _common_prefix(marker, prefix, delimiter)
    if common is not None:
        return _Seek(first=after_prefix(common))
    return _Seek(first=marker, after_id=marker_id) if marker_id else _Seek(first=marker + b"\0" if marker else b"")


def _common_prefix(key: bytes, prefix: bytes, delimiter: bytes) -> bytes | None:
    """What `key` is rolled up into, if anything: up to and with the first delimiter behind the prefix."""
    if not delimiter or not key.startswith(prefix):
        return None
    place = key.find(delimiter, len(prefix))
    return None if place < 0 else key[: place + len(delimiter)]
