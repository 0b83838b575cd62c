"""What real files lack and a demonstration needs, added on load: drawn photos, and descriptions in Spanish.

No line is added and none is lost, and nothing that a citizen wrote is changed: a request without a photo gets one, or a
request without a description. Each such line says so in its column `generated`, which every later step shows. The same
seed adds the same.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from getitdone.records import Record, decoded, records
from getitdone.samples.photos import jpeg, kick_scooter_photo, motor_scooter_photo
from getitdone.samples.spanish import KINDS, SpanishTexts, kind_of

PHOTO_ADDED = "photo drawn and added on load"
SPANISH_ADDED = "Spanish description made up and added on load"
LABELLED = "what was added is labelled as added in the column `generated`; the counts by service stay as they are"
ID, SERVICE, TEXT, IMAGE, GENERATED = (
    "service_request_id",
    "service_name",
    "public_description",
    "image",
    "generated",
)


@dataclass(slots=True)
class Added:
    """What was added: photos by their keys, and how many descriptions; `notes` say where less was possible."""

    photos: dict[str, bytes] = field(default_factory=dict[str, bytes])
    spanish: int = 0
    notes: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class _Lacking:
    """The requests, by id, that have a description but no photo, and, by the kind of text that fits them, those that
    have no description."""

    photo: list[str] = field(default_factory=list[str])
    text: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


def add(days: dict[str, bytes], *, services: Sequence[str], photos: int, spanish: int, seed: int) -> Added:
    """Add photos to so many requests for `services`, and Spanish descriptions to so many of any service that we have
    texts for; the daily files in `days` get the columns that say so."""
    added = Added()
    if not (photos or spanish):
        return added
    lacking = _lacking(days.values(), {_plain(name) for name in services})
    changes: dict[str, dict[str, str]] = {}
    for identity, key in _photos(added, sorted(lacking.photo), photos, seed).items():
        changes[identity] = {IMAGE: key, GENERATED: PHOTO_ADDED}
    for identity, text in _descriptions(lacking.text, spanish, seed).items():
        changes[identity] = {TEXT: text, GENERATED: SPANISH_ADDED}
        added.spanish += 1
    for name, wanted, done in (("photos", photos, len(added.photos)), ("Spanish descriptions", spanish, added.spanish)):
        if done < wanted:
            added.notes.append(f"{wanted - done} fewer {name} were added than asked for: no more requests lack them")
    if changes:
        added.notes.append(LABELLED)
    for key, body in days.items():
        days[key] = _changed(body, changes)
    return added


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _rows(body: bytes) -> tuple[Record, list[str], Iterator[Record]]:
    lines = records(decoded(body))
    header = next(lines, None)
    if header is None:
        return Record(line=1, text="", problem="it is empty"), [], iter(())
    return header, [column.strip().lower() for column in header.fields], lines


def _lacking(bodies: Iterable[bytes], services: set[str]) -> _Lacking:
    found = _Lacking()
    seen: set[str] = set()
    for body in bodies:
        _, columns, lines = _rows(body)
        if ID not in columns or TEXT not in columns:
            continue
        for record in lines:
            row = {} if record.problem else dict(zip(columns, map(str.strip, record.fields), strict=False))
            identity = row.get(ID, "")
            # A photo's key is made of the id.
            if not re.fullmatch(r"[\w-]{1,64}", identity) or identity in seen or row.get(GENERATED):
                continue
            seen.add(identity)
            if row[TEXT]:
                if _plain(row.get(SERVICE, "")) in services and not row.get(IMAGE):
                    found.photo.append(identity)
            elif kind := kind_of(row.get(SERVICE, "")):
                found.text.setdefault(kind, []).append(identity)
    return found


def _photos(added: Added, wanted: Sequence[str], count: int, seed: int) -> dict[str, str]:
    """The photos' keys by request; `added` gets the pictures."""
    rng = random.Random(f"{seed}/photos")  # noqa: S311 - samples, not secrets
    drawn: dict[tuple[Callable[..., object], int], bytes] = {}
    keys: dict[str, str] = {}
    for identity in rng.sample(wanted, min(count, len(wanted))):
        kind = motor_scooter_photo if rng.random() < 0.6 else kick_scooter_photo
        variant = rng.randrange(8)
        if (kind, variant) not in drawn:
            drawn[kind, variant] = jpeg(kind(variant))
        keys[identity] = f"added/{identity}.jpg"
        added.photos[keys[identity]] = drawn[kind, variant]
    return keys


def _descriptions(lacking: Mapping[str, Sequence[str]], count: int, seed: int) -> dict[str, str]:
    """The texts by request: one of each kind in turn, so that the frequent services do not take them all."""
    rng = random.Random(f"{seed}/spanish")  # noqa: S311 - samples, not secrets
    texts = SpanishTexts(rng)
    left = {kind: rng.sample(sorted(lacking[kind]), len(lacking[kind])) for kind in KINDS if kind in lacking}
    chosen: dict[str, str] = {}
    while left and len(chosen) < count:
        for kind in list(left):
            if len(chosen) < count:
                chosen[left[kind].pop()] = texts.about(kind)
            if not left[kind]:
                del left[kind]
    return chosen


def _changed(body: bytes, changes: Mapping[str, Mapping[str, str]]) -> bytes:
    """The daily file with the columns `image` and `generated`; lines that are no records stay as they are."""
    header, columns, lines = _rows(body)
    if header.problem or ID not in columns:
        return body
    extra = [name for name in (IMAGE, GENERATED) if name not in columns]
    wide = [*columns, *extra]
    out = [_csv([*header.fields, *extra])]
    for record in lines:
        if record.problem:
            out.append(record.text if record.text.endswith("\n") else record.text + "\n")
            continue
        values = [*record.fields, *("" for _ in extra)]
        change = {wide.index(name): value for name, value in changes.get(values[wide.index(ID)].strip(), {}).items()}
        # A request may come again in another file, with what this line lacks: that stays as it is.
        if not any(values[at].strip() for at in change):
            for at, value in change.items():
                values[at] = value
        out.append(_csv(values))
    return "".join(out).encode("utf-8", "surrogateescape")


def _csv(values: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()
