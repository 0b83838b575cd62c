"""S3's operations called as the pipeline calls them: needs demanded by the real decision, then the handler."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from marinelayer.engines.parquet.writing import open_parquet_writer
from marinelayer.engines.select.selection import open_selector
from marinelayer.http import ResponseBody
from marinelayer.model.errors import AccessDenied, Refusal, ServiceError
from marinelayer.outbox import JobHandler, Outbox
from marinelayer.pipeline import PipelineCalls
from marinelayer.ports import Access, Caller, Errand, Statement, Tables, Transaction
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity, IdentityPolicy, Principal
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import NO_RESOURCE, Requirement
from marinelayer.services.s3 import AccessLogs, S3Access, S3Blobs, S3Defaults, s3_service
from marinelayer.services.s3.blob_keys import BlobKeys
from marinelayer.services.s3.reading import stored_pieces
from marinelayer.services.sns import sns_service
from marinelayer.services.sns.access import TopicAccess
from marinelayer.storage.files import FileBlobs
from marinelayer.storage.keyring import FileKeyring
from marinelayer.storage.sqlite import SqliteTables


def root(account: str) -> Identity:
    """The root user of an account."""
    principal = Principal(
        kind="root",
        account=account,
        arn=f"arn:aws:iam::{account}:root",
        unique_id=account,
        canonical_id=(account * 6)[:64],
        name="root",
    )
    return Identity(principal=principal)


def user(name: str, *statements: Mapping[str, Any], account: str = "111122223333") -> Identity:
    """A user with one inline policy of these statements."""
    principal = Principal(
        kind="user",
        account=account,
        arn=f"arn:aws:iam::{account}:user/{name}",
        unique_id=f"AIDA{name.upper():A<17}",
        canonical_id=(account * 6)[:64],
        name=name,
    )
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    policies = (IdentityPolicy(name="inline", kind="inline", text=text),) if statements else ()
    return Identity(principal=principal, policies=policies)


def session(role: str, *statements: Mapping[str, Any]) -> Identity:
    """A session of a role with one inline policy of these statements."""
    account, name = role.split(":")[4], role.rpartition("/")[2]
    given = user(name, *statements, account=account)
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/s3"
    return replace(given, principal=replace(given.principal, kind="role-session", arn=arn))


def allow(*actions: str, on: str | list[str]) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on}


_DUE = Statement(
    "due", "SELECT 1 AS one FROM outbox WHERE kind = :kind AND state = 'ready' AND (due <= :now OR lease IS NOT NULL)"
)

ALICE = root("111122223333")
BOB = root("444455556666")


class HeldClock:
    def __init__(self) -> None:
        self.time = 1_617_235_200_000_000

    def now(self) -> int:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += int(seconds * 1_000_000)


class CountedIds:
    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def token(self, size: int = 32) -> str:
        return f"{next(self._numbers):0{size}x}"

    def ordered(self) -> str:
        return self.token()

    def aws(self, prefix: str, size: int = 21) -> str:
        return prefix + "A" * (size - len(prefix))

    def secret(self) -> str:
        return f"{next(self._numbers):040d}"


class KnownPrincipals:
    """Users alice-made exist; others do not. Accounts have the names that a test gives them."""

    def __init__(self, *identities: Identity) -> None:
        self.ids = {identity.principal.arn: identity.principal.unique_id for identity in identities}
        self.names: dict[str, str] = {}

    async def unique_ids(self, arns: Iterable[str]) -> Mapping[str, str]:
        return {arn: self.ids[arn] for arn in arns if arn in self.ids}

    async def display_names(self, canonical_ids: Iterable[str]) -> Mapping[str, str]:
        return {one: self.names[one] for one in canonical_ids if one in self.names}


class Sent:
    """A body as it arrives: in pieces, with trailers at its end; `breaks` ends it with that error."""

    def __init__(
        self,
        *pieces: bytes,
        length: int | None = -1,
        trailers: Mapping[str, str] | None = None,
        breaks: BaseException | None = None,
    ) -> None:
        self.pieces = pieces
        self.length = sum(map(len, pieces)) if length == -1 else length
        self.trailers: Mapping[str, str] = {}
        self._late = trailers or {}
        self._breaks = breaks
        self.begun = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun = True
        for piece in self.pieces:
            await asyncio.sleep(0)
            yield piece
        if self._breaks is not None:
            raise self._breaks
        self.trailers = self._late


class Decider:
    """Decides as the pipeline does, without a request's facts."""

    def __init__(self, identity: Identity, access: Access) -> None:
        self._identity = identity
        self._access = access

    async def may(self, requirement: Requirement) -> bool:
        ours = requirement.action.startswith("s3:")
        resource = await self._access.of(requirement) if ours else NO_RESOURCE
        return decide(self._identity, requirement, resource, {}).allowed

    async def demand(self, requirement: Requirement) -> None:
        if not await self.may(requirement):
            raise AccessDenied

    async def why(self, requirement: Requirement) -> str:
        return ""

    def acting_as(self, identity: Identity) -> Decider:
        return Decider(identity, self._access)


