"""Managed policies attached to users and groups, and boundaries: they count from the next request on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.services.iam.errors import LimitExceeded, NoSuchEntity, ValidationError

ACCOUNT = "320333787981"
IAM_READ = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
SNS_READ = "arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess"


def allow(action: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def arn(name: str, path: str = "/") -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy{path}{name}"


async def test_what_is_attached_or_detached_counts_from_the_next_request_on(account: Any) -> None:
    key = await account.user("ann")
    with pytest.raises(AccessDenied):
        await account.ask("ListUsers", by=key)
    await account.ask("AttachUserPolicy", UserName="ann", PolicyArn=IAM_READ)
    await account.ask("ListUsers", by=key)
    await account.ask("DetachUserPolicy", UserName="ann", PolicyArn=IAM_READ)
    with pytest.raises(AccessDenied, match="no identity-based policy allows the iam:ListUsers action"):
        await account.ask("ListUsers", by=key)


async def test_the_default_version_is_the_one_that_counts(account: Any) -> None:
    key = await account.user("ann")
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=allow("iam:ListUsers"))
    await account.ask("AttachUserPolicy", UserName="ann", PolicyArn=arn("p"))
    await account.ask("ListUsers", by=key)
    await account.ask("CreatePolicyVersion", PolicyArn=arn("p"), PolicyDocument=allow("iam:ListGroups"))
    await account.ask("ListUsers", by=key)
    await account.ask("SetDefaultPolicyVersion", PolicyArn=arn("p"), VersionId="v2")
    with pytest.raises(AccessDenied):
        await account.ask("ListUsers", by=key)
    await account.ask("ListGroups", by=key)


async def test_attached_policies_are_listed_by_path(account: Any) -> None:
    await account.ask("CreateUser", UserName="ann")
    await account.ask("CreatePolicy", PolicyName="p", Path="/team/", PolicyDocument=allow("s3:*"))
    for policy in (SNS_READ, IAM_READ, arn("p", "/team/"), IAM_READ):
        await account.ask("AttachUserPolicy", UserName="ann", PolicyArn=policy)
    first = await account.ask("ListAttachedUserPolicies", UserName="ann", MaxItems=2)
    rest = await account.ask("ListAttachedUserPolicies", UserName="ann", MaxItems=2, Marker=first["Marker"])
    listed = first["AttachedPolicies"] + rest["AttachedPolicies"]
    assert {policy["PolicyName"]: policy["PolicyArn"] for policy in listed} == {
        "p": arn("p", "/team/"),
        "AmazonSNSReadOnlyAccess": SNS_READ,
        "IAMReadOnlyAccess": IAM_READ,
    }
    of_team = await account.ask("ListAttachedUserPolicies", UserName="ann", PathPrefix="/team/")
    assert [policy["PolicyName"] for policy in of_team["AttachedPolicies"]] == ["p"]


async def test_what_can_not_be_attached_is_refused(account: Any) -> None:
    other = await account.open("111122223333")
    await account.ask("CreatePolicy", by=other.access_key_id, PolicyName="p", PolicyDocument=allow("s3:*"))
    await account.ask("CreateUser", UserName="ann")
    for absent in (arn("absent"), "arn:aws:iam::aws:policy/Absent", "arn:aws:iam::111122223333:policy/p"):
        with pytest.raises(NoSuchEntity, match=f"Policy {absent} does not exist or is not attachable."):
            await account.ask("AttachUserPolicy", UserName="ann", PolicyArn=absent)
        with pytest.raises(NoSuchEntity, match=f"Policy {absent} was not found."):
            await account.ask("DetachUserPolicy", UserName="ann", PolicyArn=absent)
    for operation in ("AttachUserPolicy", "DetachUserPolicy"):
        with pytest.raises(ValidationError, match=r"Invalid ARN:  Could not be parsed!"):
            await account.ask(operation, UserName="ann", PolicyArn="x" * 30)
    for number in range(10):
        await account.ask("CreatePolicy", PolicyName=f"p{number}", PolicyDocument=allow("s3:*"))
        await account.ask("AttachUserPolicy", UserName="ann", PolicyArn=arn(f"p{number}"))
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for PoliciesPerUser: 10"):
        await account.ask("AttachUserPolicy", UserName="ann", PolicyArn=IAM_READ)


async def test_who_may_attach_can_be_held_to_some_policies(account: Any) -> None:
    condition = {"Condition": {"ArnEquals": {"iam:PolicyARN": SNS_READ}}}
    key = await account.user("ann", allow("iam:*", "*", **condition))
    await account.ask("CreateGroup", GroupName="readers")
    await account.ask("AttachUserPolicy", by=key, UserName="ann", PolicyArn=SNS_READ)
    await account.ask("AttachGroupPolicy", by=key, GroupName="readers", PolicyArn=SNS_READ)
    with pytest.raises(AccessDenied):
        await account.ask("AttachUserPolicy", by=key, UserName="ann", PolicyArn=IAM_READ)
    with pytest.raises(AccessDenied):
        await account.ask("AttachGroupPolicy", by=key, GroupName="readers", PolicyArn=IAM_READ)


async def test_a_policy_tells_whom_it_is_attached_to(account: Any) -> None:
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=allow("s3:*"))
    await account.ask("CreateGroup", GroupName="readers")
    for name, path in (("bob", "/team/"), ("Ann", "/")):
        await account.ask("CreateUser", UserName=name, Path=path)
    await account.ask("AttachUserPolicy", UserName="bob", PolicyArn=arn("p"))
    await account.ask("AttachGroupPolicy", GroupName="readers", PolicyArn=arn("p"))
    await account.ask("PutUserPermissionsBoundary", UserName="bob", PermissionsBoundary=arn("p"))
    await account.ask("PutUserPermissionsBoundary", UserName="Ann", PermissionsBoundary=arn("p"))

    async def names(**request: Any) -> list[str]:
        found = await account.ask("ListEntitiesForPolicy", PolicyArn=arn("p"), **request)
        assert found["IsTruncated"] is False
        return [one["GroupName"] for one in found["PolicyGroups"]] + [one["UserName"] for one in found["PolicyUsers"]]

    assert await names() == ["readers", "Ann", "bob"]
    assert await names(EntityFilter="User") == ["Ann", "bob"]
    assert await names(EntityFilter="Group") == ["readers"]
    assert await names(EntityFilter="Role") == []
    assert await names(PathPrefix="/team/") == ["bob"]
    assert await names(PolicyUsageFilter="PermissionsPolicy") == ["readers", "bob"]
    assert await names(PolicyUsageFilter="PermissionsBoundary") == ["Ann", "bob"]
    pages: list[str] = []
    more: dict[str, Any] = {}
    for _ in range(3):
        page = await account.ask("ListEntitiesForPolicy", PolicyArn=arn("p"), MaxItems=1, **more)
        pages += [one["GroupName"] for one in page["PolicyGroups"]] + [one["UserName"] for one in page["PolicyUsers"]]
        more = {"Marker": page.get("Marker")}
    assert pages == ["readers", "Ann", "bob"]
    policy = (await account.ask("GetPolicy", PolicyArn=arn("p")))["Policy"]
    assert (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]) == (2, 2)


async def test_a_boundary_cuts_what_the_users_policies_allow(account: Any) -> None:
    key = await account.user("ann", allow("iam:*"))
    await account.ask("ListGroups", by=key)
    await account.ask("CreatePolicy", PolicyName="b", PolicyDocument=allow("iam:ListUsers"))
    await account.ask("PutUserPermissionsBoundary", UserName="ann", PermissionsBoundary=arn("b"))
    await account.ask("ListUsers", by=key)
    with pytest.raises(AccessDenied, match="no permissions boundary allows the iam:ListGroups action"):
        await account.ask("ListGroups", by=key)
    shown = (await account.ask("GetUser", UserName="ann"))["User"]["PermissionsBoundary"]
    assert shown == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn("b")}
    await account.ask("DeleteUserPermissionsBoundary", UserName="ann")
    await account.ask("ListGroups", by=key)
    assert "PermissionsBoundary" not in (await account.ask("GetUser", UserName="ann"))["User"]
    with pytest.raises(NoSuchEntity):
        await account.ask("DeleteUserPermissionsBoundary", UserName="ann")


async def test_a_boundary_grants_nothing_by_itself(account: Any) -> None:
    key = await account.user("ann")
    await account.ask("PutUserPermissionsBoundary", UserName="ann", PermissionsBoundary=IAM_READ)
    with pytest.raises(AccessDenied, match="no identity-based policy allows"):
        await account.ask("ListUsers", by=key)


async def test_a_user_can_be_made_within_a_boundary(account: Any) -> None:
    key = await account.user("ann", allow("iam:*"), PermissionsBoundary=IAM_READ)
    await account.ask("ListUsers", by=key)
    with pytest.raises(AccessDenied, match="no permissions boundary allows"):
        await account.ask("CreateGroup", by=key, GroupName="g")
    with pytest.raises(NoSuchEntity, match="does not exist or is not attachable"):
        await account.ask("CreateUser", UserName="bob", PermissionsBoundary=arn("absent"))
    with pytest.raises(NoSuchEntity):
        await account.ask("GetUser", UserName="bob")


async def test_who_makes_users_can_be_held_to_a_boundary(account: Any) -> None:
    condition = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": IAM_READ}}}
    key = await account.user("ann", allow("iam:*", "*", **condition))
    with pytest.raises(AccessDenied):
        await account.ask("CreateUser", by=key, UserName="bob")
    await account.ask("CreateUser", by=key, UserName="bob", PermissionsBoundary=IAM_READ)
    await account.ask("PutUserPolicy", by=key, UserName="bob", PolicyName="p", PolicyDocument=allow("s3:*"))
    await account.ask("AttachUserPolicy", by=key, UserName="bob", PolicyArn=SNS_READ)
    await account.ask("CreateUser", UserName="free")
    with pytest.raises(AccessDenied):
        await account.ask("PutUserPolicy", by=key, UserName="free", PolicyName="p", PolicyDocument=allow("s3:*"))
    with pytest.raises(AccessDenied):
        await account.ask("PutUserPermissionsBoundary", by=key, UserName="free", PermissionsBoundary=SNS_READ)
    await account.ask("PutUserPermissionsBoundary", by=key, UserName="free", PermissionsBoundary=IAM_READ)


async def test_a_boundary_goes_with_its_user(account: Any) -> None:
    await account.ask("CreatePolicy", PolicyName="b", PolicyDocument=allow("s3:*"))
    await account.ask("CreateUser", UserName="ann", PermissionsBoundary=arn("b"))
    await account.ask("DeleteUser", UserName="ann")
    await account.ask("DeletePolicy", PolicyArn=arn("b"))
