"""Inline policies: kept as sent, refused where they could not be enforced."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from marinelayer.services.iam.errors import LimitExceeded, MalformedPolicyDocument, NoSuchEntity, ValidationError

READ = '{"Version": "2012-10-17",\n "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}'


def padded(letters: int) -> str:
    document = json.loads(READ)
    document["Id"] = ""
    plain = len("".join(json.dumps(document).split()))
    document["Id"] = "x" * (letters - plain)
    return json.dumps(document, indent=2)


async def test_a_policy_comes_back_as_it_was_sent(account: Any) -> None:
    await account.user("ann")
    await account.ask("PutUserPolicy", UserName="ann", PolicyName="read", PolicyDocument=READ)
    got = await account.ask("GetUserPolicy", UserName="ann", PolicyName="read")
    assert (got["UserName"], got["PolicyName"]) == ("ann", "read")
    assert got["PolicyDocument"].startswith("%7B%22Version%22%3A%20%22")
    assert unquote(got["PolicyDocument"]) == READ


async def test_a_policy_of_the_same_name_is_replaced(account: Any) -> None:
    key = await account.user("ann", READ)
    other = READ.replace("Allow", "Deny")
    await account.ask("PutUserPolicy", UserName="ann", PolicyName="given", PolicyDocument=other)
    (policy,) = (await account.identities.by_access_key(key)).policies
    assert policy.text == other


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{", "Syntax errors in policy."),
        ("[]", "Syntax errors in policy."),
        (READ.replace('"*"', '"bucket"'), 'Resource bucket must be in ARN format or "*".'),
        (READ.replace("s3:Get*", "GetObject"), "Actions/Conditions must be prefaced by a vendor"),
        (READ.replace('"Resource"', '"Principal": "*", "Resource"'), "Policy document should not specify a principal."),
    ],
)
async def test_a_policy_that_can_not_be_enforced_is_refused_with_the_reason(
    account: Any, document: str, reason: str
) -> None:
    await account.user("ann")
    with pytest.raises(MalformedPolicyDocument) as refusal:
        await account.ask("PutUserPolicy", UserName="ann", PolicyName="p", PolicyDocument=document)
    assert reason in refusal.value.message
    assert (await account.ask("ListUserPolicies", UserName="ann"))["PolicyNames"] == []


async def test_a_users_policies_have_2048_letters_together(account: Any) -> None:
    await account.user("ann")
    await account.ask("PutUserPolicy", UserName="ann", PolicyName="a", PolicyDocument=padded(1000))
    await account.ask("PutUserPolicy", UserName="ann", PolicyName="b", PolicyDocument=padded(1048))
    with pytest.raises(LimitExceeded, match="Maximum policy size of 2048 bytes exceeded for user ann"):
        await account.ask("PutUserPolicy", UserName="ann", PolicyName="b", PolicyDocument=padded(1049))
    got = await account.ask("GetUserPolicy", UserName="ann", PolicyName="b")
    assert unquote(got["PolicyDocument"]) == padded(1048)


async def test_policy_names_page(account: Any) -> None:
    await account.user("ann")
    for name in ("c", "a", "b"):
        await account.ask("PutUserPolicy", UserName="ann", PolicyName=name, PolicyDocument=READ)
    first = await account.ask("ListUserPolicies", UserName="ann", MaxItems=2)
    assert (first["PolicyNames"], first["IsTruncated"]) == (["a", "b"], True)
    rest = await account.ask("ListUserPolicies", UserName="ann", MaxItems=2, Marker=first["Marker"])
    assert rest == {"PolicyNames": ["c"], "IsTruncated": False}


async def test_a_policy_that_is_not_there_is_not_found(account: Any) -> None:
    await account.user("ann")
    for operation in ("GetUserPolicy", "DeleteUserPolicy"):
        with pytest.raises(NoSuchEntity, match=r"The user policy with name p cannot be found\."):
            await account.ask(operation, UserName="ann", PolicyName="p")


async def test_a_policys_name_follows_the_rules(account: Any) -> None:
    await account.user("ann")
    with pytest.raises(ValidationError, match="policyName"):
        await account.ask("PutUserPolicy", UserName="ann", PolicyName="a b", PolicyDocument=READ)
