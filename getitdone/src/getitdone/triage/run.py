"""The third case study: a month's descriptions are read, its photos looked at, and scooters dispatched.

Each distinct text and photo is asked about once; what was learnt is kept after every few hundred, so that a run that
stops half-way has not paid in vain. Dispatches go through a ledger (`deliveries.py`): none twice, none lost silently.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from getitdone.config import Settings
from getitdone.contacts import Subscribed, Wanted, load_contacts, subscribe, subscriptions_state
from getitdone.deliveries import Delivered, Deliveries, Delivery, Ledger
from getitdone.errors import AccessRefused, DataError, NotFound, RetryableError
from getitdone.messages import dispatch_message, marked_repeated
from getitdone.months import Month
from getitdone.objects import Objects
from getitdone.progress import Progress, Silent
from getitdone.requests import MonthOfRequests
from getitdone.state import StateObject
from getitdone.topics import Topics
from getitdone.triage.reading import Gap, Looked, PhotoReader, Read, TextReader, missing_photo
from getitdone.triage.results import PhotoResult, Results, TextResult, text_key
from getitdone.triage.rules import Rules, Verdict
from getitdone.triage.services import Readers

CHECKPOINT = 400
NOT_SCORED = "(not scored)"
MAX_IN_MESSAGE = 500
"""Characters of a description in a message: the dispatch list has all of it."""

Key = TypeVar("Key")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A request that is dispatched, why, and how far its message is ("sent", "held", ...)."""

    request: Mapping[str, Any]
    verdict: Verdict
    read: Read
    lines: Sequence[str]
    state: str = ""
    sent_at: dt.datetime | None = None


@dataclass(slots=True)
class Triaged:
    """What triage did. Requests are counted, not distinct texts, but for `asked`: texts and photos of which the cloud
    was asked something in this run."""

    requests: int = 0
    without_description: int = 0
    scored: int = 0
    translated: int = 0
    assumed: int = 0
    truncated: int = 0
    photos: int = 0
    photos_looked_at: int = 0
    photos_with_label: int = 0
    asked: Counter[str] = field(default_factory=Counter[str])
    sentiments: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    rules: Counter[str] = field(default_factory=Counter[str])
    gaps: Counter[Gap] = field(default_factory=Counter[Gap])
    engines: Counter[str] = field(default_factory=Counter[str])
    dispatches: list[Dispatch] = field(default_factory=list[Dispatch])
    delivered: Delivered = field(default_factory=Delivered)
    subscribed: Subscribed = field(default_factory=Subscribed)
    problems: list[str] = field(default_factory=list[str])


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
    rows = [
        row
        for row in requests.frame.iter_rows(named=True)
        if not wanted or str(row["service_name"]).casefold() in wanted
    ]
    result = Triaged(requests=len(rows))
    memory = _Memory(objects, settings, requests.month)
    reads = memory.read_texts(
        TextReader(readers, settings.triage), [row["public_description"] for row in rows], progress
    )
    looks = memory.look_at_photos(PhotoReader(readers, settings.triage), [row["image"] for row in rows], progress)
    result.asked = memory.asked
    _judge(settings, rows, reads, looks, result)
    _dispatch(settings, objects, topics, requests.month, result, progress)
    return result


class _Memory:
    """The kept results of a month, and the threads that add to them."""

    def __init__(self, objects: Objects, settings: Settings, month: Month) -> None:
        self._objects = objects
        self._settings = settings
        self._state = StateObject(objects, settings.buckets.state, f"state/triage/{month}.json", Results)
        self._known = self._state.read()
        self.asked: Counter[str] = Counter()

    def read_texts(self, reader: TextReader, texts: Iterable[str], progress: Progress) -> dict[str, Read]:
        """Each distinct text as it was read."""
        triage = self._settings.triage
        keys = {text: text_key(text, triage.assume_language, triage.min_language_score) for text in texts if text}
        fresh: dict[str, TextResult] = {}

        def keep(text: str, read: Read) -> None:
            if read.result != self._known.texts.get(keys[text], TextResult()):
                fresh[keys[text]] = read.result
                self.asked["texts"] += 1

        return self._all(
            list(keys),
            lambda text: reader.read(text, self._known.texts.get(keys[text])),
            keep,
            lambda: self._save(texts=fresh),
            progress.step("descriptions", len(keys)),
        )

    def look_at_photos(self, reader: PhotoReader, photos: Iterable[str], progress: Progress) -> dict[str, Looked]:
        """Each distinct photo as it was looked at."""
        triage, bucket = self._settings.triage, self._settings.buckets.images
        names: dict[str, str] = {}
        fresh: dict[str, PhotoResult] = {}

        def look(photo: str) -> Looked:
            try:
                etag = self._objects.head(bucket, photo).etag
            except (NotFound, AccessRefused, RetryableError) as error:
                return missing_photo(error)
            names[photo] = f"{photo}@{etag}/{triage.min_confidence:g}/{triage.max_labels}"
            return reader.look(photo, self._known.photos.get(names[photo]))

        def keep(photo: str, looked: Looked) -> None:
            if photo in names and looked.result != self._known.photos.get(names[photo], PhotoResult()):
                fresh[names[photo]] = looked.result
                self.asked["photos"] += 1

        keys = list(dict.fromkeys(photo for photo in photos if photo))
        each = progress.step("photos", len(keys))
        return self._all(keys, look, keep, lambda: self._save(photos=fresh), each)

    def _all(
        self,
        keys: Sequence[Key],
        find: Callable[[Key], Found],
        keep: Callable[[Key, Found], None],
        save: Callable[[], None],
        each: Callable[[], object],
    ) -> dict[Key, Found]:
        """`find` for every key, a bounded number at once; `keep` after each, `save` after every few and at the end,
        whatever happens."""
        found: dict[Key, Found] = {}
        left = iter(keys)
        threads = self._settings.aws.threads
        with ThreadPoolExecutor(max_workers=threads) as pool:
            running: dict[Future[Found], Key] = {pool.submit(find, key): key for key in islice(left, threads)}
            try:
                while running:
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        key = running.pop(future)
                        found[key] = future.result()
                        keep(key, found[key])
                        each()
                        if len(found) % CHECKPOINT == 0:
                            save()
                        running |= {pool.submit(find, another): another for another in islice(left, 1)}
            finally:
                pool.shutdown(cancel_futures=True)
                save()
        return found

    def _save(self, texts: dict[str, TextResult] | None = None, photos: dict[str, PhotoResult] | None = None) -> None:
        if texts or photos:
            self._state.change(lambda kept: kept.merge(texts or {}, photos or {}))
            (texts if texts is not None else {}).clear()
            (photos if photos is not None else {}).clear()


