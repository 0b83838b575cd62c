"""Roles: made, shown, changed and removed as IAM does, trusted by whom their policies name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.services.iam import used_by
from marinelayer.services.iam.errors import (
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    ValidationError,
)

ROOT = "arn:aws:iam::320333787981:root"


def trust(principal: Any = None, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal or {"AWS": ROOT}, "Action": "sts:AssumeRole", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


async def make(account: Any, name: str = "reader", policy: str = "", **more: Any) -> dict[str, Any]:
    made = await account.ask("CreateRole", RoleName=name, AssumeRolePolicyDocument=policy or trust(), **more)
    return made["Role"]


async def test_a_new_role_has_an_id_an_arn_and_its_trust_policy(account: Any) -> None:
    role = await make(account, Path="/team/", Description="reads", Tags=[{"Key": "a", "Value": "b"}])
    assert role == {
        "Path": "/team/",
        "RoleName": "reader",
        "RoleId": role["RoleId"],
        "Arn": "arn:aws:iam::320333787981:role/team/reader",
        "CreateDate": datetime(2021, 4, 1, tzinfo=UTC),
        "AssumeRolePolicyDocument": role["AssumeRolePolicyDocument"],
        "Description": "reads",
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    assert role["RoleId"].startswith("AROA")
    assert len(role["RoleId"]) == 21
    assert unquote(role["AssumeRolePolicyDocument"]) == trust()
    read = {**role, "MaxSessionDuration": 3600, "RoleLastUsed": {}}
    assert (await account.ask("GetRole", RoleName="reader"))["Role"] == read


async def test_names_that_differ_in_case_only_are_the_same_name(account: Any) -> None:
    await make(account)
    for name in ("reader", "Reader"):
        with pytest.raises(EntityAlreadyExists, match=f"Role with name {name} already exists."):
            await make(account, name)


async def test_a_role_that_is_not_there_is_not_found(account: Any) -> None:
    for operation, more in (
        ("GetRole", {}),
        ("DeleteRole", {}),
        ("UpdateRole", {}),
        ("UpdateRoleDescription", {"Description": "d"}),
        ("UpdateAssumeRolePolicy", {"PolicyDocument": trust()}),
        ("TagRole", {"Tags": []}),
        ("UntagRole", {"TagKeys": []}),
        ("ListRoleTags", {}),
    ):
        with pytest.raises(NoSuchEntity, match=r"The role with name absent cannot be found\."):
            await account.ask(operation, RoleName="absent", **more)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "x" * 65])
async def test_a_name_that_breaks_the_rules_is_refused(account: Any, name: str) -> None:
    with pytest.raises(ValidationError, match="roleName"):
        await make(account, name)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("{", "This policy contains invalid Json"),
        (trust() + ",", "This policy contains invalid Json"),
        (trust(Effect="Maybe"), "Syntax errors in policy"),
        (trust(Resource="*"), "Has prohibited field Resource"),
        (trust(Action="s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions"),
        (trust(Action="*"), "AssumeRole policy may only specify STS AssumeRole actions"),
        (trust({"AWS": "arn:aws:iam::320333787981:user/nobody"}), "Invalid principal in policy"),
        (trust({"AWS": "arn:aws:iam::320333787981:role/nothing"}), "Invalid principal in policy"),
        (trust({"AWS": "arn:aws:sts::320333787981:assumed-role/nothing/s"}), "Invalid principal in policy"),
        (trust({"Federated": "example.com"}), "Invalid principal in policy"),
    ],
)
async def test_a_policy_that_trusts_nobody_properly_is_refused(account: Any, policy: str, words: str) -> None:
    with pytest.raises(MalformedPolicyDocument, match=words):
        await make(account, policy=policy)
    await make(account)
    with pytest.raises(MalformedPolicyDocument, match=words):
        await account.ask("UpdateAssumeRolePolicy", RoleName="reader", PolicyDocument=policy)
    assert unquote((await account.ask("GetRole", RoleName="reader"))["Role"]["AssumeRolePolicyDocument"]) == trust()


async def test_a_trust_policy_has_at_most_2048_characters_beside_blanks(account: Any) -> None:
    longest = trust(Sid="a" * (2048 - len("".join(trust(Sid="").split()))))
    await make(account, policy=longest.replace(",", ",  "))
    with pytest.raises(LimitExceeded, match="ACLSizePerRole: 2048"):
        await make(account, "other", trust(Sid="a" * (2049 - len("".join(trust(Sid="").split())))))


async def test_a_role_changes_in_what_is_given_and_in_nothing_else(account: Any) -> None:
    await make(account, Description="reads", MaxSessionDuration=7200)
    await account.ask("UpdateRole", RoleName="reader", MaxSessionDuration=43200)
    changed = (await account.ask("GetRole", RoleName="reader"))["Role"]
    assert (changed["Description"], changed["MaxSessionDuration"]) == ("reads", 43200)
    answer = await account.ask("UpdateRoleDescription", RoleName="reader", Description="")
    assert "Description" not in answer["Role"]
    assert answer["Role"]["MaxSessionDuration"] == 43200


async def test_tags_are_added_replaced_and_taken_away(account: Any) -> None:
    await make(account, Tags=[{"Key": "Team", "Value": "a"}, {"Key": "kept", "Value": "k"}])
    await account.ask("TagRole", RoleName="reader", Tags=[{"Key": "team", "Value": "b"}, {"Key": "z", "Value": ""}])
    listed = await account.ask("ListRoleTags", RoleName="reader", MaxItems=2)
    assert listed["Tags"] == [{"Key": "kept", "Value": "k"}, {"Key": "team", "Value": "b"}]
    assert listed["IsTruncated"]
    rest = await account.ask("ListRoleTags", RoleName="reader", Marker=listed["Marker"])
    assert rest == {"Tags": [{"Key": "z", "Value": ""}], "IsTruncated": False}
    await account.ask("UntagRole", RoleName="reader", TagKeys=["TEAM", "absent"])
    assert [tag["Key"] for tag in (await account.ask("ListRoleTags", RoleName="reader"))["Tags"]] == ["kept", "z"]
    with pytest.raises(InvalidInput):
        await account.ask("TagRole", RoleName="reader", Tags=[{"Key": "aws:a", "Value": ""}])
    with pytest.raises(LimitExceeded, match="50"):
        await account.ask(
            "TagRole", RoleName="reader", Tags=[{"Key": f"n{number}", "Value": ""} for number in range(49)]
        )


async def test_roles_page_by_name_within_a_path_and_without_tags(account: Any) -> None:
    for name in ("Bob", "ann", "eve"):
        await make(account, name, Path="/team/", Tags=[{"Key": "a", "Value": "b"}])
    await make(account, "other")
    first = await account.ask("ListRoles", PathPrefix="/team/", MaxItems=2)
    assert [role["RoleName"] for role in first["Roles"]] == ["ann", "Bob"]
    assert not any("Tags" in role for role in first["Roles"])
    rest = await account.ask("ListRoles", PathPrefix="/team/", Marker=first["Marker"])
    assert [role["RoleName"] for role in rest["Roles"]] == ["eve"]
    with pytest.raises(ValidationError, match="Marker"):
        await account.ask("ListRoles", PathPrefix="/", Marker=first["Marker"])


async def test_permissions_on_roles_know_their_paths_and_tags(account: Any) -> None:
    await make(account, Path="/team/", Tags=[{"Key": "Dept", "Value": "parks"}])
    document = {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam::320333787981:role/team/*"}
    by_path = await account.user("ann", json.dumps({"Version": "2012-10-17", "Statement": document}))
    await account.ask("GetRole", by=by_path, RoleName="reader")
    tagged = {"StringEquals": {"aws:ResourceTag/dept": "streets"}}
    document = {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*", "Condition": tagged}
    by_tag = await account.user("bob", json.dumps({"Version": "2012-10-17", "Statement": document}))
    with pytest.raises(AccessDenied):
        await account.ask("GetRole", by=by_tag, RoleName="reader")
    await account.ask("TagRole", RoleName="reader", Tags=[{"Key": "dept", "Value": "streets"}])
    await account.ask("GetRole", by=by_tag, RoleName="reader")


async def test_a_policy_on_request_tags_decides_who_may_tag(account: Any) -> None:
    await make(account)
    condition = {"StringEquals": {"aws:RequestTag/dept": "parks"}, "ForAllValues:StringEquals": {"aws:TagKeys": "dept"}}
    document = {"Effect": "Allow", "Action": "iam:TagRole", "Resource": "*", "Condition": condition}
    key = await account.user("ann", json.dumps({"Version": "2012-10-17", "Statement": document}))
    await account.ask("TagRole", by=key, RoleName="reader", Tags=[{"Key": "dept", "Value": "parks"}])
    for tags in ([("dept", "other")], [("dept", "parks"), ("more", "")]):
        with pytest.raises(AccessDenied):
            await account.ask(
                "TagRole", by=key, RoleName="reader", Tags=[{"Key": one, "Value": value} for one, value in tags]
            )


async def test_an_account_sees_its_own_roles_only(account: Any) -> None:
    other = await account.open("111122223333")
    await make(account)
    assert (await account.ask("ListRoles", by=other.access_key_id))["Roles"] == []
    with pytest.raises(NoSuchEntity):
        await account.ask("DeleteRole", by=other.access_key_id, RoleName="reader")


async def test_a_role_tells_when_and_where_a_session_of_it_was_used(account: Any) -> None:
    await make(account, policy=trust({"AWS": "320333787981"}))
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    key = await account.user("ann", json.dumps({"Version": "2012-10-17", "Statement": allow}))
    arn = "arn:aws:iam::320333787981:role/reader"
    session = await account.ask("AssumeRole", service="sts", by=key, RoleArn=arn, RoleSessionName="s1")
    assert (await account.ask("GetRole", RoleName="reader"))["Role"]["RoleLastUsed"] == {}
    used = used_by((await account.caller(session["Credentials"])).identity)
    account.uses.note(used, "s3", "eu-west-1")
    last = {"LastUsedDate": datetime(2021, 4, 1, tzinfo=UTC), "Region": "eu-west-1"}
    assert (await account.ask("GetRole", RoleName="reader"))["Role"]["RoleLastUsed"] == last
    await account.uses.flush()
    assert (await account.ask("GetRole", RoleName="reader"))["Role"]["RoleLastUsed"] == last
    # Nothing is kept of keys that come and go.
    token = await account.ask("GetSessionToken", service="sts", by=key)
    assert used_by((await account.caller(token["Credentials"])).identity) == ""
    assert used_by((await account.caller(key)).identity) == key


async def test_an_accounts_details_and_summary_have_its_roles(account: Any) -> None:
    role = await make(account, Tags=[{"Key": "a", "Value": "b"}])
    await account.ask("CreateInstanceProfile", InstanceProfileName="box")
    await account.ask("AddRoleToInstanceProfile", InstanceProfileName="box", RoleName="reader")
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    await account.ask("AttachRolePolicy", RoleName="reader", PolicyArn=arn)
    details = await account.ask("GetAccountAuthorizationDetails", Filter=["Role"])
    (detail,) = details["RoleDetailList"]
    assert {name: detail[name] for name in ("RoleId", "Arn", "Tags")} == {
        name: role[name] for name in ("RoleId", "Arn", "Tags")
    }
    assert [one["InstanceProfileName"] for one in detail["InstanceProfileList"]] == ["box"]
    assert [one["PolicyArn"] for one in detail["AttachedManagedPolicies"]] == [arn]
    summary = (await account.ask("GetAccountSummary"))["SummaryMap"]
    assert (summary["Roles"], summary["InstanceProfiles"], summary["RolesQuota"]) == (1, 1, 1000)
