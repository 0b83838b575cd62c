"""What is known of a month's texts and photos, and the threads that ask for the rest.

Each distinct text and photo is asked about once; what was learnt is kept after every few hundred, so that a run that
stops half-way has not paid in vain. Knows no rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from getitdone.config import Settings
from getitdone.errors import CloudError
from getitdone.months import Month
from getitdone.objects import Objects
from getitdone.progress import Progress
from getitdone.state import StateObject
from getitdone.triage.reading import Looked, PhotoReader, Read, TextReader, missing_photo
from getitdone.triage.results import PhotoResult, Results, TextResult, text_key

CHECKPOINT = 400

Key = TypeVar("Key")
Found = TypeVar("Found")


class Memory:
    """The kept results of a month; `asked` counts the texts and photos of which the cloud was asked something now."""

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
            except CloudError as error:  # one photo that we can not have costs itself only
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
