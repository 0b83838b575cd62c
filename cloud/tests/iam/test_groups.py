"""Groups: made, renamed, filled and deleted as IAM does; their policies count for every member."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.services.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    ValidationError,
)

SNS_READ = "arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess"


def allow(action: str, resource: str = "*", effect: str = "Allow") -> str:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


async def test_a_new_group_has_an_id_an_arn_and_no_members(account: Any) -> None:
    made = (await account.ask("CreateGroup", GroupName="readers", Path="/team/"))["Group"]
    assert made["Arn"] == "arn:aws:iam::320333787981:group/team/readers"
    assert made["GroupId"].startswith("AGPA")
    got = await account.ask("GetGroup", GroupName="readers")
    assert got == {"Group": made, "Users": [], "IsTruncated": False}
    assert (await account.ask("GetGroup", GroupName="READERS"))["Group"] == made


async def test_names_that_differ_in_case_only_are_the_same_name(account: Any) -> None:
    await account.ask("CreateGroup", GroupName="readers")
    await account.ask("CreateGroup", GroupName="writers")
    with pytest.raises(EntityAlreadyExists, match=r"Group with name Readers already exists\."):
        await account.ask("CreateGroup", GroupName="Readers", Path="/team/")
    with pytest.raises(EntityAlreadyExists, match=r"Group with name READERS already exists\."):
        await account.ask("UpdateGroup", GroupName="writers", NewGroupName="READERS")
    await account.ask("UpdateGroup", GroupName="readers", NewGroupName="READERS")
    assert (await account.ask("GetGroup", GroupName="readers"))["Group"]["GroupName"] == "READERS"


@pytest.mark.parametrize("request_", [{"GroupName": "a b"}, {"GroupName": ""}, {"GroupName": "x" * 129}])
async def test_a_name_that_breaks_the_rules_is_refused(account: Any, request_: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="groupName"):
        await account.ask("CreateGroup", **request_)


async def test_a_group_that_is_not_there_is_not_found(account: Any) -> None:
    await account.ask("CreateUser", UserName="ann")
    for operation, more in (
        ("GetGroup", {}),
        ("UpdateGroup", {"NewPath": "/a/"}),
        ("DeleteGroup", {}),
        ("AddUserToGroup", {"UserName": "ann"}),
        ("RemoveUserFromGroup", {"UserName": "ann"}),
        ("PutGroupPolicy", {"PolicyName": "p", "PolicyDocument": allow("s3:*")}),
        ("GetGroupPolicy", {"PolicyName": "p"}),
        ("ListGroupPolicies", {}),
        ("DeleteGroupPolicy", {"PolicyName": "p"}),
        ("AttachGroupPolicy", {"PolicyArn": SNS_READ}),
        ("DetachGroupPolicy", {"PolicyArn": SNS_READ}),
        ("ListAttachedGroupPolicies", {}),
    ):
        with pytest.raises(NoSuchEntity, match=r"The group with name absent cannot be found\."):
            await account.ask(operation, GroupName="absent", **more)


async def test_groups_page_by_name_within_a_path(account: Any) -> None:
    for name, path in (("c", "/team/"), ("B", "/team/"), ("a", "/team/"), ("d", "/")):
        await account.ask("CreateGroup", GroupName=name, Path=path)
    first = await account.ask("ListGroups", PathPrefix="/team", MaxItems=2)
    rest = await account.ask("ListGroups", PathPrefix="/team", MaxItems=2, Marker=first["Marker"])
    assert [group["GroupName"] for group in first["Groups"]] == ["a", "B"]
    assert [group["GroupName"] for group in rest["Groups"]] == ["c"]
    assert len((await account.ask("ListGroups"))["Groups"]) == 4


async def test_members_are_listed_by_name_and_know_their_groups(account: Any) -> None:
    for name in ("readers", "writers"):
        await account.ask("CreateGroup", GroupName=name)
    for name in ("eve", "Bob", "ann"):
        await account.ask("CreateUser", UserName=name)
        await account.ask("AddUserToGroup", GroupName="readers", UserName=name)
    await account.ask("AddUserToGroup", GroupName="readers", UserName="ann")
    await account.ask("AddUserToGroup", GroupName="writers", UserName="ann")
    first = await account.ask("GetGroup", GroupName="readers", MaxItems=2)
    rest = await account.ask("GetGroup", GroupName="readers", MaxItems=2, Marker=first["Marker"])
    assert [user["UserName"] for user in first["Users"] + rest["Users"]] == ["ann", "Bob", "eve"]
    groups = (await account.ask("ListGroupsForUser", UserName="ann"))["Groups"]
    assert [group["GroupName"] for group in groups] == ["readers", "writers"]
    await account.ask("RemoveUserFromGroup", GroupName="readers", UserName="ann")
    groups = (await account.ask("ListGroupsForUser", UserName="ann"))["Groups"]
    assert [group["GroupName"] for group in groups] == ["writers"]
    with pytest.raises(NoSuchEntity):
        await account.ask("RemoveUserFromGroup", GroupName="readers", UserName="ann")
    for operation in ("AddUserToGroup", "RemoveUserFromGroup"):
        with pytest.raises(NoSuchEntity, match=r"The user with name absent cannot be found\."):
            await account.ask(operation, GroupName="readers", UserName="absent")


async def test_a_user_is_in_ten_groups_at_most(account: Any) -> None:
    await account.ask("CreateUser", UserName="ann")
    for number in range(11):
        await account.ask("CreateGroup", GroupName=f"g{number}")
    for number in range(10):
        await account.ask("AddUserToGroup", GroupName=f"g{number}", UserName="ann")
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for GroupsPerUser: 10"):
        await account.ask("AddUserToGroup", GroupName="g10", UserName="ann")
    assert len((await account.ask("ListGroupsForUser", UserName="ann"))["Groups"]) == 10


async def test_a_group_is_deleted_when_nothing_is_left_in_it(account: Any) -> None:
    await account.ask("CreateUser", UserName="ann")
    await account.ask("CreateGroup", GroupName="readers")
    await account.ask("AddUserToGroup", GroupName="readers", UserName="ann")
    await account.ask("PutGroupPolicy", GroupName="readers", PolicyName="p", PolicyDocument=allow("s3:*"))
    await account.ask("AttachGroupPolicy", GroupName="readers", PolicyArn=SNS_READ)
    for message, operation, request in (
        ("must remove users from group first", "RemoveUserFromGroup", {"UserName": "ann"}),
        ("must delete policies first", "DeleteGroupPolicy", {"PolicyName": "p"}),
        ("must detach all policies first", "DetachGroupPolicy", {"PolicyArn": SNS_READ}),
    ):
        with pytest.raises(DeleteConflict, match=message):
            await account.ask("DeleteGroup", GroupName="readers")
        await account.ask(operation, GroupName="readers", **request)
    await account.ask("DeleteGroup", GroupName="readers")
    with pytest.raises(NoSuchEntity):
        await account.ask("GetGroup", GroupName="readers")


async def test_a_groups_inline_policies_come_back_as_they_were_sent(account: Any) -> None:
    await account.ask("CreateGroup", GroupName="readers")
    document = allow("s3:Get*") + "\n"
    for name in ("c", "a", "b"):
        await account.ask("PutGroupPolicy", GroupName="readers", PolicyName=name, PolicyDocument=document)
    got = await account.ask("GetGroupPolicy", GroupName="readers", PolicyName="a")
    assert (got["GroupName"], got["PolicyName"], unquote(got["PolicyDocument"])) == ("readers", "a", document)
    first = await account.ask("ListGroupPolicies", GroupName="readers", MaxItems=2)
    rest = await account.ask("ListGroupPolicies", GroupName="readers", MaxItems=2, Marker=first["Marker"])
    assert first["PolicyNames"] + rest["PolicyNames"] == ["a", "b", "c"]
    await account.ask("DeleteGroupPolicy", GroupName="readers", PolicyName="a")
    for operation in ("GetGroupPolicy", "DeleteGroupPolicy"):
        with pytest.raises(NoSuchEntity, match=r"The group policy with name a cannot be found\."):
            await account.ask(operation, GroupName="readers", PolicyName="a")
    with pytest.raises(MalformedPolicyDocument):
        await account.ask("PutGroupPolicy", GroupName="readers", PolicyName="a", PolicyDocument="{")
    with pytest.raises(LimitExceeded, match="Maximum policy size of 5120 bytes exceeded for group readers"):
        await account.ask(
            "PutGroupPolicy",
            GroupName="readers",
            PolicyName="a",
            PolicyDocument=allow("s3:*", f"arn:aws:s3:::{'x' * 5000}"),
        )


async def test_a_member_may_what_its_groups_may_from_the_next_request_on(account: Any) -> None:
    key = await account.user("ann")
    await account.ask("CreateGroup", GroupName="readers")
    await account.ask("PutGroupPolicy", GroupName="readers", PolicyName="p", PolicyDocument=allow("iam:ListUsers"))
    with pytest.raises(AccessDenied):
        await account.ask("ListUsers", by=key)
    await account.ask("AddUserToGroup", GroupName="readers", UserName="ann")
    await account.ask("ListUsers", by=key)
    identity = await account.identities.by_access_key(key)
    assert [(policy.kind, policy.name) for policy in identity.policies] == [("group-inline", "p")]
    await account.ask("RemoveUserFromGroup", GroupName="readers", UserName="ann")
    with pytest.raises(AccessDenied):
        await account.ask("ListUsers", by=key)


async def test_a_deny_in_a_groups_policy_wins(account: Any) -> None:
    key = await account.user("ann", allow("iam:ListUsers"))
    await account.ask("CreateGroup", GroupName="barred")
    await account.ask("CreatePolicy", PolicyName="bar", PolicyDocument=allow("iam:List*", effect="Deny"))
    arn = "arn:aws:iam::320333787981:policy/bar"
    await account.ask("AddUserToGroup", GroupName="barred", UserName="ann")
    await account.ask("ListUsers", by=key)
    await account.ask("AttachGroupPolicy", GroupName="barred", PolicyArn=arn)
    with pytest.raises(AccessDenied, match="with an explicit deny in an identity-based policy"):
        await account.ask("ListUsers", by=key)
    await account.ask("DetachGroupPolicy", GroupName="barred", PolicyArn=arn)
    await account.ask("ListUsers", by=key)


async def test_who_renames_a_group_must_be_allowed_the_old_and_the_new_name(account: Any) -> None:
    key = await account.user("ann", allow("iam:UpdateGroup", "arn:aws:iam::320333787981:group/team/*"))
    await account.ask("CreateGroup", GroupName="readers", Path="/team/")
    with pytest.raises(AccessDenied):
        await account.ask("UpdateGroup", by=key, GroupName="readers", NewPath="/")
    await account.ask("UpdateGroup", by=key, GroupName="readers", NewPath="/team/x/", NewGroupName="r")
    assert (await account.ask("GetGroup", GroupName="r"))["Group"]["Arn"].endswith(":group/team/x/r")
