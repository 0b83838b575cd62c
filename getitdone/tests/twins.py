"""The application's ports in memory, for tests: buckets with S3's conditional writes, topics that write down what they
are told, readers that answer from tables.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from getitdone.errors import ConditionFailed, NotFound
from getitdone.objects import Listed, Objects, Stored
from getitdone.topics import Subscription, Topics
from getitdone.triage.services import Seen, SeenLabel, Words


class MemoryObjects(Objects):
    """Buckets in memory, with the same conditions on writing as S3's."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], bytes] = {}
        self.types: dict[tuple[str, str], str] = {}
        self.metadata: dict[tuple[str, str], Mapping[str, str]] = {}
        self.public_acls: set[tuple[str, str]] = set()
        self.buckets: set[str] = set()
        self.blocks: dict[str, tuple[bool, bool]] = {}
        self.policies: dict[str, str] = {}
        self.puts: list[str] = []
        self.before_put: Callable[[str], None] = lambda key: None
        self._lock = threading.Lock()

    @property
    def partition(self) -> str:
        return "aws"

    def get(self, bucket: str, key: str) -> Stored:
        if (bucket, key) not in self.stored:
            raise NotFound("The specified key does not exist.", code="NoSuchKey", operation="GetObject")
        body = self.stored[bucket, key]
        return Stored(body=body, etag=hashlib.md5(body).hexdigest())

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        *,
        content_type: str,
        metadata: Any = None,
        public_by_acl: bool = False,
        cache_control: str = "",
    ) -> str:
        self.before_put(key)
        self.stored[bucket, key], self.types[bucket, key] = body, content_type
        self.metadata[bucket, key] = metadata or {}
        if public_by_acl:
            self.public_acls.add((bucket, key))
        self.puts.append(key)
        return hashlib.md5(body).hexdigest()

    def put_if(self, bucket: str, key: str, body: bytes, *, content_type: str, etag: str | None) -> str:
        self.before_put(key)
        with self._lock:
            there = self.stored.get((bucket, key))
            if (None if there is None else hashlib.md5(there).hexdigest()) != etag:
                raise ConditionFailed(
                    "At least one of the pre-conditions you specified did not hold",
                    code="PreconditionFailed",
                    operation="PutObject",
                )
            self.stored[bucket, key] = body
            self.puts.append(key)
        return hashlib.md5(body).hexdigest()

    def head(self, bucket: str, key: str) -> Listed:
        stored = self.get(bucket, key)
        return Listed(key=key, size=len(stored.body), modified=dt.datetime(2021, 5, 1, tzinfo=dt.UTC), etag=stored.etag)

    def listing(self, bucket: str, prefix: str = "") -> Iterator[Listed]:
        for there, key in sorted(self.stored):
            if there == bucket and key.startswith(prefix):
                yield self.head(bucket, key)

    def private_link(self, bucket: str, key: str, seconds: int) -> str:
        return f"http://cloud.test/{bucket}/{key}?signed={seconds}"

    def public_link(self, bucket: str, key: str) -> str:
        return f"http://cloud.test/{bucket}/{key}"

    def exists(self, bucket: str) -> bool:
        return bucket in self.buckets

    def create(self, bucket: str) -> bool:
        made = bucket not in self.buckets
        self.buckets.add(bucket)
        return made

    def block_public_access(self, bucket: str, *, policies: bool, acls: bool) -> None:
        self.blocks[bucket] = (policies, acls)

    def accept_acls(self, bucket: str) -> None:
        pass

    def policy(self, bucket: str) -> str | None:
        return self.policies.get(bucket)

    def set_policy(self, bucket: str, policy: str) -> None:
        self.policies[bucket] = policy

    def delete_policy(self, bucket: str) -> None:
        self.policies.pop(bucket, None)

    def policy_is_public(self, bucket: str) -> bool:
        return '"Principal":"*"' in self.policies.get(bucket, "")

    def stranger_may_read(self, bucket: str, key: str) -> bool:
        return self.policy_is_public(bucket) or (bucket, key) in self.public_acls

    def stranger_may_list(self, bucket: str) -> bool:
        return False

    def grants_to_groups(self, bucket: str, key: str | None = None) -> list[str]:
        return ["AllUsers"] if key is not None and (bucket, key) in self.public_acls else []

    def text(self, bucket: str, key: str) -> str:
        return self.stored[bucket, key].decode()


@dataclass
class Told:
    topic: str
    subject: str
    text: str


class MemoryTopics(Topics):
    """Topics that remember; `fails` raises in place of the next publishes."""

    def __init__(self) -> None:
        self.members: dict[str, list[Subscription]] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.told: list[Told] = []
        self.fails: list[BaseException | None] = []

    def ensure(self, name: str) -> str:
        arn = f"arn:aws:sns:us-east-1:123456789012:{name}"
        self.members.setdefault(arn, [])
        return arn

    def subscriptions(self, arn: str) -> list[Subscription]:
        return list(self.members[arn])

    def subscribe(self, arn: str, channel: str, endpoint: str) -> bool:
        self.asked.append((arn.rsplit(":", 1)[1], channel, endpoint))
        self.members[arn].append(Subscription(channel=channel, endpoint=endpoint, pending=channel == "email"))
        return channel != "email"

    def publish(self, arn: str, *, subject: str, text: str) -> str:
        failure = self.fails.pop(0) if self.fails else None
        if failure is not None:
            raise failure
        self.told.append(Told(topic=arn.rsplit(":", 1)[1], subject=subject, text=text))
        return f"id-{len(self.told)}"


@dataclass
class TableReaders:
    """Readers that answer from tables and count their calls; a table's value may be an error."""

    languages: dict[str, Any] = field(default_factory=dict[str, Any])
    translations: dict[str, Any] = field(default_factory=dict[str, Any])
    sentiments: dict[str, Any] = field(default_factory=dict[str, Any])
    photos: dict[str, Any] = field(default_factory=dict[str, Any])
    signs: dict[str, Any] = field(default_factory=dict[str, Any])
    calls: list[str] = field(default_factory=list[str])

    def _answer(self, call: str, table: Mapping[str, Any], key: str, default: Any) -> Any:
        self.calls.append(f"{call} {key[:40]}")
        found = table.get(key, table.get("*", default))
        if isinstance(found, BaseException):
            raise found
        return found

    def language(self, text: str) -> tuple[str, float]:
        return self._answer("language", self.languages, text, ("en", 0.99))

    def translate(self, text: str, source: str) -> tuple[str, str]:
        return self._answer("translate", self.translations, text, (f"[{source}] {text}", source))

    def sentiment(self, text: str, language: str) -> tuple[str, float]:
        return self._answer(f"sentiment-{language}", self.sentiments, text, ("NEUTRAL", 0.8))

    def labels(self, key: str) -> Seen:
        return self._answer("labels", self.photos, key, Seen(labels=(), model="m-1"))

    def words(self, key: str) -> Words:
        return self._answer("words", self.signs, key, Words(lines=(), model="t-1"))


def seen(*names: str) -> Seen:
    return Seen(labels=tuple(SeenLabel(name=name, confidence=90.0) for name in names), model="m-1")
