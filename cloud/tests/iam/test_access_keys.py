"""Access keys: two a user, the secret shown once, switched off and deleted at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from marinelayer.services.iam.errors import LimitExceeded, NoSuchEntity, ValidationError


async def test_a_new_key_shows_its_secret_once(account: Any) -> None:
    await account.ask("CreateUser", UserName="ann")
    made = (await account.ask("CreateAccessKey", UserName="ann"))["AccessKey"]
    assert made.keys() == {"UserName", "AccessKeyId", "Status", "SecretAccessKey", "CreateDate"}
    assert len(made["AccessKeyId"]) == 20
    assert len(made["SecretAccessKey"]) == 40
    assert (await account.identities.by_access_key(made["AccessKeyId"])).secret_key == made["SecretAccessKey"]
    assert await account.ask("ListAccessKeys", UserName="ann") == {
        "AccessKeyMetadata": [
            {
                "UserName": "ann",
                "AccessKeyId": made["AccessKeyId"],
                "Status": "Active",
                "CreateDate": datetime(2021, 4, 1, tzinfo=UTC),
            }
        ],
        "IsTruncated": False,
    }


async def test_a_user_has_two_keys_at_most(account: Any) -> None:
    await account.user("ann")
    await account.ask("CreateAccessKey", UserName="ann")
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for AccessKeysPerUser: 2"):
        await account.ask("CreateAccessKey", UserName="ann")


async def test_keys_page(account: Any) -> None:
    await account.user("ann")
    await account.ask("CreateAccessKey", UserName="ann")
    first = await account.ask("ListAccessKeys", UserName="ann", MaxItems=1)
    second = await account.ask("ListAccessKeys", UserName="ann", MaxItems=1, Marker=first["Marker"])
    assert (first["IsTruncated"], second["IsTruncated"]) == (True, False)
    assert first["AccessKeyMetadata"] != second["AccessKeyMetadata"]


async def test_a_deleted_key_names_no_one(account: Any) -> None:
    key = await account.user("ann")
    await account.ask("DeleteAccessKey", UserName="ann", AccessKeyId=key)
    assert await account.identities.by_access_key(key) is None
    with pytest.raises(NoSuchEntity, match=f"The Access Key with id {key} cannot be found."):
        await account.ask("DeleteAccessKey", UserName="ann", AccessKeyId=key)


async def test_a_users_key_can_not_be_reached_through_another_user(account: Any) -> None:
    key = await account.user("ann")
    await account.user("bob")
    for operation, more in (("DeleteAccessKey", {}), ("UpdateAccessKey", {"Status": "Inactive"})):
        with pytest.raises(NoSuchEntity):
            await account.ask(operation, UserName="bob", AccessKeyId=key, **more)
        with pytest.raises(NoSuchEntity):
            await account.ask(operation, AccessKeyId=key, **more)


async def test_the_root_has_keys_of_its_own(account: Any) -> None:
    second = (await account.ask("CreateAccessKey"))["AccessKey"]
    assert (await account.identities.by_access_key(second["AccessKeyId"])).principal.kind == "root"
    listed = (await account.ask("ListAccessKeys"))["AccessKeyMetadata"]
    assert {key["AccessKeyId"] for key in listed} == {account.root_key.access_key_id, second["AccessKeyId"]}
    await account.ask("DeleteAccessKey", AccessKeyId=second["AccessKeyId"])
    assert len((await account.ask("ListAccessKeys"))["AccessKeyMetadata"]) == 1


@pytest.mark.parametrize("status", ["active", "", "Expired"])
async def test_a_key_is_active_or_inactive(account: Any, status: str) -> None:
    key = await account.user("ann")
    with pytest.raises(ValidationError, match="status"):
        await account.ask("UpdateAccessKey", UserName="ann", AccessKeyId=key, Status=status)


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "AKIA-------------", "AKIAABSENT\0000000000"])
async def test_an_id_that_no_key_can_have_is_refused(account: Any, key: str) -> None:
    with pytest.raises(ValidationError, match="accessKeyId"):
        await account.ask("DeleteAccessKey", AccessKeyId=key)
