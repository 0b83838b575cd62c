"""The third case study: a month's descriptions are read, its photos looked at, and scooters dispatched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from getitdone.config import Settings
from getitdone.objects import Objects
from getitdone.progress import Progress, Silent
from getitdone.requests import MonthOfRequests
from getitdone.topics import Topics
from getitdone.triage.dispatching import Dispatch, Dispatched, dispatch_all
from getitdone.triage.memory import Memory
from getitdone.triage.reading import Gap, Looked, PhotoReader, Read, TextReader
from getitdone.triage.rules import Rules
from getitdone.triage.services import Readers

NOT_SCORED = "(not scored)"


@dataclass(slots=True)
class Triaged:
    """What triage did. Requests are counted, not distinct texts, but for `asked`: texts and photos of which the cloud
    was asked something in this run. `made_up` are those whose column `generated` says that a part of them is."""

    requests: int = 0
    without_description: int = 0
    scored: int = 0
    translated: int = 0
    assumed: int = 0
    truncated: int = 0
    photos: int = 0
    photos_looked_at: int = 0
    photos_with_label: int = 0
    made_up: int = 0
    asked: Counter[str] = field(default_factory=Counter[str])
    sentiments: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    rules: Counter[str] = field(default_factory=Counter[str])
    gaps: Counter[Gap] = field(default_factory=Counter[Gap])
    engines: Counter[str] = field(default_factory=Counter[str])
    dispatched: Dispatched = field(default_factory=Dispatched)


def triage_month(
    settings: Settings,
    objects: Objects,
    topics: Topics,
    readers: Readers,
    requests: MonthOfRequests,
    *,
    progress: Progress | None = None,
) -> Triaged:
    """Read, look, decide and dispatch.

    Raises:
        AccessRefused: one of the services refuses us; what was learnt before is kept.
    """
    progress = progress or Silent()
    wanted = {name.casefold() for name in settings.triage.services}
    every = list(requests.frame.iter_rows(named=True))
    rows = [row for row in every if not wanted or str(row["service_name"]).casefold() in wanted]
    result = Triaged(requests=len(rows), made_up=sum(bool(row["generated"]) for row in rows))
    memory = Memory(objects, settings, requests.month)
    reads = memory.read_texts(
        TextReader(readers, settings.triage), [row["public_description"] for row in rows], progress
    )
    looks = memory.look_at_photos(PhotoReader(readers, settings.triage), [row["image"] for row in rows], progress)
    result.asked = memory.asked
    found = _judge(settings, rows, reads, looks, result)
    result.dispatched = dispatch_all(
        settings, objects, topics, requests.month, found, rows=every, reads=reads, progress=progress
    )
    return result


def _judge(
    settings: Settings,
    rows: Sequence[Mapping[str, Any]],
    reads: Mapping[str, Read],
    looks: Mapping[str, Looked],
    result: Triaged,
) -> list[Dispatch]:
    """Count what was read and seen of every request, and find the dispatches."""
    rules = Rules(settings.triage)
    found: list[Dispatch] = []
    for row in rows:
        read, looked = reads.get(row["public_description"]), looks.get(row["image"])
        if looked is not None:
            _count_photo(looked, rules, result)
        if read is None:
            result.without_description += 1
            continue
        _count_text(read, result)
        verdict = rules.judge(
            service=row["service_name"],
            description=read.english,
            sentiment=read.sentiment,
            labels=looked.result.labels if looked else None,
        )
        if verdict:
            result.rules[verdict.rule] += 1
            lines = (looked.result.lines if looked else None) or []
            found.append(Dispatch(request=row, verdict=verdict, read=read, lines=lines))
    return found


def _count_text(read: Read, result: Triaged) -> None:
    result.scored += read.sentiment is not None
    result.translated += read.translated
    result.assumed += read.assumed
    result.truncated += read.truncated
    result.sentiments[read.sentiment or NOT_SCORED, read.language] += 1
    result.gaps.update(read.gaps)


def _count_photo(looked: Looked, rules: Rules, result: Triaged) -> None:
    photo = looked.result
    result.photos += 1
    result.photos_looked_at += photo.labels is not None
    result.photos_with_label += rules.wanted(photo.labels or []) is not None
    if photo.labels is not None:
        result.engines[f"labels by {photo.label_model or 'an unnamed model'}"] += 1
    if photo.lines is not None:
        result.engines[f"words by {photo.text_model or 'an unnamed model'}"] += 1
    result.gaps.update(looked.gaps)