class Roles:
    """Roles that trust S3, and may everything until a test gives them other `statements`."""

    def __init__(self, s3: S3) -> None:
        self._s3 = s3
        self.trusting = True
        self.statements = [allow("*", on="*")]
        self.asked: list[tuple[str, Errand]] = []

    async def assume(self, role: str, errand: Errand) -> Caller:
        self.asked.append((role, errand))
        if not self.trusting:
            raise AccessDenied("nobody trusts it")
        return self._s3.caller(session(role, *self.statements), errand.region)


class S3:
    """S3 on real tables and files, spoken to as an identity (ALICE where none is named)."""

    alice = ALICE
    bob = BOB
    anonymous = ANONYMOUS_IDENTITY
    user = staticmethod(user)
    allow = staticmethod(allow)
    sent = Sent

    def __init__(self, tables: Tables, folder: Path, defaults: S3Defaults = "classic", *, hot_bytes: int = 0) -> None:
        self.tables = tables
        self.files = FileBlobs(folder / "blobs")
        self.clock = HeldClock()
        self.peer = "127.0.0.1"
        self.requests = itertools.count(1)
        self.ids = CountedIds()
        self.principals = KnownPrincipals()
        self.selector = open_selector(folder, workers=1)
        self.parquet = open_parquet_writer(folder)
        keyring = FileKeyring(folder / "master.key")
        self.keys = BlobKeys(keyring)
        self.logs = AccessLogs(tables, S3Access(tables, self.clock), self.clock, self.ids, lambda: None)
        self.topics = TopicAccess(tables)
        self.sns = sns_service(
            tables=tables,
            clock=self.clock,
            ids=self.ids,
            keyring=keyring,
            principals=self.principals,
            poke=lambda: None,
        )
        self.calls = PipelineCalls({"sns": self.sns})
        self.pokes = 0
        self.service = s3_service(
            tables=tables,
            blobs=self.files,
            clock=self.clock,
            ids=self.ids,
            keyring=keyring,
            principals=self.principals,
            selector=self.selector,
            calls=self.calls,
            topics=self.topics,
            poke=self.poke,
            logs=self.logs,
            defaults=defaults,
            hot_bytes=hot_bytes,
        )
        self.roles = Roles(self)
        self.freeing = S3Blobs(tables, self.files, self.clock)

    def poke(self) -> None:
        """Counts how often the outbox is woken."""
        self.pokes += 1

    def caller(self, identity: Identity = ALICE, region: str = "us-east-1") -> Caller:
        assert self.service.access is not None
        return Caller(
            identity=identity,
            account=identity.principal.account,
            region=region,
            request_id=f"R{next(self.requests)}",
            authoriser=Decider(identity, self.service.access),
            peer=self.peer,
            base_url="http://cloud.test",
        )

    async def __call__(
        self, operation: str, *, by: Identity = ALICE, region: str = "us-east-1", **request: Any
    ) -> dict[str, Any]:
        declared = self.service.operations[operation]
        if isinstance(request.get("Body"), bytes):
            request["Body"] = Sent(request["Body"])
        caller = self.caller(by, region)
        for requirement in declared.needs(request, caller):
            await caller.demand(requirement)
        return dict(await declared.run(caller, request) or {})

    async def content(self, bucket: str, key: str, **request: Any) -> bytes:
        return await read(await self("GetObject", Bucket=bucket, Key=key, **request))

    @contextmanager
    def refused(self, code: str, message: str | None = None, **details: str) -> Generator[None]:
        """What happens inside is refused with this code and, where given, this message and these details."""
        with pytest.raises(Refusal) as caught:
            yield
        refusal = caught.value
        found = refusal.code if isinstance(refusal, ServiceError) else type(refusal).__name__
        assert found == code
        assert message is None or refusal.message == message
        assert details.items() <= refusal.details.items()

    async def upload(self, key: str, *parts: bytes, bucket: str = "photos", **request: Any) -> dict[str, Any]:
        """A whole upload in parts; what its completion answered."""
        begun = await self("CreateMultipartUpload", Bucket=bucket, Key=key, **request)
        return await self.complete(
            key,
            begun["UploadId"],
            *[
                await self.part(key, begun["UploadId"], number, part, bucket=bucket)
                for number, part in enumerate(parts, 1)
            ],
            bucket=bucket,
        )

    async def part(
        self, key: str, upload_id: str, number: int, data: bytes, *, bucket: str = "photos", **request: Any
    ) -> dict[str, Any]:
        """Send one part; its entry for the completion."""
        output = await self(
            "UploadPart", Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=data, **request
        )
        return {"PartNumber": number, "ETag": output["ETag"]}

    async def complete(
        self, key: str, upload_id: str, *parts: dict[str, Any], bucket: str = "photos", **request: Any
    ) -> dict[str, Any]:
        return await self(
            "CompleteMultipartUpload",
            Bucket=bucket,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={"Parts": list(parts)},
            **request,
        )

    async def stored(self) -> set[str]:
        """The names of all files in the blob store."""
        return {blob_id async for blob_id in self.files.ids()}

    async def settle(self) -> None:
        """Let everything that must happen later happen."""
        outbox = Outbox(self.tables, self.clock)
        for kind, handler in self.freeing.handlers.items():
            outbox.bind(kind, handler)
        running = asyncio.create_task(outbox.run())
        for kind in ("s3.uploads.abort", "s3.parts.release", "s3.inline.delete", "s3.blob.delete"):
            self.clock.forward(3600)
            outbox.poke()
            await outbox.drain(10, kinds=[kind])
        await outbox.stop()
        await running

    async def run_due(self, handlers: Mapping[str, JobHandler]) -> None:
        """Let everything of these kinds happen that is due, as far as the clock stands."""
        outbox = Outbox(self.tables, self.clock)
        for kind, handler in handlers.items():
            outbox.bind(kind, handler)

        def any_due(tx: Transaction) -> bool:
            return any(tx.one(_DUE, kind=kind, now=self.clock.now()) for kind in handlers)

        running = asyncio.create_task(outbox.run())
        while await self.tables.read(any_due):  # noqa: ASYNC110 - the outbox knows no event for it
            await asyncio.sleep(0.002)
        await outbox.stop()
        await running

    async def close(self) -> None:
        await self.selector.close()
        await self.parquet.close()
        await self.files.close()