def _judge(
    settings: Settings,
    rows: Sequence[Mapping[str, Any]],
    reads: Mapping[str, Read],
    looks: Mapping[str, Looked],
    result: Triaged,
) -> None:
    """Count what was read and seen of every request, and find the dispatches."""
    rules = Rules(settings.triage)
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
            result.dispatches.append(Dispatch(request=row, verdict=verdict, read=read, lines=lines))


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


def _dispatch(
    settings: Settings, objects: Objects, topics: Topics, month: Month, result: Triaged, progress: Progress
) -> None:
    """Subscribe the team, publish what was not published, and note each dispatch's state."""
    triage = settings.triage
    result.subscribed, problems = subscribe_team(settings, objects, topics)
    result.problems += problems
    arn = result.subscribed.arns[triage.topic]
    by_id = {str(dispatch.request["service_request_id"]): dispatch for dispatch in result.dispatches}

    def publish(name: str, repeated: bool) -> str:
        message = dispatch_message(triage, _fields(by_id[name]))
        if repeated:
            message = marked_repeated(message)
        return topics.publish(arn, subject=message.subject, text=message.text)

    state = StateObject(objects, settings.buckets.state, f"state/dispatches/{month}.json", Deliveries)
    ledger = Ledger(state, lease=dt.timedelta(minutes=settings.alerts.lease_minutes))
    each = progress.step("dispatches", len(by_id))
    result.delivered = ledger.deliver(list(by_id), publish, batch=triage.batch, each=each)
    entries = ledger.entries()
    result.dispatches = [_with_state(dispatch, entries.get(name)) for name, dispatch in by_id.items()]


def _with_state(dispatch: Dispatch, entry: Delivery | None) -> Dispatch:
    return Dispatch(
        request=dispatch.request,
        verdict=dispatch.verdict,
        read=dispatch.read,
        lines=dispatch.lines,
        state=entry.state if entry else "not sent",
        sent_at=entry.at if entry and entry.state == "sent" else None,
    )


def subscribe_team(
    settings: Settings, objects: Objects, topics: Topics, *, again: bool = False
) -> tuple[Subscribed, list[str]]:
    """Subscribe the contacts who fetch what is dispatched, and say which could not be."""
    triage = settings.triage
    wanted: list[Wanted] = []
    problems: list[str] = []
    try:
        contacts = load_contacts(settings, objects).contacts
    except DataError as error:
        # Requests are read and listed all the same; the topic may have subscribers from elsewhere.
        problems.append(f"{error}; nobody new is subscribed to {triage.topic}")
    else:
        wanted = [
            Wanted(topic=triage.topic, channel=triage.channel, endpoint=contact.endpoint(triage.channel))
            for contact in contacts
            if contact.department == triage.department and contact.endpoint(triage.channel)
        ]
    subscribed = subscribe(topics, subscriptions_state(settings, objects), wanted, also=[triage.topic], again=again)
    problems += [f"not subscribed: {refused}" for refused in subscribed.refused]
    return subscribed, problems


def _fields(dispatch: Dispatch) -> dict[str, str]:
    row = dispatch.request
    description = " ".join(dispatch.read.english.split())
    if len(description) > MAX_IN_MESSAGE:
        description = description[: MAX_IN_MESSAGE - 1] + "…"
    return {
        "long": _degrees(row["long"]),
        "lat": _degrees(row["lat"]),
        "description": description,
        "service": row["service_name"],
        "request": row["service_request_id"],
        "date": f"{row['date_requested']:%Y-%m-%d %H:%M}",
        "address": row["street_address"] or row["comm_plan_name"] or "no address",
        "rule": dispatch.verdict.rule,
        "found": dispatch.verdict.found,
    }


def _degrees(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.6f}"
