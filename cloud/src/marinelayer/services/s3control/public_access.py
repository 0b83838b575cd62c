"""The public access block of an account: get, put and delete.

It counts together with those of the account's buckets: S3 acts by what is on in either.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.services.operation import need, operation
from marinelayer.services.s3control.accounts import demand_own
from marinelayer.services.s3control.errors import NoSuchPublicAccessBlockConfiguration
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types import s3control as wire

SQL = Statements("marinelayer.services.s3control", "s3control.sql")
SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
"""The switches of a block, in the order in which they are stored and shown."""


def put_public_access(tx: Transaction, account: str, request: wire.PutPublicAccessBlockRequest) -> None:
    """Set the four switches; those that are not given are off."""
    given = request["PublicAccessBlockConfiguration"]
    tx.run(SQL.put_account_block, account=account, switches=" ".join(name for name in SWITCHES if given.get(name)))


def public_access(tx: Transaction, account: str) -> frozenset[str] | None:
    """The switches that are on, None where the account has no block."""
    row = tx.one(SQL.account_block, account=account)
    return None if row is None else frozenset(row["switches"].split())


def forget_public_access(tx: Transaction, account: str) -> None:
    """Remove the account's block; it may have none."""
    tx.run(SQL.delete_account_block, account=account)


class AccountPublicAccess:
    """What filters the public ACLs and policies of all buckets of an account."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("GetPublicAccessBlock", needs=need("s3:GetAccountPublicAccessBlock"))
    async def get(self, caller: Caller, request: wire.GetPublicAccessBlockRequest) -> wire.GetPublicAccessBlockOutput:
        """The public access block of the caller's account."""
        account = request["AccountId"]
        demand_own(caller, account)
        switches = await self._tables.read(public_access, account)
        if switches is None:
            raise NoSuchPublicAccessBlockConfiguration(AccountId=account)
        return {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": "BlockPublicAcls" in switches,
                "IgnorePublicAcls": "IgnorePublicAcls" in switches,
                "BlockPublicPolicy": "BlockPublicPolicy" in switches,
                "RestrictPublicBuckets": "RestrictPublicBuckets" in switches,
            }
        }

    @operation("PutPublicAccessBlock", needs=need("s3:PutAccountPublicAccessBlock"))
    async def put(self, caller: Caller, request: wire.PutPublicAccessBlockRequest) -> None:
        """Set the public access block of the caller's account.

        Raises:
            InvalidRequest: it names no switch.
        """
        demand_own(caller, request["AccountId"])
        if not request["PublicAccessBlockConfiguration"]:
            raise InvalidRequest("Must specify at least one configuration.")
        await self._tables.write(put_public_access, request["AccountId"], request)

    @operation("DeletePublicAccessBlock", needs=need("s3:PutAccountPublicAccessBlock"))
    async def delete(self, caller: Caller, request: wire.DeletePublicAccessBlockRequest) -> None:
        """Remove the public access block of the caller's account; there may be none."""
        demand_own(caller, request["AccountId"])
        await self._tables.write(forget_public_access, request["AccountId"])
