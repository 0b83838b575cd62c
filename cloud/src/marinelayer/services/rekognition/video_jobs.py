"""Jobs that look at videos, whatever they look for: begun by a request, carried out later, told when they end.

The video is read as whoever asked, by what they may when it is read. A job that a kill ended looks at the video again
from its start, and finds the same again. What was found is kept for a week.

Source: https://docs.aws.amazon.com/rekognition/latest/dg/api-video.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from marinelayer import outbox
from marinelayer.model.errors import AccessDenied, Refusal
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import (
    BadVideoError,
    Caller,
    Calls,
    Clock,
    EngineUnavailableError,
    Errand,
    Frame,
    Ids,
    Mandates,
    Row,
    ServiceRoles,
    Tables,
    Transaction,
    VideoFacts,
    VideoReader,
)
from marinelayer.security.requirement import Requirement
from marinelayer.services.passing import to_pass
from marinelayer.services.rekognition.errors import (
    IdempotentParameterMismatchException,
    InvalidParameterException,
    InvalidS3ObjectException,
    ResourceNotFoundException,
    VideoTooLargeException,
)
from marinelayer.services.rekognition.stored_objects import StoredObjects
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

SQL = Statements("marinelayer.services.rekognition", "videos.sql")

LOOK = "rekognition.video.look"
TELL = "rekognition.video.tell"
FORGET = "rekognition.video.forget"
SERVICE = "rekognition.amazonaws.com"
MOST_BYTES = 2 << 30
"""Of a video: AWS takes 10 GB."""
LONGEST = 6 * 3600 * 1000
"""Milliseconds of a video."""
EVERY = 500
"""Milliseconds between two pictures that are looked at."""
KEPT = 7 * 24 * 3600 * 1_000_000
"""Microseconds for which results can be had."""
AT_ONCE = 500
ATTEMPTS = 3
"""Attempts after which a video that breaks, or breaks its reader, is given up."""
VERSIONS = {
    "labels": "LabelModelVersion",
    "texts": "TextModelVersion",
    "moderation": "ModerationModelVersion",
}
"""How answers call what has looked, by the kind of job."""
FORMATS = {"mp4": "MP4", "mov": "QuickTime / MOV", "avi": "AVI"}

Kind = Literal["labels", "texts", "moderation"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Something that was seen: `time` in milliseconds, its name, how sure that is in percent, and how answers have it.
    `list` is the way of listing that it belongs to."""

    list: Literal["timestamps", "segments"]
    time: int
    name: str
    sure: float
    document: Mapping[str, Any]


class Looking(Protocol):
    """One look at a video, picture by picture."""

    @property
    def model(self) -> str:
        """What has looked at the pictures, "" before it has."""
        ...

    async def look(self, frame: Frame) -> Sequence[Find]:
        """What is seen in a picture."""
        ...

    def ended(self) -> Sequence[Find]:
        """What only the whole video tells."""
        ...


