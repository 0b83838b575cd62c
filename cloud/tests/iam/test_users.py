"""Users: made, shown, listed and removed as IAM does, and only by whoever may."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.model.errors import AccessDenied
from marinelayer.services.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    NoSuchEntity,
    ReportNotPresent,
    ValidationError,
)
from marinelayer.services.iam.names import checked_name, checked_path, is_name


def allow(action: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


async def test_a_new_user_has_an_id_a_path_and_an_arn(account: Any) -> None:
    made = await account.ask("CreateUser", UserName="ann", Path="/team/", Tags=[{"Key": "a", "Value": "b"}])
    user = made["User"]
    assert user == {
        "Path": "/team/",
        "UserName": "ann",
        "UserId": user["UserId"],
        "Arn": "arn:aws:iam::320333787981:user/team/ann",
        "CreateDate": datetime(2021, 4, 1, tzinfo=UTC),
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    assert len(user["UserId"]) == 21
    assert await account.ask("GetUser", UserName="ann") == made


async def test_names_that_differ_in_case_only_are_the_same_name(account: Any) -> None:
    await account.ask("CreateUser", UserName="ann")
    for name in ("ann", "Ann"):
        with pytest.raises(EntityAlreadyExists, match=f"User with name {name} already exists."):
            await account.ask("CreateUser", UserName=name)


async def test_a_user_who_is_not_there_is_not_found(account: Any) -> None:
    for operation, more in (
        ("GetUser", {}),
        ("DeleteUser", {}),
        ("CreateAccessKey", {}),
        ("ListAccessKeys", {}),
        ("ListUserPolicies", {}),
        ("GetUserPolicy", {"PolicyName": "p"}),
        ("DeleteUserPolicy", {"PolicyName": "p"}),
        ("PutUserPolicy", {"PolicyName": "p", "PolicyDocument": allow("s3:*")}),
        ("UpdateAccessKey", {"AccessKeyId": "AKIAABSENT0000000000", "Status": "Active"}),
        ("DeleteAccessKey", {"AccessKeyId": "AKIAABSENT0000000000"}),
    ):
        with pytest.raises(NoSuchEntity, match=r"The user with name bob cannot be found\."):
            await account.ask(operation, UserName="bob", **more)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "a\0", "x" * 65, "a\n"])
async def test_a_name_that_breaks_the_rules_is_refused(account: Any, name: str) -> None:
    with pytest.raises(ValidationError, match="userName"):
        await account.ask("CreateUser", UserName=name)


@pytest.mark.parametrize("path", ["", "team", "/team", "team/", "/te am/", "/ä/", "/" + "x" * 512 + "/"])
async def test_a_path_that_breaks_the_rules_is_refused(account: Any, path: str) -> None:
    with pytest.raises(ValidationError, match="path"):
        await account.ask("CreateUser", UserName="ann", Path=path)


@pytest.mark.parametrize(
    "tags",
    [
        [("a", "1"), ("A", "2")],
        [("aws:a", "1")],
        [("", "1")],
        [("k" * 129, "")],
        [("k", "v" * 257)],
        [(str(number), "") for number in range(51)],
    ],
)
async def test_tags_that_break_the_rules_are_refused(account: Any, tags: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidInput):
        await account.ask("CreateUser", UserName="ann", Tags=[{"Key": key, "Value": value} for key, value in tags])


@given(st.from_regex(r"[A-Za-z0-9_+=,.@-]{1,64}", fullmatch=True))
def test_every_name_of_iams_letters_is_accepted(name: str) -> None:
    assert checked_name(name, "userName", 64) == name
    assert is_name(name)


@given(st.text(min_size=1, max_size=40))
def test_what_is_accepted_as_a_name_has_iams_letters_only(text: str) -> None:
    assert is_name(text) == all(letter.isascii() and (letter.isalnum() or letter in "_+=,.@-") for letter in text)


@given(st.lists(st.from_regex(r"[!-.0-~]{1,8}", fullmatch=True), max_size=4))
def test_folders_make_a_path(folders: list[str]) -> None:
    path = "".join(f"/{folder}" for folder in folders) + "/"
    assert checked_path(path) == path


async def test_users_page_by_name_within_a_path(account: Any) -> None:
    for name in ("eve", "Bob", "ann", "dan"):
        await account.ask("CreateUser", UserName=name, Path="/team/")
    await account.ask("CreateUser", UserName="zoe", Path="/te%/")
    first = await account.ask("ListUsers", PathPrefix="/team", MaxItems=3)
    assert [user["UserName"] for user in first["Users"]] == ["ann", "Bob", "dan"]
    assert first["IsTruncated"] is True
    rest = await account.ask("ListUsers", PathPrefix="/team", MaxItems=3, Marker=first["Marker"])
    assert [user["UserName"] for user in rest["Users"]] == ["eve"]
    assert rest["IsTruncated"] is False
    assert "Marker" not in rest
    everyone = await account.ask("ListUsers")
    assert len(everyone["Users"]) == 5


async def test_a_marker_of_another_list_is_refused(account: Any) -> None:
    for name in ("ann", "bob"):
        await account.ask("CreateUser", UserName=name, Path="/team/")
    marker = (await account.ask("ListUsers", MaxItems=1))["Marker"]
    for forged in (marker + "x", "bob", "ä", "", marker[:-2]):
        with pytest.raises(ValidationError):
            await account.ask("ListUsers", MaxItems=1, Marker=forged)
    with pytest.raises(ValidationError):
        await account.ask("ListUsers", MaxItems=1, Marker=marker, PathPrefix="/team/")


@pytest.mark.parametrize("size", [0, -1, 1001])
async def test_a_page_has_1_to_1000_entries(account: Any, size: int) -> None:
    with pytest.raises(ValidationError, match="maxItems"):
        await account.ask("ListUsers", MaxItems=size)


async def test_a_user_is_deleted_when_nothing_is_left_of_it(account: Any) -> None:
    key = await account.user("ann", allow("s3:*"))
    await account.ask("CreateGroup", GroupName="readers")
    await account.ask("AddUserToGroup", GroupName="readers", UserName="ann")
    await account.ask("AttachUserPolicy", UserName="ann", PolicyArn=_AWS_POLICY)
    for message, operation, request in (
        ("must delete access keys first", "DeleteAccessKey", {"AccessKeyId": key}),
        ("must delete policies first", "DeleteUserPolicy", {"PolicyName": "given"}),
        ("must detach all policies first", "DetachUserPolicy", {"PolicyArn": _AWS_POLICY}),
        ("must remove users from group first", "RemoveUserFromGroup", {"GroupName": "readers"}),
    ):
        with pytest.raises(DeleteConflict, match=f"^Cannot delete entity, {message}"):
            await account.ask("DeleteUser", UserName="ann")
        await account.ask(operation, UserName="ann", **request)
    await account.ask("DeleteUser", UserName="ann")
    with pytest.raises(NoSuchEntity):
        await account.ask("GetUser", UserName="ann")


async def test_a_renamed_user_keeps_its_id_keys_and_policies(account: Any) -> None:
    key = await account.user("ann", allow("iam:GetUser"))
    before = (await account.ask("GetUser", UserName="ann"))["User"]
    await account.ask("UpdateUser", UserName="ann", NewUserName="Anna", NewPath="/team/")
    after = (await account.ask("GetUser", by=key))["User"]
    assert after == before | {
        "UserName": "Anna",
        "Path": "/team/",
        "Arn": "arn:aws:iam::320333787981:user/team/Anna",
    }
    with pytest.raises(NoSuchEntity):
        await account.ask("GetUser", UserName="ann")
    await account.ask("CreateUser", UserName="bob")
    with pytest.raises(EntityAlreadyExists, match=r"User with name ANNA already exists\."):
        await account.ask("UpdateUser", UserName="bob", NewUserName="ANNA")
    await account.ask("UpdateUser", UserName="anna", NewUserName="ANNA")
    for wrong in ({"NewUserName": "a b"}, {"NewUserName": "x" * 65}, {"NewPath": "team"}):
        with pytest.raises(ValidationError):
            await account.ask("UpdateUser", UserName="ANNA", **wrong)


async def test_who_renames_a_user_must_be_allowed_the_old_and_the_new_name(account: Any) -> None:
    key = await account.user("ann", allow("iam:UpdateUser", "arn:aws:iam::320333787981:user/team/*"))
    await account.ask("CreateUser", UserName="bob", Path="/team/")
    with pytest.raises(AccessDenied):
        await account.ask("UpdateUser", by=key, UserName="bob", NewPath="/")
    await account.ask("UpdateUser", by=key, UserName="bob", NewUserName="rob")


async def test_a_users_tags_count_from_the_next_request_on(account: Any) -> None:
    condition = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "streets"}}}
    key = await account.user("ann", allow("iam:ListUsers", "*", **condition))
    with pytest.raises(AccessDenied):
        await account.ask("ListUsers", by=key)
    await account.ask("TagUser", UserName="ann", Tags=[{"Key": "team", "Value": "streets"}, {"Key": "b", "Value": ""}])
    await account.ask("ListUsers", by=key)
    first = await account.ask("ListUserTags", UserName="ann", MaxItems=1)
    rest = await account.ask("ListUserTags", UserName="ann", MaxItems=1, Marker=first["Marker"])
    assert first["Tags"] + rest["Tags"] == [{"Key": "b", "Value": ""}, {"Key": "team", "Value": "streets"}]
    await account.ask("UntagUser", UserName="ann", TagKeys=["TEAM"])
    with pytest.raises(AccessDenied):
        await account.ask("ListUsers", by=key)
    with pytest.raises(InvalidInput, match="Duplicate tag keys"):
        await account.ask("TagUser", UserName="ann", Tags=[{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}])


async def test_who_tags_can_be_held_to_some_tags(account: Any) -> None:
    condition = {"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}}
    key = await account.user("ann", allow("iam:*", "*", **condition))
    await account.ask("TagUser", by=key, UserName="ann", Tags=[{"Key": "team", "Value": "a"}])
    for operation, request in (("TagUser", {"Tags": [{"Key": "b", "Value": ""}]}), ("UntagUser", {"TagKeys": ["b"]})):
        with pytest.raises(AccessDenied):
            await account.ask(operation, by=key, UserName="ann", **request)


async def test_a_user_is_found_whatever_the_case_of_its_name(account: Any) -> None:
    made = await account.ask("CreateUser", UserName="Ann")
    assert await account.ask("GetUser", UserName="ann") == made


async def test_the_root_finds_itself_without_a_name(account: Any) -> None:
    user = (await account.ask("GetUser"))["User"]
    assert user == {
        "UserId": "320333787981",
        "Arn": "arn:aws:iam::320333787981:root",
        "CreateDate": datetime(2021, 4, 1, tzinfo=UTC),
    }


async def test_a_user_finds_itself_only_if_it_may(account: Any) -> None:
    denied = await account.user("ann")
    with pytest.raises(AccessDenied, match=r"not authorized to perform: iam:GetUser on resource: .*:user/ann"):
        await account.ask("GetUser", by=denied)
    allowed = await account.user("bob", allow("iam:GetUser", "arn:aws:iam::320333787981:user/${aws:username}"))
    assert (await account.ask("GetUser", by=allowed))["User"]["UserName"] == "bob"
    with pytest.raises(AccessDenied):
        await account.ask("GetUser", by=allowed, UserName="ann")


async def test_permission_is_judged_by_the_path_that_the_user_has(account: Any) -> None:
    key = await account.user("ann", allow("iam:GetUser", "arn:aws:iam::320333787981:user/team/*"))
    await account.ask("CreateUser", UserName="bob", Path="/team/")
    await account.ask("CreateUser", UserName="team", Path="/")
    assert (await account.ask("GetUser", by=key, UserName="bob"))["User"]["Path"] == "/team/"
    for other in ("team", "absent", "team/absent"):
        with pytest.raises((AccessDenied, ValidationError)):
            await account.ask("GetUser", by=key, UserName=other)


async def test_permission_can_be_judged_by_a_users_tags(account: Any) -> None:
    condition = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "streets"}}}
    key = await account.user("ann", allow("iam:DeleteUser", "*", **condition))
    await account.ask("CreateUser", UserName="bob", Tags=[{"Key": "team", "Value": "streets"}])
    await account.ask("CreateUser", UserName="eve", Tags=[{"Key": "team", "Value": "parks"}])
    await account.ask("DeleteUser", by=key, UserName="bob")
    with pytest.raises(AccessDenied):
        await account.ask("DeleteUser", by=key, UserName="eve")


async def test_a_stranger_does_not_learn_whether_a_user_exists(account: Any) -> None:
    key = await account.user("ann")
    messages: list[str] = []
    for name in ("ann", "absent"):
        with pytest.raises(AccessDenied) as refusal:
            await account.ask("GetUser", by=key, UserName=name)
        messages.append(refusal.value.message.replace(name, "NAME"))
    # The refusal names who asks, ann, in both.
    assert messages[0] == messages[1].replace("user/ann ", "user/NAME ")


async def test_an_account_sees_its_own_users_only(account: Any) -> None:
    other = await account.open("111122223333")
    await account.ask("CreateUser", UserName="ann")
    assert (await account.ask("ListUsers", by=other.access_key_id))["Users"] == []
    with pytest.raises(NoSuchEntity):
        await account.ask("GetUser", by=other.access_key_id, UserName="ann")
    await account.ask("CreateUser", by=other.access_key_id, UserName="ann")


_AWS_POLICY = "arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess"
_POLICY = {"PolicyArn": "arn:aws:iam::320333787981:policy/p"}
_GROUP = {"GroupName": "readers"}
TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}
)
_ISSUER = {"OpenIDConnectProviderArn": "arn:aws:iam::320333787981:oidc-provider/absent.example"}
_MINIMAL: dict[str, dict[str, Any]] = {
    "CreateLoginProfile": {"UserName": "ann", "Password": "correct-Horse-7"},
    "GetLoginProfile": {"UserName": "ann"},
    "UpdateLoginProfile": {"UserName": "ann"},
    "DeleteLoginProfile": {"UserName": "ann"},
    "ChangePassword": {"OldPassword": "a", "NewPassword": "b"},
    "UpdateAccountPasswordPolicy": {},
    "GetAccountPasswordPolicy": {},
    "DeleteAccountPasswordPolicy": {},
    "CreateAccountAlias": {"AccountAlias": "some-alias"},
    "ListAccountAliases": {},
    "DeleteAccountAlias": {"AccountAlias": "some-alias"},
    "GetAccountSummary": {},
    "GetAccessKeyLastUsed": {"AccessKeyId": "AKIAABSENT0000000000"},
    "GenerateCredentialReport": {},
    "GetCredentialReport": {},
    "GetAccountAuthorizationDetails": {},
    "GetContextKeysForCustomPolicy": {"PolicyInputList": [allow("*")]},
    "GetContextKeysForPrincipalPolicy": {"PolicySourceArn": "arn:aws:iam::320333787981:user/ann"},
    "CreateGroup": {"GroupName": "new"},
    "GetGroup": _GROUP,
    "ListGroups": {},
    "UpdateGroup": _GROUP,
    "DeleteGroup": _GROUP,
    "AddUserToGroup": _GROUP | {"UserName": "ann"},
    "RemoveUserFromGroup": _GROUP | {"UserName": "ann"},
    "ListGroupsForUser": {"UserName": "ann"},
    "PutGroupPolicy": _GROUP | {"PolicyName": "p", "PolicyDocument": allow("*")},
    "GetGroupPolicy": _GROUP | {"PolicyName": "p"},
    "ListGroupPolicies": _GROUP,
    "DeleteGroupPolicy": _GROUP | {"PolicyName": "p"},
    "AttachGroupPolicy": _GROUP | {"PolicyArn": _AWS_POLICY},
    "DetachGroupPolicy": _GROUP | {"PolicyArn": _AWS_POLICY},
    "ListAttachedGroupPolicies": _GROUP,
    "AttachUserPolicy": {"UserName": "ann", "PolicyArn": _AWS_POLICY},
    "DetachUserPolicy": {"UserName": "ann", "PolicyArn": _AWS_POLICY},
    "ListAttachedUserPolicies": {"UserName": "ann"},
    "ListEntitiesForPolicy": _POLICY,
    "PutUserPermissionsBoundary": {"UserName": "ann", "PermissionsBoundary": _AWS_POLICY},
    "DeleteUserPermissionsBoundary": {"UserName": "ann"},
    "UpdateUser": {"UserName": "ann"},
    "TagUser": {"UserName": "ann", "Tags": [{"Key": "a", "Value": "b"}]},
    "UntagUser": {"UserName": "ann", "TagKeys": ["a"]},
    "ListUserTags": {"UserName": "ann"},
    "CreatePolicy": {"PolicyName": "new", "PolicyDocument": allow("*")},
    "GetPolicy": _POLICY,
    "ListPolicies": {},
    "DeletePolicy": _POLICY,
    "TagPolicy": _POLICY | {"Tags": [{"Key": "a", "Value": "b"}]},
    "UntagPolicy": _POLICY | {"TagKeys": ["a"]},
    "ListPolicyTags": _POLICY,
    "CreatePolicyVersion": _POLICY | {"PolicyDocument": allow("*")},
    "GetPolicyVersion": _POLICY | {"VersionId": "v1"},
    "ListPolicyVersions": _POLICY,
    "SetDefaultPolicyVersion": _POLICY | {"VersionId": "v1"},
    "DeletePolicyVersion": _POLICY | {"VersionId": "v1"},
    "SimulateCustomPolicy": {"PolicyInputList": [allow("*")], "ActionNames": ["s3:GetObject"]},
    "SimulatePrincipalPolicy": {
        "PolicySourceArn": "arn:aws:iam::320333787981:user/ann",
        "ActionNames": ["s3:GetObject"],
    },
    "CreateUser": {"UserName": "new"},
    "GetUser": {"UserName": "ann"},
    "ListUsers": {},
    "DeleteUser": {"UserName": "ann"},
    "CreateAccessKey": {"UserName": "ann"},
    "ListAccessKeys": {"UserName": "ann"},
    "UpdateAccessKey": {"UserName": "ann", "AccessKeyId": "AKIAABSENT0000000000", "Status": "Active"},
    "DeleteAccessKey": {"UserName": "ann", "AccessKeyId": "AKIAABSENT0000000000"},
    "PutUserPolicy": {"UserName": "ann", "PolicyName": "p", "PolicyDocument": allow("*")},
    "GetUserPolicy": {"UserName": "ann", "PolicyName": "p"},
    "ListUserPolicies": {"UserName": "ann"},
    "DeleteUserPolicy": {"UserName": "ann", "PolicyName": "p"},
    "CreateRole": {"RoleName": "new", "AssumeRolePolicyDocument": TRUST},
    "GetRole": {"RoleName": "absent"},
    "ListRoles": {},
    "UpdateRole": {"RoleName": "absent"},
    "UpdateRoleDescription": {"RoleName": "absent", "Description": "d"},
    "UpdateAssumeRolePolicy": {"RoleName": "absent", "PolicyDocument": TRUST},
    "DeleteRole": {"RoleName": "absent"},
    "TagRole": {"RoleName": "absent", "Tags": []},
    "UntagRole": {"RoleName": "absent", "TagKeys": []},
    "ListRoleTags": {"RoleName": "absent"},
    "PutRolePolicy": {"RoleName": "absent", "PolicyName": "p", "PolicyDocument": allow("*")},
    "GetRolePolicy": {"RoleName": "absent", "PolicyName": "p"},
    "ListRolePolicies": {"RoleName": "absent"},
    "DeleteRolePolicy": {"RoleName": "absent", "PolicyName": "p"},
    "AttachRolePolicy": {"RoleName": "absent", **_POLICY},
    "DetachRolePolicy": {"RoleName": "absent", **_POLICY},
    "ListAttachedRolePolicies": {"RoleName": "absent"},
    "PutRolePermissionsBoundary": {"RoleName": "absent", "PermissionsBoundary": _POLICY["PolicyArn"]},
    "DeleteRolePermissionsBoundary": {"RoleName": "absent"},
    "CreateInstanceProfile": {"InstanceProfileName": "new"},
    "GetInstanceProfile": {"InstanceProfileName": "absent"},
    "ListInstanceProfiles": {},
    "ListInstanceProfilesForRole": {"RoleName": "absent"},
    "DeleteInstanceProfile": {"InstanceProfileName": "absent"},
    "AddRoleToInstanceProfile": {"InstanceProfileName": "absent", "RoleName": "absent"},
    "RemoveRoleFromInstanceProfile": {"InstanceProfileName": "absent", "RoleName": "absent"},
    "TagInstanceProfile": {"InstanceProfileName": "absent", "Tags": []},
    "UntagInstanceProfile": {"InstanceProfileName": "absent", "TagKeys": []},
    "ListInstanceProfileTags": {"InstanceProfileName": "absent"},
    "CreateOpenIDConnectProvider": {"Url": "https://issuer.example"},
    "GetOpenIDConnectProvider": _ISSUER,
    "ListOpenIDConnectProviders": {},
    "DeleteOpenIDConnectProvider": _ISSUER,
    "AddClientIDToOpenIDConnectProvider": {**_ISSUER, "ClientID": "c"},
    "RemoveClientIDFromOpenIDConnectProvider": {**_ISSUER, "ClientID": "c"},
    "UpdateOpenIDConnectProviderThumbprint": {**_ISSUER, "ThumbprintList": ["a" * 40]},
    "TagOpenIDConnectProvider": {**_ISSUER, "Tags": [{"Key": "k", "Value": "v"}]},
    "UntagOpenIDConnectProvider": {**_ISSUER, "TagKeys": ["k"]},
    "ListOpenIDConnectProviderTags": _ISSUER,
}


async def test_every_operation_is_denied_to_a_user_without_policies(account: Any) -> None:
    key = await account.user("ann")
    assert _MINIMAL.keys() == account.operations.keys()
    for operation, request in _MINIMAL.items():
        with pytest.raises(AccessDenied, match=f"iam:{operation}"):
            await account.ask(operation, by=key, **request)
        own = {name: value for name, value in request.items() if name != "UserName"}
        if operation in {"GetUser", "CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey"}:
            with pytest.raises(AccessDenied, match=f"iam:{operation}"):
                await account.ask(operation, by=key, **own)


async def test_every_operation_is_allowed_by_its_own_action_alone(account: Any) -> None:
    await account.user("ann")
    for operation, request in _MINIMAL.items():
        key = await account.user(f"by-{operation}", allow(f"iam:{operation}"))
        # What there is nothing to do for is told to those who may only.
        with suppress(NoSuchEntity, DeleteConflict, ReportNotPresent):
            await account.ask(operation, by=key, **request)
