"""What IAM tells of a whole account: alias, summary, last uses, credential report, details, condition keys."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.services.iam.errors import (
    EntityAlreadyExists,
    InvalidInput,
    NoSuchEntity,
    ReportExpired,
    ReportNotPresent,
    ValidationError,
)

HOUR = 60 * 60 * 1_000_000
SNS_READ = "arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess"


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    }
)


def allow(action: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


async def test_an_account_has_one_alias_that_no_other_has(account: Any) -> None:
    other = await account.open("111122223333")
    assert (await account.ask("ListAccountAliases"))["AccountAliases"] == []
    await account.ask("CreateAccountAlias", AccountAlias="streets")
    await account.ask("CreateAccountAlias", AccountAlias="san-francisco")
    assert (await account.ask("ListAccountAliases"))["AccountAliases"] == ["san-francisco"]
    with pytest.raises(EntityAlreadyExists, match="The account alias san-francisco already exists"):
        await account.ask("CreateAccountAlias", by=other.access_key_id, AccountAlias="san-francisco")
    await account.ask("CreateAccountAlias", by=other.access_key_id, AccountAlias="streets")
    with pytest.raises(NoSuchEntity):
        await account.ask("DeleteAccountAlias", AccountAlias="streets")
    await account.ask("DeleteAccountAlias", AccountAlias="san-francisco")
    assert (await account.ask("ListAccountAliases"))["AccountAliases"] == []


@pytest.mark.parametrize("alias", ["", "ab", "A-b", "a--b", "-ab", "ab-", "a.b", "x" * 64, "123456789012", "abc\n"])
async def test_an_alias_that_breaks_the_rules_is_refused(account: Any, alias: str) -> None:
    with pytest.raises(ValidationError, match="accountAlias"):
        await account.ask("CreateAccountAlias", AccountAlias=alias)


async def test_the_summary_counts_what_there_is(account: Any) -> None:
    await account.user("ann")
    await account.ask("CreateGroup", GroupName="g")
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=allow("s3:*"))
    await account.ask(
        "CreatePolicyVersion", PolicyArn="arn:aws:iam::320333787981:policy/p", PolicyDocument=allow("s3:*")
    )
    await account.ask("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    summary = (await account.ask("GetAccountSummary"))["SummaryMap"]
    counts = {name: summary[name] for name in ("Users", "Groups", "Roles", "Policies", "PolicyVersionsInUse")}
    assert counts == {"Users": 1, "Groups": 1, "Roles": 1, "Policies": 1, "PolicyVersionsInUse": 2}
    assert (summary["UsersQuota"], summary["AccessKeysPerUserQuota"], summary["AccountAccessKeysPresent"]) == (
        5000,
        2,
        1,
    )


async def test_the_last_use_of_a_key_is_known_before_and_after_it_is_written(account: Any) -> None:
    key = await account.user("ann")
    never = await account.ask("GetAccessKeyLastUsed", AccessKeyId=key)
    assert never == {"UserName": "ann", "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}
    account.uses.note(key, "s3", "us-west-2")
    used = {
        "UserName": "ann",
        "AccessKeyLastUsed": {
            "LastUsedDate": datetime(2021, 4, 1, tzinfo=UTC),
            "ServiceName": "s3",
            "Region": "us-west-2",
        },
    }
    assert await account.ask("GetAccessKeyLastUsed", AccessKeyId=key) == used
    await account.uses.flush()
    assert await account.ask("GetAccessKeyLastUsed", AccessKeyId=key) == used
    account.clock.time += HOUR
    account.uses.note(key, "sns", "us-east-1")
    again = (await account.ask("GetAccessKeyLastUsed", AccessKeyId=key))["AccessKeyLastUsed"]
    assert (again["ServiceName"], again["LastUsedDate"].hour) == ("sns", 1)


async def test_what_can_not_be_written_is_written_the_next_time(account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    key = await account.user("ann")
    account.uses.note(key, "s3", "us-west-2")

    async def full(*_: Any, **__: Any) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(account.tables, "write", full)
        with pytest.raises(OSError, match="no space"):
            await account.uses.flush()
    await account.uses.flush()
    assert not account.uses._noted
    use = await account.uses.of(key)
    assert (use.service, use.region) == ("s3", "us-west-2")


async def test_only_who_may_learns_of_a_keys_uses(account: Any) -> None:
    other = await account.open("111122223333")
    key = await account.user("ann", allow("iam:GetAccessKeyLastUsed", "arn:aws:iam::320333787981:user/ann"))
    strange = await account.user("bob")
    assert (await account.ask("GetAccessKeyLastUsed", by=key, AccessKeyId=key))["UserName"] == "ann"
    for denied in (strange, other.access_key_id, "AKIAABSENT0000000000"):
        with pytest.raises(AccessDenied):
            await account.ask("GetAccessKeyLastUsed", by=key, AccessKeyId=denied)
    for absent in (other.access_key_id, "AKIAABSENT0000000000"):
        with pytest.raises(NoSuchEntity):
            await account.ask("GetAccessKeyLastUsed", AccessKeyId=absent)
    root = await account.ask("GetAccessKeyLastUsed", AccessKeyId=account.root_key.access_key_id)
    assert "UserName" not in root


async def test_the_credential_report_tells_of_keys_and_passwords(account: Any) -> None:
    with pytest.raises(ReportNotPresent):
        await account.ask("GetCredentialReport")
    key = await account.user("ann", Path="/team/")
    await account.ask("UpdateAccountPasswordPolicy", MaxPasswordAge=90)
    await account.ask("CreateLoginProfile", UserName="ann", Password="correct-Horse-7")
    await account.user("bob")
    await account.ask("UpdateAccessKey", UserName="ann", AccessKeyId=key, Status="Inactive")
    account.uses.note(key, "s3", "us-west-2")
    assert await account.ask("GenerateCredentialReport") == {"State": "COMPLETE"}
    report = await account.ask("GetCredentialReport")
    assert report["ReportFormat"] == "text/csv"
    root, ann, bob = csv.DictReader(io.StringIO(report["Content"].decode()))
    assert (root["user"], root["arn"]) == ("<root_account>", "arn:aws:iam::320333787981:root")
    assert root["access_key_1_active"] == "true"
    made = "2021-04-01T00:00:00+00:00"
    assert ann == {
        "user": "ann",
        "arn": "arn:aws:iam::320333787981:user/team/ann",
        "user_creation_time": made,
        "password_enabled": "true",
        "password_last_used": "no_information",
        "password_last_changed": made,
        "password_next_rotation": "2021-06-30T00:00:00+00:00",
        "mfa_active": "false",
        "access_key_1_active": "false",
        "access_key_1_last_rotated": made,
        "access_key_1_last_used_date": made,
        "access_key_1_last_used_region": "us-west-2",
        "access_key_1_last_used_service": "s3",
        "access_key_2_active": "false",
        "access_key_2_last_rotated": "N/A",
        "access_key_2_last_used_date": "N/A",
        "access_key_2_last_used_region": "N/A",
        "access_key_2_last_used_service": "N/A",
        "cert_1_active": "false",
        "cert_1_last_rotated": "N/A",
        "cert_2_active": "false",
        "cert_2_last_rotated": "N/A",
    }
    assert (bob["password_enabled"], bob["password_last_changed"], bob["access_key_1_last_used_date"]) == (
        "false",
        "N/A",
        "N/A",
    )


async def test_a_credential_report_is_good_for_four_hours(account: Any) -> None:
    await account.ask("GenerateCredentialReport")
    first = await account.ask("GetCredentialReport")
    await account.ask("CreateUser", UserName="ann")
    account.clock.time += 4 * HOUR - 1
    await account.ask("GenerateCredentialReport")
    assert await account.ask("GetCredentialReport") == first
    account.clock.time += 1
    with pytest.raises(ReportExpired):
        await account.ask("GetCredentialReport")
    await account.ask("GenerateCredentialReport")
    assert b"user/ann" in (await account.ask("GetCredentialReport"))["Content"]


async def _with_everything(account: Any) -> None:
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=allow("s3:*"), Description="all of s3")
    arn = "arn:aws:iam::320333787981:policy/p"
    await account.ask("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=allow("s3:Get*"))
    await account.ask("CreateGroup", GroupName="g")
    await account.ask("PutGroupPolicy", GroupName="g", PolicyName="gi", PolicyDocument=allow("sns:*"))
    await account.ask("CreateUser", UserName="ann", PermissionsBoundary=arn, Tags=[{"Key": "a", "Value": "b"}])
    await account.ask("CreateUser", UserName="bob")
    await account.ask("AddUserToGroup", GroupName="g", UserName="ann")
    await account.ask("AttachUserPolicy", UserName="ann", PolicyArn=SNS_READ)
    await account.ask("PutUserPolicy", UserName="ann", PolicyName="ui", PolicyDocument=allow("iam:*"))
    await account.ask("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    await account.ask("PutRolePolicy", RoleName="r", PolicyName="ri", PolicyDocument=allow("s3:*"))
    await account.ask("AttachRolePolicy", RoleName="r", PolicyArn=SNS_READ)
    await account.ask("CreateInstanceProfile", InstanceProfileName="i")
    await account.ask("AddRoleToInstanceProfile", InstanceProfileName="i", RoleName="r")


async def test_the_details_of_an_account_hold_all_that_it_grants(account: Any) -> None:
    await _with_everything(account)
    details = await account.ask("GetAccountAuthorizationDetails")
    ann, bob = details["UserDetailList"]
    assert (ann["UserName"], bob["UserName"]) == ("ann", "bob")
    assert ann["GroupList"] == ["g"]
    assert ann["AttachedManagedPolicies"] == [{"PolicyName": "AmazonSNSReadOnlyAccess", "PolicyArn": SNS_READ}]
    assert [(one["PolicyName"], unquote(one["PolicyDocument"])) for one in ann["UserPolicyList"]] == [
        ("ui", allow("iam:*"))
    ]
    assert ann["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(":policy/p")
    assert ann["Tags"] == [{"Key": "a", "Value": "b"}]
    (group,) = details["GroupDetailList"]
    assert [one["PolicyName"] for one in group["GroupPolicyList"]] == ["gi"]
    (role,) = details["RoleDetailList"]
    assert unquote(role["AssumeRolePolicyDocument"]) == TRUST
    assert [one["PolicyName"] for one in role["RolePolicyList"]] == ["ri"]
    assert [one["PolicyArn"] for one in role["AttachedManagedPolicies"]] == [SNS_READ]
    assert [one["InstanceProfileName"] for one in role["InstanceProfileList"]] == ["i"]
    assert role["PermissionsBoundary"] == ann["PermissionsBoundary"]
    own, of_aws = details["Policies"]
    assert (own["PolicyName"], of_aws["PolicyName"]) == ("p", "AmazonSNSReadOnlyAccess")
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in own["PolicyVersionList"]] == [
        ("v2", False),
        ("v1", True),
    ]
    assert unquote(own["PolicyVersionList"][0]["Document"]) == allow("s3:Get*")
    assert details["IsTruncated"] is False


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_details_page_through_all_kinds(account: Any, size: int) -> None:
    await _with_everything(account)

    def names(page: dict[str, Any]) -> list[str]:
        return [
            *(one["UserName"] for one in page["UserDetailList"]),
            *(one["GroupName"] for one in page["GroupDetailList"]),
            *(one["RoleName"] for one in page["RoleDetailList"]),
            *(one["PolicyName"] for one in page["Policies"]),
        ]

    found: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = await account.ask("GetAccountAuthorizationDetails", MaxItems=size, **more)
        assert len(names(page)) <= size
        found += names(page)
        if not page["IsTruncated"]:
            break
        more = {"Marker": page["Marker"]}
    assert found == ["ann", "bob", "g", "r", "p", "AmazonSNSReadOnlyAccess"]
    of_groups = await account.ask("GetAccountAuthorizationDetails", Filter=["Group"])
    assert names(of_groups) == ["g"]


async def test_policies_tell_the_condition_keys_that_they_ask_for(account: Any) -> None:
    condition = {
        "Condition": {
            "Bool": {"aws:SecureTransport": "true"},
            "StringLike": {"s3:prefix": "${aws:PrincipalTag/team}/*"},
        }
    }
    document = allow("s3:*", "arn:aws:s3:::home/${aws:username}/${*}", **condition)
    expected = ["aws:PrincipalTag/team", "aws:SecureTransport", "aws:username", "s3:prefix"]
    found = await account.ask("GetContextKeysForCustomPolicy", PolicyInputList=[document, document, allow("s3:*")])
    assert found == {"ContextKeyNames": expected}
    with pytest.raises(InvalidInput):
        await account.ask("GetContextKeysForCustomPolicy", PolicyInputList=["{"])
    await account.ask("CreateUser", UserName="ann")
    await account.ask("CreateGroup", GroupName="g")
    await account.ask("AddUserToGroup", GroupName="g", UserName="ann")
    await account.ask("PutGroupPolicy", GroupName="g", PolicyName="p", PolicyDocument=document)
    ip = allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    await account.ask("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    await account.ask("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=document)
    for kind in ("user/ann", "group/g", "role/r"):
        arn = f"arn:aws:iam::320333787981:{kind}"
        found = await account.ask("GetContextKeysForPrincipalPolicy", PolicySourceArn=arn, PolicyInputList=[ip])
        assert found == {"ContextKeyNames": sorted([*expected, "aws:SourceIp"], key=str.lower)}
    with pytest.raises(NoSuchEntity):
        await account.ask("GetContextKeysForPrincipalPolicy", PolicySourceArn="arn:aws:iam::320333787981:user/x/ann")
    with pytest.raises(InvalidInput):
        await account.ask("GetContextKeysForPrincipalPolicy", PolicySourceArn="arn:aws:s3:::bucket-of-mine")
