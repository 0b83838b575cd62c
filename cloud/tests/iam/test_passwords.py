"""Passwords of users: kept as hashes, held to the account's policy, changed by whoever knows them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.model.errors import AccessDenied
from marinelayer.services.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidUserType,
    NoSuchEntity,
    PasswordPolicyViolation,
    ValidationError,
)
from marinelayer.services.iam.login_profiles import login_profile
from marinelayer.services.iam.passwords import check_password, hash_password, is_password

GOOD = "correct-Horse-7"


def allow(action: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})


async def stored(account: Any, key: str) -> Any:
    user = (await account.identities.by_access_key(key)).principal.unique_id
    return await account.tables.read(login_profile, user)


async def test_a_password_is_kept_as_a_slow_salted_hash(account: Any) -> None:
    key = await account.user("ann")
    made = (await account.ask("CreateLoginProfile", UserName="ann", Password=GOOD, PasswordResetRequired=True))[
        "LoginProfile"
    ]
    assert (made["UserName"], made["PasswordResetRequired"]) == ("ann", True)
    assert (await account.ask("GetLoginProfile", UserName="ann"))["LoginProfile"] == made
    row = await stored(account, key)
    assert GOOD not in str(dict(row))
    assert row["hash"].startswith("scrypt$16384$8$1$")
    assert is_password(GOOD, row["hash"])
    assert not is_password(GOOD + "x", row["hash"])
    with pytest.raises(EntityAlreadyExists, match="Login Profile for User ann already exists"):
        await account.ask("CreateLoginProfile", UserName="ann", Password=GOOD)


async def test_a_user_with_a_password_is_not_deleted_until_it_goes(account: Any) -> None:
    await account.ask("CreateUser", UserName="ann")
    await account.ask("CreateLoginProfile", UserName="ann", Password=GOOD)
    with pytest.raises(DeleteConflict, match=r"^Cannot delete entity, must delete login profile first\.$"):
        await account.ask("DeleteUser", UserName="ann")
    await account.ask("DeleteLoginProfile", UserName="ann")
    for operation, more in (("GetLoginProfile", {}), ("UpdateLoginProfile", {}), ("DeleteLoginProfile", {})):
        with pytest.raises(NoSuchEntity, match=r"Login Profile for User ann cannot be found\."):
            await account.ask(operation, UserName="ann", **more)
    await account.ask("DeleteUser", UserName="ann")


@pytest.mark.parametrize("password", ["Short-7", "onlylowercase", "lower-symbols", "lower1234"])
async def test_awss_default_policy_holds_where_the_account_has_none(account: Any, password: str) -> None:
    await account.ask("CreateUser", UserName="ann")
    with pytest.raises(PasswordPolicyViolation, match="does not conform to the account password policy"):
        await account.ask("CreateLoginProfile", UserName="ann", Password=password)
    with pytest.raises(NoSuchEntity):
        await account.ask("GetLoginProfile", UserName="ann")


async def test_the_accounts_policy_is_enforced_and_shown(account: Any) -> None:
    with pytest.raises(NoSuchEntity, match="The Password Policy with domain name 320333787981 cannot be found"):
        await account.ask("GetAccountPasswordPolicy")
    with pytest.raises(NoSuchEntity):
        await account.ask("DeleteAccountPasswordPolicy")
    await account.ask("UpdateAccountPasswordPolicy", MinimumPasswordLength=10, RequireSymbols=True, MaxPasswordAge=90)
    assert (await account.ask("GetAccountPasswordPolicy"))["PasswordPolicy"] == {
        "MinimumPasswordLength": 10,
        "RequireSymbols": True,
        "RequireNumbers": False,
        "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False,
        "ExpirePasswords": True,
        "MaxPasswordAge": 90,
    }
    await account.ask("CreateUser", UserName="ann")
    for password, reason in (("short-one", "minimum length of 10"), ("longenough12", "at least one symbol")):
        with pytest.raises(PasswordPolicyViolation, match=reason):
            await account.ask("CreateLoginProfile", UserName="ann", Password=password)
    await account.ask("CreateLoginProfile", UserName="ann", Password="long-enough")
    with pytest.raises(PasswordPolicyViolation):
        await account.ask("UpdateLoginProfile", UserName="ann", Password="x")
    for wrong in ({"MinimumPasswordLength": 5}, {"MaxPasswordAge": 1096}, {"PasswordReusePrevention": 25}):
        with pytest.raises(ValidationError):
            await account.ask("UpdateAccountPasswordPolicy", **wrong)
    await account.ask("DeleteAccountPasswordPolicy")


async def test_passwords_are_not_used_again_where_the_policy_says_so(account: Any) -> None:
    await account.ask("UpdateAccountPasswordPolicy", PasswordReusePrevention=2)
    await account.ask("CreateUser", UserName="ann")
    await account.ask("CreateLoginProfile", UserName="ann", Password="first-1")
    await account.ask("UpdateLoginProfile", UserName="ann", Password="second-2")
    for password in ("first-1", "second-2"):
        with pytest.raises(PasswordPolicyViolation, match="password reuse prevention"):
            await account.ask("UpdateLoginProfile", UserName="ann", Password=password)
    await account.ask("UpdateLoginProfile", UserName="ann", Password="third-3")
    await account.ask("UpdateLoginProfile", UserName="ann", Password="first-1")


async def test_a_user_changes_its_own_password_by_knowing_it(account: Any) -> None:
    key = await account.user("ann", allow("iam:ChangePassword"))
    with pytest.raises(NoSuchEntity):
        await account.ask("ChangePassword", by=key, OldPassword=GOOD, NewPassword=GOOD + "8")
    await account.ask("CreateLoginProfile", UserName="ann", Password=GOOD, PasswordResetRequired=True)
    with pytest.raises(AccessDenied, match="The old password was incorrect"):
        await account.ask("ChangePassword", by=key, OldPassword="wrong", NewPassword=GOOD + "8")
    with pytest.raises(PasswordPolicyViolation):
        await account.ask("ChangePassword", by=key, OldPassword=GOOD, NewPassword="weak")
    await account.ask("ChangePassword", by=key, OldPassword=GOOD, NewPassword=GOOD + "8")
    row = await stored(account, key)
    assert is_password(GOOD + "8", row["hash"])
    assert row["reset_required"] == 0
    with pytest.raises(InvalidUserType, match="Only IAM Users can change their own password"):
        await account.ask("ChangePassword", OldPassword=GOOD, NewPassword=GOOD)


async def test_a_password_and_whether_it_must_be_changed_are_set_together_or_each(account: Any) -> None:
    key = await account.user("ann")
    await account.ask("CreateLoginProfile", UserName="ann", Password=GOOD)
    for request, password, reset in (
        ({"PasswordResetRequired": True}, GOOD, 1),
        ({"Password": GOOD + "8"}, GOOD + "8", 1),
        ({"Password": GOOD + "9", "PasswordResetRequired": False}, GOOD + "9", 0),
        ({}, GOOD + "9", 0),
    ):
        await account.ask("UpdateLoginProfile", UserName="ann", **request)
        row = await stored(account, key)
        assert (is_password(password, row["hash"]), row["reset_required"]) == (True, reset)


async def test_of_two_changes_at_once_one_is_told_to_try_again(account: Any) -> None:
    await account.user("ann")
    await account.ask("CreateLoginProfile", UserName="ann", Password=GOOD)
    changes = (account.ask("UpdateLoginProfile", UserName="ann", Password=f"{GOOD}{number}") for number in (8, 9))
    done = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["EntityTemporarilyUnmodifiable", "dict"]


async def test_a_password_names_its_user_where_the_caller_is_none(account: Any) -> None:
    for operation, more in (("CreateLoginProfile", {"Password": GOOD}), ("GetLoginProfile", {})):
        with pytest.raises(ValidationError, match="UserName"):
            await account.ask(operation, **more)
    await account.ask("CreateUser", UserName="ann")
    with pytest.raises(ValidationError, match="Password"):
        await account.ask("CreateLoginProfile", UserName="ann")


@settings(max_examples=10, deadline=None)
@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_a_hash_knows_its_password_only(password: str, other: str) -> None:
    hashed = hash_password(password, "5a17")
    assert is_password(password, hashed)
    assert is_password(other, hashed) == (other == password)
    assert hash_password(password, "5a18") != hashed


@given(st.text("aA1-é", max_size=12))
def test_a_policy_lets_through_what_has_all_that_it_requires(password: str) -> None:
    policy = {
        "MinimumPasswordLength": 6,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
    }
    fits = len(password) >= 6 and set("aA1-") <= set(password)
    try:
        check_password(password, policy)
    except PasswordPolicyViolation:
        assert not fits
    else:
        assert fits