async def read(output: Mapping[str, Any]) -> bytes:
    """The whole body of an output, however it is held."""
    body: ResponseBody = output["Body"]
    return b"".join([piece async for piece in stored_pieces(body)])


@pytest.fixture(scope="session")
def s3_on() -> type[S3]:
    """The class, for tests that make their own."""
    return S3


async def _served(tables: Tables, folder: Path, defaults: S3Defaults) -> AsyncIterator[S3]:
    service = S3(tables, folder, defaults)
    await service("CreateBucket", Bucket="photos")
    yield service
    await service.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Tables]:
    """Tables on SQLite alone: most tests are about S3, not about databases."""
    tables = SqliteTables(tmp_path / "cloud.db")
    yield tables
    await tables.close()


@pytest.fixture
async def s3(sqlite: Tables, tmp_path: Path) -> AsyncIterator[S3]:
    """S3 with classic defaults, and a bucket `photos` of ALICE's."""
    async for service in _served(sqlite, tmp_path, "classic"):
        yield service


@pytest.fixture
async def current(sqlite: Tables, tmp_path: Path) -> AsyncIterator[S3]:
    """S3 with today's defaults, and a bucket `photos` of ALICE's."""
    async for service in _served(sqlite, tmp_path, "current"):
        yield service


@pytest.fixture
async def anywhere(tables: Tables, tmp_path: Path) -> AsyncIterator[S3]:
    """As `s3`, once on each database."""
    async for service in _served(tables, tmp_path, "classic"):
        yield service
