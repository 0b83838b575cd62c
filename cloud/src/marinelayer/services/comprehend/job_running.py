"""Doing asynchronous jobs: documents are read as the data access role, looked at a few at a time, and what is found
goes line by line to a file in the spool, which is packed and written when it is whole. A kind of job that looks at all
documents together does so by itself.

A job that a kill ended begins anew; what it writes has the same key. Nothing but the lines of a few documents is in
memory. A document that can not be looked at is a line with its error, and no reason to fail the others.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from marinelayer.http import Body
from marinelayer.model.errors import InternalError, Refusal
from marinelayer.outbox import Job
from marinelayer.services.comprehend.archive import OutputFiles, output_files
from marinelayer.services.comprehend.corpus import Corpus
from marinelayer.services.comprehend.data_access import DataAccess, Failed, checked_location
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.input_documents import InputDocument
from marinelayer.services.comprehend.job_input import Input
from marinelayer.services.comprehend.job_kinds import CorpusJobs, Jobs, TextJobs
from marinelayer.services.comprehend.jobs import begin_job, end_job
from marinelayer.services.comprehend.resources import Resource, find_resource
from marinelayer.services.locations import Location

TRIES = 5
LOOK_AGAIN = 0.5
"""Seconds between looks at whether a job is to be stopped."""

TEXT = ""
"""The member of what is found that is itself the line of the output."""
Write = Callable[[Location, Body], Awaitable[None]]


class Stopped(Exception):
    """A job is to be stopped."""


def line_of(document: InputDocument, found: Mapping[str, Any] | Refusal | None, *, as_text: bool = False) -> bytes:
    """The line of the output about a document; it tells its number as a string where `as_text` is set."""
    if found is None:
        found = {"ErrorCode": document.error, "ErrorMessage": document.message}
    elif isinstance(found, Refusal):
        code = "INTERNAL_SERVER_ERROR" if isinstance(found, InternalError) else _code(found)
        found = {"ErrorCode": code, "ErrorMessage": found.message}
    if TEXT in found:
        return str(found[TEXT]).encode() + b"\n"
    place = {member: str(value) for member, value in document.place.items()} if as_text else document.place
    return json.dumps({**place, **found}, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _code(refusal: Refusal) -> str:
    """`UnsupportedLanguageException` as output says it: UNSUPPORTED_LANGUAGE."""
    name = type(refusal).__name__.removesuffix("Exception")
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).strip("_").upper()


class JobRuns:
    """Does the jobs of some kinds."""

    def __init__(self, ground: Ground, kinds: Iterable[Jobs]) -> None:
        self._ground = ground
        self._kinds = {jobs.kind.kind: jobs for jobs in kinds}
        self._access = DataAccess(ground.calls, ground.roles)

    async def run(self, job: Job) -> None:
        """Do the job that an outbox job is about, unless that is done already."""
        arn = job.payload.decode()
        resource = await self._ground.tables.write(begin_job, arn, self._ground.clock.now())
        if resource is None:
            return
        try:
            await self._do(resource)
        except Stopped:
            await self._end(arn, "STOPPED")
        except Failed as error:
            await self._end(arn, "FAILED", str(error))
        except Exception as error:
            if job.attempts < TRIES:
                raise
            await self._end(arn, "FAILED", f"INTERNAL_ERROR: An internal error occurred ({type(error).__name__}).")
        else:
            await self._end(arn, "COMPLETED")

    async def _end(self, arn: str, status: str, message: str = "") -> None:
        await self._ground.tables.write(end_job, arn, status, message, self._ground.clock.now())

    async def _do(self, job: Resource) -> None:
        jobs = self._kinds[job.name.kind]
        caller = await self._access.assume(job)
        source = Input(self._access, caller, job, jobs.kind.most)
        watch = _Watch(self._ground, job.arn)
        config = job.document["OutputDataConfig"]
        place = checked_location(config["S3Uri"])

        async def write(place: Location, body: Body) -> None:
            # What a role may is read anew: a job may last longer than the permission.
            await self._access.write(await self._access.assume(job), place, body, config)

        if isinstance(jobs, TextJobs) and jobs.kind.file_by_file:
            await self._each_file(job, source, jobs, watch, place, write)
            return

        async def fill() -> None:
            if isinstance(jobs, CorpusJobs):
                await jobs.study(job, Corpus(source), output)
            elif isinstance(jobs, TextJobs):
                async with aclosing(source.files()) as files:
                    async for file in files:
                        await self._fill(job, source, jobs, watch, file, output)
            else:
                raise TypeError(type(jobs))

        async def put() -> None:
            await write(place, await output.pack(self._ground.clock.now() // 1_000_000))

        async with output_files(self._ground.spool, job.name.name, jobs.names) as output:
            await _filled(output, fill(), put)

    async def _each_file(
        self, job: Resource, source: Input, jobs: TextJobs, watch: _Watch, place: Location, write: Write
    ) -> None:
        """Write a file of output for each file of the input: under its name below the input's folder, so that none
        takes another's place, with `.out` behind it."""
        async with aclosing(source.files()) as files:
            async for file in files:
                target = place.below(f"{source.path(file)}.out")
                async with output_files(self._ground.spool, job.name.name, jobs.names) as lines:

                    async def put(lines: OutputFiles = lines, target: Location = target) -> None:
                        await write(target, await lines.whole(jobs.kind.output))

                    await _filled(lines, self._fill(job, source, jobs, watch, file, lines), put)

    async def _fill(
        self, job: Resource, source: Input, jobs: TextJobs, watch: _Watch, file: Location, lines: OutputFiles
    ) -> None:
        async with aclosing(source.some(file)) as documents:
            async for some in documents:
                await watch.look()
                await lines.write(jobs.kind.output, await found_in(job, some, jobs))


async def _filled(output: OutputFiles, filling: Awaitable[None], put: Callable[[], Awaitable[None]]) -> None:
    """Fill files of output and put them where they go. What a job that is stopped has done goes there too, as AWS
    documents it of each Stop operation. Raises Stopped."""
    try:
        await filling
    except Stopped:
        if not output.empty:
            await put()
        raise
    await put()


async def found_in(job: Resource, documents: Sequence[InputDocument], jobs: TextJobs) -> bytes:
    """The lines of the output about some documents."""
    readable = [document for document in documents if not document.error]
    found = iter(await jobs.analyse(job, [document.text for document in readable]) if readable else ())
    as_text = jobs.kind.lines_as_text
    return b"".join(
        line_of(document, None if document.error else next(found), as_text=as_text) for document in documents
    )


class _Watch:
    """Looks now and then whether a job is to be stopped."""

    def __init__(self, ground: Ground, arn: str) -> None:
        self._ground = ground
        self._arn = arn
        self._looked = asyncio.get_running_loop().time()

    async def look(self) -> None:
        """Raises Stopped."""
        now = asyncio.get_running_loop().time()
        if now - self._looked < LOOK_AGAIN:
            return
        self._looked = now
        job = await self._ground.tables.read(find_resource, self._arn)
        if job is None or job.status != "IN_PROGRESS":
            raise Stopped
