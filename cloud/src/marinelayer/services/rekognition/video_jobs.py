"""Jobs that look at videos, whatever they look for: begun by a request, carried out later, told when they end.

The video is read as whoever asked, by what they may when it is read. A job that a kill ended looks at the video again
from its start, and finds the same again. What was found is kept for a week.

Source: https://docs.aws.amazon.com/rekognition/latest/dg/api-video.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import (
    BadVideoError,
    Caller,
    Calls,
    Clock,
    EngineUnavailableError,
    Ids,
    ImageTooSmallError,
    Mandates,
    Row,
    ServiceRoles,
    Tables,
    VideoFacts,
    VideoReader,
)
from marinelayer.services.rekognition.errors import (
    InvalidParameterException,
    InvalidS3ObjectException,
    ResourceNotFoundException,
    VideoTooLargeException,
)
from marinelayer.services.rekognition.stored_objects import StoredObjects
from marinelayer.services.rekognition.video_finds import EVERY, Find, Looking
from marinelayer.services.rekognition.video_job_rows import (
    FORGET,
    LOOK,
    SQL,
    TELL,
    begun_job,
    put_finds,
    put_job,
    settle,
)
from marinelayer.services.rekognition.video_kinds import KindName, VideoKind
from marinelayer.services.rekognition.video_notices import VideoNotices

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

MOST_BYTES = 2 << 30
"""Of a video: AWS takes 10 GB."""
LONGEST = 6 * 3600 * 1000
"""Milliseconds of a video."""
AT_ONCE = 500
ATTEMPTS = 3
"""Attempts after which a video that breaks, or breaks its reader, is given up."""
FORMATS = {"mp4": "MP4", "mov": "QuickTime / MOV", "avi": "AVI"}

Look = Callable[[Caller, Mapping[str, Any]], Looking]
"""Begins to look at a video for a caller, as a request says."""

_logger = logging.getLogger(__name__)


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
        looking: Mapping[KindName, Look],
        poke: Callable[[], None],
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._objects = StoredObjects(calls)
        self._mandates = mandates
        self._notices = VideoNotices(calls, roles)
        self._videos = videos
        self._looking = looking
        self._poke = poke

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of outbox job."""
        return {LOOK: self.look, TELL: self._notices.tell, FORGET: self.forget}

    # --- a request --------------------------------------------------------------------------------------------

    async def start(
        self,
        caller: Caller,
        kind: VideoKind,
        request: Mapping[str, Any],
        demand: Callable[[], Awaitable[object]] | None = None,
    ) -> str:
        """Begin a job; its id. One with a token that was given before is that job, whatever became of its video. A new
        one is refused with what `demand` raises.

        Raises:
            InvalidS3ObjectException: the video is not there, or the caller may not read it.
            VideoTooLargeException
            InvalidParameterException: no object is named, or the role is none that Rekognition may assume.
            IdempotentParameterMismatchException: the token was given with another request.
        """
        job_id, now = self._ids.token(64), self._clock.now()
        row = {
            "job_id": job_id,
            "account": caller.account,
            "region": caller.region,
            "kind": kind.name,
            "token": request.get("ClientRequestToken", job_id),
            "request": json.dumps({**request, "api": kind.start}, sort_keys=True),
            "created": now,
        }
        known = await self._tables.read(begun_job, row)
        if known is not None:
            return known
        if demand is not None:
            await demand()
        stored = request["Video"].get("S3Object", {})
        if not stored.get("Bucket") or not stored.get("Name"):
            raise InvalidParameterException
        size = await self._objects.demand(caller, stored)
        if size > MOST_BYTES:
            raise VideoTooLargeException
        if "NotificationChannel" in request:
            await self._notices.demand_role(caller, request["NotificationChannel"]["RoleArn"], job_id)
        found = await self._tables.write(put_job, row, self._mandates.given(caller))
        self._poke()
        return found

    async def answer(self, caller: Caller, kind: VideoKind, job_id: str) -> dict[str, Any]:
        """What every answer about a job says.

        Raises:
            ResourceNotFoundException: there is no such job of this kind.
        """
        row = await self._tables.read(lambda tx: tx.one(SQL.job, job_id=job_id))
        if row is None or (row["account"], row["region"], row["kind"]) != (caller.account, caller.region, kind.name):
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
            if kind.model is not None:
                answer[kind.model] = facts["model"]
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
        except (VideoTooLargeException, ResourceNotFoundException) as error:
            message = error.message
        except ImageTooSmallError:
            message = "Unsupported codec/format: the pictures are too small."
        except EngineUnavailableError as error:
            message = f"No engine is installed for this: {error}"
        except (AccessDenied, InvalidS3ObjectException):
            message = InvalidS3ObjectException.default_message
        except Exception:
            if job.attempts < ATTEMPTS:
                raise
            _logger.exception("the job %s is given up", job_id)
            message = "Amazon Rekognition experienced a service issue."
        await self._tables.write(settle, row, status, message, facts, self._clock.now())
        self._poke()

    async def _watch(self, caller: Caller, kind: KindName, job_id: str, request: Mapping[str, Any]) -> str:
        """Look at every picture, and write down what is seen; the video's facts."""
        looking = self._looking[kind](caller, request)
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
            await self._tables.write(put_finds, job_id, number + start, finds[start : start + AT_ONCE])
        return number + len(finds)

    async def forget(self, job: Job) -> None:
        """Remove a job and what it found."""
        job_id = job.payload.decode()
        while await self._tables.write(lambda tx: tx.run(SQL.delete_finds, job_id=job_id)):
            pass
        await self._tables.write(lambda tx: tx.run(SQL.delete_job, job_id=job_id))


def _metadata(facts: Mapping[str, Any]) -> wire.VideoMetadata:
    return {
        "Codec": facts["codec"],
        "DurationMillis": facts["duration"],
        "Format": FORMATS[facts["container"]],
        "FrameRate": facts["frame_rate"],
        "FrameHeight": facts["height"],
        "FrameWidth": facts["width"],
    }
