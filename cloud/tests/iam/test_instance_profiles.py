"""Instance profiles: made, shown, listed and removed as IAM does, each with one role at most."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.services.iam.errors import DeleteConflict, EntityAlreadyExists, LimitExceeded, NoSuchEntity

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    }
)


@pytest.fixture
async def role(account: Any) -> str:
    await account.ask("CreateRole", RoleName="runner", AssumeRolePolicyDocument=TRUST)
    return "runner"


async def test_a_profile_has_an_id_an_arn_and_no_role_at_first(account: Any) -> None:
    asked = {"InstanceProfileName": "box", "Path": "/team/", "Tags": [{"Key": "a", "Value": "b"}]}
    made = (await account.ask("CreateInstanceProfile", **asked))["InstanceProfile"]
    assert made == {
        "Path": "/team/",
        "InstanceProfileName": "box",
        "InstanceProfileId": made["InstanceProfileId"],
        "Arn": "arn:aws:iam::320333787981:instance-profile/team/box",
        "CreateDate": datetime(2021, 4, 1, tzinfo=UTC),
        "Roles": [],
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    assert made["InstanceProfileId"].startswith("AIPA")
    with pytest.raises(EntityAlreadyExists, match=r"Instance Profile BOX already exists\."):
        await account.ask("CreateInstanceProfile", InstanceProfileName="BOX")


async def test_a_profile_holds_one_role_until_it_is_taken_out(account: Any, role: str) -> None:
    for name in ("box", "other"):
        await account.ask("CreateInstanceProfile", InstanceProfileName=name)
        await account.ask("AddRoleToInstanceProfile", InstanceProfileName=name, RoleName=role)
    shown = (await account.ask("GetInstanceProfile", InstanceProfileName="box"))["InstanceProfile"]
    assert [one["RoleName"] for one in shown["Roles"]] == [role]
    with pytest.raises(LimitExceeded):
        await account.ask("AddRoleToInstanceProfile", InstanceProfileName="box", RoleName=role)
    first = await account.ask("ListInstanceProfilesForRole", RoleName=role, MaxItems=1)
    rest = await account.ask("ListInstanceProfilesForRole", RoleName=role, Marker=first["Marker"])
    names = [one["InstanceProfileName"] for page in (first, rest) for one in page["InstanceProfiles"]]
    assert names == ["box", "other"]
    assert not rest["IsTruncated"]
    with pytest.raises(DeleteConflict, match="must remove roles from instance profile first"):
        await account.ask("DeleteInstanceProfile", InstanceProfileName="box")
    await account.ask("RemoveRoleFromInstanceProfile", InstanceProfileName="box", RoleName=role)
    with pytest.raises(NoSuchEntity, match="cannot be found in instance profile box"):
        await account.ask("RemoveRoleFromInstanceProfile", InstanceProfileName="box", RoleName=role)
    await account.ask("DeleteInstanceProfile", InstanceProfileName="box")
    with pytest.raises(NoSuchEntity, match=r"Instance Profile box cannot be found\."):
        await account.ask("GetInstanceProfile", InstanceProfileName="box")


async def test_profiles_page_by_name_within_a_path(account: Any, role: str) -> None:
    for name in ("b", "A", "c"):
        await account.ask("CreateInstanceProfile", InstanceProfileName=name, Path="/team/")
    await account.ask("CreateInstanceProfile", InstanceProfileName="d")
    await account.ask("AddRoleToInstanceProfile", InstanceProfileName="A", RoleName=role)
    first = await account.ask("ListInstanceProfiles", PathPrefix="/team/", MaxItems=2)
    shown = [(one["InstanceProfileName"], len(one["Roles"])) for one in first["InstanceProfiles"]]
    assert shown == [("A", 1), ("b", 0)]
    rest = await account.ask("ListInstanceProfiles", PathPrefix="/team/", Marker=first["Marker"])
    assert [one["InstanceProfileName"] for one in rest["InstanceProfiles"]] == ["c"]


async def test_who_adds_a_role_must_be_allowed_to_pass_it_to_ec2(account: Any, role: str) -> None:
    await account.ask("CreateInstanceProfile", InstanceProfileName="box")
    adds = {"Effect": "Allow", "Action": "iam:AddRoleToInstanceProfile", "Resource": "*"}

    def passing(service: str) -> dict[str, Any]:
        condition = {"StringEquals": {"iam:PassedToService": service}}
        on = "arn:aws:iam::320333787981:role/runner"
        return {"Effect": "Allow", "Action": "iam:PassRole", "Resource": on, "Condition": condition}

    for number, more in enumerate(([], [passing("lambda.amazonaws.com")])):
        key = await account.user(f"ann{number}", json.dumps({"Version": "2012-10-17", "Statement": [adds, *more]}))
        with pytest.raises(AccessDenied, match="iam:PassRole"):
            await account.ask("AddRoleToInstanceProfile", by=key, InstanceProfileName="box", RoleName=role)
    document = {"Version": "2012-10-17", "Statement": [adds, passing("ec2.amazonaws.com")]}
    key = await account.user("bob", json.dumps(document))
    await account.ask("AddRoleToInstanceProfile", by=key, InstanceProfileName="box", RoleName=role)


async def test_tags_of_a_profile_are_added_listed_and_taken_away(account: Any) -> None:
    await account.ask("CreateInstanceProfile", InstanceProfileName="box")
    tags = [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
    await account.ask("TagInstanceProfile", InstanceProfileName="box", Tags=tags)
    listed = await account.ask("ListInstanceProfileTags", InstanceProfileName="box")
    assert listed == {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}], "IsTruncated": False}
    await account.ask("UntagInstanceProfile", InstanceProfileName="box", TagKeys=["A"])
    listed = await account.ask("ListInstanceProfileTags", InstanceProfileName="box")
    assert listed["Tags"] == [{"Key": "b", "Value": "2"}]
