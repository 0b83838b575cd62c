"""An account whose operations are called as the pipeline calls them: by its authoriser, with the real decision."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from marinelayer.pipeline.authorise import RequestAuthoriser
from marinelayer.pipeline.calls import PipelineCalls
from marinelayer.ports import Caller, Tables
from marinelayer.security.facts import identity_facts
from marinelayer.security.identity import Identity
from marinelayer.services.iam import (
    IamIdentities,
    IamSessions,
    KeyUses,
    RoleAccess,
    RootKey,
    create_account,
    iam_service,
    prepare_account,
)
from marinelayer.services.sts import sts_service
from marinelayer.storage.keyring import FileKeyring

ACCOUNT = "320333787981"


class HeldClock:
    def __init__(self) -> None:
        self.time = 1_617_235_200_000_000

    def now(self) -> int:
        return self.time


class CountedIds:
    """Foreseeable ids: every one has a number of its own."""

    def __init__(self) -> None:
        self.count = 0

    def token(self, size: int = 32) -> str:
        self.count += 1
        return f"{self.count:0{size}x}"

    def ordered(self) -> str:
        return self.token()

    def aws(self, prefix: str, size: int = 21) -> str:
        self.count += 1
        return prefix + f"{self.count:0{size - len(prefix)}d}".translate(str.maketrans("0189", "ABCD"))

    def secret(self) -> str:
        self.count += 1
        return f"{self.count:040d}"


class Account:
    """One account with its root key, and callers in it."""

    def __init__(self, tables: Tables, keyring: FileKeyring) -> None:
        self.tables = tables
        self.keyring = keyring
        self.clock = HeldClock()
        self.ids = CountedIds()
        self.identities = IamIdentities(tables, keyring)
        self.uses = KeyUses(tables, self.clock)
        self.issuers: dict[str, Any] = {}
        services = {
            "iam": iam_service(
                tables=tables,
                clock=self.clock,
                ids=self.ids,
                keyring=keyring,
                uses=self.uses,
                principals=self.identities,
            ),
            "sts": sts_service(
                clock=self.clock,
                sessions=IamSessions(tables, keyring, self.ids),
                access=RoleAccess(tables),
                issuers=self.issuers,
            ),
        }
        self.access = {"sts": RoleAccess(tables)}
        self.operations = services["iam"].operations
        self.sts = services["sts"].operations
        self._calls = PipelineCalls(services)
        self.root_key = RootKey(access_key_id="", secret="")

    async def open(self, number: str = ACCOUNT) -> RootKey:
        account, key = prepare_account(number, keyring=self.keyring, ids=self.ids, clock=self.clock)
        await self.tables.write(create_account, account)
        return key

    async def caller(self, key: str | Mapping[str, Any] = "") -> Caller:
        """The holder of an access key, or of temporary credentials in the shape of the model."""
        if isinstance(key, str):
            identity = await self.identities.by_access_key(key or self.root_key.access_key_id)
        else:
            identity = await self.identities.by_access_key(key["AccessKeyId"], key["SessionToken"])
        assert identity is not None
        return self.caller_of(identity)

    def caller_of(self, identity: Identity) -> Caller:
        return Caller(
            identity=identity,
            account=identity.principal.account,
            region="us-east-1",
            request_id="r-1",
            authoriser=RequestAuthoriser(identity, identity_facts(identity), self.access),
        )

    async def ask(
        self, operation: str, *, by: str | Mapping[str, Any] = "", service: str = "iam", **request: Any
    ) -> dict[str, Any]:
        """The operation's answer to the holder of the access key `by` (default: the root's)."""
        return await self._calls.call(await self.caller(by), service, operation, request)

    async def user(self, name: str, policy: str | None = None, **request: Any) -> str:
        """Make a user with a key and perhaps a policy; the key's id."""
        await self.ask("CreateUser", UserName=name, **request)
        if policy is not None:
            await self.ask("PutUserPolicy", UserName=name, PolicyName="given", PolicyDocument=policy)
        made = await self.ask("CreateAccessKey", UserName=name)
        return made["AccessKey"]["AccessKeyId"]


@pytest.fixture
async def account(tables: Tables, tmp_path: Path) -> Account:
    opened = Account(tables, FileKeyring(tmp_path / "keys"))
    opened.root_key = await opened.open()
    return opened
