"""When an access key was used last, where and for what: GetAccessKeyLastUsed.

A request that is proven costs one entry in memory; `flush`, at intervals and at the end, writes the newest of each key
in one transaction. What a kill loses is no more than an interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Clock, Row, Tables, Transaction
from marinelayer.security.identity import Identity
from marinelayer.security.requirement import Requirement
from marinelayer.services.iam.arns import root_arn
from marinelayer.services.iam.errors import NoSuchEntity
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.names import checked_access_key_id
from marinelayer.services.iam.times import moment
from marinelayer.services.iam.users import user_for
from marinelayer.services.operation import operation
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

SQL = Statements("marinelayer.services.iam", "usage.sql")

_NEVER = "N/A"
_ROWS = 1000


@dataclass(slots=True)
class KeyUse:
    """The last use of a key: microseconds, the service's signing name (`s3`) and the region."""

    used: int
    service: str
    region: str


class KeyUses:
    """The last uses of the access keys of all accounts."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock
        self._noted: dict[str, KeyUse] = {}

    def note(self, access_key_id: str, service: str, region: str) -> None:
        """Remember that a request was signed with the key, now; or by a session of the role of this id. "" is nobody's:
        temporary keys come and go, and nothing is kept of them."""
        if not access_key_id:
            return
        self._noted[access_key_id] = KeyUse(self._clock.now(), service, region)

    async def flush(self) -> None:
        """Write down what was noted since the last time. What can not be written stays noted."""
        noted, self._noted = self._noted, {}
        uses = list(noted.items())
        for start in range(0, len(uses), _ROWS):
            try:
                await self._tables.write(_put_uses, uses[start : start + _ROWS])
            except BaseException:
                self._noted = noted | self._noted
                raise

    async def of(self, access_key_id: str) -> KeyUse | None:
        """The last use of a key, None where there was none."""
        noted = self._noted.get(access_key_id)
        if noted is not None:
            return noted
        row = await self._tables.read(_use, access_key_id)
        return KeyUse(row["used"], row["service"], row["region"]) if row else None


def used_by(identity: Identity) -> str:
    """What a request by this identity is a use of: its lasting access key, or its role by id; "" for other sessions."""
    if identity.session is None:
        return identity.access_key_id
    return identity.session.issuer if identity.session.kind == "role" else ""


class AccessKeyUses:
    """What IAM tells of the last uses of an account's keys."""

    def __init__(self, tables: Tables, uses: KeyUses) -> None:
        self._tables = tables
        self._uses = uses

    @operation("GetAccessKeyLastUsed", needs=OnExisting("iam:GetAccessKeyLastUsed"))
    async def last(
        self, caller: Caller, request: wire.GetAccessKeyLastUsedRequest
    ) -> wire.GetAccessKeyLastUsedResponse:
        """Whose key it is, and its last use, which is known at once."""
        key = checked_access_key_id(request["AccessKeyId"])
        row = await self._tables.read(_owner, key)
        owned = row is not None and row["account"] == caller.account
        if row is not None and owned and row["name"] is not None:
            await user_for(self._tables, caller, "iam:GetAccessKeyLastUsed", row["name"])
        else:
            await caller.demand(Requirement(action="iam:GetAccessKeyLastUsed", resource=root_arn(caller.account)))
        if row is None or not owned:
            raise NoSuchEntity(f"The Access Key with id {key} cannot be found.")
        answer: wire.GetAccessKeyLastUsedResponse = {"AccessKeyLastUsed": _shown(await self._uses.of(key))}
        if row["name"] is not None:
            answer["UserName"] = row["name"]
        return answer


def _shown(use: KeyUse | None) -> wire.AccessKeyLastUsed:
    if use is None:
        return {"ServiceName": _NEVER, "Region": _NEVER}
    return {"LastUsedDate": moment(use.used), "ServiceName": use.service, "Region": use.region}


def _put_uses(tx: Transaction, uses: Sequence[tuple[str, KeyUse]]) -> None:
    for access_key_id, use in uses:
        values: Mapping[str, str] = {"service": use.service, "region": use.region}
        tx.run(SQL.put_key_use, access_key_id=access_key_id, used=use.used, **values)


def _use(tx: Transaction, access_key_id: str) -> Row | None:
    return tx.one(SQL.key_use, access_key_id=access_key_id)


def _owner(tx: Transaction, access_key_id: str) -> Row | None:
    return tx.one(SQL.owner_of_key, access_key_id=access_key_id)