def to_start(operation: str) -> Callable[[Mapping[str, Any], Caller], Sequence[Requirement]]:
    """Needs of an operation that begins a job: the action of its name, and iam:PassRole on the role that is to tell of
    its end."""

    def needs(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
        own = Requirement(action=f"rekognition:{operation}", resource="*")
        channel: Mapping[str, Any] | None = request.get("NotificationChannel")
        return [own] if channel is None else [own, to_pass(channel["RoleArn"], SERVICE)]

    return needs


class VideoJobs:
    """The jobs of an account and region. `poke` is called when there is something to do later; `looking` begins to look
    for what a kind of job is about, as its request says."""

    def __init__(
        self,
        *,
        tables: Tables,
        clock: Clock,
        ids: Ids,
        calls: Calls,
        mandates: Mandates,
        roles: ServiceRoles,
        videos: VideoReader,
        looking: Mapping[Kind, Callable[[Mapping[str, Any]], Looking]],
        poke: Callable[[], None],
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._calls = calls
        self._objects = StoredObjects(calls)
        self._mandates = mandates
        self._roles = roles
        self._videos = videos
        self._looking = looking
        self._poke = poke

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of outbox job."""
        return {LOOK: self.look, TELL: self.tell, FORGET: self.forget}

    # --- a request --------------------------------------------------------------------------------------------

    async def start(self, caller: Caller, kind: Kind, api: str, request: Mapping[str, Any]) -> str:
        """Begin a job; its id. One with a token that was given before is that job, whatever became of its video.

        Raises:
            InvalidS3ObjectException: the video is not there, or the caller may not read it.
            VideoTooLargeException
            InvalidParameterException: the role is none that Rekognition may assume.
            IdempotentParameterMismatchException: the token was given with another request.
        """
        job_id, now = self._ids.token(64), self._clock.now()
        row = {
            "job_id": job_id,
            "account": caller.account,
            "region": caller.region,
            "kind": kind,
            "token": request.get("ClientRequestToken", job_id),
            "request": json.dumps({**request, "api": api}, sort_keys=True),
            "created": now,
        }
        begun = await self._tables.read(_begun, row)
        if begun is not None:
            return begun
        size = await self._objects.demand(caller, request["Video"].get("S3Object", {}))
        if size > MOST_BYTES:
            raise VideoTooLargeException
        if "NotificationChannel" in request:
            await self._demand_role(caller, request["NotificationChannel"]["RoleArn"], job_id)
        found = await self._tables.write(_start, row, self._mandates.given(caller))
        self._poke()
        return found

    async def answer(self, caller: Caller, kind: Kind, job_id: str) -> dict[str, Any]:
        """What every answer about a job says.

        Raises:
            ResourceNotFoundException: there is no such job of this kind.
        """
        row = await self._tables.read(lambda tx: tx.one(SQL.job, job_id=job_id))
        if row is None or (row["account"], row["region"], row["kind"]) != (caller.account, caller.region, kind):
            raise ResourceNotFoundException("Could not find JobId")
        request = json.loads(row["request"])
        answer: dict[str, Any] = {"JobStatus": row["status"], "JobId": job_id, "Video": request["Video"]}
        if row["message"]:
            answer["StatusMessage"] = row["message"]
        if "JobTag" in request:
            answer["JobTag"] = request["JobTag"]
        if row["facts"]:
            facts = json.loads(row["facts"])
            answer["VideoMetadata"] = _metadata(facts)
            answer[VERSIONS[kind]] = facts["model"]
        return answer

    async def finds(self, job_id: str, way: str, after: int, size: int) -> Sequence[Row]:
        """What was found, by its time, behind a number."""
        return await self._tables.read(lambda tx: tx.all(SQL.finds, job_id=job_id, list=way, after=after, size=size))

    async def finds_by_name(self, job_id: str, way: str, last: tuple[str, float, int], size: int) -> Sequence[Row]:
        """What was found, by its name and the surest first, behind the last one of a page."""
        name, sure, after = last
        return await self._tables.read(
            lambda tx: tx.all(SQL.finds_by_name, job_id=job_id, list=way, name=name, sure=sure, after=after, size=size)
        )

    async def _demand_role(self, caller: Caller, role: str, job_id: str) -> None:
        try:
            await self._roles.assume(role, _errand(caller.account, caller.region, job_id))
        except AccessDenied:
            raise InvalidParameterException("Amazon Rekognition can not assume the role of the channel.") from None

    # --- the work ---------------------------------------------------------------------------------------------

    async def look(self, job: Job) -> None:
        """Look at a video from its start to its end."""
        told: Mapping[str, Any] = json.loads(job.payload)
        job_id: str = told["job"]
        row = await self._tables.read(lambda tx: tx.one(SQL.job, job_id=job_id))
        if row is None or row["status"] != "IN_PROGRESS":
            return
        request: Mapping[str, Any] = json.loads(row["request"])
        facts, status, message = "", "FAILED", ""
        try:
            caller = await self._mandates.caller(told["mandate"], job.id)
            facts = await self._watch(caller, row["kind"], job_id, request)
            status = "SUCCEEDED"
        except BadVideoError as error:
            message = f"Unsupported codec/format: {error}"
        except VideoTooLargeException as error:
            message = error.message
        except EngineUnavailableError as error:
            message = f"No engine is installed for this: {error}"
        except (AccessDenied, InvalidS3ObjectException):
            message = InvalidS3ObjectException.default_message
        except Exception:
            if job.attempts < ATTEMPTS:
                raise
            _logger.exception("the job %s is given up", job_id)
            message = "Amazon Rekognition experienced a service issue."
        await self._tables.write(_settle, row, status, message, facts, self._clock.now())
        self._poke()

    async def _watch(self, caller: Caller, kind: Kind, job_id: str, request: Mapping[str, Any]) -> str:
        """Look at every picture, and write down what is seen; the video's facts."""
        looking = self._looking[kind](request)
        facts: dict[str, Any] = {}
        number = 0
        pieces = self._objects.pieces(caller, request["Video"]["S3Object"])
        async with aclosing(self._videos.frames(pieces, every=EVERY)) as frames:
            async for told in frames:
                if isinstance(told, VideoFacts):
                    if told.duration > LONGEST:
                        raise VideoTooLargeException
                    facts = asdict(told)
                else:
                    number = await self._keep(job_id, number, await looking.look(told))
        await self._keep(job_id, number, looking.ended())
        return json.dumps({**facts, "model": looking.model})

    async def _keep(self, job_id: str, number: int, finds: Sequence[Find]) -> int:
        for start in range(0, len(finds), AT_ONCE):
            await self._tables.write(_put_finds, job_id, number + start, finds[start : start + AT_ONCE])
        return number + len(finds)

    async def tell(self, job: Job) -> None:
        """Publish that a job has ended, as the role that was passed. What the topic or the role does not let is left
        out."""
        told: Mapping[str, Any] = json.loads(job.payload)
        channel = told["channel"]
        try:
            caller = await self._roles.assume(channel["RoleArn"], _errand(told["account"], told["region"], job.id))
            message = {"TopicArn": channel["SNSTopicArn"], "Message": json.dumps(told["message"])}
            await self._calls.call(caller, "sns", "Publish", message)
        except Refusal as refusal:
            _logger.warning("the end of a job could not be told to %s: %s", channel["SNSTopicArn"], refusal)

    async def forget(self, job: Job) -> None:
        """Remove a job and what it found."""
        job_id = job.payload.decode()
        while await self._tables.write(lambda tx: tx.run(SQL.delete_finds, job_id=job_id)):
            pass
        await self._tables.write(lambda tx: tx.run(SQL.delete_job, job_id=job_id))


def has_video_jobs(tx: Transaction, account: str) -> bool:
    """Whether a job of the account is under way, in whatever region."""
    return tx.one(SQL.any_unfinished, account=account) is not None


def forget_video_jobs(tx: Transaction, account: str) -> None:
    """Remove what is left of an account's jobs, before their results go by themselves."""
    tx.run(SQL.forget_finds, account=account)
    tx.run(SQL.forget_jobs, account=account)


def _begun(tx: Transaction, row: Mapping[str, Any]) -> str | None:
    """The job that was begun with this token, None where there is none.

    Raises:
        IdempotentParameterMismatchException: it was begun by another request.
    """
    keys = ("account", "region", "kind", "token")
    known = tx.one(SQL.job_of_token, **{key: row[key] for key in keys})
    if known is None:
        return None
    if known["request"] != row["request"]:
        raise IdempotentParameterMismatchException
    return known["job_id"]


def _start(tx: Transaction, row: Mapping[str, Any], mandate: str) -> str:
    if not tx.run(SQL.put_job, **row):
        begun = _begun(tx, row)
        if begun is None:
            raise IdempotentParameterMismatchException
        return begun
    job_id: str = row["job_id"]
    payload = json.dumps({"job": job_id, "mandate": mandate}).encode()
    _enqueue(tx, LOOK, job_id, payload, row["created"])
    _enqueue(tx, FORGET, job_id, job_id.encode(), row["created"] + KEPT)
    return job_id


def _settle(tx: Transaction, row: Row, status: str, message: str, facts: str, now: int) -> None:
    job_id: str = row["job_id"]
    if not tx.run(SQL.settle, job_id=job_id, status=status, message=message, facts=facts):
        return
    request: Mapping[str, Any] = json.loads(row["request"])
    if "NotificationChannel" not in request:
        return
    stored: Mapping[str, Any] = request["Video"]["S3Object"]
    told = {
        "JobId": job_id,
        "Status": status,
        "API": request["api"],
        **({"JobTag": request["JobTag"]} if "JobTag" in request else {}),
        "Timestamp": now // 1000,
        "Video": {"S3ObjectName": stored["Name"], "S3Bucket": stored["Bucket"]},
    }
    notice = {
        "channel": request["NotificationChannel"],
        "account": row["account"],
        "region": row["region"],
        "message": told,
    }
    _enqueue(tx, TELL, job_id, json.dumps(notice).encode(), now)


def _enqueue(tx: Transaction, kind: str, job_id: str, payload: bytes, due: int) -> None:
    name = f"{kind}/{job_id}"
    outbox.enqueue(tx, job_id=name, kind=kind, group=name, payload=payload, due=due)


def _put_finds(tx: Transaction, job_id: str, number: int, finds: Sequence[Find]) -> None:
    for offset, find in enumerate(finds):
        tx.run(
            SQL.put_find,
            job_id=job_id,
            list=find.list,
            number=number + offset,
            time=find.time,
            name=find.name,
            sure=find.sure,
            document=json.dumps(find.document, ensure_ascii=False),
        )


def _errand(account: str, region: str, name: str) -> Errand:
    return Errand(service=SERVICE, account=account, region=region, id=name)


def _metadata(facts: Mapping[str, Any]) -> wire.VideoMetadata:
    return {
        "Codec": facts["codec"],
        "DurationMillis": facts["duration"],
        "Format": FORMATS[facts["container"]],
        "FrameRate": facts["frame_rate"],
        "FrameHeight": facts["height"],
        "FrameWidth": facts["width"],
    }
