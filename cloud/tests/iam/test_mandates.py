"""What is done for somebody after their request is over: by what they may then, and by nobody who merely has their name."""

import json
from dataclasses import replace
from typing import Any, cast

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.pipeline.mandates import RememberedCallers
from marinelayer.ports import Caller
from marinelayer.security.requirement import Requirement
from marinelayer.security.session import Session

ACCOUNT = "320333787981"
READ = Requirement(action="s3:GetObject", resource="arn:aws:s3:::letters/1")


def callers(account: Any) -> RememberedCallers:
    return RememberedCallers({}, account.identities, account.clock, lambda: "http://here")


async def user(account: Any, *actions: str) -> Caller:
    """The caller that a new user is who may do some actions."""
    await account.ask("CreateUser", UserName="ann")
    await allow(account, *actions)
    return await caller_of(account, f"arn:aws:iam::{ACCOUNT}:user/ann")


async def allow(account: Any, *actions: str) -> None:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    await account.ask("PutUserPolicy", UserName="ann", PolicyName="p", PolicyDocument=document)


async def caller_of(account: Any, arn: str) -> Caller:
    identity = await account.identities.by_arn(arn)
    return Caller(identity=identity, account=ACCOUNT, region="us-west-2", request_id="r", authoriser=cast("Any", None))


async def test_a_job_may_what_its_giver_may_when_it_runs(account: Any) -> None:
    remembered = callers(account)
    mandate = remembered.given(await user(account, "s3:GetObject"))
    caller = await remembered.caller(mandate, "job-1")
    assert (caller.account, caller.region, caller.request_id) == (ACCOUNT, "us-west-2", "job-1")
    assert caller.principal.arn == f"arn:aws:iam::{ACCOUNT}:user/ann"
    assert await caller.may(READ)
    assert not await caller.may(replace(READ, action="s3:PutObject"))
    await allow(account, "s3:PutObject")
    later = await remembered.caller(mandate, "job-1")
    assert not await later.may(READ)


async def test_who_is_made_anew_under_a_name_has_not_given_the_mandate(account: Any) -> None:
    remembered = callers(account)
    mandate = remembered.given(await user(account, "s3:GetObject"))
    await account.ask("DeleteUserPolicy", UserName="ann", PolicyName="p")
    await account.ask("DeleteUser", UserName="ann")
    with pytest.raises(AccessDenied):
        await remembered.caller(mandate, "job-1")
    await user(account, "s3:GetObject")
    with pytest.raises(AccessDenied):
        await remembered.caller(mandate, "job-1")


async def test_a_session_is_cut_as_it_was(account: Any) -> None:
    remembered = callers(account)
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    text = json.dumps({"Version": "2012-10-17", "Statement": trust})
    made = await account.ask("CreateRole", RoleName="reader", AssumeRolePolicyDocument=text)
    may = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": may})
    await account.ask("PutRolePolicy", RoleName="reader", PolicyName="p", PolicyDocument=document)
    cut = json.dumps({"Version": "2012-10-17", "Statement": {**may, "Action": "s3:GetObject"}})
    session = Session(
        kind="role",
        account=ACCOUNT,
        issuer=made["Role"]["RoleId"],
        name="now",
        issued_at=1,
        expires_at=2,
        policy=cut,
        tags={"team": "roads"},
        transitive=("team",),
        claims={"aws:x": ("y",)},
    )
    identity = await account.identities.by_session(session)
    asking = Caller(
        identity=identity, account=ACCOUNT, region="us-west-2", request_id="r", authoriser=cast("Any", None)
    )
    mandate = remembered.given(asking)
    assert "secret" not in mandate.lower()
    caller = await remembered.caller(mandate, "job-1")
    assert caller.identity == identity
    assert await caller.may(READ)
    assert not await caller.may(replace(READ, action="s3:PutObject"))
    await account.ask("DeleteRolePolicy", RoleName="reader", PolicyName="p")
    await account.ask("DeleteRole", RoleName="reader")
    with pytest.raises(AccessDenied):
        await remembered.caller(mandate, "job-1")
