"""What a role may: inline and managed policies, cut by its boundary, counting for its sessions from the next request on."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.security.facts import identity_facts
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import NO_RESOURCE, Requirement
from marinelayer.services.iam.errors import (
    DeleteConflict,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    ValidationError,
)
from marinelayer.services.sts import errors as sts_errors

ACCOUNT = "320333787981"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
    }
)
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def allow(*actions: str, effect: str = "Allow") -> str:
    statement = {"Effect": effect, "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


async def managed(account: Any, name: str, *actions: str) -> str:
    made = await account.ask("CreatePolicy", PolicyName=name, PolicyDocument=allow(*actions))
    return made["Policy"]["Arn"]


@pytest.fixture
async def role(account: Any) -> str:
    await account.ask("CreateRole", RoleName="reader", AssumeRolePolicyDocument=TRUST)
    return "reader"


async def session(account: Any, **more: Any) -> dict[str, Any]:
    """Credentials of the role, for a user made for it."""
    if not hasattr(account, "assumes"):
        account.assumes = await account.user("assumes", allow("sts:*"))
    arn = f"arn:aws:iam::{ACCOUNT}:role/reader"
    asked = {"RoleArn": arn, "RoleSessionName": "s1", **more}
    return (await account.ask("AssumeRole", service="sts", by=account.assumes, **asked))["Credentials"]


async def may(account: Any, credentials: dict[str, Any], action: str) -> bool:
    identity = await account.identities.by_access_key(credentials["AccessKeyId"], credentials["SessionToken"])
    requirement = Requirement(action=action, resource="*")
    return decide(identity, requirement, NO_RESOURCE, identity_facts(identity)).allowed


async def test_an_inline_policy_is_kept_shown_listed_and_removed(account: Any, role: str) -> None:
    for name in ("b", "a", "c"):
        await account.ask("PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=allow(f"s3:{name}"))
    shown = await account.ask("GetRolePolicy", RoleName=role, PolicyName="a")
    assert (shown["RoleName"], shown["PolicyName"], unquote(shown["PolicyDocument"])) == (role, "a", allow("s3:a"))
    first = await account.ask("ListRolePolicies", RoleName=role, MaxItems=2)
    assert first["PolicyNames"] == ["a", "b"]
    rest = await account.ask("ListRolePolicies", RoleName=role, Marker=first["Marker"])
    assert rest == {"PolicyNames": ["c"], "IsTruncated": False}
    await account.ask("DeleteRolePolicy", RoleName=role, PolicyName="a")
    for operation in ("GetRolePolicy", "DeleteRolePolicy"):
        with pytest.raises(NoSuchEntity, match=r"The role policy with name a cannot be found\."):
            await account.ask(operation, RoleName=role, PolicyName="a")
    with pytest.raises(MalformedPolicyDocument):
        await account.ask("PutRolePolicy", RoleName=role, PolicyName="d", PolicyDocument=TRUST)


async def test_inline_policies_of_a_role_have_10240_letters_together(account: Any, role: str) -> None:
    big = allow(*(f"s3:{number:0100d}" for number in range(45)))
    await account.ask("PutRolePolicy", RoleName=role, PolicyName="a", PolicyDocument=big)
    await account.ask("PutRolePolicy", RoleName=role, PolicyName="b", PolicyDocument=big)
    with pytest.raises(LimitExceeded, match="10240 bytes exceeded for role reader"):
        await account.ask("PutRolePolicy", RoleName=role, PolicyName="c", PolicyDocument=big)


async def test_a_session_may_what_its_role_may_now(account: Any, role: str) -> None:
    credentials = await session(account)
    assert not await may(account, credentials, "s3:GetObject")
    await account.ask("PutRolePolicy", RoleName=role, PolicyName="a", PolicyDocument=allow("s3:GetObject"))
    assert await may(account, credentials, "s3:GetObject")
    await account.ask("DeleteRolePolicy", RoleName=role, PolicyName="a")
    assert not await may(account, credentials, "s3:GetObject")
    await account.ask("AttachRolePolicy", RoleName=role, PolicyArn=READ_ONLY)
    assert await may(account, credentials, "s3:GetObject")
    assert not await may(account, credentials, "s3:PutObject")
    await account.ask("DetachRolePolicy", RoleName=role, PolicyArn=READ_ONLY)
    assert not await may(account, credentials, "s3:GetObject")


async def test_a_boundary_cuts_what_sessions_may(account: Any, role: str) -> None:
    await account.ask("PutRolePolicy", RoleName=role, PolicyName="a", PolicyDocument=allow("s3:*"))
    credentials = await session(account)
    limit = await managed(account, "limit", "s3:Get*")
    await account.ask("PutRolePermissionsBoundary", RoleName=role, PermissionsBoundary=limit)
    shown = (await account.ask("GetRole", RoleName=role))["Role"]
    assert shown["PermissionsBoundary"]["PermissionsBoundaryArn"] == limit
    assert await may(account, credentials, "s3:GetObject")
    assert not await may(account, credentials, "s3:PutObject")
    await account.ask("DeleteRolePermissionsBoundary", RoleName=role)
    assert await may(account, credentials, "s3:PutObject")
    with pytest.raises(NoSuchEntity, match="does not have a permissions boundary"):
        await account.ask("DeleteRolePermissionsBoundary", RoleName=role)
    asked = {"RoleName": "bounded", "AssumeRolePolicyDocument": TRUST}
    made = await account.ask("CreateRole", **asked, PermissionsBoundary=limit)
    assert made["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == limit


@pytest.mark.parametrize("arn", ["arn:aws:iam::aws:policy/Absent", f"arn:aws:iam::{ACCOUNT}:policy/absent"])
async def test_a_policy_that_is_not_there_is_neither_attached_nor_a_boundary(account: Any, role: str, arn: str) -> None:
    with pytest.raises(NoSuchEntity, match="does not exist or is not attachable"):
        await account.ask("AttachRolePolicy", RoleName=role, PolicyArn=arn)
    with pytest.raises(NoSuchEntity, match="does not exist or is not attachable"):
        await account.ask("PutRolePermissionsBoundary", RoleName=role, PermissionsBoundary=arn)
    with pytest.raises(NoSuchEntity, match="does not exist or is not attachable"):
        await account.ask("CreateRole", RoleName="b", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    with pytest.raises(NoSuchEntity):
        await account.ask("GetRole", RoleName="b")
    with pytest.raises(NoSuchEntity):
        await account.ask("DetachRolePolicy", RoleName=role, PolicyArn=arn)
    with pytest.raises(ValidationError, match=r"Invalid ARN:  Could not be parsed!"):
        await account.ask("AttachRolePolicy", RoleName=role, PolicyArn="no ARN")


async def test_attached_policies_are_listed_by_path_and_are_ten_at_most(account: Any, role: str) -> None:
    for number in range(10):
        arn = await managed(account, f"p{number}", "s3:*")
        await account.ask("AttachRolePolicy", RoleName=role, PolicyArn=arn)
        await account.ask("AttachRolePolicy", RoleName=role, PolicyArn=arn)
    with pytest.raises(LimitExceeded, match="PoliciesPerRole: 10"):
        await account.ask("AttachRolePolicy", RoleName=role, PolicyArn=READ_ONLY)
    first = await account.ask("ListAttachedRolePolicies", RoleName=role, MaxItems=9)
    assert [one["PolicyName"] for one in first["AttachedPolicies"]] == [f"p{number}" for number in range(9)]
    rest = await account.ask("ListAttachedRolePolicies", RoleName=role, Marker=first["Marker"])
    arn = f"arn:aws:iam::{ACCOUNT}:policy/p9"
    assert rest == {"AttachedPolicies": [{"PolicyName": "p9", "PolicyArn": arn}], "IsTruncated": False}
    assert (await account.ask("ListAttachedRolePolicies", RoleName=role, PathPrefix="/x"))["AttachedPolicies"] == []


async def test_a_role_with_something_left_is_not_removed(account: Any, role: str) -> None:
    await account.ask("PutRolePolicy", RoleName=role, PolicyName="a", PolicyDocument=allow("s3:*"))
    await account.ask("AttachRolePolicy", RoleName=role, PolicyArn=READ_ONLY)
    limit = await managed(account, "limit", "s3:Get*")
    await account.ask("PutRolePermissionsBoundary", RoleName=role, PermissionsBoundary=limit)
    await account.ask("CreateInstanceProfile", InstanceProfileName="box")
    await account.ask("AddRoleToInstanceProfile", InstanceProfileName="box", RoleName=role)
    for words, operation, more in (
        (
            "must remove roles from instance profile first",
            "RemoveRoleFromInstanceProfile",
            {"InstanceProfileName": "box"},
        ),
        ("must delete policies first", "DeleteRolePolicy", {"PolicyName": "a"}),
        ("must detach all policies first", "DetachRolePolicy", {"PolicyArn": READ_ONLY}),
    ):
        with pytest.raises(DeleteConflict, match=words):
            await account.ask("DeleteRole", RoleName=role)
        await account.ask(operation, RoleName=role, **more)
    await account.ask("DeleteRole", RoleName=role)
    # Its boundary went with it.
    await account.ask("DeletePolicy", PolicyArn=limit)


async def test_session_policies_cut_to_what_any_of_them_allows(account: Any, role: str) -> None:
    await account.ask("PutRolePolicy", RoleName=role, PolicyName="a", PolicyDocument=allow("s3:*"))
    arn = await managed(account, "tags", "s3:GetObjectTagging")
    credentials = await session(account, Policy=allow("s3:PutObject", "sns:Publish"), PolicyArns=[{"arn": arn}])
    for action, allowed in (
        ("s3:PutObject", True),
        ("s3:GetObjectTagging", True),
        ("s3:GetObject", False),
        ("sns:Publish", False),
    ):
        assert await may(account, credentials, action) is allowed, action
    await account.ask("DeletePolicy", PolicyArn=arn)
    assert not await may(account, credentials, "s3:GetObjectTagging")
    for arns in ([arn], [f"arn:aws:iam::{ACCOUNT}:policy/p{number}" for number in range(11)]):
        with pytest.raises(sts_errors.ValidationError):
            await session(account, PolicyArns=[{"arn": one} for one in arns])


async def test_a_policy_may_say_what_is_attached_and_by_which_boundary(account: Any, role: str) -> None:
    condition = {"ArnEquals": {"iam:PolicyARN": READ_ONLY}}
    document = {"Effect": "Allow", "Action": "iam:AttachRolePolicy", "Resource": "*", "Condition": condition}
    key = await account.user("ann", json.dumps({"Version": "2012-10-17", "Statement": document}))
    await account.ask("AttachRolePolicy", by=key, RoleName=role, PolicyArn=READ_ONLY)
    with pytest.raises(AccessDenied):
        await account.ask("AttachRolePolicy", by=key, RoleName=role, PolicyArn=await managed(account, "p", "s3:*"))
    limit = await managed(account, "limit", "s3:Get*")
    condition = {"StringEquals": {"iam:PermissionsBoundary": limit}}
    document = {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": condition}
    key = await account.user("bob", json.dumps({"Version": "2012-10-17", "Statement": document}))
    asked = {"RoleName": "bounded", "AssumeRolePolicyDocument": TRUST}
    with pytest.raises(AccessDenied):
        await account.ask("CreateRole", by=key, **asked)
    await account.ask("CreateRole", by=key, **asked, PermissionsBoundary=limit)
    put = {"PolicyName": "a", "PolicyDocument": allow("s3:*")}
    await account.ask("PutRolePolicy", by=key, RoleName="bounded", **put)
    with pytest.raises(AccessDenied):
        await account.ask("PutRolePolicy", by=key, RoleName=role, **put)


async def test_a_policy_tells_the_roles_that_use_it(account: Any, role: str) -> None:
    arn = await managed(account, "p", "s3:*")
    await account.ask("AttachRolePolicy", RoleName=role, PolicyArn=arn)
    asked = {"RoleName": "bounded", "AssumeRolePolicyDocument": TRUST}
    await account.ask("CreateRole", **asked, PermissionsBoundary=arn)
    for filters, names in (
        ({}, ["bounded", "reader"]),
        ({"EntityFilter": "Role", "PolicyUsageFilter": "PermissionsPolicy"}, ["reader"]),
        ({"PolicyUsageFilter": "PermissionsBoundary"}, ["bounded"]),
        ({"EntityFilter": "User"}, []),
    ):
        found = await account.ask("ListEntitiesForPolicy", PolicyArn=arn, **filters)
        assert [one["RoleName"] for one in found["PolicyRoles"]] == names
    with pytest.raises(DeleteConflict):
        await account.ask("DeletePolicy", PolicyArn=arn)
