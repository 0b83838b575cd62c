"""Services that work in the name of roles."""

import json
from dataclasses import replace
from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.pipeline.service_roles import AssumedByServices
from marinelayer.ports import Errand
from marinelayer.security.requirement import Requirement
from marinelayer.services.iam import RoleAccess

ACCOUNT = "320333787981"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
ERRAND = Errand(service="comprehend.amazonaws.com", account=ACCOUNT, region="us-west-2", id="job-1")
READ = Requirement(action="s3:GetObject", resource="arn:aws:s3:::letters/1")


def trust(service: str = "comprehend.amazonaws.com", **condition: Any) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def allowing(**condition: Any) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::letters/*"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def roles(account: Any) -> AssumedByServices:
    return AssumedByServices({}, account.identities, RoleAccess(account.tables), account.clock, lambda: "")


async def role(account: Any, trusting: str, policy: str = "") -> None:
    await account.ask("CreateRole", RoleName="reader", AssumeRolePolicyDocument=trusting)
    if policy:
        await account.ask("PutRolePolicy", RoleName="reader", PolicyName="given", PolicyDocument=policy)


async def test_a_trusted_service_may_what_the_roles_policies_allow_and_no_more(account: Any) -> None:
    await role(account, trust(), allowing())
    caller = await roles(account).assume(ROLE, ERRAND)
    assert caller.principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/comprehend"
    assert (caller.account, caller.region) == (ACCOUNT, "us-west-2")
    assert await caller.may(READ)
    assert not await caller.may(replace(READ, action="s3:PutObject"))
    assert not await caller.may(replace(READ, resource="arn:aws:s3:::others/1"))


async def test_what_a_role_may_is_read_anew_each_time(account: Any) -> None:
    await role(account, trust(), allowing())
    await account.ask("DeleteRolePolicy", RoleName="reader", PolicyName="given")
    assert not await (await roles(account).assume(ROLE, ERRAND)).may(READ)


async def test_another_service_is_not_trusted(account: Any) -> None:
    await role(account, trust("translate.amazonaws.com"), allowing())
    with pytest.raises(AccessDenied, match=r"comprehend\.amazonaws\.com is not authorized"):
        await roles(account).assume(ROLE, ERRAND)
    assert await roles(account).assume(ROLE, replace(ERRAND, service="translate.amazonaws.com"))


async def test_a_role_that_is_not_there_or_is_another_accounts_is_not_assumed(account: Any) -> None:
    with pytest.raises(AccessDenied):
        await roles(account).assume(ROLE, ERRAND)
    await role(account, trust())
    with pytest.raises(AccessDenied):
        await roles(account).assume(ROLE, replace(ERRAND, account="999999999999"))


async def test_a_trust_policy_may_name_the_source(account: Any) -> None:
    await role(account, trust(ArnLike={"aws:SourceArn": "arn:aws:comprehend:*:*:document-classifier/*"}))
    with pytest.raises(AccessDenied):
        await roles(account).assume(ROLE, ERRAND)
    source = f"arn:aws:comprehend:us-west-2:{ACCOUNT}:document-classifier/requests"
    assert await roles(account).assume(ROLE, replace(ERRAND, source=source))


async def test_conditions_on_the_region_see_the_errands(account: Any) -> None:
    await role(account, trust(), allowing(StringEquals={"aws:RequestedRegion": "us-west-2"}))
    assert await (await roles(account).assume(ROLE, ERRAND)).may(READ)
    assert not await (await roles(account).assume(ROLE, replace(ERRAND, region="us-east-1"))).may(READ)
