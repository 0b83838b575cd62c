"""IAM as boto3 sees it: users whose keys and policies are enforced, from the next request on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def policy(action: str, resource: str = "*") -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def refused(call: Callable[..., Any], *, code: str, status: int, **request: Any) -> str:
    """The message with which the call is refused."""
    with pytest.raises(ClientError) as refusal:
        call(**request)
    response = refusal.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    return response["Error"]["Message"]


@pytest.fixture
def iam(client: Any) -> Any:
    return client("iam")


@pytest.fixture
def name() -> str:
    return f"ann-{uuid.uuid4().hex[:12]}"


def test_a_user_may_what_its_policy_says_and_no_more(client: Any, iam: Any, name: str) -> None:
    user = iam.create_user(UserName=name, Path="/team/", Tags=[{"Key": "dept", "Value": "streets"}])["User"]
    assert user["Arn"] == f"arn:aws:iam::111122223333:user/team/{name}"
    assert user["CreateDate"].tzinfo is not None
    key = iam.create_access_key(UserName=name)["AccessKey"]
    sns = client("sns", key)
    message = refused(sns.list_topics, code="AuthorizationError", status=403)
    assert f"User: {user['Arn']} is not authorized to perform: " in message
    iam.put_user_policy(UserName=name, PolicyName="list", PolicyDocument=policy("sns:ListTopics"))
    sns.list_topics()
    refused(sns.create_topic, code="AuthorizationError", status=403, Name="t")
    iam.delete_user_policy(UserName=name, PolicyName="list")
    refused(sns.list_topics, code="AuthorizationError", status=403)


def test_a_key_that_is_off_or_gone_opens_nothing(client: Any, iam: Any, name: str) -> None:
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    sts = client("sts", key)
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::111122223333:user/{name}"
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    refused(sts.get_caller_identity, code="InvalidClientTokenId", status=403)
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Active")
    sts.get_caller_identity()
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    refused(sts.get_caller_identity, code="InvalidClientTokenId", status=403)


def test_the_root_is_who_it_is(client: Any) -> None:
    assert {key: value for key, value in client("sts").get_caller_identity().items() if key != "ResponseMetadata"} == {
        "UserId": "111122223333",
        "Account": "111122223333",
        "Arn": "arn:aws:iam::111122223333:root",
    }
    assert client("iam").get_user()["User"]["Arn"] == "arn:aws:iam::111122223333:root"


def test_a_policy_comes_back_as_a_document(iam: Any, name: str) -> None:
    iam.create_user(UserName=name)
    document = policy("s3:GetObject", "arn:aws:s3:::gid-reports/ä b/*")
    iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=document)
    assert iam.get_user_policy(UserName=name, PolicyName="read")["PolicyDocument"] == json.loads(document)
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == ["read"]
    refused(
        iam.put_user_policy,
        code="MalformedPolicyDocument",
        status=400,
        UserName=name,
        PolicyName="read",
        PolicyDocument="{",
    )


def test_refusals_have_awss_codes_and_statuses(iam: Any, name: str) -> None:
    assert refused(iam.get_user, code="NoSuchEntity", status=404, UserName=name) == (
        f"The user with name {name} cannot be found."
    )
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_user(UserName=name)
    iam.create_user(UserName=name)
    refused(iam.create_user, code="EntityAlreadyExists", status=409, UserName=name)
    for _ in range(2):
        iam.create_access_key(UserName=name)
    refused(iam.create_access_key, code="LimitExceeded", status=409, UserName=name)
    refused(iam.delete_user, code="DeleteConflict", status=409, UserName=name)
    refused(iam.create_user, code="ValidationError", status=400, UserName="a b")


def test_paginators_walk_through_all_users(iam: Any, name: str) -> None:
    path = f"/{name}/"
    made = {iam.create_user(UserName=f"{name}-{number}", Path=path)["User"]["UserName"] for number in range(5)}
    pages = list(iam.get_paginator("list_users").paginate(PathPrefix=path, PaginationConfig={"PageSize": 2}))
    assert [len(page["Users"]) for page in pages] == [2, 2, 1]
    assert {user["UserName"] for page in pages for user in page["Users"]} == made


def test_an_operation_that_is_not_here_says_so(iam: Any) -> None:
    refused(iam.list_virtual_mfa_devices, code="NotImplemented", status=501)


def test_what_groups_and_attached_policies_allow_is_enforced_at_once(client: Any, iam: Any, name: str) -> None:
    iam.create_user(UserName=name)
    sns = client("sns", iam.create_access_key(UserName=name)["AccessKey"])
    arn = iam.create_policy(PolicyName=name, PolicyDocument=policy("sns:ListTopics"))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    sns.list_topics()
    iam.detach_user_policy(UserName=name, PolicyArn=arn)
    refused(sns.list_topics, code="AuthorizationError", status=403)
    group = iam.create_group(GroupName=name)["Group"]
    assert group["Arn"] == f"arn:aws:iam::111122223333:group/{name}"
    iam.add_user_to_group(GroupName=name, UserName=name)
    iam.attach_group_policy(GroupName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonSNSFullAccess")
    sns.list_topics()
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn)
    sns.list_topics()
    message = refused(sns.create_topic, code="AuthorizationError", status=403, Name="t")
    assert "no permissions boundary allows the sns:CreateTopic action" in message
    deny = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sns:*", "Resource": "*"}})
    iam.put_group_policy(GroupName=name, PolicyName="deny", PolicyDocument=deny)
    message = refused(sns.list_topics, code="AuthorizationError", status=403)
    assert "explicit deny in an identity-based policy" in message
    assert iam.get_group_policy(GroupName=name, PolicyName="deny")["PolicyDocument"] == json.loads(deny)
    refused(iam.delete_policy, code="DeleteConflict", status=409, PolicyArn=arn)
    refused(iam.delete_group, code="DeleteConflict", status=409, GroupName=name)


def test_a_policy_and_its_versions_come_back_as_documents(iam: Any, name: str) -> None:
    arn = iam.create_policy(PolicyName=name, PolicyDocument=policy("s3:*"), Description="ä")["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("s3:Get*"), SetAsDefault=True)
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    assert version["Document"] == json.loads(policy("s3:Get*"))
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Description"] == "ä"
    found = [
        one["Arn"]
        for page in iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 7})
        for one in page["Policies"]
    ]
    assert {arn, "arn:aws:iam::aws:policy/AdministratorAccess"} <= set(found)
    assert len(found) == len(set(found))


def test_the_last_use_of_a_key_is_what_was_asked_with_it(client: Any, iam: Any, name: str) -> None:
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    unused = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert unused["UserName"] == name
    assert unused["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    wrong = key | {"SecretAccessKey": "x" * 40}
    refused(client("sts", wrong).get_caller_identity, code="SignatureDoesNotMatch", status=403)
    assert "LastUsedDate" not in iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    refused(client("sns", key, region_name="eu-west-1").list_topics, code="AuthorizationError", status=403)
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("sns", "eu-west-1")
    assert used["LastUsedDate"].tzinfo is not None


def test_an_account_tells_what_it_has(iam: Any, name: str) -> None:
    iam.create_user(UserName=name)
    iam.create_login_profile(UserName=name, Password="correct-Horse-7", PasswordResetRequired=True)
    refused(iam.update_login_profile, code="PasswordPolicyViolation", status=400, UserName=name, Password="weak")
    assert iam.get_account_summary()["SummaryMap"]["Users"] >= 1
    iam.update_account_password_policy(RequireNumbers=True)
    assert iam.get_account_password_policy()["PasswordPolicy"]["RequireNumbers"] is True
    iam.delete_account_password_policy()
    refused(iam.get_account_password_policy, code="NoSuchEntity", status=404)
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()["Content"]
    assert report.startswith(b"user,arn,user_creation_time,password_enabled,")
    details = [
        user["UserName"]
        for page in iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 3})
        for user in page["UserDetailList"]
    ]
    assert details.count(name) == 1
    refused(iam.delete_user, code="DeleteConflict", status=409, UserName=name)
