"""Managed policies: made, versioned, listed, tagged and deleted as IAM does; AWS's own beside them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.model.errors import AccessDenied
from marinelayer.security.policy.validation import validate_policy
from marinelayer.services.iam.attachments import attach, attached, detach, held, set_boundary
from marinelayer.services.iam.aws_policies import aws_policies
from marinelayer.services.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    ValidationError,
)
from marinelayer.services.iam.tags import tagged, untagged

ACCOUNT = "320333787981"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def allow(action: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def arn(name: str, path: str = "/") -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy{path}{name}"


async def test_a_new_policy_has_one_version_and_is_attached_to_nobody(account: Any) -> None:
    tags = [{"Key": "team", "Value": "streets"}]
    made = (
        await account.ask(
            "CreatePolicy",
            PolicyName="read",
            Path="/team/",
            PolicyDocument=allow("s3:Get*"),
            Description="reads",
            Tags=tags,
        )
    )["Policy"]
    assert made["Arn"] == arn("read", "/team/")
    assert made["PolicyId"].startswith("ANPA")
    assert (made["DefaultVersionId"], made["AttachmentCount"], made["IsAttachable"]) == ("v1", 0, True)
    assert made["Tags"] == tags
    got = (await account.ask("GetPolicy", PolicyArn=made["Arn"]))["Policy"]
    assert got == made | {"Description": "reads"}
    version = (await account.ask("GetPolicyVersion", PolicyArn=made["Arn"], VersionId="v1"))["PolicyVersion"]
    assert unquote(version["Document"]) == allow("s3:Get*")
    assert version["IsDefaultVersion"] is True


async def test_names_that_differ_in_case_or_path_only_are_the_same_name(account: Any) -> None:
    await account.ask("CreatePolicy", PolicyName="read", PolicyDocument=allow("s3:Get*"))
    for name, path in (("read", "/"), ("Read", "/"), ("read", "/team/")):
        with pytest.raises(EntityAlreadyExists, match=f"A policy called {name} already exists"):
            await account.ask("CreatePolicy", PolicyName=name, Path=path, PolicyDocument=allow("s3:Get*"))


@pytest.mark.parametrize(
    ("error", "request_"),
    [
        (ValidationError, {"PolicyName": "a b"}),
        (ValidationError, {"PolicyName": "x" * 129}),
        (ValidationError, {"Path": "team"}),
        (ValidationError, {"Description": "x" * 1001}),
        (MalformedPolicyDocument, {"PolicyDocument": "{"}),
        (InvalidInput, {"Tags": [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]}),
        (LimitExceeded, {"PolicyDocument": allow("s3:Get*", f"arn:aws:s3:::{'x' * 6144}")}),
    ],
)
async def test_a_policy_that_breaks_the_rules_is_refused(
    account: Any, error: type[Exception], request_: dict[str, Any]
) -> None:
    request = {"PolicyName": "p", "PolicyDocument": allow("s3:Get*")} | request_
    with pytest.raises(error):
        await account.ask("CreatePolicy", **request)
    assert (await account.ask("ListPolicies", Scope="Local"))["Policies"] == []


async def test_blanks_do_not_count_against_the_size(account: Any) -> None:
    plain = len("".join(allow("s3:Get*", "arn:aws:s3:::").split()))
    document = allow("s3:Get*", f"arn:aws:s3:::{'x' * (6144 - plain)}")
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=document + " " * 1000)
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for PolicySize: 6144"):
        await account.ask("CreatePolicyVersion", PolicyArn=arn("p"), PolicyDocument=document.replace("xx", "xxx", 1))


async def test_a_policy_has_five_versions_and_numbers_are_not_used_again(account: Any) -> None:
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=allow("s3:Get*"))
    for number in range(2, 6):
        made = await account.ask(
            "CreatePolicyVersion", PolicyArn=arn("p"), PolicyDocument=allow(f"s3:Get{number}"), SetAsDefault=number == 3
        )
        assert made["PolicyVersion"]["VersionId"] == f"v{number}"
        assert made["PolicyVersion"]["IsDefaultVersion"] is (number == 3)
    with pytest.raises(LimitExceeded, match="can have up to 5 versions"):
        await account.ask("CreatePolicyVersion", PolicyArn=arn("p"), PolicyDocument=allow("s3:*"))
    await account.ask("DeletePolicyVersion", PolicyArn=arn("p"), VersionId="v5")
    made = await account.ask("CreatePolicyVersion", PolicyArn=arn("p"), PolicyDocument=allow("s3:*"))
    assert made["PolicyVersion"]["VersionId"] == "v6"
    first = await account.ask("ListPolicyVersions", PolicyArn=arn("p"), MaxItems=3)
    rest = await account.ask("ListPolicyVersions", PolicyArn=arn("p"), MaxItems=3, Marker=first["Marker"])
    versions = first["Versions"] + rest["Versions"]
    assert [version["VersionId"] for version in versions] == ["v6", "v4", "v3", "v2", "v1"]
    assert [version["VersionId"] for version in versions if version["IsDefaultVersion"]] == ["v3"]
    assert all("Document" not in version for version in versions)


async def test_the_default_version_can_be_changed_but_not_deleted(account: Any) -> None:
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=allow("s3:Get*"))
    await account.ask("CreatePolicyVersion", PolicyArn=arn("p"), PolicyDocument=allow("s3:*"))
    with pytest.raises(DeleteConflict, match=r"Cannot delete the default version of a policy\."):
        await account.ask("DeletePolicyVersion", PolicyArn=arn("p"), VersionId="v1")
    await account.ask("SetDefaultPolicyVersion", PolicyArn=arn("p"), VersionId="v2")
    await account.ask("DeletePolicyVersion", PolicyArn=arn("p"), VersionId="v1")
    assert (await account.ask("GetPolicy", PolicyArn=arn("p")))["Policy"]["DefaultVersionId"] == "v2"
    for operation in ("GetPolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion"):
        for version in ("v1", "v9", "v0", "one", ""):
            with pytest.raises(NoSuchEntity, match=f"version {version} does not exist"):
                await account.ask(operation, PolicyArn=arn("p"), VersionId=version)


async def test_a_policy_in_use_or_with_further_versions_can_not_be_deleted(account: Any) -> None:
    key = await account.user("ann")
    owner = (await account.identities.by_access_key(key)).principal.unique_id
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=allow("s3:Get*"))
    await account.ask("CreatePolicyVersion", PolicyArn=arn("p"), PolicyDocument=allow("s3:*"))
    await account.tables.write(attach, owner, arn("p"), account=ACCOUNT, kind="User")
    with pytest.raises(DeleteConflict, match=r"Cannot delete a policy attached to entities\."):
        await account.ask("DeletePolicy", PolicyArn=arn("p"))
    await account.tables.write(detach, owner, arn("p"))
    with pytest.raises(DeleteConflict, match="This policy has more than one version"):
        await account.ask("DeletePolicy", PolicyArn=arn("p"))
    await account.ask("DeletePolicyVersion", PolicyArn=arn("p"), VersionId="v2")
    await account.ask("DeletePolicy", PolicyArn=arn("p"))
    for operation in ("GetPolicy", "DeletePolicy", "ListPolicyVersions", "ListPolicyTags"):
        with pytest.raises(NoSuchEntity, match=f"Policy {arn('p')} was not found"):
            await account.ask(operation, PolicyArn=arn("p"))
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=allow("s3:Get*"))


async def test_policies_are_listed_by_scope_path_and_use(account: Any) -> None:
    key = await account.user("ann")
    owner = (await account.identities.by_access_key(key)).principal.unique_id
    for name, path in (("b", "/"), ("A", "/team/"), ("c", "/team/")):
        await account.ask("CreatePolicy", PolicyName=name, Path=path, PolicyDocument=allow("s3:Get*"))
    await account.tables.write(attach, owner, arn("A", "/team/"), account=ACCOUNT, kind="User")
    await account.tables.write(attach, owner, READ_ONLY, account=ACCOUNT, kind="User")
    await account.tables.write(set_boundary, owner, arn("b"), account=ACCOUNT)

    async def names(**request: Any) -> list[str]:
        return [policy["PolicyName"] for policy in (await account.ask("ListPolicies", **request))["Policies"]]

    of_aws = [policy.name for policy in aws_policies().values()]
    assert await names(Scope="Local") == ["A", "b", "c"]
    assert await names(Scope="AWS") == of_aws
    assert await names() == ["A", "b", "c", *of_aws]
    assert await names(PathPrefix="/team/") == ["A", "c"]
    assert await names(PathPrefix="/job-function/") == ["ViewOnlyAccess"]
    assert await names(OnlyAttached=True) == ["A", "b", "AmazonS3ReadOnlyAccess"]
    assert await names(PolicyUsageFilter="PermissionsBoundary") == ["b"]
    assert await names(PolicyUsageFilter="PermissionsPolicy") == ["A", "AmazonS3ReadOnlyAccess"]
    counts = {
        policy["PolicyName"]: (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"])
        for policy in (await account.ask("ListPolicies", OnlyAttached=True))["Policies"]
    }
    assert counts == {"A": (1, 0), "b": (0, 1), "AmazonS3ReadOnlyAccess": (1, 0)}


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_pages_lead_from_the_accounts_policies_to_awss(account: Any, size: int) -> None:
    for name in ("b", "A", "c"):
        await account.ask("CreatePolicy", PolicyName=name, PolicyDocument=allow("s3:Get*"))
    whole = [policy["Arn"] for policy in (await account.ask("ListPolicies"))["Policies"]]
    found: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = await account.ask("ListPolicies", MaxItems=size, **more)
        assert len(page["Policies"]) <= size
        found += [policy["Arn"] for policy in page["Policies"]]
        if not page["IsTruncated"]:
            break
        more = {"Marker": page["Marker"]}
    assert found == whole
    with pytest.raises(ValidationError):
        await account.ask(
            "ListPolicies", Scope="Local", Marker=(await account.ask("ListPolicies", MaxItems=1))["Marker"]
        )


async def test_tags_are_added_replaced_and_removed_whatever_their_case(account: Any) -> None:
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=allow("s3:Get*"))
    await account.ask("TagPolicy", PolicyArn=arn("p"), Tags=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "2"}])
    await account.ask("TagPolicy", PolicyArn=arn("p"), Tags=[{"Key": "B", "Value": "3"}])
    assert (await account.ask("ListPolicyTags", PolicyArn=arn("p")))["Tags"] == [
        {"Key": "B", "Value": "3"},
        {"Key": "a", "Value": "2"},
    ]
    first = await account.ask("ListPolicyTags", PolicyArn=arn("p"), MaxItems=1)
    rest = await account.ask("ListPolicyTags", PolicyArn=arn("p"), MaxItems=1, Marker=first["Marker"])
    assert rest == {"Tags": [{"Key": "a", "Value": "2"}], "IsTruncated": False}
    await account.ask("UntagPolicy", PolicyArn=arn("p"), TagKeys=["b", "absent"])
    assert (await account.ask("ListPolicyTags", PolicyArn=arn("p")))["Tags"] == [{"Key": "a", "Value": "2"}]
    with pytest.raises(LimitExceeded):
        await account.ask(
            "TagPolicy", PolicyArn=arn("p"), Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)]
        )


@given(
    st.dictionaries(st.text("abAB", min_size=1, max_size=2), st.text(max_size=2), max_size=5),
    st.dictionaries(st.sampled_from(["a", "b", "ab", "bb"]), st.text(max_size=2)),
)
def test_the_tags_that_were_added_stand_and_go_with_their_keys(tags: dict[str, str], added: dict[str, str]) -> None:
    found = tagged(tags, added)
    assert found.items() >= added.items()
    assert {key.lower() for key in found} == {key.lower() for key in (*tags, *added)}
    gone = untagged(found, [key.upper() for key in added])
    assert not {key.lower() for key in gone} & set(added)


async def test_permission_can_be_judged_by_a_policys_tags(account: Any) -> None:
    condition = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "streets"}}}
    key = await account.user("ann", allow("iam:DeletePolicy", "*", **condition))
    for name, team in (("p", "streets"), ("q", "parks")):
        await account.ask(
            "CreatePolicy",
            PolicyName=name,
            PolicyDocument=allow("s3:Get*"),
            Tags=[{"Key": "team", "Value": team}],
        )
    await account.ask("DeletePolicy", by=key, PolicyArn=arn("p"))
    for other in ("q", "absent"):
        with pytest.raises(AccessDenied):
            await account.ask("DeletePolicy", by=key, PolicyArn=arn(other))


async def test_a_policy_with_tags_is_made_by_who_may_tag(account: Any) -> None:
    key = await account.user("ann", allow("iam:CreatePolicy"))
    request = {"PolicyName": "p", "PolicyDocument": allow("s3:*")}
    with pytest.raises(AccessDenied, match="iam:TagPolicy"):
        await account.ask("CreatePolicy", by=key, Tags=[{"Key": "a", "Value": "b"}], **request)
    await account.ask("CreatePolicy", by=key, **request)


async def test_awss_policies_can_be_read_and_not_changed(account: Any) -> None:
    got = (await account.ask("GetPolicy", PolicyArn=READ_ONLY))["Policy"]
    assert (got["PolicyName"], got["Path"], got["DefaultVersionId"]) == ("AmazonS3ReadOnlyAccess", "/", "v1")
    (version,) = (await account.ask("ListPolicyVersions", PolicyArn=READ_ONLY))["Versions"]
    assert version["VersionId"] == "v1"
    document = (await account.ask("GetPolicyVersion", PolicyArn=READ_ONLY, VersionId="v1"))["PolicyVersion"]["Document"]
    assert "s3:Get*" in json.loads(unquote(document))["Statement"][0]["Action"]
    for operation, more in (
        ("DeletePolicy", {}),
        ("TagPolicy", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("UntagPolicy", {"TagKeys": ["a"]}),
        ("CreatePolicyVersion", {"PolicyDocument": allow("*")}),
        ("SetDefaultPolicyVersion", {"VersionId": "v1"}),
        ("DeletePolicyVersion", {"VersionId": "v1"}),
    ):
        with pytest.raises(AccessDenied, match=r"Policy is outside your own account\."):
            await account.ask(operation, PolicyArn=READ_ONLY, **more)


async def test_another_accounts_policies_are_out_of_reach(account: Any) -> None:
    other = await account.open("111122223333")
    await account.ask("CreatePolicy", PolicyName="p", PolicyDocument=allow("s3:Get*"))
    with pytest.raises(AccessDenied):
        await account.ask("GetPolicy", by=other.access_key_id, PolicyArn=arn("p"))
    assert (await account.ask("ListPolicies", by=other.access_key_id, Scope="Local"))["Policies"] == []


@pytest.mark.parametrize("wrong", ["arn:aws:iam::320333787981:user/ann-and-bob", "arn:aws:iam::aws:policy/"])
async def test_what_is_no_arn_of_a_policy_is_refused(account: Any, wrong: str) -> None:
    with pytest.raises(InvalidInput, match="is not valid"):
        await account.ask("GetPolicy", PolicyArn=wrong)


@pytest.mark.parametrize("wrong", ["no-arn-but-twenty-letters", "arn:aws:iam:policy/read"])
async def test_what_is_no_arn_at_all_is_refused(account: Any, wrong: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        await account.ask("GetPolicy", PolicyArn=wrong)
    assert refusal.value.message == "Invalid ARN:  Could not be parsed!"


async def test_ten_policies_can_be_attached_and_their_documents_are_held(account: Any) -> None:
    for number in range(10):
        await account.ask("CreatePolicy", PolicyName=f"p{number}", PolicyDocument=allow(f"s3:Get{number}"))
        await account.tables.write(attach, "AROAEXAMPLE", arn(f"p{number}"), account=ACCOUNT, kind="Role")
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for PoliciesPerRole: 10"):
        await account.tables.write(attach, "AROAEXAMPLE", READ_ONLY, account=ACCOUNT, kind="Role")
    await account.tables.write(attach, "AROAEXAMPLE", arn("p0"), account=ACCOUNT, kind="Role")
    await account.tables.write(detach, "AROAEXAMPLE", arn("p9"))
    await account.tables.write(attach, "AROAEXAMPLE", READ_ONLY, account=ACCOUNT, kind="Role")
    assert await account.tables.read(attached, "AROAEXAMPLE") == [
        *(arn(f"p{number}") for number in range(9)),
        READ_ONLY,
    ]
    await account.ask("CreatePolicyVersion", PolicyArn=arn("p0"), PolicyDocument=allow("s3:Put*"), SetAsDefault=True)
    found = await account.tables.read(held, "AROAEXAMPLE")
    assert {policy.name: policy.text for policy in found.policies} == {
        arn("p0"): allow("s3:Put*"),
        **{arn(f"p{number}"): allow(f"s3:Get{number}") for number in range(1, 9)},
        READ_ONLY: aws_policies()[READ_ONLY].document,
    }
    assert {policy.kind for policy in found.policies} == {"managed"}
    with pytest.raises(NoSuchEntity, match="was not found"):
        await account.tables.write(detach, "AROAEXAMPLE", arn("p9"))


@pytest.mark.parametrize("policy", aws_policies().values(), ids=lambda policy: policy.name)
def test_awss_policies_are_policies(policy: Any) -> None:
    compiled = validate_policy(policy.document, "identity")
    assert compiled.statements
    assert len("".join(policy.document.split())) <= 6144
    assert aws_policies()[policy.arn] is policy
    assert len(policy.policy_id) == 21


async def test_documents_of_other_stores_are_moved_with_the_schema(tmp_path: Any) -> None:
    """What version 1 of the schema kept as policies of users is an owner's inline policy now."""
    import apsw

    from marinelayer.storage.migrations import migrations

    connection = apsw.Connection(str(tmp_path / "old.db"))
    first, second = migrations("sqlite")[:2]
    for script in first.scripts:
        connection.execute(script)
    connection.execute("INSERT INTO accounts VALUES ('320333787981', '', 'c', 0)")
    connection.execute("INSERT INTO iam_users VALUES ('AIDA', '320333787981', 'ann', 'ann', '/', '{}', 0)")
    connection.execute("INSERT INTO iam_user_policies VALUES ('AIDA', 'read', '{}')")
    for script in second.scripts:
        connection.execute(script)
    assert list(connection.execute("SELECT * FROM iam_inline_policies")) == [("AIDA", "read", "{}")]
    connection.close()
