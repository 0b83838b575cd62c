"""Puts a city's files where the application reads them: daily CSVs, photos, contacts; and makes the buckets.

A file that is named by its day (`2021-04-01.csv`) is a daily file already and is stored as it is. Any other CSV, like
San Diego's file of a whole year, is split by the day of `date_requested`, its lines unchanged; a line whose day can not
be read goes with the line before it, to be quarantined where it is read. What is stored already is not sent again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from getitdone.additions import add
from getitdone.config import Settings
from getitdone.errors import DataError, NotOffered, SettingsError
from getitdone.objects import Objects
from getitdone.progress import Progress, Silent
from getitdone.records import Record, decoded, records
from getitdone.reports.files import CSV
from getitdone.reports.site import open_site
from getitdone.samples.photos import LABEL, is_drawn

IMAGE_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
_DAILY = re.compile(r"(\d{4})-(\d\d)-\d\d\.csv", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})-(\d\d)-\d\d(?=[T ]|$)")


@dataclass(slots=True)
class Loaded:
    """What a load did. `sent` (of which `replaced` were there with another content) and
    `unchanged` count objects; `lines` the lines of requests in the files given, whether
    they can be read or not; `photos_added` and `spanish_added` what was made up for
    requests that had no photo or no description; no request is added."""

    buckets_made: list[str] = field(default_factory=list[str])
    sent: int = 0
    replaced: int = 0
    unchanged: int = 0
    days: int = 0
    lines: int = 0
    photos: int = 0
    photos_added: int = 0
    spanish_added: int = 0
    contacts: bool = False
    notes: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Put:
    bucket: str
    key: str
    body: bytes
    content_type: str
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


def make_buckets(settings: Settings, objects: Objects) -> list[str]:
    """Make what is missing of the buckets: private ones with every public access blocked, and the site's open one. The
    names of those that were made.

    Raises:
        NameTaken: somebody else has a bucket of that name: choose another in the settings.
    """
    names = settings.buckets
    private = dict.fromkeys((names.requests, names.images, names.contacts, names.state, names.dispatches))
    made = [name for name in (*private, names.reports) if objects.create(name)]
    for name in private:
        with suppress(NotOffered):  # a cloud without public access blocks: `check` looks whether they are public
            objects.block_public_access(name, policies=True, acls=True)
    open_site(objects, names.reports, settings.reports.publish)
    return made


def load(
    settings: Settings,
    objects: Objects,
    path: Path,
    *,
    contacts: Path | None = None,
    photos: int = 0,
    spanish: int = 0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Loaded:
    """Load a folder (its `*.csv` files, `contacts.csv` and `photos/`), or one CSV file. With `photos` and `spanish`, so
    many requests get a drawn photo or a made-up description, which say that they were added (`additions.py`).

    Raises:
        SettingsError: there is nothing at the path.
        DataError: a CSV file has no header, or no `date_requested`.
    """
    if not path.exists():
        raise SettingsError(f"there is nothing at {path}")
    folder = path if path.is_dir() else None
    found = contacts or (folder / "contacts.csv" if folder and (folder / "contacts.csv").is_file() else None)
    files = sorted(item for item in path.rglob("*.csv") if item.name.lower() != "contacts.csv") if folder else [path]
    result = Loaded(buckets_made=make_buckets(settings, objects))
    days: dict[str, bytes] = {}
    for file in files:
        _add_days(days, file, result)
    added = add(days, services=settings.triage.text_services, photos=photos, spanish=spanish, seed=seed)
    result.days, result.photos_added, result.spanish_added = len(days), len(added.photos), added.spanish
    result.notes += added.notes
    puts = [_Put(bucket=settings.buckets.requests, key=key, body=body, content_type=CSV) for key, body in days.items()]
    puts += [_photo(settings, key, body, {**LABEL, "added": "on load"}) for key, body in added.photos.items()]
    if folder:
        own = list(_photos_below(settings, folder / "photos"))
        result.photos = len(own)
        puts += own
    if found:
        result.contacts = True
        puts.append(
            _Put(
                bucket=settings.buckets.contacts,
                key=settings.alerts.contacts_key,
                body=_content(found),
                content_type=CSV,
            )
        )
    _send(settings, objects, puts, result, (progress or Silent()).step("objects", len(puts)))
    return result


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} can not be read: {error.strerror}") from error


def _add_days(days: dict[str, bytes], file: Path, result: Loaded) -> None:
    content = _content(file)
    named = _DAILY.fullmatch(file.name)
    if named:
        key = f"{named[1]}/{named[2]}/{file.name.lower()}"
        result.lines += max(0, sum(1 for _ in records(decoded(content))) - 1)
        if key in days:
            raise DataError(f"two files are for the day {file.stem}; {file} is the second")
        days[key] = content
        return
    split = split_by_day(content, file.name)
    for key, (body, lines) in split.items():
        result.lines += lines
        if key in days:
            raise DataError(f"two files have requests of {key.rsplit('/', 1)[-1][:-4]}; {file} is the second")
        days[key] = body


def split_by_day(content: bytes, name: str = "the file") -> dict[str, tuple[bytes, int]]:
    """The daily files of one CSV, by key (`2021/04/2021-04-01.csv`), each with its number of lines.

    Raises:
        DataError: it has no header with `date_requested`, or no line with a day.
    """
    lines = records(decoded(content))
    header = next(lines, None)
    columns = [column.strip().lower() for column in header.fields] if header else []
    if header is None or "date_requested" not in columns:
        raise DataError(f"{name} has no column date_requested")
    at = columns.index("date_requested")
    parts: dict[str, list[str]] = {}
    homeless: list[str] = []
    key = ""
    for record in lines:
        key = _key(record, at) or key
        (parts.setdefault(key, []) if key else homeless).append(_ended(record.text))
    if not parts:
        raise DataError(f"{name} has no line with a date_requested that can be read")
    first = next(iter(parts))
    parts[first] = homeless + parts[first]
    top = _ended(header.text)
    return {
        key: ((top + "".join(part)).encode("utf-8", "surrogateescape"), len(part))
        for key, part in sorted(parts.items())
    }


def _key(record: Record, at: int) -> str:
    found = _DAY.match(record.fields[at].strip()) if record.fields else None
    return f"{found[1]}/{found[2]}/{found[0]}.csv" if found else ""


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _photos_below(settings: Settings, folder: Path) -> Iterator[_Put]:
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if file.suffix.lower() in IMAGE_TYPES:
            body = _content(file)
            key = file.relative_to(folder).as_posix()
            yield _photo(settings, key, body, LABEL if is_drawn(body) else {})


def _photo(settings: Settings, key: str, body: bytes, metadata: Mapping[str, str]) -> _Put:
    kind = IMAGE_TYPES[Path(key).suffix.lower()]
    return _Put(bucket=settings.buckets.images, key=key, body=body, content_type=kind, metadata=metadata)


def _send(
    settings: Settings, objects: Objects, puts: Sequence[_Put], result: Loaded, each: Callable[[], object]
) -> None:
    known = {
        (bucket, item.key): item.etag
        for bucket in dict.fromkeys(put.bucket for put in puts)
        for item in objects.listing(bucket)
    }

    def send(put: _Put) -> Literal["new", "replaced", "unchanged"]:
        # S3's ETag of a plain object is its MD5; where it is not (KMS), everything is sent again, which is safe too.
        digest = hashlib.md5(put.body, usedforsecurity=False).hexdigest()
        there = known.get((put.bucket, put.key))
        if there != digest:
            objects.put(put.bucket, put.key, put.body, content_type=put.content_type, metadata=put.metadata)
        each()
        return "unchanged" if there == digest else "replaced" if there else "new"

    with ThreadPoolExecutor(max_workers=settings.aws.threads) as pool:
        outcomes: Iterable[str] = pool.map(send, puts)
        for outcome in outcomes:
            result.unchanged += outcome == "unchanged"
            result.replaced += outcome == "replaced"
            result.sent += outcome != "unchanged"
